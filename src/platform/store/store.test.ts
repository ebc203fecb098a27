import { describe, expect, it } from 'vitest';
import { databases } from '../../../test/databases.ts';

const row = {
  at: '2026-03-02T06:00:00.000000Z',
  actor: 'a',
  actor_name: 'A',
  act: 'x',
  subject: 's',
  site: null,
  before: null,
  after: null,
};

describe.each(databases)('store on %s', (_, open) => {
  it('keeps all of a transaction or nothing', async () => {
    const store = await open();

    await store.write((db) => db.insertInto('activity').values(row).execute());
    const failed = store.write(async (db) => {
      await db.insertInto('activity').values(row).execute();
      throw new Error('half-way');
    });

    await expect(failed).rejects.toThrow('half-way');
    expect(await store.read.selectFrom('activity').select('sequence').execute()).toHaveLength(1);
  });

  it('reads whole numbers as numbers', async () => {
    const store = await open();

    await store.write((db) => db.insertInto('activity').values(row).execute());

    expect(await store.read.selectFrom('activity').selectAll().executeTakeFirst()).toEqual({ sequence: 1, ...row });
  });

  it('only adds to the record of who did what', async () => {
    const store = await open();
    await store.write((db) => db.insertInto('activity').values(row).execute());

    await expect(store.write((db) => db.updateTable('activity').set({ act: 'y' }).execute())).rejects.toThrow(
      'append-only',
    );
    await expect(store.write((db) => db.deleteFrom('activity').execute())).rejects.toThrow('append-only');
  });
});
