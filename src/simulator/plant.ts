import { itDevices, itNetworks } from './plant/it.ts';
import type { Plant } from './plant/model.ts';
import { packagingLine } from './plant/packaging-line.ts';
import { pressLine } from './plant/press-line.ts';
import { supervisionActivities, supervisionDevices, supervisionNetworks } from './plant/supervision.ts';

const MOST_LINES = 20;

/** The factory with `lines` production lines: press and packaging lines in turn, supervision, DMZ and office. */
export function buildPlant(lines: number): Plant {
  const count = Math.max(1, Math.min(MOST_LINES, Math.floor(lines)));
  const parts = Array.from({ length: count }, (_, index) =>
    index % 2 === 0 ? pressLine(index + 1) : packagingLine(index + 1),
  );
  const lineDevices = parts.flatMap(({ devices }) => devices);
  return {
    networks: [...parts.flatMap(({ networks }) => networks), ...supervisionNetworks, ...itNetworks],
    devices: [...lineDevices, ...supervisionDevices, ...itDevices],
    activities: [...parts.flatMap(({ activities }) => activities), ...supervisionActivities(lineDevices)],
  };
}
