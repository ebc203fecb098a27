import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inlineModules, inlineStyle } from './inline.ts';

describe('files inside a page', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keyway-inline-'));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function write(name: string, text: string): Promise<URL> {
    const file = join(folder, name);
    await writeFile(file, text);
    return pathToFileURL(file);
  }

  it('makes one script of modules, each with its own names', async () => {
    await write('base.js', "const secret = 'base';\nexport const word = secret + ' word';\n");
    await write(
      'other.js',
      "import { word } from './base.js';\nconst secret = 'other';\nexport function both() {\n  return word + secret;\n}\n",
    );
    const main = await write(
      'main.js',
      "import { word } from './base.js';\nimport { both } from './other.js';\nresult.push(word, both());\n",
    );

    const { text, sha256 } = inlineModules(main);
    const result: string[] = [];
    runInNewContext(text, { result });

    expect(result).toEqual(['base word', 'base wordother']);
    expect(sha256).toBe(createHash('sha256').update(text).digest('base64'));
  });

  it('refuses a module that it cannot take in', async () => {
    const main = await write('default.js', 'export default 1;\n');

    expect(() => inlineModules(main)).toThrow('cannot be part of one script');
  });

  it('puts imported style sheets in their layers', async () => {
    await write('part.css', 'a {\n  color: red;\n}\n');
    const main = await write('main.css', '@import "./part.css" layer(normal);\nb {\n  color: blue;\n}\n');

    expect(inlineStyle(main).text).toBe('@layer normal {\na {\n  color: red;\n}\n}\nb {\n  color: blue;\n}\n');
  });
});
