import { concat } from '../frames/bytes.ts';
import { TcpConversation } from '../frames/tcp-conversation.ts';
import type { Activity } from '../plant/model.ts';
import * as slmp from '../protocols/slmp.ts';
import type { Script } from '../schedule.ts';
import type { World } from '../world.ts';
import { operatorWrites, Rhythm } from './rhythm.ts';

export const SLMP_PORT = 5007;

type SlmpPoll = Extract<Activity, { kind: 'slmp-poll' }>;

export function* slmpPoll(world: World, poll: SlmpPoll): Script {
  const client = world.host(poll.client);
  const server = world.host(poll.server);
  const random = world.random(`slmp ${client.name} ${server.name}`);
  const tcp = new TcpConversation(world, client, server, { server: SLMP_PORT });
  yield* tcp.open();
  const rhythm = new Rhythm(world, random, poll.period);
  for (;;) {
    yield* tcp.exchange(slmp.slmpRequest(slmp.BATCH_READ, slmp.registers(poll.start, poll.count)), () =>
      slmp.slmpResponse(
        slmp.words(
          Array.from({ length: poll.count }, (_, index) =>
            world.process.word(server.name, server.ip, poll.start + index, world.now),
          ),
        ),
      ),
    );
    if (poll.writes && operatorWrites(world, random, poll.period)) {
      const value = random.between(100, 400);
      yield 800;
      const write = concat(slmp.registers(poll.start + 2, 1), slmp.words([value]));
      yield* tcp.exchange(slmp.slmpRequest(slmp.BATCH_WRITE, write), slmp.slmpResponse(new Uint8Array(0)));
      world.process.write(server.name, poll.start + 2, value);
    }
    yield* tcp.pause(rhythm.rest());
  }
}
