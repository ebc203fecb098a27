import type { AccessTables } from './tables/access.ts';
import type { DifferenceTables } from './tables/differences.ts';
import type { InventoryTables } from './tables/inventory.ts';
import type { PlantTables } from './tables/plant.ts';
import type { SensorTables } from './tables/sensor.ts';

/**
 * Every table of the database, as its rows are read on SQLite and on PostgreSQL alike: text, whole numbers up to 2^53, real numbers,
 * null. A truth value is 0 or 1, a time is ISO 8601 in UTC with six decimals, a structure is JSON text.
 */
export interface Tables extends AccessTables, PlantTables, InventoryTables, SensorTables, DifferenceTables {
  schema_step: { readonly name: string; readonly at: string };
}
