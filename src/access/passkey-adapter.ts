import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { isoBase64URL, isoUint8Array } from '@simplewebauthn/server/helpers';
import type { Passkey } from './sign-in/factor.ts';
import type { Passkeys } from './sign-in/passkeys.ts';

const NAME = 'Keyway';

/** A passkey proves possession and the person (a finger, a face, a PIN), so it stands for password and second factor at once. */
export const passkeys: Passkeys = {
  async newOptions({ id, name, email }, existing, { host }) {
    const options = await generateRegistrationOptions({
      rpName: NAME,
      rpID: host,
      userID: isoUint8Array.fromUTF8String(id),
      userName: email,
      userDisplayName: name,
      attestationType: 'none',
      excludeCredentials: existing.map((passkey) => ({ id: passkey.id, transports: [...passkey.transports] })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    });
    return { options: { ...options }, challenge: options.challenge };
  },

  async verifyNew(response, challenge, { origin, host }) {
    const verified = await orNothing(() =>
      verifyRegistrationResponse({
        response: response as RegistrationResponseJSON,
        expectedChallenge: challenge,
        expectedOrigin: origin,
        expectedRPID: host,
        requireUserVerification: true,
      }),
    );
    if (verified?.registrationInfo === undefined || !verified.verified) {
      return undefined;
    }
    const { id, publicKey, counter, transports } = verified.registrationInfo.credential;
    return { id, publicKey: isoBase64URL.fromBuffer(publicKey), counter, transports: transports ?? [] };
  },

  async options({ host }) {
    const options = await generateAuthenticationOptions({ rpID: host, userVerification: 'required' });
    return { options: { ...options }, challenge: options.challenge };
  },

  async verify(response, challenge, { origin, host }, passkey) {
    const verified = await orNothing(() =>
      verifyAuthenticationResponse({
        response: response as AuthenticationResponseJSON,
        expectedChallenge: challenge,
        expectedOrigin: origin,
        expectedRPID: host,
        requireUserVerification: true,
        credential: credentialOf(passkey),
      }),
    );
    return verified?.verified === true ? verified.authenticationInfo.newCounter : undefined;
  },

  idOf(response) {
    const id = typeof response === 'object' && response !== null && 'id' in response ? response.id : undefined;
    return typeof id === 'string' ? id : undefined;
  },
};

function credentialOf({ id, publicKey, counter, transports }: Passkey) {
  return { id, publicKey: isoBase64URL.toBuffer(publicKey), counter, transports: [...transports] };
}

/** The package throws where a response is not as it must be; to us that is an answer. */
async function orNothing<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch {
    return undefined;
  }
}
