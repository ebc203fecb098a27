import { TcpConversation } from '../frames/tcp-conversation.ts';
import type { Activity } from '../plant/model.ts';
import * as s7 from '../protocols/s7comm.ts';
import type { Script } from '../schedule.ts';
import type { Host, World } from '../world.ts';
import { operatorWrites, Rhythm } from './rhythm.ts';

export const S7_PORT = 102;
/** Operator panel; engineering stations use 1. */
const OWN_TSAP_OP = 0x0200;
const PDU_LENGTH_OLD = 240;
const PDU_LENGTH_NEW = 480;
const DATA_BLOCK = 0x84;

type S7Poll = Extract<Activity, { kind: 's7-poll' }>;

export function* s7Poll(world: World, poll: S7Poll): Script {
  const client = world.host(poll.client);
  const server = world.host(poll.server);
  const random = world.random(`s7 ${client.name} ${server.name}`);
  const connection = yield* connectS7(world, client, server, { own: OWN_TSAP_OP, remote: poll.remoteTsap });
  const { tcp } = connection;
  const rhythm = new Rhythm(world, random, poll.period);
  for (;;) {
    const reference = connection.next();
    yield* tcp.exchange(s7.readVarRequest(reference, poll.items), () =>
      s7.readVarResponse(
        reference,
        poll.items.map((item) => dataOf(world, server, item)),
      ),
    );
    if (poll.writes && operatorWrites(world, random, poll.period)) {
      yield 2000;
      const item = { area: DATA_BLOCK, db: poll.writes.db, start: poll.writes.start, length: 2 };
      yield* writeVar(world, connection, server, { item, value: random.between(100, 400) });
    }
    yield* tcp.pause(rhythm.rest());
  }
}

export interface S7Connection {
  readonly tcp: TcpConversation;
  next(): number;
}

/** TCP, COTP with the two TSAPs, and the agreement on the length of messages. */
export function* connectS7(
  world: World,
  client: Host,
  server: Host,
  tsap: { readonly own: number; readonly remote: number },
): Script<S7Connection> {
  const tcp = new TcpConversation(world, client, server, { server: S7_PORT });
  yield* tcp.open();
  yield* tcp.exchange(s7.cotpConnect(tsap.own, tsap.remote), s7.cotpConfirm(tsap.own, tsap.remote));
  yield 400;
  const offered = server.device.orderNumber?.startsWith('6ES7 3') ? PDU_LENGTH_OLD : PDU_LENGTH_NEW;
  let reference = world.random(`s7 reference ${tcp.clientPort}`).between(1, 0x4000);
  yield* tcp.exchange(s7.setupRequest(reference, PDU_LENGTH_NEW), s7.setupResponse(reference, offered));
  yield 500;
  return {
    tcp,
    next() {
      reference = reference >= 0xffff ? 1 : reference + 1;
      return reference;
    },
  };
}

export function* writeVar(
  world: World,
  connection: S7Connection,
  server: Host,
  write: { readonly item: s7.S7Item; readonly value: number },
): Script {
  const { item, value } = write;
  const reference = connection.next();
  yield* connection.tcp.exchange(
    s7.writeVarRequest(reference, item, Uint8Array.of(value >> 8, value)),
    s7.writeVarResponse(reference),
  );
  world.process.write(server.name, addressOf(item), value);
}

function dataOf(world: World, server: Host, item: s7.S7Item): Uint8Array {
  const bytes = new Uint8Array(item.length);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at + 1 < item.length; at += 2) {
    view.setUint16(at, world.process.word(server.name, server.ip, addressOf(item) + at, world.now));
  }
  return bytes;
}

function addressOf(item: s7.S7Item): number {
  return item.db * 0x1_0000 + item.start;
}
