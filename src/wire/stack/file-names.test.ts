import { expect, it } from 'vitest';
import { looksLikeFirmware } from './file-names.ts';

it.each([
  ['PLC_FW_2.8.upd', true],
  ['/images/firmware.tgz', true],
  ['switch.BIN', true],
  ['recipe.csv', false],
  ['swfwx.txt', false],
])('judges %s', (path, expected) => {
  expect(looksLikeFirmware(path)).toBe(expected);
});
