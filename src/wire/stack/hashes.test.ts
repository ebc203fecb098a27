import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { fromBase64 } from './base64.ts';
import { md5Text } from './md5.ts';
import { sha256Text } from './sha256.ts';

const lengths = [0, 1, 3, 55, 56, 57, 63, 64, 65, 119, 120, 1000];
const sample = (length: number) => Uint8Array.from({ length }, (_, at) => (at * 31 + length) & 0xff);

it.each(lengths)('hashes %i bytes as Node does', (length) => {
  const bytes = sample(length);

  expect(md5Text(bytes)).toBe(createHash('md5').update(bytes).digest('hex'));
  expect(sha256Text(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'));
});

it.each(lengths)('reads %i bytes from base64', (length) => {
  const bytes = sample(length);

  expect(fromBase64(Buffer.from(bytes).toString('base64'))).toEqual(bytes);
});

it('ends at what is no base64', () => {
  expect(fromBase64('QUI%QUI')).toEqual(Uint8Array.of(0x41, 0x42));
});
