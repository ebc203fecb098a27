import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Store } from '../src/platform/store/store.ts';
import { newSensorSecret } from '../src/sensor/routes.ts';
import type { Sensor } from '../src/sensor/sensor.ts';
import { createSensorStore } from '../src/sensor/store.ts';

export interface RegisteredSensor {
  readonly id: string;
  readonly secret: string;
  readonly secretFile: string;
  /** As the hub knows it now. */
  now(): Promise<Sensor>;
}

/** A sensor that the hub of this database knows. */
export async function registerSensor(store: Store, folder: string, id = 'cell-2'): Promise<RegisteredSensor> {
  const { secret, hash } = newSensorSecret();
  await store.write(async (db) => {
    const createdAt = Date.now() * 1000;
    await createSensorStore(db).add({ id, site: 'plant', name: 'CELL-2', network: id, createdAt }, hash);
  });
  const secretFile = join(folder, `${id}.secret`);
  writeFileSync(secretFile, `${secret}\n`, { mode: 0o600 });
  return {
    id,
    secret,
    secretFile,
    async now() {
      const sensor = await createSensorStore(store.read).find('all', id);
      if (sensor === undefined) {
        throw new Error(`no sensor ${id} in ${dirname(secretFile)}`);
      }
      return sensor;
    },
  };
}
