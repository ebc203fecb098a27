import { Secret, TOTP } from 'otpauth';
import type { Totp } from './sign-in/factor.ts';

/** RFC 6238 as every app reads it. */
const ISSUER = 'Keyway';
const PERIOD = 30;
const DIGITS = 6;
/** Clocks of phones are off: the neighbouring steps count, too. */
const WINDOW = 1;
const SECRET_BYTES = 20;
const MICROS_PER_MILLISECOND = 1000;

export const totp: Totp = {
  newSecret: () => new Secret({ size: SECRET_BYTES }).base32,
  uri: (secret, email) => generatorOf(secret, email).toString(),
  stepOf(secret, code, now) {
    const timestamp = Math.floor(now / MICROS_PER_MILLISECOND);
    const token = code.replaceAll(/\s/gu, '');
    const delta = /^\d{6}$/u.test(token)
      ? generatorOf(secret, '').validate({ token, timestamp, window: WINDOW })
      : null;
    return delta === null ? undefined : TOTP.counter({ period: PERIOD, timestamp }) + delta;
  },
};

function generatorOf(secret: string, label: string): TOTP {
  return new TOTP({ issuer: ISSUER, label, secret: Secret.fromBase32(secret), period: PERIOD, digits: DIGITS });
}
