import type { Micros } from '../kit/time.ts';
import { PcapWriter } from '../simulator/pcap-writer.ts';
import type { Device, Plant } from '../simulator/plant/model.ts';
import { buildPlant } from '../simulator/plant.ts';
import { DEFAULT_OPTIONS, Simulation } from '../simulator/simulation.ts';

const SECOND = 1_000_000;
const DAY = 86_400 * SECOND;
/** Packet time in each capture. */
const DURATION = 45 * SECOND;
const LINES = 2;

/** Was not there a week ago. */
const NEW_DEVICE = 'l1-press-io2';
/** Has other firmware since four days ago. */
const UPDATED_DEVICE = 'l1-handling-plc';

/** One capture of the week. */
export interface DemoDay {
  readonly name: string;
  /** What somebody should find in it. */
  readonly tells: string;
  readonly daysAgo: number;
  readonly adapt: (plant: Plant) => Plant;
  readonly attacks: boolean;
  /** What it shows is known and accepted, so that later days show what is new. */
  readonly accepted: boolean;
}

export const DEMO_WEEK: readonly DemoDay[] = [
  {
    name: 'a-week-ago.pcap',
    tells: 'an ordinary shift',
    daysAgo: 7,
    adapt: (plant) => withoutDevice(plant, NEW_DEVICE),
    attacks: false,
    accepted: true,
  },
  {
    name: 'four-days-ago.pcap',
    tells: 'a station that was not there before, and a controller with other firmware',
    daysAgo: 4,
    adapt: withNewFirmware,
    attacks: false,
    accepted: false,
  },
  {
    name: 'today.pcap',
    tells: 'somebody where nobody should be',
    daysAgo: 0,
    adapt: withNewFirmware,
    attacks: true,
    accepted: false,
  },
];

/** The traffic of one day as pieces of a capture file. The same day and time give the same bytes. */
export function* captureOf({ daysAgo, adapt, attacks }: DemoDay, now: Micros): Generator<Uint8Array> {
  const start = now - daysAgo * DAY - 2 * DURATION;
  const simulation = new Simulation({
    ...DEFAULT_OPTIONS,
    start,
    duration: DURATION,
    lines: LINES,
    attacks,
    adapt,
  });
  const writer = new PcapWriter();
  for (const packet of simulation.packets()) {
    const full = writer.write(packet);
    if (full !== undefined) {
      yield full;
    }
  }
  yield writer.finish();
}

/** A production line and the networks of its cells, as whoever planned the plant would enter them. */
export interface DemoLine {
  readonly name: string;
  readonly cells: readonly { readonly name: string; readonly subnet: string }[];
}

export function demoLines(): readonly DemoLine[] {
  const { devices, networks } = buildPlant(LINES);
  const lines = new Map<string, Map<string, string>>();
  for (const { line, cell, network } of devices) {
    const found = networks.find(({ name }) => name === network);
    if (line !== undefined && cell !== undefined && found !== undefined) {
      const cells = lines.get(line) ?? new Map<string, string>();
      lines.set(line, cells.set(cell, `${found.prefix}.0/24`));
    }
  }
  return [...lines].map(([name, cells]) => ({
    name,
    cells: [...cells].map(([cell, subnet]) => ({ name: cell, subnet })),
  }));
}

function withoutDevice(plant: Plant, name: string): Plant {
  return {
    ...plant,
    devices: plant.devices.filter((device) => device.name !== name),
    activities: plant.activities.filter(({ client, server }) => client !== name && server !== name),
  };
}

function withNewFirmware(plant: Plant): Plant {
  return {
    ...plant,
    devices: plant.devices.map((device) => (device.name === UPDATED_DEVICE ? updated(device) : device)),
  };
}

function updated(device: Device): Device {
  return device.cip === undefined
    ? device
    : { ...device, firmware: '34.014', cip: { ...device.cip, major: 34, minor: 14 } };
}
