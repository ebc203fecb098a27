/** What is heard of an XML document while it is read. Text between tags is passed over. */
export interface XmlListener {
  open(name: string, attributes: ReadonlyMap<string, string>): void;
  close(name: string): void;
}

const DEEPEST = 64;
const LONGEST_TAG = 1_048_576;
const MOST_ATTRIBUTES = 256;

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['amp', '&'],
]);

const NAME = /^[\p{L}_][\p{L}\p{N}_.:-]*/u;

/**
 * The tags of an XML text (XML 1.0), in pieces of any size. Strict and small: no entities but the five of XML and characters by number, no
 * document type but its bare name, so that nothing can be expanded or fetched.
 */
export class XmlReader {
  problem: { readonly line: number; readonly message: string } | undefined;
  private line = 1;
  private held = '';
  private readonly open: string[] = [];
  private isOver = false;
  private readonly listener: XmlListener;

  constructor(listener: XmlListener) {
    this.listener = listener;
  }

  push(text: string): void {
    if (this.problem !== undefined) {
      return;
    }
    this.held += text;
    let at = 0;
    while (this.problem === undefined) {
      const start = this.held.indexOf('<', at);
      const end = start === -1 ? -1 : endOfMarkup(this.held, start);
      if (start === -1 || end === -1) {
        break;
      }
      this.line += lines(this.held, at, start);
      this.between(this.held.slice(at, start));
      this.markup(this.held.slice(start, end));
      this.line += lines(this.held, start, end);
      at = end;
    }
    this.held = this.held.slice(at);
    if (this.held.length > LONGEST_TAG) {
      this.fail(`a tag or text has more than ${LONGEST_TAG} characters`);
    }
  }

  end(): void {
    if (!this.isOver || this.held.trim() !== '') {
      this.fail(this.isOver ? 'there is text behind its end' : 'it ends too early, or is no XML');
    }
  }

  private between(text: string): void {
    if (this.open.length === 0 && text.replace('\ufeff', '').trim() !== '') {
      this.fail('there is text outside the outermost tag');
    }
  }

  private markup(text: string): void {
    if (text.startsWith('<!--') || text.startsWith('<?') || text.startsWith('<![CDATA[')) {
      return;
    }
    if (text.startsWith('<!')) {
      if (!/^<!DOCTYPE\s+[\w.:-]+\s*>$/.test(text)) {
        this.fail('it has a document type, which is not read');
      }
      return;
    }
    if (text.startsWith('</')) {
      this.closeTag(text.slice(2, -1).trimEnd());
      return;
    }
    this.openTag(text);
  }

  private closeTag(name: string): void {
    if (this.open.pop() !== name) {
      this.fail(`${name.slice(0, 64)} is closed, which is not the tag that is open`);
      return;
    }
    this.listener.close(name);
    this.isOver = this.open.length === 0;
  }

  private openTag(text: string): void {
    const isEmpty = text.endsWith('/>');
    const inner = text.slice(1, isEmpty ? -2 : -1);
    const name = NAME.exec(inner)?.[0];
    const attributes = name === undefined ? undefined : this.attributesOf(inner.slice(name.length));
    if (name === undefined || attributes === undefined || this.isOver) {
      this.fail(this.isOver ? 'there is a tag behind its end' : 'this is no tag');
      return;
    }
    if (this.open.length >= DEEPEST) {
      this.fail(`it nests deeper than ${DEEPEST}`);
      return;
    }
    this.listener.open(name, attributes);
    if (isEmpty) {
      this.listener.close(name);
      this.isOver = this.open.length === 0;
    } else {
      this.open.push(name);
    }
  }

  /** Undefined where these are no attributes. */
  private attributesOf(text: string): ReadonlyMap<string, string> | undefined {
    const attributes = new Map<string, string>();
    let at = 0;
    for (;;) {
      const space = /\s*/y;
      space.lastIndex = at;
      space.exec(text);
      if (space.lastIndex >= text.length) {
        return attributes;
      }
      const pair = /([^\s=<>"'/]{1,256})\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
      pair.lastIndex = space.lastIndex;
      const found = pair.exec(text);
      const name = found?.[1];
      const value = plain(found?.[2] ?? found?.[3] ?? '');
      if (name === undefined || value === undefined || space.lastIndex === at || attributes.has(name)) {
        return undefined;
      }
      attributes.set(name, value);
      if (attributes.size > MOST_ATTRIBUTES) {
        return undefined;
      }
      at = pair.lastIndex;
    }
  }

  private fail(message: string): void {
    this.problem ??= { line: this.line, message };
  }
}

/** Where the markup ends that starts here: behind its last character; -1 where its end is not there yet. */
function endOfMarkup(text: string, start: number): number {
  for (const [from, to] of SPECIAL) {
    if (text.startsWith(from, start)) {
      return after(text.indexOf(to, start + from.length), to.length);
    }
    if (from.startsWith(text.slice(start))) {
      return -1;
    }
  }
  return endOfTag(text, start);
}

/** A `>` inside an attribute's value does not end it. */
function endOfTag(text: string, start: number): number {
  let quote = '';
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at] ?? '';
    if (quote !== '') {
      quote = character === quote ? '' : quote;
    } else if (character === '>') {
      return at + 1;
    } else if (character === '"' || character === "'") {
      quote = character;
    }
  }
  return -1;
}

const SPECIAL: readonly (readonly [from: string, to: string])[] = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
];

function after(found: number, length: number): number {
  return found === -1 ? -1 : found + length;
}

function lines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) {
    count++;
  }
  return count;
}

/** Undefined where it names an entity that XML does not have. */
function plain(text: string): string | undefined {
  if (!text.includes('&')) {
    return text;
  }
  let isGood = true;
  const value = text.replaceAll(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{1,16}));|&/gi, (_, decimal, hex, name) => {
    const code = decimal === undefined ? Number.parseInt(hex ?? 'x', 16) : Number(decimal);
    const character = code <= 0x10ffff && code > 0 ? String.fromCodePoint(code) : ENTITIES.get(name ?? '');
    isGood &&= character !== undefined;
    return character ?? '';
  });
  return isGood ? value : undefined;
}
