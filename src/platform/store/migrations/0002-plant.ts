import type { Migration } from '../migration.ts';

export const plant: Migration = {
  name: '0002-plant',
  async up() {},
};
