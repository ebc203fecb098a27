import type { Migration } from '../migration.ts';

export const sensor: Migration = {
  name: '0004-sensor',
  async up() {},
};
