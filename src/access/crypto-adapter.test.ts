import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createSecrets, KEY_FILE, readKey } from './crypto-adapter.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyway-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the key', () => {
  it('is made once, for its owner alone', () => {
    const path = join(folder, 'new');

    const key = readKey(path);

    expect(key).toHaveLength(32);
    expect(readKey(path)).toEqual(key);
    expect(statSync(join(path, KEY_FILE)).mode & 0o777).toBe(0o600);
  });

  it('is not made anew where its file is damaged', () => {
    writeFileSync(join(folder, KEY_FILE), 'short');

    expect(() => readKey(folder)).toThrow('is not a key');
  });
});

describe('what is sealed', () => {
  const secrets = createSecrets(new Uint8Array(32).fill(1));
  const sealed = secrets.seal('a seed', 'totp ada');
  const flipped = (at: number) => `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`;

  it.each([
    { name: 'opens for its purpose', open: () => secrets.open(sealed, 'totp ada'), text: 'a seed' },
    { name: 'opens for no other purpose', open: () => secrets.open(sealed, 'totp eve'), text: undefined },
    {
      name: 'opens with no other key',
      open: () => createSecrets(new Uint8Array(32)).open(sealed, 'totp ada'),
      text: undefined,
    },
    {
      name: 'does not open where a nonce was changed',
      open: () => secrets.open(flipped(5), 'totp ada'),
      text: undefined,
    },
    { name: 'does not open where it was changed', open: () => secrets.open(flipped(22), 'totp ada'), text: undefined },
    {
      name: 'does not open where it was cut',
      open: () => secrets.open(sealed.slice(0, 20), 'totp ada'),
      text: undefined,
    },
    { name: 'does not open where it is something else', open: () => secrets.open('', 'totp ada'), text: undefined },
  ])('$name', ({ open, text }) => {
    expect(open()).toBe(text);
  });

  it('never looks the same twice', () => {
    expect(secrets.seal('a seed', 'totp ada')).not.toBe(sealed);
  });
});

it('makes codes that people can type', () => {
  expect(createSecrets(new Uint8Array(32)).newCode()).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/u);
});
