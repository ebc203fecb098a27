import * as model from './catalogue.ts';
import { type Cell, cellDevices, cellNetwork, type DeviceDescription } from './making.ts';
import type { Activity, Device, Plant } from './model.ts';

/** Press line: a Siemens press cell, a Rockwell handling cell, and a fail-safe controller with its fence and gates. */
export function pressLine(line: number): Plant {
  const lineName = `Press line ${line}`;
  const press: Cell = { line, number: 1, name: 'press', lineName };
  const handling: Cell = { line, number: 2, name: 'handling', lineName };
  const safety: Cell = { line, number: 3, name: 'safety', lineName };
  const devices: readonly Device[] = [
    ...cellDevices(press, PRESS),
    ...withCipSerials(cellDevices(handling, HANDLING), line),
    ...cellDevices(safety, SAFETY),
  ];
  return {
    networks: [press, handling, safety].map(cellNetwork),
    devices,
    activities: [
      ...pressActivities(`l${line}-press`),
      ...handlingActivities(`l${line}-handling`),
      ...safetyActivities(`l${line}-safety`),
    ],
  };
}

const PRESS: readonly DeviceDescription[] = [
  { ...model.scalance, name: 'switch', host: 2 },
  { ...model.s71500, name: 'plc', host: 10 },
  { ...model.s7300, name: 'hydraulics-plc', host: 11 },
  { ...model.et200sp, name: 'io1', host: 20 },
  { ...model.et200sp, name: 'io2', host: 21 },
  { ...model.sinamicsG120, name: 'drive', host: 25 },
  { ...model.comfortPanel, name: 'hmi', host: 30 },
];

const HANDLING: readonly DeviceDescription[] = [
  { ...model.stratix, name: 'switch', host: 2 },
  { ...model.controlLogix, name: 'plc', host: 10 },
  { ...model.pointIo, name: 'io1', host: 20 },
  { ...model.pointIo, name: 'io2', host: 21 },
  { ...model.powerFlex, name: 'drive', host: 25 },
  { ...model.fanucRobot, name: 'robot', host: 40 },
  { ...model.panelView, name: 'hmi', host: 30 },
];

const SAFETY: readonly DeviceDescription[] = [
  { ...model.scalance, name: 'switch', host: 2 },
  { ...model.s7300f, name: 'plc', host: 10 },
  { ...model.et200sp, name: 'io1', host: 20, product: 'ET 200SP IM 155-6 PN HF', orderNumber: '6ES7 155-6AU01-0CN0' },
];

/** S7 memory areas and TSAPs: operator panels use connection type 2, the low byte is rack and slot. */
const DATA_BLOCK = 0x84;
const MERKER = 0x83;
const OP_SLOT_1 = 0x0201;
const OP_SLOT_2 = 0x0202;

function pressActivities(cell: string): readonly Activity[] {
  const plc = `${cell}-plc`;
  return [
    { kind: 'profinet', client: plc, server: `${cell}-io1`, period: 16, frameId: 0x8001, length: 40 },
    { kind: 'profinet', client: plc, server: `${cell}-io2`, period: 32, frameId: 0x8003, length: 40 },
    { kind: 'profinet', client: plc, server: `${cell}-drive`, period: 16, frameId: 0x8005, length: 40 },
    {
      kind: 's7-poll',
      client: `${cell}-hmi`,
      server: plc,
      period: 500,
      remoteTsap: OP_SLOT_1,
      items: [
        { area: DATA_BLOCK, db: 10, start: 0, length: 60 },
        { area: DATA_BLOCK, db: 11, start: 0, length: 24 },
      ],
      writes: { db: 12, start: 4 },
    },
    {
      kind: 's7-poll',
      client: `${cell}-hmi`,
      server: `${cell}-hydraulics-plc`,
      period: 1000,
      remoteTsap: OP_SLOT_2,
      items: [
        { area: DATA_BLOCK, db: 1, start: 0, length: 40 },
        { area: MERKER, db: 0, start: 100, length: 8 },
      ],
      writes: { db: 2, start: 0 },
    },
  ];
}

function handlingActivities(cell: string): readonly Activity[] {
  const plc = `${cell}-plc`;
  return [
    { kind: 'cip-io', client: plc, server: `${cell}-io1`, period: 20, outputs: 8, inputs: 16 },
    { kind: 'cip-io', client: plc, server: `${cell}-io2`, period: 50, outputs: 4, inputs: 8 },
    { kind: 'cip-io', client: plc, server: `${cell}-drive`, period: 20, outputs: 4, inputs: 8 },
    { kind: 'cip-io', client: plc, server: `${cell}-robot`, period: 40, outputs: 16, inputs: 16 },
    {
      kind: 'cip-tags',
      client: `${cell}-hmi`,
      server: plc,
      period: 400,
      tags: ['Gripper.Position', 'Cycle_Time', 'Parts_Done', 'Station_State', 'Vacuum_mbar'],
      writes: 'Gripper.Speed_SP',
    },
  ];
}

function safetyActivities(cell: string): readonly Activity[] {
  return [{ kind: 'profinet', client: `${cell}-plc`, server: `${cell}-io1`, period: 32, frameId: 0x8001, length: 44 }];
}

/** Every CIP device has its own 32-bit serial number. */
function withCipSerials(devices: readonly Device[], line: number): readonly Device[] {
  return devices.map((device, index) => {
    if (!device.cip) {
      return device;
    }
    const serial = device.cip.serial + line * 256 + index;
    return { ...device, cip: { ...device.cip, serial }, serial: serial.toString(16).padStart(8, '0').toUpperCase() };
  });
}
