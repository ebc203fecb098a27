import type { Migration } from '../migration.ts';

export const plant: Migration = {
  name: '0002-plant',
  async up({ db, types }) {
    await db.schema
      .createTable('place')
      .addColumn('id', types.text, (column) => column.primaryKey())
      .addColumn('site', types.text, (column) => column.notNull())
      .addColumn('parent', types.text, (column) => column.references('place.id'))
      .addColumn('kind', types.text, (column) => column.notNull())
      .addColumn('name', types.text, (column) => column.notNull())
      .addColumn('priority', types.integer)
      .addColumn('owner', types.text)
      .addColumn('loss_per_hour', types.real)
      .execute();
    await db.schema.createIndex('place_site').on('place').column('site').execute();
    await db.schema.createIndex('place_parent').on('place').column('parent').execute();
    await db.schema
      .createTable('place_rule')
      .addColumn('site', types.text, (column) => column.notNull())
      .addColumn('position', types.integer, (column) => column.notNull())
      .addColumn('kind', types.text, (column) => column.notNull())
      .addColumn('pattern', types.text, (column) => column.notNull())
      .addColumn('place', types.text, (column) => column.notNull().references('place.id'))
      .addPrimaryKeyConstraint('place_rule_key', ['site', 'position'])
      .execute();
    await db.schema.createIndex('place_rule_place').on('place_rule').column('place').execute();
    await db.schema
      .createTable('placement')
      .addColumn('asset', types.text, (column) => column.primaryKey())
      .addColumn('site', types.text, (column) => column.notNull())
      .addColumn('place', types.text, (column) => column.notNull().references('place.id'))
      .addColumn('by', types.text, (column) => column.notNull())
      .execute();
    await db.schema.createIndex('placement_place').on('placement').column('place').execute();
    await db.schema.createIndex('placement_site').on('placement').column('site').execute();
  },
};
