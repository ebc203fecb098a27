import * as model from './catalogue.ts';
import { type Cell, cellDevices, cellNetwork, type DeviceDescription } from './making.ts';
import type { Activity, Plant } from './model.ts';

/** Packaging line: a Schneider filler, an Omron and Beckhoff case packer, and a Mitsubishi palletiser. */
export function packagingLine(line: number): Plant {
  const lineName = `Packaging line ${line}`;
  const filler: Cell = { line, number: 1, name: 'filler', lineName };
  const packer: Cell = { line, number: 2, name: 'packer', lineName };
  const palletiser: Cell = { line, number: 3, name: 'palletiser', lineName };
  return {
    networks: [filler, packer, palletiser].map(cellNetwork),
    devices: [...cellDevices(filler, FILLER), ...cellDevices(packer, PACKER), ...cellDevices(palletiser, PALLETISER)],
    activities: [
      ...fillerActivities(`l${line}-filler`),
      ...packerActivities(`l${line}-packer`),
      ...palletiserActivities(`l${line}-palletiser`),
    ],
  };
}

const FILLER: readonly DeviceDescription[] = [
  { ...model.hirschmann, name: 'switch', host: 2 },
  { ...model.modiconM340, name: 'plc', host: 10 },
  { ...model.advantys, name: 'io1', host: 20 },
  { ...model.altivar, name: 'drive', host: 25 },
  { ...model.magelis, name: 'hmi', host: 30 },
];

const PACKER: readonly DeviceDescription[] = [
  { ...model.hirschmann, name: 'switch', host: 2 },
  { ...model.omronNj, name: 'plc', host: 10 },
  { ...model.beckhoffCx, name: 'motion-plc', host: 11 },
  {
    role: 'hmi',
    vendor: 'Beckhoff',
    product: 'CP2216 TwinCAT HMI',
    orderNumber: 'CP2216-0000',
    os: 'Windows 10 IoT',
    oui: '00:01:05',
    ttl: 128,
    responseTime: 900,
    name: 'hmi',
    host: 30,
  },
];

const PALLETISER: readonly DeviceDescription[] = [
  { ...model.hirschmann, name: 'switch', host: 2 },
  { ...model.melsecQ, name: 'plc', host: 10 },
  { ...model.got2000, name: 'hmi', host: 30 },
  { ...model.kukaRobot, name: 'robot', host: 40 },
];

function fillerActivities(cell: string): readonly Activity[] {
  const plc = `${cell}-plc`;
  return [
    {
      kind: 'modbus-poll',
      client: `${cell}-hmi`,
      server: plc,
      period: 250,
      unit: 255,
      reads: [
        { function: 3, start: 100, count: 32 },
        { function: 1, start: 0, count: 24 },
      ],
      writes: { start: 200, count: 2 },
    },
    {
      kind: 'modbus-poll',
      client: plc,
      server: `${cell}-io1`,
      period: 100,
      unit: 1,
      reads: [
        { function: 2, start: 0, count: 16 },
        { function: 4, start: 0, count: 8 },
      ],
    },
    {
      kind: 'modbus-poll',
      client: plc,
      server: `${cell}-drive`,
      period: 100,
      unit: 1,
      reads: [{ function: 3, start: 3201, count: 6 }],
    },
  ];
}

function packerActivities(cell: string): readonly Activity[] {
  return [
    {
      kind: 'fins-poll',
      client: `${cell}-hmi`,
      server: `${cell}-plc`,
      period: 300,
      start: 100,
      count: 20,
      writes: true,
    },
    { kind: 'ads-poll', client: `${cell}-hmi`, server: `${cell}-motion-plc`, period: 200, symbols: 3, writes: true },
  ];
}

function palletiserActivities(cell: string): readonly Activity[] {
  return [
    {
      kind: 'slmp-poll',
      client: `${cell}-hmi`,
      server: `${cell}-plc`,
      period: 350,
      start: 1000,
      count: 24,
      writes: true,
    },
    { kind: 'slmp-poll', client: `${cell}-robot`, server: `${cell}-plc`, period: 150, start: 2000, count: 8 },
  ];
}
