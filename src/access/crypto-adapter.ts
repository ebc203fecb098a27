import { createCipheriv, createDecipheriv, createHash, randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Secrets } from './secrets.ts';

const KEY_BYTES = 32;
const SECRET_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Crockford's base 32: no I, L, O or U, which people take for others. */
const CODE_SIGNS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CODE_LENGTH = 16;
const CODE_GROUP = 4;

export const KEY_FILE = 'secrets.key';

/**
 * `key`: 32 bytes, as `readKey` gives them.
 * Sealed text is `v1.` and base64url of nonce (12 bytes), ciphertext and tag (16 bytes) of AES-256-GCM; the purpose is authenticated.
 */
export function createSecrets(key: Uint8Array): Secrets {
  return {
    newId: () => randomUUID(),
    newSecret: () => randomBytes(SECRET_BYTES).toString('base64url'),
    newCode() {
      // 256 is a multiple of 32, so every sign is as likely.
      const signs = [...randomBytes(CODE_LENGTH)].map((byte) => CODE_SIGNS.charAt(byte % CODE_SIGNS.length));
      const groups = Array.from({ length: CODE_LENGTH / CODE_GROUP }, (_, at) =>
        signs.slice(at * CODE_GROUP, (at + 1) * CODE_GROUP).join(''),
      );
      return groups.join('-');
    },
    hash: (secret) => createHash('sha256').update(secret).digest('base64url'),

    seal(text, purpose) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(
        Buffer.from(purpose),
      );
      const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `v1.${sealed.toString('base64url')}`;
    },

    open(sealed, purpose) {
      const bytes = Buffer.from(sealed.slice(3), 'base64url');
      if (!sealed.startsWith('v1.') || bytes.length < NONCE_BYTES + TAG_BYTES) {
        return undefined;
      }
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(purpose)).setAuthTag(bytes.subarray(-TAG_BYTES));
      try {
        return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
      } catch {
        return undefined;
      }
    },
  };
}

/** The key of this hub from its data folder, made at first start. Throws where the file is there and is no key. */
export function readKey(folder: string): Uint8Array {
  const path = join(folder, KEY_FILE);
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // `wx`: of two that start at once, one makes it and the other fails instead of sealing with a lost key.
    writeFileSync(path, randomBytes(KEY_BYTES).toString('base64'), { mode: 0o600, flag: 'wx', flush: true });
  }
  chmodSync(path, 0o600);
  const key = Buffer.from(readFileSync(path, 'utf8').trim(), 'base64');
  if (key.length !== KEY_BYTES) {
    throw new Error(`${path} is not a key of Keyway: put the right one back, from the backup of this folder`);
  }
  return key;
}
