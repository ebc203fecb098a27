import { byteText, firewallInterface, TTL_LINUX, TTL_NETWORK_GEAR, TTL_WINDOWS } from './making.ts';
import type { Activity, Device, Network } from './model.ts';

/** Level 3 and the DMZ: what watches all lines, and the only way in from outside. */
export const supervisionNetworks: readonly Network[] = [
  { name: 'supervision', vlan: 30, prefix: '10.30.0', level: 3, gateway: 'supervision-gateway', hops: 1 },
  { name: 'dmz', vlan: 60, prefix: '10.60.0', level: 3.5, gateway: 'dmz-gateway', hops: 1 },
];

const WINDOWS_SERVER = 'Windows Server 2019';

function member(
  network: 'supervision' | 'dmz',
  host: number,
  rest: Omit<Device, 'network' | 'ip' | 'mac'> & { readonly oui: string },
): Device {
  const { oui, ...device } = rest;
  const prefix = network === 'supervision' ? '10.30.0' : '10.60.0';
  const third = network === 'supervision' ? 0x30 : 0x60;
  return { ...device, network, ip: `${prefix}.${host}`, mac: `${oui}:${byteText(third)}:00:${byteText(host)}` };
}

const SERVER = { vendor: 'Dell', ttl: TTL_WINDOWS, responseTime: 450, os: WINDOWS_SERVER, oui: '10:98:36' } as const;
const LINUX = {
  vendor: 'Dell',
  ttl: TTL_LINUX,
  responseTime: 350,
  os: 'Debian GNU/Linux 12',
  oui: '10:98:36',
} as const;

export const supervisionDevices: readonly Device[] = [
  member('supervision', 2, {
    name: 'ot-core-switch',
    role: 'switch',
    vendor: 'Cisco',
    product: 'IE-4000-16GT4G-E',
    orderNumber: 'IE-4000-16GT4G-E',
    firmware: '15.2(7)E4',
    serial: 'FDO2114U0AB',
    ttl: TTL_NETWORK_GEAR,
    responseTime: 1500,
    oui: '10:57:25',
  }),
  member('supervision', 10, { ...SERVER, name: 'scada', role: 'scada', product: 'PowerEdge R450' }),
  member('supervision', 11, { ...SERVER, name: 'historian', role: 'historian', product: 'PowerEdge R450' }),
  member('supervision', 12, { ...LINUX, name: 'edge-gateway', role: 'gateway', product: 'Edge Gateway 3200' }),
  member('supervision', 13, { ...LINUX, name: 'ot-log-server', role: 'server', product: 'PowerEdge R350' }),
  member('supervision', 20, {
    ...SERVER,
    name: 'engineering',
    role: 'engineering',
    product: 'Precision 3660',
    os: 'Windows 10',
    oui: '10:65:30',
  }),
  member('supervision', 5, {
    name: 'ntp-clock',
    role: 'clock',
    vendor: 'Meinberg',
    product: 'LANTIME M300',
    firmware: '7.08.012',
    serial: '030111004711',
    ttl: TTL_LINUX,
    responseTime: 120,
    oui: 'ec:46:70',
  }),
  firewallInterface(supervisionNetworks[0] ?? fail()),
  member('dmz', 10, {
    ...SERVER,
    name: 'jump-host',
    role: 'server',
    product: 'PowerEdge R350',
    os: 'Windows Server 2022',
  }),
  member('dmz', 11, { ...LINUX, name: 'mqtt-broker', role: 'server', product: 'PowerEdge R350' }),
  member('dmz', 12, { ...SERVER, name: 'historian-mirror', role: 'server', product: 'PowerEdge R450' }),
  firewallInterface(supervisionNetworks[1] ?? fail()),
];

/** What supervision does depends on which lines there are. */
export function supervisionActivities(lineDevices: readonly Device[]): readonly Activity[] {
  const named = (end: string) => lineDevices.filter(({ name }) => name.endsWith(end)).map(({ name }) => name);
  return [
    ...named('-press-plc').map((server) => s7Poll('scada', server, 0x0201, true)),
    ...named('-hydraulics-plc').map((server) => s7Poll('scada', server, 0x0202, false)),
    ...named('-safety-plc').map((server) => s7Poll('scada', server, 0x0202, false)),
    ...named('-handling-plc').map((server) => ({
      kind: 'cip-tags' as const,
      client: 'scada',
      server,
      period: 1000,
      tags: ['Station_State', 'Parts_Done', 'Cycle_Time', 'Fault_Code'],
      writes: 'Line_Speed_SP',
    })),
    ...named('-filler-plc').map((server) => ({
      kind: 'modbus-poll' as const,
      client: 'scada',
      server,
      period: 1000,
      unit: 255,
      reads: [
        { function: 3 as const, start: 100, count: 48 },
        { function: 3 as const, start: 400, count: 16 },
      ],
      writes: { start: 210, count: 1 },
    })),
    ...named('-filler-plc').map((server) => ({
      kind: 'modbus-poll' as const,
      client: 'historian',
      server,
      period: 2000,
      unit: 255,
      reads: [{ function: 3 as const, start: 100, count: 100 }],
    })),
    ...named('-packer-plc').map((server) => ({
      kind: 'fins-poll' as const,
      client: 'scada',
      server,
      period: 1000,
      start: 100,
      count: 40,
    })),
    ...named('-motion-plc').map((server) => ({
      kind: 'opcua' as const,
      client: 'scada',
      server,
      period: 1000,
      nodes: 6,
      writes: true,
    })),
    ...named('-palletiser-plc').map((server) => ({
      kind: 'slmp-poll' as const,
      client: 'scada',
      server,
      period: 1000,
      start: 1000,
      count: 32,
    })),
    { kind: 'opcua', client: 'historian', server: 'edge-gateway', period: 1000, nodes: 12 },
    {
      kind: 'mqtt',
      client: 'edge-gateway',
      server: 'mqtt-broker',
      period: 2000,
      topics: ['oee', 'energy', 'state', 'alarms'],
    },
  ];
}

function s7Poll(client: string, server: string, remoteTsap: number, writes: boolean): Activity {
  return {
    kind: 's7-poll',
    client,
    server,
    period: 1000,
    remoteTsap,
    items: [
      { area: 0x84, db: 10, start: 0, length: 80 },
      { area: 0x84, db: 20, start: 0, length: 32 },
    ],
    ...(writes ? { writes: { db: 12, start: 16 } } : {}),
  };
}

function fail(): never {
  throw new Error('a supervision network is missing');
}
