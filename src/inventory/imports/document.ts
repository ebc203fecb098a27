import type { FailureDetail } from '../../kit/failure.ts';
import type { PlaceStep } from '../../plant/place.ts';
import type { Stated } from '../stated.ts';
import type { ExportedAsset } from './exported-asset.ts';

/** What a document says of one asset. */
export interface Documented {
  /** Where it says so, as people find it: `line 12`, `host 3`. */
  readonly at: string;
  /** Its id in this inventory, where the document is our own export. */
  readonly id?: string;
  readonly stated: Stated;
  /** Where it stands, from the site down. */
  readonly place?: readonly PlaceStep[];
  /** All that our own export tells, in its own form; a new asset is made from it. */
  readonly exported?: ExportedAsset;
}

/** What was read of a document. */
export interface Reading {
  readonly documents: readonly Documented[];
  /** Records of the document: rows, hosts, devices. */
  readonly rows: number;
  /** In the order of the document, with their places. One is reason enough to import nothing. */
  readonly problems: readonly FailureDetail[];
  /** Of a table: its titles, and what each was taken for. */
  readonly columns?: readonly Column[];
}

export interface Column {
  readonly title: string;
  /** Undefined: not imported. */
  readonly attribute: string | undefined;
}

/** Reads a document piece by piece. It never throws, whatever the document holds, and keeps a bounded part of it. */
export interface DocumentReader {
  push(text: string): void;
  /** Nothing that follows can make it good: reading on is a waste. */
  readonly isHopeless: boolean;
  end(): Reading;
}

export const MOST_DOCUMENTED = 200_000;
const MOST_PROBLEMS = 100;

/** Gathers what a reader finds, within the limits. */
export class Gathering {
  rows = 0;
  isHopeless = false;
  columns: readonly Column[] | undefined;
  private readonly documents: Documented[] = [];
  private readonly problems: FailureDetail[] = [];

  add(documented: Documented): void {
    if (this.documents.length >= MOST_DOCUMENTED) {
      this.stop(documented.at, `there are more than ${MOST_DOCUMENTED} assets: import them in parts`);
      return;
    }
    this.documents.push(documented);
  }

  wrong(at: string, message: string): void {
    if (this.problems.length < MOST_PROBLEMS) {
      this.problems.push({ at, message });
    }
    this.isHopeless ||= this.problems.length >= MOST_PROBLEMS;
  }

  /** A problem after which nothing more can be read. */
  stop(at: string, message: string): void {
    if (!this.isHopeless) {
      this.problems.push({ at, message });
    }
    this.isHopeless = true;
  }

  reading(): Reading {
    const { documents, rows, problems, columns } = this;
    if (documents.length === 0 && problems.length === 0) {
      problems.push({ at: 'the file', message: 'it names no asset' });
    }
    return { documents, rows, problems, ...(columns && { columns }) };
  }
}
