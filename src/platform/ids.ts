import { hash, randomBytes } from 'node:crypto';

const TIME_LENGTH = 9;
const COUNT_LENGTH = 3;
const MOST_IN_A_MILLISECOND = 36 ** COUNT_LENGTH;

let lastTime = 0;
let count = 0;

/**
 * An id whose text grows with time, so that rows made together stand together: milliseconds, a counter, and 40 random bits, because
 * another process may make one in the same millisecond. Not a secret.
 */
export function newId(): string {
  const now = Date.now();
  if (now > lastTime) {
    lastTime = now;
    count = 0;
  } else if (++count >= MOST_IN_A_MILLISECOND) {
    lastTime++;
    count = 0;
  }
  const random = randomBytes(5).toString('hex');
  return `${lastTime.toString(36).padStart(TIME_LENGTH, '0')}${count.toString(36).padStart(COUNT_LENGTH, '0')}${random}`;
}

const DIGEST_LENGTH = 22;

/** 132 bits of SHA-256: the same for the same text, whoever asks and whenever. */
export function digest(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, DIGEST_LENGTH);
}
