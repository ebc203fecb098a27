import { TcpConversation } from '../frames/tcp-conversation.ts';
import type { Activity } from '../plant/model.ts';
import * as ads from '../protocols/ads.ts';
import type { Script } from '../schedule.ts';
import type { Host, World } from '../world.ts';
import { operatorWrites, Rhythm } from './rhythm.ts';

export const ADS_PORT = 48_898;
const FIRST_AMS_PORT = 32_768;

type AdsPoll = Extract<Activity, { kind: 'ads-poll' }>;

export interface AdsConnection {
  readonly tcp: TcpConversation;
  call(command: number, question: Uint8Array, answer: () => Uint8Array): Script;
}

export function* adsPoll(world: World, poll: AdsPoll): Script {
  const client = world.host(poll.client);
  const server = world.host(poll.server);
  const random = world.random(`ads ${client.name} ${server.name}`);
  const connection = yield* connectAds(world, client, server);
  yield* connection.call(ads.READ_DEVICE_INFO, NOTHING, () => deviceInfo(server));
  const handles = Array.from({ length: poll.symbols }, () => random.between(1, 0xff) * 0x0100_0000 + 1);
  const rhythm = new Rhythm(world, random, poll.period);
  for (;;) {
    for (const [index, handle] of handles.entries()) {
      yield* connection.call(ads.READ, ads.symbolRead(handle, 4), () => ads.readResult(symbol(world, server, index)));
    }
    const [first] = handles;
    if (poll.writes && first !== undefined && operatorWrites(world, random, poll.period)) {
      const value = Uint8Array.of(random.between(0, 255), 1, 0, 0);
      yield* connection.call(ads.WRITE, ads.symbolWrite(first, value), () => ads.DONE);
    }
    yield* connection.tcp.pause(rhythm.rest());
  }
}

const NOTHING = new Uint8Array(0);

export function* connectAds(world: World, client: Host, server: Host): Script<AdsConnection> {
  const tcp = new TcpConversation(world, client, server, { server: ADS_PORT });
  yield* tcp.open();
  const clientPort = FIRST_AMS_PORT + (tcp.clientPort & 0x3ff);
  let invoke = 0;
  return {
    tcp,
    *call(command, question, answer) {
      invoke++;
      const route = { client: client.ip, server: server.ip, clientPort, invoke };
      yield* tcp.exchange(ads.adsRequest(route, command, question), () => ads.adsResponse(route, command, answer()));
      yield 200;
    },
  };
}

export function deviceInfo(server: Host): Uint8Array {
  const [major = 3, minor = 1, build = 0] = (server.device.firmware ?? '').split('.').map(Number);
  return ads.deviceInfo({ major, minor, build }, 'Plc30 App');
}

function symbol(world: World, server: Host, index: number): Uint8Array {
  const value = world.process.word(server.name, server.ip, index, world.now);
  return Uint8Array.of(value, value >> 8, 0, 0);
}
