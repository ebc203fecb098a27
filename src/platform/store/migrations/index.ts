import type { Migration } from '../migration.ts';
import { access } from './0001-access.ts';
import { plant } from './0002-plant.ts';
import { inventory } from './0003-inventory.ts';
import { sensor } from './0004-sensor.ts';
import { differences } from './0005-differences.ts';

/** In the order in which they run. A released step is never edited: what it lacks is another step. */
export const migrations: readonly Migration[] = [access, plant, inventory, sensor, differences];
