import { type Host, PROTOCOL_ICMP, PROTOCOL_UDP, type World } from '../world.ts';
import { BROADCAST_MAC } from './addresses.ts';
import { foldChecksum, sumWords } from './checksum.ts';
import { ETHERTYPE_IPV4 } from './ethernet.ts';

const UDP_HEADER = 8;
const IPV4_HEADER = 20;

export interface Ports {
  readonly source: number;
  readonly destination: number;
}

export function sendUdp(world: World, from: Host, to: Host, message: Ports & { readonly payload: Uint8Array }): void {
  const route = world.route(from, to);
  const length = UDP_HEADER + message.payload.length;
  const at = world.beginIpv4(route, PROTOCOL_UDP, length);
  const { slab, view } = world.recorder;
  writeUdp(view, at, message, length);
  slab.set(message.payload, at + UDP_HEADER);
  const sum = route.addressSum + PROTOCOL_UDP + length + sumWords(view, at, at + length);
  view.setUint16(at + 6, foldChecksum(sum) || 0xffff);
  world.commit(at + length);
}

/** To all of a network, or to a group; never routed. */
export function sendUdpToMany(
  world: World,
  from: Host,
  message: Ports & {
    readonly payload: Uint8Array;
    readonly address: number;
    readonly mac?: Uint8Array;
    /** What a host that has no address yet puts there. */
    readonly sourceAddress?: number;
  },
): void {
  const length = UDP_HEADER + message.payload.length;
  const packet = new Uint8Array(IPV4_HEADER + length);
  const view = new DataView(packet.buffer);
  view.setUint8(0, 0x45);
  view.setUint16(2, packet.length);
  view.setUint16(4, from.ipId);
  from.ipId = (from.ipId + 1) & 0xffff;
  view.setUint8(8, from.ttl);
  view.setUint8(9, PROTOCOL_UDP);
  view.setUint32(12, message.sourceAddress ?? from.ip);
  view.setUint32(16, message.address);
  view.setUint16(10, foldChecksum(sumWords(view, 0, IPV4_HEADER)));
  writeUdp(view, IPV4_HEADER, message, length);
  packet.set(message.payload, IPV4_HEADER + UDP_HEADER);
  const sum = sumWords(view, 12, packet.length) + PROTOCOL_UDP + length;
  view.setUint16(IPV4_HEADER + 6, foldChecksum(sum) || 0xffff);
  world.sendEthernet({
    from,
    destination: message.mac ?? BROADCAST_MAC,
    type: ETHERTYPE_IPV4,
    payload: packet,
  });
}

const ECHO_REQUEST = 8;
const ECHO_REPLY = 0;

/** RFC 792: `ping`, question or answer. */
export function sendEcho(
  world: World,
  from: Host,
  to: Host,
  echo: { readonly reply: boolean; readonly id: number; readonly sequence: number; readonly data: Uint8Array },
): void {
  const length = 8 + echo.data.length;
  const at = world.beginIpv4(world.route(from, to), PROTOCOL_ICMP, length);
  const { slab, view } = world.recorder;
  view.setUint16(at, (echo.reply ? ECHO_REPLY : ECHO_REQUEST) << 8);
  view.setUint16(at + 2, 0);
  view.setUint16(at + 4, echo.id);
  view.setUint16(at + 6, echo.sequence);
  slab.set(echo.data, at + 8);
  view.setUint16(at + 2, foldChecksum(sumWords(view, at, at + length)));
  world.commit(at + length);
}

function writeUdp(view: DataView, at: number, ports: Ports, length: number): void {
  view.setUint16(at, ports.source);
  view.setUint16(at + 2, ports.destination);
  view.setUint16(at + 4, length);
  view.setUint16(at + 6, 0);
}
