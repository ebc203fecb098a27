// Migrates the database that it is told of, and is killed in the middle of a step: run by the test of migrations.
import { argv, kill, pid } from 'node:process';
import { migrations } from '../src/platform/store/migrations/index.ts';
import { openStore } from '../src/platform/store/open-store.ts';

const killed = {
  name: '9998-adds',
  async up({ db, types }: Parameters<(typeof migrations)[number]['up']>[0]) {
    await db.schema.createTable('added').addColumn('id', types.text).execute();
    kill(pid, 'SIGKILL');
    await new Promise(() => undefined);
  },
};

await openStore(String(argv[2]), { steps: [...migrations, killed] });
