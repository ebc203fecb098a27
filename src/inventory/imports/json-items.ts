/** What is heard of a JSON document while it is read. */
export interface JsonListener {
  /** An element of a list in the outermost object, or of the list that the document itself is (`key` is empty then). */
  item(key: string, value: unknown, index: number): void;
  /** Anything else in the outermost object. */
  property(key: string, value: unknown): void;
}

/** Most characters of one item or property, and how deep it may nest. */
const LONGEST_ITEM = 4_194_304;
const DEEPEST = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;
const BRACKET_OPEN = 0x5b;
const BRACKET_CLOSE = 0x5d;
const LF = 0x0a;

/** What is taken apart at its commas; everything inside its parts is left to `JSON.parse`. */
interface Container {
  readonly close: number;
  /** Of the property that a list is; empty where the list is the document. */
  readonly key: string;
  parts: number;
}

/**
 * JSON of any size, an item at a time: no more than one is held. The document is an object that holds lists, or a list. Where it is
 * wrong, reading ends with a problem.
 */
export class JsonItems {
  problem: { readonly line: number; readonly message: string } | undefined;
  private line = 1;
  private readonly containers: Container[] = [];
  private isOver = false;
  /** A list in the outermost object has ended, and nothing but a comma or the end may follow. */
  private isAfterList = false;
  private depth = 0;
  private inString = false;
  private isEscaped = false;
  private held = '';
  private readonly listener: JsonListener;

  constructor(listener: JsonListener) {
    this.listener = listener;
  }

  push(text: string): void {
    let start = 0;
    for (let at = 0; at < text.length && this.problem === undefined; at++) {
      const code = text.charCodeAt(at);
      if (this.inString) {
        this.inside(code);
      } else if (this.isMark(code)) {
        this.hold(text.slice(start, at));
        start = at + (this.mark(code) ? 0 : 1);
      }
      this.line += code === LF ? 1 : 0;
    }
    this.hold(text.slice(start));
  }

  end(): void {
    if (!this.isOver || this.held.trim() !== '') {
      this.fail(this.isOver ? 'there is text behind its end' : 'it ends too early, or is no JSON object or list');
    }
  }

  private inside(code: number): void {
    if (this.isEscaped) {
      this.isEscaped = false;
    } else if (code === BACKSLASH) {
      this.isEscaped = true;
    } else if (code === QUOTE) {
      this.inString = false;
    }
  }

  /** Whether it may mean something outside a string. */
  private isMark(code: number): boolean {
    return (
      code === QUOTE ||
      code === COMMA ||
      code === BRACE_OPEN ||
      code === BRACE_CLOSE ||
      code === BRACKET_OPEN ||
      code === BRACKET_CLOSE
    );
  }

  /** True where the character belongs to the part that is being read. */
  private mark(code: number): boolean {
    const container = this.containers.at(-1);
    if (code === QUOTE) {
      this.inString = true;
      return true;
    }
    if (container === undefined) {
      this.beginDocument(code);
      return false;
    }
    if (code === BRACE_OPEN || code === BRACKET_OPEN) {
      return this.open(code, container);
    }
    if (this.depth > 0) {
      this.depth -= code === COMMA ? 0 : 1;
      return true;
    }
    this.endPart(container, code);
    return false;
  }

  private beginDocument(code: number): void {
    const isFirst = this.held.replace('\ufeff', '').trim() === '' && !this.isOver;
    if (!isFirst || (code !== BRACE_OPEN && code !== BRACKET_OPEN)) {
      this.fail(this.isOver ? 'there is text behind its end' : 'it is no JSON object or list');
      return;
    }
    this.held = '';
    this.containers.push({ close: code === BRACE_OPEN ? BRACE_CLOSE : BRACKET_CLOSE, key: '', parts: 0 });
  }

  private open(code: number, container: Container): boolean {
    if (this.depth === 0 && code === BRACKET_OPEN && container.close === BRACE_CLOSE) {
      const key = keyOf(this.held);
      if (key === undefined || this.isAfterList) {
        this.fail('a list stands where none can stand');
      } else {
        container.parts++;
        this.held = '';
        this.containers.push({ close: BRACKET_CLOSE, key, parts: 0 });
      }
      return false;
    }
    this.depth++;
    if (this.depth > DEEPEST) {
      this.fail(`it nests deeper than ${DEEPEST}`);
    }
    return true;
  }

  /** At a comma or the end of a container. */
  private endPart(container: Container, code: number): void {
    const part = this.held.trim();
    this.held = '';
    const isClose = code === container.close;
    if (code !== COMMA && !isClose) {
      this.fail('a bracket is closed that is not open');
      return;
    }
    if (this.isAfterList) {
      this.isAfterList = false;
      if (part !== '') {
        this.fail('a comma is missing');
      }
    } else if (part !== '') {
      this.tell(container, part);
    } else if (!isClose || container.parts > 0) {
      this.fail('there is a comma too much');
    }
    if (isClose) {
      this.containers.pop();
      this.isAfterList = this.containers.length > 0;
      this.isOver = this.containers.length === 0;
    }
  }

  private tell(container: Container, part: string): void {
    const isList = container.close === BRACKET_CLOSE;
    const value = parsed(isList ? `[${part}]` : `{${part}}`);
    if (value === undefined) {
      this.fail('this is no JSON');
    } else if (Array.isArray(value)) {
      this.listener.item(container.key, value[0], container.parts++);
    } else {
      container.parts++;
      for (const [key, of] of Object.entries(value)) {
        this.listener.property(key, of);
      }
    }
  }

  private hold(text: string): void {
    this.held += text;
    if (this.held.length > LONGEST_ITEM) {
      this.fail(`one item has more than ${LONGEST_ITEM} characters`);
      this.held = '';
    }
  }

  private fail(message: string): void {
    this.problem ??= { line: this.line, message };
  }
}

/** `"key":` */
function keyOf(text: string): string | undefined {
  const value = parsed(`{${text}0}`);
  return value === undefined || Array.isArray(value) ? undefined : Object.keys(value)[0];
}

function parsed(text: string): unknown[] | Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as unknown[] | Record<string, unknown>;
  } catch {
    return undefined;
  }
}
