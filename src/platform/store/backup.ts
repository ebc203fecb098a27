import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { type Kysely, sql, type Transaction } from 'kysely';
import { z } from 'zod';
import { type Migratable, stepsOf } from './migrate.ts';
import type { Dialect, Queries } from './store.ts';
import type { Tables } from './tables.ts';

/**
 * A backup is lines of JSON, the same from either database and for either: first what it is, then each table's columns and rows, last
 * how many lines and their SHA-256, so that a cut file is known as one. A name that ends in `.gz` makes it compressed.
 */
const Head = z.strictObject({
  keyway: z.literal('backup'),
  format: z.literal(1),
  steps: z.array(z.string()),
  at: z.string(),
});
const TableLine = z.strictObject({ table: z.string(), columns: z.array(z.string()) });
const Value = z.union([z.null(), z.string(), z.number(), z.strictObject({ base64: z.string() })]);
const RowLine = z.array(Value);
const Tail = z.strictObject({ lines: z.number(), sha256: z.string() });

/** Rows in one statement; fewer where a table is so wide that the database would refuse the number of parameters. */
const ROWS = 500;
const MOST_PARAMETERS = 30_000;
const FETCHED = 1000;
/** Of the program, not of the plant: the target has its own. */
const LEFT_OUT = new Set(['schema_step']);

export interface BackupCounts {
  readonly tables: number;
  readonly rows: number;
}

/** Writes everything as it stands at one moment, while others read and write. The file stands under its name only once it is whole. */
export async function writeBackup(store: Migratable, path: string): Promise<BackupCounts> {
  const part = `${path}.part`;
  const file = createWriteStream(part, { mode: 0o600, flush: true });
  const counts = { tables: 0, rows: 0 };
  try {
    const lines = checkedLines(store, counts);
    await (path.endsWith('.gz') ? pipeline(lines, createGzip(), file) : pipeline(lines, file));
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  return counts;
}

async function* checkedLines(store: Migratable, counts: { tables: number; rows: number }): AsyncGenerator<string> {
  const hash = createHash('sha256');
  let lines = 0;
  const transaction = await beginSnapshot(store);
  try {
    for await (const line of linesOf(transaction.db, store.dialect, counts)) {
      hash.update(line);
      lines++;
      yield line;
    }
  } finally {
    await transaction.end();
  }
  yield `${JSON.stringify({ lines, sha256: hash.digest('hex') })}\n`;
}

async function beginSnapshot({ read, dialect }: Migratable) {
  const begin = read.startTransaction().setAccessMode('read only');
  const db = await (dialect === 'postgres' ? begin.setIsolationLevel('repeatable read') : begin).execute();
  if (dialect === 'postgres') {
    await sql`set local statement_timeout = 0`.execute(db);
  }
  return { db, end: () => db.rollback().execute() };
}

async function* linesOf(
  db: Transaction<Tables>,
  dialect: Dialect,
  counts: { tables: number; rows: number },
): AsyncGenerator<string> {
  const head = { keyway: 'backup', format: 1, steps: [...(await stepsOf(db))], at: new Date().toISOString() };
  yield `${JSON.stringify(head)}\n`;
  for (const { name, columns } of await tablesOf(db)) {
    counts.tables++;
    yield `${JSON.stringify({ table: name, columns })}\n`;
    for await (const row of rowsOf(db, dialect, name)) {
      counts.rows++;
      yield `${JSON.stringify(columns.map((column) => written(row[column])))}\n`;
    }
  }
}

/** In the order of their names, so that two backups of one state are alike. */
async function tablesOf(
  db: Queries,
): Promise<readonly { readonly name: string; readonly columns: readonly string[] }[]> {
  const tables = await db.introspection.getTables();
  return tables
    .filter(
      ({ name, isView, schema }) => !isView && !LEFT_OUT.has(name) && (schema === undefined || schema === 'public'),
    )
    .map(({ name, columns }) => ({ name, columns: columns.map((column) => column.name).toSorted() }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

type Row = Readonly<Record<string, unknown>>;

async function* rowsOf(db: Transaction<Tables>, dialect: Dialect, table: string): AsyncGenerator<Row> {
  if (dialect === 'sqlite') {
    yield* (db as unknown as Kysely<Record<string, Row>>).selectFrom(table).selectAll().stream(FETCHED);
    return;
  }
  await sql`declare backup_rows no scroll cursor for select * from ${sql.table(table)}`.execute(db);
  for (;;) {
    const { rows } = await sql<Row>`fetch 1000 from backup_rows`.execute(db);
    if (rows.length === 0) {
      break;
    }
    yield* rows;
  }
  await sql`close backup_rows`.execute(db);
}

function written(value: unknown): z.infer<typeof Value> {
  if (value instanceof Uint8Array) {
    return { base64: Buffer.from(value).toString('base64') };
  }
  if (value === null || typeof value === 'string' || typeof value === 'number') {
    return value;
  }
  throw new Error(`a backup cannot hold a ${typeof value}`);
}

/** The steps of the schema that a backup was made with. Throws where the file is no backup. */
export async function stepsOfBackup(path: string): Promise<readonly string[]> {
  for await (const line of readLines(path)) {
    const head = Head.safeParse(parseJson(line));
    if (head.success) {
      return head.data.steps;
    }
    break;
  }
  throw new Error(`${path} is no backup of Keyway`);
}

/**
 * Loads a backup into an empty database whose schema has the steps of the backup: all of it or nothing. Throws with the number of the
 * line where the file is not what was written.
 */
export async function loadBackup(store: Migratable, path: string): Promise<BackupCounts> {
  return await store.write(async (db) => {
    const known = new Map((await tablesOf(db)).map(({ name, columns }) => [name, new Set(columns)]));
    const giveBack = await suspendForeignKeys(db, store.dialect);
    const loader = new Loader(db, known);
    await loader.load(readLines(path));
    await giveBack();
    if (store.dialect === 'postgres') {
      await setSequences(db);
    }
    return loader.counts;
  });
}

class Loader {
  readonly counts = { tables: 0, rows: 0 };
  readonly #db: Transaction<Tables>;
  readonly #known: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #hash = createHash('sha256');
  #table: z.infer<typeof TableLine> | undefined;
  #rows: Record<string, unknown>[] = [];

  constructor(db: Transaction<Tables>, known: ReadonlyMap<string, ReadonlySet<string>>) {
    this.#db = db;
    this.#known = known;
  }

  async load(lines: AsyncIterable<string>): Promise<void> {
    let number = 0;
    let isWhole = false;
    for await (const line of lines) {
      const value = parseJson(line);
      const tail = Tail.safeParse(value);
      if (tail.success) {
        isWhole = tail.data.lines === number && tail.data.sha256 === this.#hash.digest('hex');
        break;
      }
      number++;
      this.#hash.update(`${line}\n`);
      const read = number === 1 ? Head.safeParse(value).success : await this.#take(value);
      if (!read) {
        throw new Error(`line ${number} of the backup is not what was written`);
      }
    }
    if (!isWhole) {
      throw new Error(`the backup is cut short or was changed (${number} lines are there)`);
    }
    await this.#flush();
  }

  async #take(value: unknown): Promise<boolean> {
    const row = RowLine.safeParse(value);
    if (row.success) {
      return await this.#takeRow(row.data);
    }
    const table = TableLine.safeParse(value);
    const columns = table.success ? this.#known.get(table.data.table) : undefined;
    if (!table.success || !table.data.columns.every((column) => columns?.has(column))) {
      return false;
    }
    await this.#flush();
    this.#table = table.data;
    this.counts.tables++;
    return true;
  }

  async #takeRow(values: z.infer<typeof RowLine>): Promise<boolean> {
    const columns = this.#table?.columns;
    if (columns === undefined || columns.length !== values.length) {
      return false;
    }
    this.#rows.push(Object.fromEntries(columns.map((column, at) => [column, read(values[at])])));
    this.counts.rows++;
    if (this.#rows.length >= Math.min(ROWS, Math.floor(MOST_PARAMETERS / columns.length))) {
      await this.#flush();
    }
    return true;
  }

  async #flush(): Promise<void> {
    if (this.#table !== undefined && this.#rows.length > 0) {
      const db = this.#db as unknown as Kysely<Record<string, Record<string, unknown>>>;
      await db.insertInto(this.#table.table).values(this.#rows).execute();
    }
    this.#rows = [];
  }
}

function read(value: z.infer<typeof Value> | undefined): unknown {
  return typeof value === 'object' && value !== null ? Buffer.from(value.base64, 'base64') : value;
}

/** Rows come in the order of tables, not of who refers to whom. Gives back what checks all references again. */
async function suspendForeignKeys(db: Transaction<Tables>, dialect: Dialect): Promise<() => Promise<void>> {
  if (dialect === 'sqlite') {
    await sql`pragma defer_foreign_keys = 1`.execute(db);
    return async () => undefined;
  }
  await sql`set local statement_timeout = 0`.execute(db);
  const { rows } = await sql<{ table: string; name: string; definition: string }>`
    select conrelid::regclass::text as "table", conname as name, pg_get_constraintdef(oid) as definition
    from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace order by 1, 2`.execute(db);
  for (const { table, name } of rows) {
    await sql`alter table ${sql.table(table)} drop constraint ${sql.id(name)}`.execute(db);
  }
  return async () => {
    for (const { table, name, definition } of rows) {
      // The definition is the server's own text of its own constraint.
      await sql`alter table ${sql.table(table)} add constraint ${sql.id(name)} ${sql.raw(definition)}`.execute(db);
    }
  };
}

/** Numbers that the server hands out go on after those that are there. */
async function setSequences(db: Transaction<Tables>): Promise<void> {
  const { rows } = await sql<{ table: string; column: string }>`
    select table_name as "table", column_name as "column" from information_schema.columns
    where table_schema = 'public' and column_default like 'nextval(%' order by 1, 2`.execute(db);
  for (const { table, column } of rows) {
    await sql`select setval(pg_get_serial_sequence(${table}, ${column}),
      coalesce((select max(${sql.id(column)}) from ${sql.table(table)}), 0) + 1, false)`.execute(db);
  }
}

async function* readLines(path: string): AsyncGenerator<string> {
  const bytes = createReadStream(path);
  const input = path.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
  bytes.on('error', (error) => input.destroy(error));
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    yield line;
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
