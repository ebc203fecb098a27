import type { ColumnDataType, Kysely, RawBuilder } from 'kysely';
import type { Dialect } from './store.ts';

/** One forward step of the schema. A step that was ever released is never edited. */
export interface Migration {
  /** `0003-inventory`: steps run in the order of their names, each in one transaction. */
  readonly name: string;
  readonly up: (schema: Schema) => Promise<void>;
}

export interface Schema {
  readonly db: Kysely<unknown>;
  /** The words in which the two databases differ. */
  readonly types: ColumnTypes;
  readonly dialect: Dialect;
}

export interface ColumnTypes {
  /** Compared byte by byte on both. */
  readonly text: RawBuilder<unknown>;
  /** Whole numbers up to 2^53. */
  readonly integer: ColumnDataType;
  readonly real: ColumnDataType;
  readonly bytes: ColumnDataType;
}
