/** What an address says by itself. Texts are those of wire/format.ts. */

/** Not yet an address: a host that asks for one. */
export function isUnspecified(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

export function isLinkLocal(address: string): boolean {
  return address.startsWith('169.254.') || /^fe[89ab][0-9a-f]:/.test(address);
}

export function isIpv4(address: string): boolean {
  return !address.includes(':') && address.includes('.');
}

export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

/** Multicast and broadcast: nobody sends from there. */
export function isGroup(address: string): boolean {
  if (!isIpv4(address)) {
    return address.startsWith('ff');
  }
  return address === '255.255.255.255' || first(address) >= 224;
}

/** Of the Internet: not private (RFC 1918, 6598, 4193), loopback or link-local. Addresses of examples count as public. */
export function isPublic(address: string): boolean {
  if (isMac(address) || isUnspecified(address) || isLinkLocal(address) || isLoopback(address) || isGroup(address)) {
    return false;
  }
  if (!isIpv4(address)) {
    return /^[23]/.test(address);
  }
  return !NOT_PUBLIC.some((pattern) => pattern.test(address));
}

const NOT_PUBLIC: readonly RegExp[] = [
  /^0\./,
  /^10\./,
  /^172\.(1[6-9]|2\d|3[01])\./,
  /^192\.168\./,
  /^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./,
  /^192\.0\.0\./,
  /^198\.1[89]\./,
];

/** A station of a bus without IP, such as `mstp 27`: which bus, and the number there; `can ?` has none. */
export function stationOf(address: string): { readonly bus: string; readonly number: number | undefined } | undefined {
  const [, bus, number] = /^([a-z]+) (\d+|\?)$/.exec(address) ?? [];
  return bus === undefined ? undefined : { bus, number: number === '?' ? undefined : Number(number) };
}

/** A bus whose frames do not name their sender: whoever it is, it is not one device. */
export function isUnnamed(address: string): boolean {
  return address.endsWith(' ?');
}

/** The usual smallest subnet: 24 bits of an IPv4 address, 64 bits of an IPv6 address; of a station its bus. */
export function subnetOf(address: string): string {
  const station = stationOf(address);
  if (station !== undefined) {
    return `the ${station.bus} bus`;
  }
  if (isLoopback(address)) {
    return 'loopback';
  }
  if (!isIpv4(address) && isLinkLocal(address)) {
    return 'fe80::/64';
  }
  if (isIpv4(address)) {
    return `${address.slice(0, address.lastIndexOf('.'))}.0/24`;
  }
  const [head = '', tail] = address.split('::');
  const groups = head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  const full = [...groups, ...new Array<string>(Math.max(0, missing)).fill('0'), ...(tail ?? '').split(':')];
  return `${full.slice(0, 4).join(':')}::/64`;
}

function first(address: string): number {
  return Number(address.slice(0, address.indexOf('.')));
}

/** Bit 0x02 of the first octet: the address was not given by a maker. */
export function isLocallyAdministered(mac: string): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & LOCAL_BIT) !== 0;
}

export function withoutLocalBit(mac: string): string {
  return (Number.parseInt(mac.slice(0, 2), 16) & ~LOCAL_BIT).toString(16).padStart(2, '0') + mac.slice(2);
}

const LOCAL_BIT = 0x02;

/** MAC addresses that routers share (VRRP, RFC 9568; HSRP 1 and 2; GLBP): they move from device to device. */
export function isVirtualRouterMac(mac: string): boolean {
  return VIRTUAL_ROUTERS.some((prefix) => mac.startsWith(prefix));
}

const VIRTUAL_ROUTERS: readonly string[] = [
  '00:00:5e:00:01:',
  '00:00:5e:00:02:',
  '00:00:0c:07:ac:',
  '00:00:0c:9f:f',
  '00:05:73:a0:0',
  '00:07:b4:00:',
];

export function isMac(text: string): boolean {
  return /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(text);
}

/** Makers number the ports of one device in a row. */
export function areAdjacentMacs(one: string, other: string): boolean {
  const apart = Math.abs(macNumber(one) - macNumber(other));
  return apart > 0 && apart < ADJACENT;
}

const ADJACENT = 64;

function macNumber(mac: string): number {
  return Number.parseInt(mac.replaceAll(':', ''), 16);
}

/** An IPv4 address as a number; undefined for every other text. */
export function ipv4Number(text: string): number | undefined {
  let value = 0;
  let parts = 0;
  for (let at = 0; at <= text.length; at++) {
    const dot = text.indexOf('.', at);
    const end = dot < 0 ? text.length : dot;
    const part = octet(text, at, end);
    if (part === undefined || parts === OCTETS) {
      return undefined;
    }
    value = value * 256 + part;
    parts++;
    at = end;
  }
  return parts === OCTETS ? value : undefined;
}

const OCTETS = 4;
const ZERO = 48;
const NINE = 57;

/** As the engine writes it: no sign, no leading zero. */
function octet(text: string, start: number, end: number): number | undefined {
  let value = 0;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code < ZERO || code > NINE || (value === 0 && at > start)) {
      return undefined;
    }
    value = value * 10 + code - ZERO;
  }
  return end > start && value < 256 ? value : undefined;
}
