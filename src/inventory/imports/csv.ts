import type { PlaceStep } from '../../plant/place.ts';
import { PLACE_KINDS } from '../../plant/place.ts';
import {
  isStatedName,
  LISTS,
  LONGEST_STATED,
  listText,
  roleNamed,
  type Stated,
  type StatedAttribute,
  statedValue,
} from '../stated.ts';
import { type ColumnUse, usesOf } from './columns.ts';
import { CsvReader, type CsvRow } from './csv-reader.ts';
import { type DocumentReader, Gathering, type Reading } from './document.ts';

/** Which column is what, by title; undefined: leave it out. Titles that are missing here are guessed. */
export type Mapping = ReadonlyMap<string, ColumnUse | undefined>;

/** A table with a line of titles, and an asset in each row. */
export class CsvDocument implements DocumentReader {
  private readonly gathering = new Gathering();
  private readonly reader = new CsvReader((row) => this.row(row));
  private readonly mapping: Mapping;
  private titles: readonly string[] | undefined;
  private uses: readonly (ColumnUse | undefined)[] = [];

  constructor(mapping: Mapping) {
    this.mapping = mapping;
  }

  get isHopeless(): boolean {
    return this.gathering.isHopeless;
  }

  push(text: string): void {
    this.reader.push(text);
    this.check();
  }

  end(): Reading {
    this.reader.end();
    this.check();
    return this.gathering.reading();
  }

  private check(): void {
    const { problem } = this.reader;
    if (problem !== undefined) {
      this.gathering.stop(placeOf(problem.line, problem.column, this.titles), problem.message);
    }
  }

  private row(row: CsvRow): void {
    if (this.gathering.isHopeless) {
      return;
    }
    if (this.titles === undefined) {
      this.head(row);
      return;
    }
    if (row.cells.every((cell) => cell.trim() === '')) {
      return;
    }
    this.gathering.rows++;
    if (row.cells.length > this.titles.length) {
      this.gathering.wrong(
        `line ${row.line}`,
        `it has ${row.cells.length} cells, and the titles are ${this.titles.length}`,
      );
      return;
    }
    this.asset(row, this.titles);
  }

  private head({ line, cells }: CsvRow): void {
    this.titles = cells.map((title) => title.trim());
    const missing = [...this.mapping.keys()].find((title) => this.titles?.includes(title) !== true);
    if (missing !== undefined) {
      this.gathering.stop(`line ${line}`, `the mapping names a column ${missing}, which is not there`);
    }
    this.uses = usesOf(this.titles, this.mapping);
    this.gathering.columns = this.titles.map((title, at) => ({ title, attribute: this.uses[at] }));
    if (!this.uses.some((use) => use !== undefined && NAMES_IT.has(use))) {
      this.gathering.stop(
        `line ${line}`,
        'no column says which asset a row is: name, IP address, MAC address, serial or asset number; say which with a mapping',
      );
    }
  }

  private asset({ line, cells }: CsvRow, titles: readonly string[]): void {
    const values = new Map<ColumnUse, string>();
    let isGood = true;
    for (const [at, cell] of cells.entries()) {
      const use = this.uses[at];
      const text = cell.trim();
      if (use !== undefined && text !== '') {
        const message = take(values, use, text);
        if (message !== undefined) {
          isGood = false;
          this.gathering.wrong(placeOf(line, at + 1, titles), message);
        }
      }
    }
    const stated = statedOf(values);
    if (isGood && !Object.keys(stated).some((attribute) => NAMES_IT.has(attribute as ColumnUse))) {
      this.gathering.wrong(`line ${line}`, 'nothing in it says which asset it is');
      return;
    }
    if (isGood) {
      const place = placeSteps(values);
      this.gathering.add({ at: `line ${line}`, stated, ...(place.length > 0 && { place }) });
    }
  }
}

/** By these an asset is found again. */
const NAMES_IT: ReadonlySet<ColumnUse> = new Set(['name', 'address', 'mac', 'serial', 'assetNumber']);

function placeOf(line: number, column: number, titles: readonly string[] | undefined): string {
  const title = titles?.[column - 1];
  return `line ${line}, column ${column}${title === undefined || title === '' ? '' : ` (${title})`}`;
}

/** Adds a cell; what is wrong with it, where something is. */
function take(values: Map<ColumnUse, string>, use: ColumnUse, text: string): string | undefined {
  if (text.length > LONGEST_STATED) {
    return `it has more than ${LONGEST_STATED} characters`;
  }
  if (use === 'role') {
    const role = roleNamed(text);
    values.set(role === undefined ? 'function' : 'role', role ?? text);
    return undefined;
  }
  const value = isStatedName(use) ? statedValue(use, text) : text;
  if (value === undefined) {
    return `${text.slice(0, 80)} is no ${WORDS[use] ?? use}`;
  }
  const before = values.get(use);
  values.set(use, before === undefined ? value : joined(use, before, value));
  return undefined;
}

function joined(use: ColumnUse, before: string, value: string): string {
  return isStatedName(use) && LISTS.has(use) ? (listText([before, value]) ?? before) : `${before}, ${value}`;
}

const WORDS: { readonly [use in ColumnUse]?: string } = {
  address: 'IP address',
  mac: 'MAC address',
  vlan: 'VLAN',
};

function statedOf(values: ReadonlyMap<ColumnUse, string>): Stated {
  const stated: { [attribute in StatedAttribute]?: string } = {};
  for (const [use, value] of values) {
    if (isStatedName(use)) {
      stated[use] = value;
    }
  }
  return stated;
}

/** From the site down, as far as the row says. */
function placeSteps(values: ReadonlyMap<ColumnUse, string>): readonly PlaceStep[] {
  return PLACE_KINDS.flatMap((kind) => {
    const name = values.get(kind);
    return name === undefined ? [] : [{ kind, name }];
  });
}
