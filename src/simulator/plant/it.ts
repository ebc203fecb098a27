import { byteText, firewallInterface, TTL_LINUX, TTL_NETWORK_GEAR, TTL_WINDOWS } from './making.ts';
import type { Device, Network } from './model.ts';

const OFFICE: Network = { name: 'office', vlan: 100, prefix: '10.100.0', level: 4, gateway: 'office-gateway', hops: 1 };
/** Where the remote-access VPN puts its callers. */
const VPN: Network = { name: 'vpn', vlan: 99, prefix: '10.99.0', level: 4.5, gateway: 'office-gateway', hops: 1 };
const INTERNET: Network = {
  name: 'internet',
  vlan: 0,
  prefix: '203.0.113',
  level: 5,
  gateway: 'office-gateway',
  hops: 11,
};

export const itNetworks: readonly Network[] = [OFFICE, VPN, INTERNET];

function office(host: number, rest: Omit<Device, 'network' | 'ip' | 'mac'> & { readonly oui: string }): Device {
  const { oui, ...device } = rest;
  return { ...device, network: 'office', ip: `10.100.0.${host}`, mac: `${oui}:a1:00:${byteText(host)}` };
}

/** Seen only behind the firewall: their MAC never reaches the tap. */
function elsewhere(network: Network, host: number, rest: Omit<Device, 'network' | 'ip' | 'mac'>): Device {
  return { ...rest, network: network.name, ip: `${network.prefix}.${host}`, mac: '02:00:00:00:00:01' };
}

const SERVER = { role: 'server', vendor: 'HPE', ttl: TTL_WINDOWS, responseTime: 400, oui: '54:80:28' } as const;
const PC = { role: 'workstation', vendor: 'Lenovo', ttl: TTL_WINDOWS, responseTime: 600, oui: '10:c5:95' } as const;

export const itDevices: readonly Device[] = [
  firewallInterface(OFFICE),
  office(2, {
    name: 'office-switch',
    role: 'switch',
    vendor: 'HPE',
    product: 'Aruba 2930F',
    orderNumber: 'JL255A',
    firmware: 'WC.16.11.0012',
    serial: 'CN90HKX0AB',
    ttl: TTL_NETWORK_GEAR,
    responseTime: 900,
    oui: '48:00:20',
  }),
  office(10, { ...SERVER, name: 'domain-controller', product: 'ProLiant DL360', os: 'Windows Server 2022' }),
  office(11, { ...SERVER, name: 'erp', product: 'ProLiant DL380', os: 'Windows Server 2019' }),
  office(12, { ...SERVER, name: 'file-server', product: 'ProLiant DL380', os: 'Windows Server 2019' }),
  office(13, { ...SERVER, name: 'mes', product: 'ProLiant DL360', os: 'Debian GNU/Linux 12', ttl: TTL_LINUX }),
  ...['planning', 'quality', 'maintenance-office', 'purchasing'].map((name, index) =>
    office(50 + index, { ...PC, name: `pc-${name}`, product: 'ThinkCentre M70q', os: 'Windows 11' }),
  ),
  office(80, {
    name: 'printer',
    role: 'printer',
    vendor: 'HP',
    product: 'LaserJet M608',
    firmware: '2411097_058421',
    serial: 'CNBKN2D0QX',
    ttl: TTL_LINUX,
    responseTime: 2400,
    oui: '50:81:40',
  }),
  elsewhere(VPN, 21, {
    name: 'vendor-laptop',
    role: 'workstation',
    vendor: 'Lenovo',
    product: 'ThinkPad',
    os: 'Windows 11',
    ttl: TTL_WINDOWS,
    responseTime: 28_000,
  }),
  elsewhere(INTERNET, 40, {
    name: 'cloud',
    role: 'server',
    vendor: 'unknown',
    product: 'unknown',
    ttl: TTL_LINUX,
    responseTime: 19_000,
  }),
];
