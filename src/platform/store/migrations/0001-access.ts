import { sql } from 'kysely';
import type { Migration, Schema } from '../migration.ts';

export const access: Migration = {
  name: '0001-access',
  async up(schema) {
    await createActivity(schema);
  },
};

async function createActivity(schema: Schema): Promise<void> {
  const { db, types, dialect } = schema;
  await db.schema
    .createTable('activity')
    .addColumn('sequence', dialect === 'postgres' ? 'bigserial' : 'integer', (column) =>
      dialect === 'postgres' ? column.primaryKey() : column.primaryKey().autoIncrement(),
    )
    .addColumn('at', types.text, (column) => column.notNull())
    .addColumn('actor', types.text, (column) => column.notNull())
    .addColumn('actor_name', types.text, (column) => column.notNull())
    .addColumn('act', types.text, (column) => column.notNull())
    .addColumn('subject', types.text, (column) => column.notNull())
    .addColumn('site', types.text)
    .addColumn('before', types.text)
    .addColumn('after', types.text)
    .execute();
  await db.schema.createIndex('activity_subject').on('activity').column('subject').execute();
  await forbidChanges(schema, 'activity');
}

/** Rows of this table can only be added: the database itself refuses anything else. */
async function forbidChanges({ db, dialect }: Schema, table: string): Promise<void> {
  const name = sql.id(table);
  if (dialect === 'sqlite') {
    for (const act of ['update', 'delete'] as const) {
      const trigger = sql.id(`${table}_no_${act}`);
      await (act === 'update'
        ? sql`create trigger ${trigger} before update on ${name} begin select raise(abort, 'append-only'); end`
        : sql`create trigger ${trigger} before delete on ${name} begin select raise(abort, 'append-only'); end`
      ).execute(db);
    }
    return;
  }
  await sql`create or replace function refuse_change() returns trigger language plpgsql as
    $$ begin raise exception 'append-only'; end $$`.execute(db);
  await sql`create trigger ${sql.id(`${table}_append_only`)} before update or delete or truncate on ${name}
    for each statement execute function refuse_change()`.execute(db);
}
