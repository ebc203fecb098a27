import type { Script } from '../schedule.ts';
import type { Host, World } from '../world.ts';
import { BROADCAST_MAC, ZERO_MAC } from './addresses.ts';
import { ByteWriter } from './bytes.ts';
import { ETHERTYPE_ARP, ETHERTYPE_IPV4 } from './ethernet.ts';

const REQUEST = 1;
const REPLY = 2;
/** Long enough for question and answer. */
const LOOK_UP = 600;

interface ArpMessage {
  readonly operation: number;
  readonly senderMac: Uint8Array;
  readonly senderIp: number;
  readonly targetMac: Uint8Array;
  readonly targetIp: number;
}

/** RFC 826 for Ethernet and IPv4. */
function arpMessage(message: ArpMessage): Uint8Array {
  return new ByteWriter(28)
    .u16be(1)
    .u16be(ETHERTYPE_IPV4)
    .u8(6)
    .u8(4)
    .u16be(message.operation)
    .raw(message.senderMac)
    .u32be(message.senderIp)
    .raw(message.targetMac)
    .u32be(message.targetIp)
    .finish();
}

/** `from` asks the network who has `address`; nobody need answer. */
export function askForAddress(world: World, from: Host, address: number): void {
  world.sendEthernet({
    from,
    destination: BROADCAST_MAC,
    type: ETHERTYPE_ARP,
    payload: arpMessage({
      operation: REQUEST,
      senderMac: from.mac,
      senderIp: from.ip,
      targetMac: ZERO_MAC,
      targetIp: address,
    }),
  });
}

/** Tells `to` that `claimed` belongs to `from`'s MAC address, whoever's it is. */
export function tellAddress(world: World, from: Host, to: Host, claimed: number): void {
  world.sendEthernet({
    from,
    destination: to.mac,
    type: ETHERTYPE_ARP,
    payload: arpMessage({
      operation: REPLY,
      senderMac: from.mac,
      senderIp: claimed,
      targetMac: to.mac,
      targetIp: to.ip,
    }),
  });
}

/** Tells everybody its own address: gratuitous ARP (RFC 5227, section 3). */
export function announceAddress(world: World, from: Host, address: number): void {
  world.sendEthernet({
    from,
    destination: BROADCAST_MAC,
    type: ETHERTYPE_ARP,
    payload: arpMessage({
      operation: REQUEST,
      senderMac: from.mac,
      senderIp: address,
      targetMac: ZERO_MAC,
      targetIp: address,
    }),
  });
}

/** One question and its answer. */
function* resolve(world: World, from: Host, to: Host): Script {
  askForAddress(world, from, to.ip);
  yield 180 + world.jitter.between(0, 250);
  tellAddress(world, to, from, to.ip);
  yield 60;
}

/** Before two hosts talk for the first time each looks up its next hop, and will look it up again from time to time. */
export function* announceNeighbours(world: World, client: Host, server: Host): Script {
  const routed = client.network !== server.network;
  const pairs: readonly (readonly [Host, Host])[] = routed
    ? [
        [client, world.gateway(client.network)],
        [world.gateway(server.network), server],
      ]
    : [[client, server]];
  for (const [from, to] of pairs) {
    if (from === to || !isOnTap(from) || !isOnTap(to) || world.knowsNeighbour(from, to)) {
      continue;
    }
    // Looking up addresses is never part of an attack's account.
    world.schedule.startUnlabelled(resolve(world, from, to));
    yield LOOK_UP;
    world.schedule.startUnlabelled(renew(world, from, to), world.now + world.jitter.between(90, 240) * 1_000_000);
  }
}

function* renew(world: World, from: Host, to: Host): Script {
  for (;;) {
    yield* resolve(world, from, to);
    yield world.jitter.between(120, 280) * 1_000_000;
  }
}

/** The tap hears the plant and the office, not what lies behind them. */
function isOnTap(host: Host): boolean {
  return host.network.level <= 4;
}
