import type { Device, Network } from './model.ts';

/** Start values of the TTL, by what runs on the device. */
export const TTL_WINDOWS = 128;
export const TTL_LINUX = 64;
export const TTL_SIEMENS = 30;
export const TTL_NETWORK_GEAR = 255;

/** What a device says about itself; the cell adds line, cell, network and address. */
export type DeviceDescription = Omit<Device, 'network' | 'ip' | 'name' | 'mac' | 'line' | 'cell'> & {
  /** Joined to line and cell: `press-plc` becomes `l1-press-plc`. */
  readonly name: string;
  /** Prefix that the IEEE gave to its maker. */
  readonly oui: string;
  /** Last number of its address. */
  readonly host: number;
};

/** One cell: a network of its own behind the firewall. */
export interface Cell {
  readonly line: number;
  readonly number: number;
  readonly name: string;
  readonly lineName: string;
}

export function cellNetwork(cell: Cell): Network {
  const index = cell.line * 10 + cell.number;
  return {
    name: `l${cell.line}-${cell.name}`,
    vlan: 200 + index,
    prefix: `10.20.${index}`,
    level: 1,
    gateway: `l${cell.line}-${cell.name}-gateway`,
    hops: 1,
  };
}

export function cellDevices(cell: Cell, descriptions: readonly DeviceDescription[]): readonly Device[] {
  const network = cellNetwork(cell);
  return [
    ...descriptions.map(({ name, oui, host, ...rest }) => ({
      ...rest,
      name: `l${cell.line}-${cell.name}-${name}`,
      network: network.name,
      mac: `${oui}:${byteText(cell.line)}:${byteText(cell.number)}:${byteText(host)}`,
      ip: `${network.prefix}.${host}`,
      line: cell.lineName,
      cell: cell.name,
      ...serialOf(rest.serial, cell, host),
    })),
    firewallInterface(network),
  ];
}

/** The plant has one firewall; each of its interfaces has its own MAC and address. */
export function firewallInterface(network: Network): Device {
  return {
    name: network.gateway,
    role: 'firewall',
    vendor: 'Fortinet',
    product: 'FortiGate 100F',
    firmware: 'v7.2.8',
    serial: 'FG100FTK21034567',
    network: network.name,
    mac: `00:09:0f:0a:${byteText(network.vlan >> 8)}:${byteText(network.vlan & 0xff)}`,
    ip: `${network.prefix}.1`,
    ttl: TTL_NETWORK_GEAR,
    responseTime: 150,
  };
}

export function byteText(value: number): string {
  return value.toString(16).padStart(2, '0');
}

/** No two devices of one type share a serial number. */
function serialOf(serial: string | undefined, cell: Cell, host: number): { readonly serial?: string } {
  if (serial === undefined) {
    return {};
  }
  return { serial: `${serial}${cell.line}${cell.number}${String(host).padStart(3, '0')}` };
}
