import type { Migration } from '../migration.ts';

export const inventory: Migration = {
  name: '0003-inventory',
  async up() {},
};
