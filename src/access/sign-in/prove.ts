import type { AccessParts } from '../access-parts.ts';
import type { AccessStores } from '../access-stores.ts';
import { codeKey } from './one-time-code.ts';

/** What a secret of codes by the clock is sealed for, so that it opens for its owner alone. */
export function totpPurpose(account: string): string {
  return `totp ${account}`;
}

/** Takes a code of the app or a printed one: each is good once. Undefined where it is neither. */
export async function proveSecondFactor(
  { factors }: AccessStores,
  { secrets, totp, now }: Pick<AccessParts, 'secrets' | 'totp' | 'now'>,
  account: string,
  code: string,
): Promise<'totp' | 'recovery' | undefined> {
  const kept = await factors.totpOf(account);
  if (kept?.confirmed === true) {
    const secret = secrets.open(kept.secret, totpPurpose(account));
    const step = secret === undefined ? undefined : totp.stepOf(secret, code, now());
    if (step !== undefined) {
      return (await factors.takeStep(account, step)) ? 'totp' : undefined;
    }
  }
  return (await factors.takeRecoveryCode(account, secrets.hash(codeKey(code)))) ? 'recovery' : undefined;
}
