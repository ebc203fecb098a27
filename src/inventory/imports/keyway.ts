import { unescaped, unguarded } from '../../kit/cell-text.ts';
import type { Result } from '../../kit/result.ts';
import type { PlaceStep } from '../../plant/place.ts';
import type { StatedName } from '../known-asset.ts';
import { type Stated, statedValue } from '../stated.ts';
import { CsvReader, type CsvRow } from './csv-reader.ts';
import { type Documented, type DocumentReader, Gathering, type Reading } from './document.ts';
import {
  EXPORT_COLUMNS,
  type ExportedAsset,
  exportCells,
  ID_TITLE,
  OBSERVED_TITLE,
  PLACE_TITLES,
  STATED_TITLE,
} from './exported-asset.ts';
import { objectIn } from './fields.ts';
import type { JsonKind } from './json-document.ts';

/** Judges what claims to be an asset of ours. */
export type ReadExported = (value: unknown) => Result<ExportedAsset, string>;

/** Our own JSON export. */
export function keywayAssets(readExported: ReadExported): JsonKind {
  let isOurs = false;
  return {
    item(key, value, at) {
      if (key !== 'assets') {
        return undefined;
      }
      const { shown: _, ...asset } = objectIn(value) ?? {};
      const exported = readExported(asset);
      return exported.ok ? documentedOf(exported.value, at) : { wrong: exported.error };
    },
    property(key, value) {
      if (key === 'keyway') {
        isOurs = value === 'assets';
        return isOurs ? undefined : 'it is no export of assets';
      }
      return key === 'version' && value !== 1 ? 'it was exported by a newer Keyway' : undefined;
    },
    end: () => (isOurs ? undefined : 'it is no export of Keyway'),
  };
}

function documentedOf(exported: ExportedAsset, at: string): Documented {
  return { at, id: exported.id, stated: textsOf(exported), place: exported.place, exported };
}

function textsOf({ stated }: ExportedAsset): Stated {
  return Object.fromEntries(Object.entries(stated).map(([name, { value }]) => [name, value]));
}

/** Our own CSV export, into which a person may have written: what a cell says instead of what was exported is stated. */
export class KeywayTable implements DocumentReader {
  private readonly gathering = new Gathering();
  private readonly reader = new CsvReader((row) => this.row(row));
  private readonly readExported: ReadExported;
  private titles: readonly string[] | undefined;

  constructor(readExported: ReadExported) {
    this.readExported = readExported;
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
      this.gathering.stop(`line ${problem.line}, column ${problem.column}`, problem.message);
    }
  }

  private row({ line, cells }: CsvRow): void {
    if (this.gathering.isHopeless) {
      return;
    }
    const texts = cells.map((cell) => unescaped(unguarded(cell)));
    if (this.titles === undefined) {
      this.titles = texts;
      const missing = [ID_TITLE, STATED_TITLE, OBSERVED_TITLE].find((title) => !texts.includes(title));
      if (missing !== undefined) {
        this.gathering.stop(`line ${line}`, `the column ${missing} is missing: import it as a table of another source`);
      }
      return;
    }
    this.gathering.rows++;
    if (texts.length !== this.titles.length) {
      this.gathering.wrong(`line ${line}`, `it has ${texts.length} cells, and the titles are ${this.titles.length}`);
      return;
    }
    this.asset(line, new Map(this.titles.map((title, at) => [title, texts[at] ?? ''])));
  }

  private asset(line: number, cells: ReadonlyMap<string, string>): void {
    const place = placeIn(cells);
    const exported = this.readExported({
      ...objectIn(parsed(cells.get(OBSERVED_TITLE))),
      stated: parsed(cells.get(STATED_TITLE)),
      id: cells.get(ID_TITLE),
      place,
    });
    if (!exported.ok) {
      this.gathering.wrong(`line ${line}`, exported.error);
      return;
    }
    const stated = this.edited(line, exported.value, cells);
    if (stated !== undefined) {
      this.gathering.add({ at: `line ${line}`, id: exported.value.id, stated, place, exported: exported.value });
    }
  }

  /** What is stated after the changes that a person made in the cells; undefined where one of them is wrong. */
  private edited(line: number, exported: ExportedAsset, cells: ReadonlyMap<string, string>): Stated | undefined {
    const stated = new Map(Object.entries(textsOf(exported)));
    const before = exportCells(exported);
    let isGood = true;
    for (const [at, { title, states }] of STATING_COLUMNS) {
      const text = cells.get(title);
      if (text === undefined || text === String(before[at] ?? '')) {
        continue;
      }
      const value = text.trim() === '' ? undefined : statedValue(states, text);
      if (value !== undefined) {
        stated.set(states, value);
      } else if (text.trim() === '') {
        stated.delete(states);
      } else {
        isGood = false;
        const place = (this.titles?.indexOf(title) ?? 0) + 1;
        this.gathering.wrong(`line ${line}, column ${place} (${title})`, `${text.slice(0, 80)} is no ${title}`);
      }
    }
    return isGood ? Object.fromEntries(stated) : undefined;
  }
}

const STATING_COLUMNS: readonly (readonly [
  at: number,
  column: { readonly title: string; readonly states: StatedName },
])[] = EXPORT_COLUMNS.flatMap(({ title, states }, at) =>
  states === undefined ? [] : [[at, { title, states }] as const],
);

function placeIn(cells: ReadonlyMap<string, string>): readonly PlaceStep[] {
  return PLACE_TITLES.flatMap((kind) => {
    const name = cells.get(kind);
    return name === undefined || name === '' ? [] : [{ kind, name }];
  });
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
