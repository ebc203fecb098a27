/** A row of a CSV text: it may span several lines of the file. */
export interface CsvRow {
  /** Line of the file in which it begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

export interface CsvProblem {
  readonly line: number;
  /** Column of the table, from 1. */
  readonly column: number;
  readonly message: string;
}

/** What may part the cells. The header line decides which it is: that which occurs most often outside quotes. */
const DELIMITERS = [',', ';', '\t'] as const;

const LONGEST_CELL = 1_048_576;
const MOST_CELLS = 512;
const BYTE_ORDER_MARK = '\ufeff';

/**
 * RFC 4180 in pieces of any size: quotes around cells, doubled inside; line ends inside quotes belong to the cell. Also lines that end
 * with LF or CR alone, other delimiters, a byte order mark, and the `sep=;` line of a spreadsheet. Stops at the first thing that is wrong.
 */
export class CsvReader {
  problem: CsvProblem | undefined;
  private delimiter: string | undefined;
  /** Text until the delimiter is known: the first line. */
  private head = '';
  private line = 1;
  private rowLine = 1;
  private cells: string[] = [];
  private cell = '';
  private state: 'start' | 'plain' | 'quoted' | 'closed' = 'start';
  private afterReturn = false;
  private readonly row: (row: CsvRow) => void;

  constructor(row: (row: CsvRow) => void) {
    this.row = row;
  }

  push(text: string): void {
    if (this.delimiter !== undefined) {
      this.read(text);
      return;
    }
    this.head += text;
    if (this.head.startsWith(BYTE_ORDER_MARK)) {
      this.head = this.head.slice(1);
    }
    const end = endOfHeader(this.head);
    if (end !== undefined || this.head.length > LONGEST_CELL) {
      this.begin(end);
    }
  }

  end(): void {
    if (this.delimiter === undefined) {
      this.begin(undefined);
    }
    if (this.state === 'quoted') {
      this.fail('the quotes around this cell are not closed');
    }
    if (this.state !== 'start' || this.cells.length > 0) {
      this.endRow();
    }
  }

  private begin(end: number | undefined): void {
    const stated = /^sep=([,;\t])(?:\r\n|\r|\n)/.exec(this.head);
    this.delimiter = stated?.[1] ?? delimiterOf(this.head.slice(0, end ?? this.head.length));
    const rest = this.head.slice(stated?.[0].length ?? 0);
    this.line += stated === null ? 0 : 1;
    this.rowLine = this.line;
    this.head = '';
    this.read(rest);
  }

  private read(text: string): void {
    let at = 0;
    while (at < text.length && this.problem === undefined) {
      at = this.state === 'quoted' ? this.readQuoted(text, at) : this.readOpen(text, at);
    }
  }

  /** Reads to the end of a run of plain characters, and what ends it. */
  private readOpen(text: string, from: number): number {
    let at = from;
    while (at < text.length && !this.isSpecial(text[at])) {
      at++;
    }
    if (at > from) {
      if (this.state === 'closed') {
        this.fail('there is text behind the closing quote');
        return text.length;
      }
      this.add(text.slice(from, at));
      this.state = 'plain';
      this.afterReturn = false;
    }
    if (at < text.length) {
      this.special(text[at] ?? '');
    }
    return at + 1;
  }

  private isSpecial(character: string | undefined): boolean {
    return character === this.delimiter || character === '"' || character === '\n' || character === '\r';
  }

  private special(character: string): void {
    const wasReturn = this.afterReturn;
    this.afterReturn = character === '\r';
    if (character === '"') {
      this.quote();
    } else if (character === this.delimiter) {
      this.endCell();
    } else if (character === '\n' && wasReturn) {
      this.rowLine = this.line;
    } else {
      this.line++;
      this.endRow();
    }
  }

  private quote(): void {
    if (this.state === 'plain') {
      // Only a quote at the beginning opens: 24" is what it looks like.
      this.add('"');
    } else {
      if (this.state === 'closed') {
        this.add('"');
      }
      this.state = 'quoted';
    }
  }

  private readQuoted(text: string, from: number): number {
    const end = text.indexOf('"', from);
    const part = text.slice(from, end === -1 ? text.length : end);
    this.countLines(part);
    this.add(part);
    if (end === -1) {
      return text.length;
    }
    this.state = 'closed';
    this.afterReturn = false;
    return end + 1;
  }

  private countLines(text: string): void {
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === CR || (code === LF && !this.afterReturn)) {
        this.line++;
      }
      this.afterReturn = code === CR;
    }
  }

  private add(text: string): void {
    if (this.cell.length + text.length > LONGEST_CELL) {
      this.fail(`a cell has more than ${LONGEST_CELL} characters`);
      return;
    }
    this.cell += text;
  }

  private endCell(): void {
    if (this.cells.length >= MOST_CELLS) {
      this.fail(`a row has more than ${MOST_CELLS} cells`);
      return;
    }
    this.cells.push(this.cell);
    this.cell = '';
    this.state = 'start';
  }

  private endRow(): void {
    const isEmpty = this.cells.length === 0 && this.cell === '' && this.state === 'start';
    if (!isEmpty && this.problem === undefined) {
      this.endCell();
      this.row({ line: this.rowLine, cells: this.cells });
    }
    this.cells = [];
    this.cell = '';
    this.state = 'start';
    this.rowLine = this.line;
  }

  private fail(message: string): void {
    this.problem ??= { line: this.rowLine, column: this.cells.length + 1, message };
  }
}

const CR = 0x0d;
const LF = 0x0a;

/** Where the first row ends; undefined where the text does not have its end yet. */
function endOfHeader(text: string): number | undefined {
  let isQuoted = false;
  // What announces the delimiter is no header.
  for (let at = text.startsWith('sep=') ? 'sep=;\n'.length : 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      isQuoted = !isQuoted;
    } else if (!isQuoted && (character === '\n' || character === '\r')) {
      return at;
    }
  }
  return undefined;
}

function delimiterOf(header: string): string {
  const counts = new Map<string, number>(DELIMITERS.map((delimiter) => [delimiter, 0]));
  let isQuoted = false;
  for (const character of header) {
    isQuoted = character === '"' ? !isQuoted : isQuoted;
    const count = counts.get(character);
    if (!isQuoted && count !== undefined) {
      counts.set(character, count + 1);
    }
  }
  const [best] = [...counts].toSorted(([, a], [, b]) => b - a);
  return best?.[0] ?? ',';
}
