import { macBytes } from '../frames/addresses.ts';
import { ByteWriter } from '../frames/bytes.ts';

/** What switches and stations say of themselves: LLDP (IEEE 802.1AB) and rapid spanning tree (IEEE 802.1D). */
export const LLDP_MULTICAST = macBytes('01:80:c2:00:00:0e');
export const STP_MULTICAST = macBytes('01:80:c2:00:00:00');

const CHASSIS_ID = 1;
const PORT_ID = 2;
const TIME_TO_LIVE = 3;
const PORT_DESCRIPTION = 4;
const SYSTEM_NAME = 5;
const SYSTEM_DESCRIPTION = 6;
const CAPABILITIES = 7;
const MANAGEMENT_ADDRESS = 8;
const SUBTYPE_MAC = 4;
const SUBTYPE_INTERFACE_NAME = 5;
const SUBTYPE_LOCAL = 7;
const HOLD = 20;

export const CAPABILITY_BRIDGE = 0x0004;
export const CAPABILITY_STATION = 0x0080;

export interface LldpStation {
  readonly mac: Uint8Array;
  readonly port: string;
  readonly name: string;
  readonly description: string;
  readonly capabilities: number;
  readonly ip: number;
}

export function lldpMessage(station: LldpStation): Uint8Array {
  const portSubtype = station.port.startsWith('port-') ? SUBTYPE_LOCAL : SUBTYPE_INTERFACE_NAME;
  return new ByteWriter(160)
    .raw(tlv(CHASSIS_ID, new ByteWriter(7).u8(SUBTYPE_MAC).raw(station.mac).finish()))
    .raw(tlv(PORT_ID, new ByteWriter(16).u8(portSubtype).ascii(station.port).finish()))
    .raw(tlv(TIME_TO_LIVE, Uint8Array.of(0, HOLD)))
    .raw(tlv(PORT_DESCRIPTION, new ByteWriter(24).ascii(station.port).finish()))
    .raw(tlv(SYSTEM_NAME, new ByteWriter(32).ascii(station.name).finish()))
    .raw(tlv(SYSTEM_DESCRIPTION, new ByteWriter(96).ascii(station.description).finish()))
    .raw(tlv(CAPABILITIES, new ByteWriter(4).u16be(station.capabilities).u16be(station.capabilities).finish()))
    .raw(tlv(MANAGEMENT_ADDRESS, managementAddress(station.ip)))
    .u16be(0)
    .finish();
}

function tlv(type: number, content: Uint8Array): Uint8Array {
  return new ByteWriter(2 + content.length)
    .u16be((type << 9) | content.length)
    .raw(content)
    .finish();
}

function managementAddress(ip: number): Uint8Array {
  return new ByteWriter(12).u8(5).u8(1).u32be(ip).u8(2).u32be(1).u8(0).finish();
}

const LLC_STP = [0x42, 0x42, 0x03] as const;
const PORT_FORWARDING = 0x3c; // designated, learning, forwarding
const TOPOLOGY_CHANGE = 0x01;

export interface Bridge {
  readonly rootPriority: number;
  readonly rootMac: Uint8Array;
  readonly cost: number;
  readonly priority: number;
  readonly mac: Uint8Array;
  readonly port: number;
  readonly topologyChange: boolean;
}

/** IEEE 802.2 LLC and a rapid BPDU; the frame's length field is the caller's. */
export function rapidBpdu(bridge: Bridge): Uint8Array {
  return new ByteWriter(39)
    .raw(LLC_STP)
    .u16be(0)
    .u8(2)
    .u8(2)
    .u8(PORT_FORWARDING | (bridge.topologyChange ? TOPOLOGY_CHANGE : 0))
    .u16be(bridge.rootPriority)
    .raw(bridge.rootMac)
    .u32be(bridge.cost)
    .u16be(bridge.priority)
    .raw(bridge.mac)
    .u16be(0x8000 | bridge.port)
    .u16be(bridge.cost === 0 ? 0 : 0x0100)
    .u16be(20 << 8)
    .u16be(2 << 8)
    .u16be(15 << 8)
    .u8(0)
    .finish();
}
