import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Text that goes between the tags of a page, and the hash by which a content security policy lets it through. */
export interface Inline {
  readonly text: string;
  /** SHA-256 in base64, over the text as it stands in the page. */
  readonly sha256: string;
}

/** A style sheet with those that it imports: only `@import "./….css";`, with or without a layer, is known. */
export function inlineStyle(entry: URL): Inline {
  const read = (file: URL): string =>
    readFileSync(file, 'utf8').replaceAll(STYLE_IMPORT, (_, path, layer) => {
      const text = read(new URL(path, file));
      return layer === undefined ? text : `@layer ${layer} {\n${text}}\n`;
    });
  return inline(read(entry));
}

/**
 * The modules of a browser program as one script, so that a page needs no second file and we need no build step.
 * Every module becomes a function that returns what it exports. Known are only `import { … } from './….js'` and
 * `export` before a declaration; anything else is refused.
 */
export function inlineModules(entry: URL): Inline {
  const parts: string[] = [];
  const numbers = new Map<string, number>();
  const add = (file: URL): number => {
    const known = numbers.get(file.href);
    if (known !== undefined) {
      return known;
    }
    const source = readFileSync(file, 'utf8');
    const exported = [...source.matchAll(EXPORT)].map(([, name]) => name);
    const text = source
      .replaceAll(IMPORT, (_, names, path) => `const {${names}} = module${add(new URL(path, file))};\n`)
      .replaceAll(EXPORT, (declaration) => declaration.slice('export '.length));
    if (MODULE_WORD.test(text)) {
      throw new Error(`${file.pathname}: an import or export that cannot be part of one script`);
    }
    const number = parts.length + 1;
    numbers.set(file.href, number);
    parts.push(`const module${number} = (() => {\n${text}\nreturn { ${exported.join(', ')} };\n})();\n`);
    return number;
  };
  add(entry);
  return inline(`\n${parts.join('\n')}`);
}

const STYLE_IMPORT = /^@import "(\.\/[\w.-]+\.css)"(?: layer\((\w+)\))?;\n/gm;
const IMPORT = /^import \{([^}]*)\} from '(\.\/[\w.-]+\.js)';\n/gm;
const EXPORT = /^export (?:async function|function|const|class) ([\w$]+)/gm;
const MODULE_WORD = /^(?:import|export)\b/m;

function inline(text: string): Inline {
  return { text, sha256: createHash('sha256').update(text).digest('base64') };
}
