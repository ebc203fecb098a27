import { hexText, ipv4Text, ipv6Text } from '../../format.ts';
import type { Reader } from '../../reader.ts';
import type { Fields } from './fields.ts';

/** Clause J.2 and U.2: type of the link layer, then function and length of the whole. */
const LINK_IPV4 = 0x81;
export const LINK_IPV6 = 0x82;
export const LINK_HEADER = 4;
const FORWARDED = 0x04;
const FORWARDED_IPV6 = 0x08;
const LAST_FUNCTION = 0x0c;
/** Clause 6.2: protocol version, then control bits. */
const VERSION = 1;
const NETWORK_MESSAGE = 0x80;
const UNUSED_BITS = 0x50;
const HAS_DESTINATION = 0x20;
const HAS_SOURCE = 0x08;
const EVERYONE = 0xffff;
const PROPRIETARY = 0x80;
/** Addresses of BACnet/IP are 6 bytes, of MS/TP 1, of Ethernet 6; seven is the most the standard knows. */
const LONGEST_ADDRESS = 7;

/** Cimetrics U+4 records MS/TP frames on Ethernet: three bytes of its own, then clause 9.3 without the preamble. */
const RECORD = 3;
const MSTP_HEADER = 6;
const MSTP_CHECK = 2;
const MSTP_DATA_EXPECTING_REPLY = 5;
const MSTP_DATA = 6;

export function isLink(first: number): boolean {
  return first === LINK_IPV4 || first === LINK_IPV6;
}

/** What stands before the NPDU in a function of the link layer; 0 for a function without one. */
export function npduOffset(ipv6: boolean, code: number): number {
  if (ipv6) {
    switch (code) {
      case 0x01:
        return LINK_HEADER + 3 + 3;
      case 0x02:
      case 0x0c:
        return LINK_HEADER + 3;
      case FORWARDED_IPV6:
        return LINK_HEADER + 3 + 18;
      default:
        return 0;
    }
  }
  switch (code) {
    case FORWARDED:
      return LINK_HEADER + 6;
    case 0x09:
    case 0x0a:
    case 0x0b:
      return LINK_HEADER;
    default:
      return 0;
  }
}

/** A header of the link layer whose length is that of the datagram, before an NPDU where the function holds one. */
export function linkFits(reader: Reader): boolean {
  const ipv6 = reader.peek() === LINK_IPV6;
  const code = reader.peek(1);
  const offset = npduOffset(ipv6, code);
  const known = isLink(reader.peek()) && code <= LAST_FUNCTION && reader.remaining >= LINK_HEADER;
  return known && (offset === 0 || reader.remaining <= offset || reader.peek(offset) === VERSION);
}

export function linkLength(reader: Reader): number {
  return (reader.peek(2) << 8) | reader.peek(3);
}

export function npduFits(reader: Reader): boolean {
  return reader.peek() === VERSION && (reader.peek(1) & UNUSED_BITS) === 0 && reader.remaining >= 3;
}

/** The length of a recorded MS/TP frame agrees with the frame's. */
export function mstpFits(reader: Reader): boolean {
  const length = (reader.peek(RECORD + 3) << 8) | reader.peek(RECORD + 4);
  const whole = RECORD + MSTP_HEADER + (length === 0 ? 0 : length + MSTP_CHECK);
  return reader.remaining === whole;
}

/** Steps over the header of a recorded MS/TP frame; false where it holds no NPDU (tokens, polls). */
export function enterMstp(reader: Reader): boolean {
  reader.skip(RECORD);
  const type = reader.u8();
  reader.skip(2); // destination and source, which the Ethernet addresses repeat
  const length = reader.u16be();
  reader.skip(1); // check of the header
  reader.limit(length);
  return type === MSTP_DATA || type === MSTP_DATA_EXPECTING_REPLY;
}

/** Who sent a forwarded message: its IP address stands behind the header. */
export function readOriginator(reader: Reader, ipv6: boolean, code: number, fields: Fields): void {
  if (ipv6 ? code !== FORWARDED_IPV6 : code !== FORWARDED) {
    return;
  }
  if (ipv6) {
    reader.skip(3);
    const address = reader.take(16);
    fields.originator = address.length === 16 ? ipv6Text(address) : '';
  } else {
    fields.originator = ipv4Text(reader.u32be());
  }
}

/** What routes a message, as numbers: 0 where the party is on this network. */
export class Route {
  source = 0;
  destination = 0;
  networkMessage = false;
}

/** Clause 6.2: up to the type of the network message or the APDU. False where it is no NPDU. */
export function readNpdu(reader: Reader, fields: Fields, route: Route): boolean {
  const version = reader.u8();
  const control = reader.u8();
  route.source = 0;
  route.destination = 0;
  route.networkMessage = (control & NETWORK_MESSAGE) !== 0;
  if ((version !== VERSION || control & UNUSED_BITS) && !reader.truncated) {
    return false;
  }
  if (control & HAS_DESTINATION) {
    const network = reader.u16be();
    const length = reader.u8();
    if (length > LONGEST_ADDRESS) {
      return false;
    }
    const address = reader.take(length);
    if (network !== EVERYONE) {
      fields.destination = addressText(network, address);
      route.destination = fold(network, address);
    }
  }
  if (control & HAS_SOURCE) {
    const network = reader.u16be();
    const length = reader.u8();
    if (length > LONGEST_ADDRESS) {
      return false;
    }
    const address = reader.take(length);
    fields.source = addressText(network, address);
    route.source = fold(network, address);
  }
  if (control & HAS_DESTINATION) {
    reader.skip(1); // hop count
  }
  return true;
}

export function readNetworkMessage(reader: Reader, fields: Fields): number {
  const type = reader.u8();
  if (type >= PROPRIETARY) {
    reader.skip(2); // vendor
  }
  fields.networkMessage = type;
  return type;
}

/** `26001:72`; a broadcast on that network has no address. */
function addressText(network: number, address: Uint8Array): string {
  return address.length === 0 ? `${network}` : `${network}:${hexText(address)}`;
}

/** FNV-1a over the network and the address: tells questions and devices behind routers apart. */
function fold(network: number, address: Uint8Array): number {
  let hash = 0x811c_9dc5 ^ network;
  for (const byte of address) {
    hash = Math.imul(hash, 0x0100_0193) ^ byte;
  }
  return hash >>> 0;
}
