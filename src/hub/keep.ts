import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { SYSTEM } from '../kit/actor.ts';
import { type Failure, fail } from '../kit/failure.ts';
import { ok, type Result } from '../kit/result.ts';
import type { ExitStatus, Input, Terminal } from '../platform/cli/command.ts';
import { readSettings } from '../platform/config/read-settings.ts';
import { type BackupCounts, loadBackup, stepsOfBackup, writeBackup } from '../platform/store/backup.ts';
import { migrations } from '../platform/store/migrations/index.ts';
import { isPostgres, openStore } from '../platform/store/open-store.ts';
import type { Store } from '../platform/store/store.ts';
import { BACKUP_SUBJECT } from './backup-record.ts';
import type { HubCommandParts } from './hub.ts';
import { locationOf } from './serve.ts';
import { DATABASE_SETTINGS } from './settings.ts';

/** `keyway backup`. */
export async function backUp(
  parts: HubCommandParts,
  input: Input,
  terminal: Terminal,
): Promise<Result<ExitStatus, Failure>> {
  const place = placeOf(parts, input);
  if (!place.ok) {
    return place;
  }
  const { location, file } = place.value;
  if (!isPostgres(location) && !existsSync(location)) {
    return fail('not-found', 'backup.no-database', `there is no database at ${location}`);
  }
  return await attempt('backup.failed', async () => {
    const store = await openStore(location, { steps: 'as-is' });
    try {
      const counts = await writeBackup(store, file);
      await store.write((db) => parts.record(db, activityOf('backup.make', file, counts)));
      await tell(terminal, input, { file, ...counts }, 'written to');
    } finally {
      await store.close();
    }
  });
}

/** `keyway restore`. */
export async function restore(
  parts: HubCommandParts,
  input: Input,
  terminal: Terminal,
): Promise<Result<ExitStatus, Failure>> {
  const place = placeOf(parts, input);
  if (!place.ok) {
    return place;
  }
  const { location, file } = place.value;
  if (!isPostgres(location) && existsSync(location)) {
    return fail(
      'conflict',
      'restore.not-empty',
      `there is a database at ${location}: move it away, or name another --data`,
    );
  }
  return await attempt('restore.failed', async () => {
    const counts = await restored(location, file);
    const store = await openStore(location);
    await store.write((db) => parts.record(db, activityOf('backup.restore', file, counts)));
    await store.close();
    await tell(terminal, input, { file, ...counts }, 'restored from');
  });
}

async function restored(location: string, file: string): Promise<BackupCounts> {
  const known = new Map(migrations.map((step) => [step.name, step]));
  const steps = (await stepsOfBackup(file)).map((name) => {
    const step = known.get(name);
    if (step === undefined) {
      throw new Error(`the backup was made by a newer Keyway (it has ${name})`);
    }
    return step;
  });
  if (isPostgres(location)) {
    await assertEmpty(location);
    return await filled(await openStore(location, { steps }), file);
  }
  // Under another name until it is whole, so that nobody starts on half of it.
  const part = `${location}.restoring`;
  const remove = () => ['', '-wal', '-shm'].map((ending) => rmSync(part + ending, { force: true }));
  remove();
  mkdirSync(dirname(location), { recursive: true, mode: 0o700 });
  try {
    const counts = await filled(await openStore(part, { steps }), file);
    renameSync(part, location);
    return counts;
  } finally {
    remove();
  }
}

async function filled(store: Store, file: string): Promise<BackupCounts> {
  try {
    return await loadBackup(store, file);
  } finally {
    await store.close();
  }
}

async function assertEmpty(location: string): Promise<void> {
  const store = await openStore(location, { steps: 'as-is' });
  const tables = await store.read.introspection.getTables();
  await store.close();
  if (tables.length > 0) {
    throw new Error('the database has tables already: restore into an empty one');
  }
}

function placeOf({ environment }: HubCommandParts, { options, arguments: [file = ''] }: Input) {
  const values = readSettings(DATABASE_SETTINGS, { options, environment });
  return values.ok
    ? ok({ location: locationOf(values.value.data, values.value.database), file: resolve(file) })
    : values;
}

function activityOf(act: string, file: string, counts: BackupCounts) {
  const at = Date.now() * 1000;
  return { at, actor: SYSTEM, act, subject: BACKUP_SUBJECT, site: undefined, after: { file, ...counts } };
}

async function attempt(code: string, work: () => Promise<void>): Promise<Result<ExitStatus, Failure>> {
  try {
    await work();
    return ok(0);
  } catch (error) {
    return fail('unavailable', code, error instanceof Error ? error.message : String(error));
  }
}

async function tell(
  terminal: Terminal,
  { options }: Input,
  result: { readonly file: string; readonly tables: number; readonly rows: number },
  done: string,
): Promise<void> {
  const { file, tables, rows } = result;
  await terminal.print(
    options['json'] === true
      ? `${JSON.stringify(result)}\n`
      : `${rows.toLocaleString('en')} rows of ${tables} tables ${done} ${file}\n`,
  );
}
