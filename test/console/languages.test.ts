import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const SOURCE = fileURLToPath(new URL('../../web/src/', import.meta.url));
const PLURAL = /_(?:zero|one|two|few|many|other)$/u;

const english = wordsOf('en');
const german = wordsOf('de');

it('German says all that English says, and nothing else', () => {
  expect([...german.keys()].toSorted()).toEqual([...english.keys()].toSorted());
});

it('a sentence has the same gaps in both', () => {
  const gaps = (words: ReadonlyMap<string, string>) =>
    [...words].map(([key, text]) => [key, [...new Set(text.match(/\{\{\w+/gu))].toSorted()] as const).toSorted();

  expect(gaps(german)).toEqual(gaps(english));
});

it('no sentence is empty', () => {
  expect([...english, ...german].filter(([, text]) => text.trim() === '')).toEqual([]);
});

it('every word is used by a view', () => {
  const source = globSync('**/*.{ts,tsx}', { cwd: SOURCE })
    .map((path) => readFileSync(SOURCE + path, 'utf8'))
    .join('\n');
  const whole = new Set([...source.matchAll(/['"]([a-zA-Z]+(?:\.[\w-]+)+)['"]/gu)].map(([, key]) => key));
  // `severity.${severity}` uses all that begins so.
  const beginnings = [...new Set([...source.matchAll(/`([a-zA-Z]+\.[\w.-]*)\$\{/gu)].map(([, start]) => start ?? ''))];
  const unused = [...english.keys()]
    .map((key) => key.replace(PLURAL, ''))
    .filter((key) => !whole.has(key) && !beginnings.some((start) => key.startsWith(start)));

  expect(unused).toEqual([]);
});

/** All files of a language, as keys with dots. */
function wordsOf(language: string): ReadonlyMap<string, string> {
  const words = new Map<string, string>();
  for (const path of globSync(`${SOURCE}language/${language}/*.json`)) {
    for (const [key, text] of flat(JSON.parse(readFileSync(path, 'utf8')), '')) {
      expect(words.has(key), `${key} of ${basename(path)} is in another file too`).toBe(false);
      words.set(key, text);
    }
  }
  return words;
}

function flat(value: unknown, path: string): readonly (readonly [string, string])[] {
  return typeof value === 'string'
    ? [[path, value]]
    : Object.entries(value as object).flatMap(([name, one]) => flat(one, path === '' ? name : `${path}.${name}`));
}
