import type { Script } from '../schedule.ts';
import { type Host, PROTOCOL_TCP, type Route, type World } from '../world.ts';
import { announceNeighbours } from './arp.ts';
import { foldChecksum, sumWords } from './checksum.ts';

const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;
const PSH = 0x08;
const ACK = 0x10;

const TCP_HEADER = 20;
const MSS = 1460;
/** Kind 2, length 4, the value. */
const MSS_OPTION = Uint8Array.of(2, 4, MSS >> 8, MSS & 0xff);
const WINDOW = 0xfaf0;
const SEGMENTS_PER_ACK = 2;
/** From the last segment in to a lone acknowledgement: hosts wait for data that could carry it. */
const DELAYED_ACK = 120_000;
const WORTH_AN_ACK = 200_000;

interface Side {
  readonly host: Host;
  readonly port: number;
  readonly route: Route;
  /** Pseudo header and ports, for the checksum. */
  readonly checksumBase: number;
  /** Next sequence number that it sends. */
  next: number;
  /** What it has acknowledged of the other side. */
  acknowledged: number;
}

/**
 * One TCP connection with both its sides: sequence and acknowledgement numbers always fit each other. Whoever sends
 * does so at once, at the world's time; scripts decide how long they wait in between.
 */
export class TcpConversation {
  private readonly world: World;
  private readonly client: Side;
  private readonly server: Side;

  constructor(world: World, client: Host, server: Host, ports: { readonly server: number; readonly client?: number }) {
    const random = world.random(`tcp ${client.name} ${client.nextPort} ${server.name} ${ports.server}`);
    const clientPort = ports.client ?? world.ephemeralPort(client);
    this.world = world;
    this.client = sideOf(world, { host: client, other: server, port: clientPort, otherPort: ports.server });
    this.server = sideOf(world, { host: server, other: client, port: ports.server, otherPort: clientPort });
    this.client.next = random.u32();
    this.server.next = random.u32();
    this.server.acknowledged = this.client.next;
    this.client.acknowledged = this.server.next;
  }

  get clientPort(): number {
    return this.client.port;
  }

  /** The three-way handshake. */
  *open(): Script {
    yield* announceNeighbours(this.world, this.client.host, this.server.host);
    this.segment(this.client, SYN, MSS_OPTION, true);
    this.client.next = next(this.client.next, 1);
    yield this.roundTrip();
    this.server.acknowledged = this.client.next;
    this.segment(this.server, SYN | ACK, MSS_OPTION, true);
    this.server.next = next(this.server.next, 1);
    yield 60;
    this.acknowledge(this.client);
    yield 150;
  }

  /** Asks whether a port is open, and wants nothing from it: an open one answers, a closed one resets. */
  *knock(open: boolean): Script {
    this.segment(this.client, SYN, MSS_OPTION, true);
    this.client.next = next(this.client.next, 1);
    yield this.roundTrip();
    this.server.acknowledged = this.client.next;
    if (!open) {
      this.server.next = 0;
      this.segment(this.server, RST | ACK, NOTHING, false);
      return;
    }
    this.segment(this.server, SYN | ACK, MSS_OPTION, true);
    this.server.next = next(this.server.next, 1);
    yield 90;
    this.segment(this.client, RST, NOTHING, false);
  }

  toServer(payload: Uint8Array): void {
    this.send(this.client, payload);
  }

  toClient(payload: Uint8Array): void {
    this.send(this.server, payload);
  }

  /** Question and answer, the answer as late as this server usually gives it. */
  *exchange(request: Uint8Array, response: Uint8Array | (() => Uint8Array), delay?: number): Script {
    this.send(this.client, request);
    yield delay ?? this.roundTrip();
    this.send(this.server, typeof response === 'function' ? response() : response);
  }

  /** Waits; a side that owes an acknowledgement and has no data to carry it gives it alone. */
  *pause(duration: number): Script {
    if (duration < WORTH_AN_ACK) {
      yield duration;
      return;
    }
    yield DELAYED_ACK;
    this.settle();
    yield duration - DELAYED_ACK;
  }

  /** Acknowledges whatever is still open, on both sides. */
  settle(): void {
    if (this.client.acknowledged !== this.server.next) {
      this.acknowledge(this.client);
    }
    if (this.server.acknowledged !== this.client.next) {
      this.acknowledge(this.server);
    }
  }

  *close(): Script {
    this.settle();
    this.segment(this.client, FIN | ACK, NOTHING, false);
    this.client.next = next(this.client.next, 1);
    yield this.roundTrip();
    this.segment(this.server, FIN | ACK, NOTHING, false);
    this.server.next = next(this.server.next, 1);
    yield 80;
    this.acknowledge(this.client);
  }

  /** The client gives up without a word. */
  reset(): void {
    this.segment(this.client, RST | ACK, NOTHING, false);
  }

  private roundTrip(): number {
    return 40 + answerDelay(this.world, this.server.host);
  }

  private send(side: Side, payload: Uint8Array): void {
    if (payload.length <= MSS) {
      this.segment(side, PSH | ACK, payload, false);
      side.next = next(side.next, payload.length);
      return;
    }
    let sent = 0;
    for (let at = 0; at < payload.length; at += MSS) {
      const part = payload.subarray(at, at + MSS);
      const last = at + MSS >= payload.length;
      this.segment(side, last ? PSH | ACK : ACK, part, false);
      side.next = next(side.next, part.length);
      sent++;
      if (sent % SEGMENTS_PER_ACK === 0 && !last) {
        this.acknowledge(side === this.client ? this.server : this.client);
      }
    }
  }

  private acknowledge(side: Side): void {
    this.segment(side, ACK, NOTHING, false);
  }

  private segment(side: Side, flags: number, payload: Uint8Array, optionsOnly: boolean): void {
    const other = side === this.client ? this.server : this.client;
    if (flags & ACK) {
      side.acknowledged = other.next;
    }
    const { world } = this;
    const length = TCP_HEADER + payload.length;
    const at = world.beginIpv4(side.route, PROTOCOL_TCP, length);
    const { slab, view } = world.recorder;
    view.setUint16(at, side.port);
    view.setUint16(at + 2, other.port);
    view.setUint32(at + 4, side.next);
    view.setUint32(at + 8, flags & ACK ? side.acknowledged : 0);
    view.setUint8(at + 12, (optionsOnly ? length : TCP_HEADER) << 2);
    view.setUint8(at + 13, flags);
    view.setUint16(at + 14, flags & RST ? 0 : WINDOW);
    view.setUint32(at + 16, 0);
    slab.set(payload, at + TCP_HEADER);
    const end = at + length;
    view.setUint16(at + 16, foldChecksum(side.checksumBase + length + sumWords(view, at, end)));
    world.commit(end);
  }
}

const NOTHING = new Uint8Array(0);

/** How long a host takes this time. */
export function answerDelay(world: World, host: Host): number {
  return world.jitter.skewed(host.responseTime);
}

function sideOf(
  world: World,
  part: { readonly host: Host; readonly other: Host; readonly port: number; readonly otherPort: number },
): Side {
  const route = world.route(part.host, part.other);
  return {
    host: part.host,
    port: part.port,
    route,
    checksumBase: route.addressSum + PROTOCOL_TCP,
    next: 0,
    acknowledged: 0,
  };
}

function next(sequence: number, count: number): number {
  return (sequence + count) >>> 0;
}
