import { announceNeighbours } from '../frames/arp.ts';
import { answerDelay } from '../frames/tcp-conversation.ts';
import { sendUdp } from '../frames/udp.ts';
import type { Activity } from '../plant/model.ts';
import * as fins from '../protocols/fins.ts';
import type { Script } from '../schedule.ts';
import type { Host, World } from '../world.ts';
import { operatorWrites, Rhythm } from './rhythm.ts';

export const FINS_PORT = 9600;

type FinsPoll = Extract<Activity, { kind: 'fins-poll' }>;

export function* finsPoll(world: World, poll: FinsPoll): Script {
  const client = world.host(poll.client);
  const server = world.host(poll.server);
  const random = world.random(`fins ${client.name} ${server.name}`);
  const partner = yield* finsPartner(world, client, server);
  const rhythm = new Rhythm(world, random, poll.period);
  for (;;) {
    yield* partner(fins.MEMORY_READ, fins.memoryArea(poll.start, poll.count), () =>
      fins.words(
        Array.from({ length: poll.count }, (_, index) =>
          world.process.word(server.name, server.ip, poll.start + index, world.now),
        ),
      ),
    );
    if (poll.writes && operatorWrites(world, random, poll.period)) {
      yield* writeWord(world, partner, server, { address: poll.start + 2, value: random.between(100, 400) });
    }
    yield rhythm.rest();
  }
}

/** Asks one command and waits for its answer. */
export type FinsPartner = (code: number, text: Uint8Array, answer: () => Uint8Array) => Script;

export function* finsPartner(world: World, client: Host, server: Host): Script<FinsPartner> {
  yield* announceNeighbours(world, client, server);
  let serviceId = 0;
  const node = { client: client.ip & 0xff, server: server.ip & 0xff };
  return function* ask(code, text, answer) {
    serviceId = (serviceId + 1) & 0xff;
    const asked = { ...node, serviceId };
    const ports = { source: FINS_PORT, destination: FINS_PORT };
    sendUdp(world, client, server, { ...ports, payload: fins.finsRequest(asked, code, text) });
    yield answerDelay(world, server);
    sendUdp(world, server, client, { ...ports, payload: fins.finsResponse(asked, code, answer()) });
  };
}

function* writeWord(
  world: World,
  partner: FinsPartner,
  server: Host,
  write: { readonly address: number; readonly value: number },
): Script {
  const area = fins.memoryArea(write.address, 1);
  const text = Uint8Array.of(...area, write.value >> 8, write.value & 0xff);
  yield* partner(fins.MEMORY_WRITE, text, () => new Uint8Array(0));
  world.process.write(server.name, write.address, write.value);
}
