import type { Migration } from '../migration.ts';

export const differences: Migration = {
  name: '0005-differences',
  async up({ db, types }) {
    await db.schema
      .createTable('difference_decision')
      .addColumn('id', types.text, (column) => column.primaryKey())
      .addColumn('asset', types.text, (column) => column.notNull())
      .addColumn('site', types.text, (column) => column.notNull())
      .addColumn('about', types.text, (column) => column.notNull())
      .addColumn('state', types.text, (column) => column.notNull())
      .addColumn('at', types.text, (column) => column.notNull())
      .addColumn('by', types.text, (column) => column.notNull())
      .addColumn('note', types.text)
      .execute();
    await db.schema.createIndex('difference_decision_asset').on('difference_decision').column('asset').execute();
    await db.schema.createIndex('difference_decision_site').on('difference_decision').column('site').execute();
  },
};
