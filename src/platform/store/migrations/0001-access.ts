import { sql } from 'kysely';
import type { Migration, Schema } from '../migration.ts';

export const access: Migration = {
  name: '0001-access',
  async up(schema) {
    await createActivity(schema);
    await createAccounts(schema);
    await createSessions(schema);
    await createFactors(schema);
  },
};

async function createAccounts({ db, types }: Schema): Promise<void> {
  await db.schema
    .createTable('account')
    .addColumn('id', types.text, (column) => column.primaryKey())
    .addColumn('name', types.text, (column) => column.notNull())
    .addColumn('email', types.text, (column) => column.notNull().unique())
    .addColumn('password', types.text)
    .addColumn('oidc', types.text, (column) => column.unique())
    .addColumn('disabled', types.integer, (column) => column.notNull())
    .addColumn('created_at', types.text, (column) => column.notNull())
    .addColumn('last_sign_in', types.text)
    .execute();
  await db.schema
    .createTable('account_role')
    .addColumn('account', types.text, (column) => column.notNull().references('account.id'))
    .addColumn('role', types.text, (column) => column.notNull())
    .addColumn('site', types.text, (column) => column.notNull())
    .addColumn('given_by', types.text, (column) => column.notNull())
    .addPrimaryKeyConstraint('account_role_key', ['account', 'role', 'site', 'given_by'])
    .execute();
}

async function createSessions({ db, types }: Schema): Promise<void> {
  await db.schema
    .createTable('session')
    .addColumn('hash', types.text, (column) => column.primaryKey())
    .addColumn('id', types.text, (column) => column.notNull().unique())
    .addColumn('account', types.text, (column) => column.notNull().references('account.id'))
    .addColumn('started_at', types.text, (column) => column.notNull())
    .addColumn('used_at', types.text, (column) => column.notNull())
    .addColumn('ended_at', types.text)
    .addColumn('proved_at', types.text)
    .addColumn('address', types.text, (column) => column.notNull())
    .addColumn('client', types.text, (column) => column.notNull())
    .execute();
  await db.schema.createIndex('session_account').on('session').columns(['account', 'used_at']).execute();
  await db.schema
    .createTable('api_token')
    .addColumn('id', types.text, (column) => column.primaryKey())
    .addColumn('hash', types.text, (column) => column.notNull().unique())
    .addColumn('account', types.text, (column) => column.notNull().references('account.id'))
    .addColumn('name', types.text, (column) => column.notNull())
    .addColumn('permissions', types.text, (column) => column.notNull())
    .addColumn('sites', types.text)
    .addColumn('created_at', types.text, (column) => column.notNull())
    .addColumn('expires_at', types.text, (column) => column.notNull())
    .addColumn('used_at', types.text)
    .execute();
  await db.schema.createIndex('api_token_account').on('api_token').column('account').execute();
  await db.schema
    .createTable('challenge')
    .addColumn('hash', types.text, (column) => column.primaryKey())
    .addColumn('purpose', types.text, (column) => column.notNull())
    .addColumn('account', types.text)
    .addColumn('data', types.text, (column) => column.notNull())
    .addColumn('expires_at', types.text, (column) => column.notNull())
    .execute();
  await db.schema.createIndex('challenge_expiry').on('challenge').column('expires_at').execute();
}

async function createFactors({ db, types }: Schema): Promise<void> {
  await db.schema
    .createTable('one_time_code')
    .addColumn('hash', types.text, (column) => column.primaryKey())
    .addColumn('purpose', types.text, (column) => column.notNull())
    .addColumn('account', types.text)
    .addColumn('expires_at', types.text, (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('totp')
    .addColumn('account', types.text, (column) => column.primaryKey().references('account.id'))
    .addColumn('secret', types.text, (column) => column.notNull())
    .addColumn('confirmed', types.integer, (column) => column.notNull())
    .addColumn('last_step', types.integer, (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('recovery_code')
    .addColumn('hash', types.text, (column) => column.primaryKey())
    .addColumn('account', types.text, (column) => column.notNull().references('account.id'))
    .execute();
  await db.schema.createIndex('recovery_code_account').on('recovery_code').column('account').execute();
  await db.schema
    .createTable('passkey')
    .addColumn('id', types.text, (column) => column.primaryKey())
    .addColumn('account', types.text, (column) => column.notNull().references('account.id'))
    .addColumn('name', types.text, (column) => column.notNull())
    .addColumn('public_key', types.text, (column) => column.notNull())
    .addColumn('counter', types.integer, (column) => column.notNull())
    .addColumn('transports', types.text, (column) => column.notNull())
    .addColumn('created_at', types.text, (column) => column.notNull())
    .addColumn('used_at', types.text)
    .execute();
  await db.schema.createIndex('passkey_account').on('passkey').column('account').execute();
  await db.schema
    .createTable('oidc_provider')
    .addColumn('id', types.text, (column) => column.primaryKey())
    .addColumn('settings', types.text, (column) => column.notNull())
    .addColumn('secret', types.text)
    .execute();
}

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
  await db.schema.createIndex('activity_actor').on('activity').column('actor').execute();
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
