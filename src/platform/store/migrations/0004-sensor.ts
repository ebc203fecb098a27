import type { Migration, Schema } from '../migration.ts';

export const sensor: Migration = {
  name: '0004-sensor',
  async up(schema) {
    await createSensors(schema);
    await createStreams(schema);
    await createUploads(schema);
  },
};

async function createSensors({ db, types }: Schema): Promise<void> {
  await db.schema
    .createTable('sensor')
    .addColumn('id', types.text, (column) => column.primaryKey())
    .addColumn('site', types.text, (column) => column.notNull())
    .addColumn('name', types.text, (column) => column.notNull())
    .addColumn('network', types.text, (column) => column.notNull())
    .addColumn('secret_hash', types.text, (column) => column.notNull().unique())
    .addColumn('created_at', types.text, (column) => column.notNull())
    .addColumn('removed_at', types.text)
    .addColumn('last_record_at', types.text)
    .addColumn('last_canary_at', types.text)
    .addColumn('clock_skew', types.integer)
    .addColumn('health', types.text)
    .addColumn('health_at', types.text)
    .execute();
  await db.schema.createIndex('sensor_site').on('sensor').columns(['site', 'name']).execute();
}

async function createStreams({ db, types }: Schema): Promise<void> {
  await db.schema
    .createTable('sensor_stream')
    .addColumn('sensor', types.text, (column) => column.notNull().references('sensor.id'))
    .addColumn('epoch', types.text, (column) => column.notNull())
    .addColumn('began_at', types.text, (column) => column.notNull())
    .addColumn('through', types.integer, (column) => column.notNull())
    .addColumn('skip_to', types.integer, (column) => column.notNull())
    .addColumn('missing_rounds', types.integer, (column) => column.notNull())
    .addColumn('missing_from', types.integer)
    .addPrimaryKeyConstraint('sensor_stream_key', ['sensor', 'epoch'])
    .execute();
  await db.schema
    .createTable('sensor_gap')
    .addColumn('sensor', types.text, (column) => column.notNull().references('sensor.id'))
    .addColumn('epoch', types.text, (column) => column.notNull())
    .addColumn('from_sequence', types.integer, (column) => column.notNull())
    .addColumn('to_sequence', types.integer, (column) => column.notNull())
    .addColumn('class', types.text, (column) => column.notNull())
    .addColumn('reason', types.text, (column) => column.notNull())
    .addColumn('records', types.integer, (column) => column.notNull())
    .addColumn('packets', types.integer, (column) => column.notNull())
    .addColumn('from_time', types.text)
    .addColumn('to_time', types.text)
    .addColumn('taken_at', types.text, (column) => column.notNull())
    .addPrimaryKeyConstraint('sensor_gap_key', ['sensor', 'epoch', 'from_sequence', 'class'])
    .execute();
  await db.schema.createIndex('sensor_gap_taken').on('sensor_gap').columns(['sensor', 'taken_at']).execute();
}

async function createUploads({ db, types }: Schema): Promise<void> {
  await db.schema
    .createTable('upload')
    .addColumn('id', types.text, (column) => column.primaryKey())
    .addColumn('site', types.text, (column) => column.notNull())
    .addColumn('name', types.text, (column) => column.notNull())
    .addColumn('network', types.text, (column) => column.notNull())
    .addColumn('actor', types.text, (column) => column.notNull())
    .addColumn('actor_name', types.text, (column) => column.notNull())
    .addColumn('at', types.text, (column) => column.notNull())
    .addColumn('size', types.integer, (column) => column.notNull())
    .addColumn('sha256', types.text, (column) => column.notNull())
    .addColumn('state', types.text, (column) => column.notNull())
    .addColumn('recorded', types.integer, (column) => column.notNull())
    .addColumn('counts', types.text)
    .addColumn('error_code', types.text)
    .addColumn('error_message', types.text)
    .addColumn('ended_at', types.text)
    .execute();
  await db.schema.createIndex('upload_at').on('upload').columns(['site', 'at']).execute();
}
