import { TcpConversation } from '../frames/tcp-conversation.ts';
import { sendUdp } from '../frames/udp.ts';
import type { Activity } from '../plant/model.ts';
import * as cip from '../protocols/cip.ts';
import { hashText } from '../random.ts';
import type { Script } from '../schedule.ts';
import type { Host, World } from '../world.ts';
import { operatorWrites, Rhythm } from './rhythm.ts';

export const ENIP_PORT = 44_818;
const CIP_IO_PORT = 2222;
const MESSAGE_INTERVAL = 2_000_000;
const MESSAGE_SIZE = 500;
const RUN_HEADER = 4;
const CIP_SEQUENCE = 2;
const ROCKWELL = 1;

type CipTags = Extract<Activity, { kind: 'cip-tags' }>;
type CipIo = Extract<Activity, { kind: 'cip-io' }>;

/** A session of EtherNet/IP on a TCP connection. */
export interface EnipSession {
  readonly tcp: TcpConversation;
  readonly server: Host;
  header(): cip.EnipHeader;
}

export function* openEnip(world: World, client: Host, server: Host): Script<EnipSession> {
  const tcp = new TcpConversation(world, client, server, { server: ENIP_PORT });
  yield* tcp.open();
  const session = world.random(`enip ${tcp.clientPort} ${server.name}`).u32() & 0x7fff_ffff;
  yield* tcp.exchange(cip.registerSession({ session: 0, context: 0 }), cip.registerSession({ session, context: 0 }));
  yield 400;
  let context = 0;
  return {
    tcp,
    server,
    header() {
      context++;
      return { session, context };
    },
  };
}

/** One unconnected service, answered. */
export function* ask(session: EnipSession, request: Uint8Array, response: Uint8Array): Script {
  const header = session.header();
  yield* session.tcp.exchange(cip.unconnected(header, request), cip.unconnected(header, response));
  yield 400;
}

/** Opens a class 3 connection and returns how to send on it. */
function* openMessaging(world: World, client: Host, session: EnipSession): Script<Messaging> {
  const { server } = session;
  const open: cip.ForwardOpen = {
    ...connectionIds(world, client, server, 'messages'),
    interval: MESSAGE_INTERVAL,
    outputSize: MESSAGE_SIZE,
    inputSize: MESSAGE_SIZE,
    transport: cip.TRANSPORT_CLASS_3,
    path: cip.PATH_MESSAGE_ROUTER,
  };
  yield* ask(session, cip.forwardOpenRequest(open), cip.forwardOpenResponse(open));
  let sequence = 0;
  return {
    *exchange(request, response) {
      sequence = (sequence + 1) & 0xffff;
      const header = session.header();
      const answered = sequence;
      yield* session.tcp.exchange(cip.connected(header, { id: open.toTarget, sequence }, request), () =>
        cip.connected(header, { id: open.toOriginator, sequence: answered }, response()),
      );
    },
  };
}

export interface Messaging {
  exchange(request: Uint8Array, response: () => Uint8Array): Script;
}

export function* cipTags(world: World, poll: CipTags): Script {
  const client = world.host(poll.client);
  const server = world.host(poll.server);
  const random = world.random(`cip ${client.name} ${server.name}`);
  const session = yield* openEnip(world, client, server);
  const messages = yield* openMessaging(world, client, session);
  const rhythm = new Rhythm(world, random, poll.period);
  for (;;) {
    for (const tag of poll.tags) {
      yield* messages.exchange(cip.readTagRequest(tag), () => cip.readTagResponse(tagValue(world, server, tag)));
      yield 250;
    }
    if (poll.writes !== undefined && operatorWrites(world, random, poll.period)) {
      const value = random.between(40, 120);
      yield* messages.exchange(cip.writeTagRequest(poll.writes, value), () => cip.cipResponse(cip.WRITE_TAG));
      world.process.write(server.name, tagAddress(poll.writes), value);
    }
    yield* session.tcp.pause(rhythm.rest());
  }
}

function tagValue(world: World, server: Host, tag: string): number {
  return world.process.word(server.name, server.ip, tagAddress(tag), world.now);
}

function tagAddress(tag: string): number {
  return hashText(tag) & 0xffff;
}

/** The controller opens an I/O connection to its adapter; both then send at their own beat. */
export function* cipIo(world: World, io: CipIo): Script {
  const client = world.host(io.client);
  const server = world.host(io.server);
  const random = world.random(`io ${client.name} ${server.name}`);
  const session = yield* openEnip(world, client, server);
  const interval = Math.round((io.period * 1000) / world.density);
  const open: cip.ForwardOpen = {
    ...connectionIds(world, client, server, 'io'),
    interval,
    outputSize: io.outputs + RUN_HEADER + CIP_SEQUENCE,
    inputSize: io.inputs + CIP_SEQUENCE,
    transport: cip.TRANSPORT_CYCLIC,
    path: cip.PATH_IO_ASSEMBLIES,
  };
  yield* ask(session, cip.forwardOpenRequest(open), cip.forwardOpenResponse(open));
  world.start(produce(world, server, client, { id: open.toOriginator, interval, size: io.inputs, run: false }), 700);
  world.start(produce(world, client, server, { id: open.toTarget, interval, size: io.outputs, run: true }), 1900);
  // The session stays open beside the cyclic data; its acknowledgement is all that is left to say.
  yield* session.tcp.pause(random.between(200_000, 300_000));
}

function* produce(
  world: World,
  from: Host,
  to: Host,
  connection: { readonly id: number; readonly interval: number; readonly size: number; readonly run: boolean },
): Script {
  const random = world.random(`produce ${from.name} ${to.name} ${connection.run}`);
  const ports = { source: CIP_IO_PORT, destination: CIP_IO_PORT };
  const data = new Uint8Array(connection.size);
  let sequence = 0;
  let due = world.now;
  for (;;) {
    sequence++;
    if (random.chance(0.3) || sequence === 1) {
      fill(data, world, from, sequence);
    }
    const numbers = { id: connection.id, sequence: sequence >>> 0, cipSequence: sequence & 0xffff };
    sendUdp(world, from, to, { ...ports, payload: cip.ioData(numbers, data, connection.run) });
    due += connection.interval;
    yield Math.max(1, due - world.now + random.between(-120, 120));
  }
}

function fill(data: Uint8Array, world: World, from: Host, sequence: number): void {
  for (let at = 0; at < data.length; at++) {
    data[at] = at === 0 ? sequence : world.process.word(from.name, from.ip, at, world.now);
  }
}

function connectionIds(world: World, client: Host, server: Host, purpose: string) {
  const random = world.random(`connection ${client.name} ${server.name} ${purpose} ${client.nextPort}`);
  return {
    toTarget: random.u32(),
    toOriginator: random.u32(),
    serial: random.between(1, 0xffff),
    vendorId: client.device.cip?.vendorId ?? ROCKWELL,
    originatorSerial: client.device.cip?.serial ?? hashText(client.name),
  };
}
