import { ipText } from '../frames/addresses.ts';
import type { ByteWriter } from '../frames/bytes.ts';
import { TcpConversation } from '../frames/tcp-conversation.ts';
import type { Activity } from '../plant/model.ts';
import * as ua from '../protocols/opcua.ts';
import type { Script } from '../schedule.ts';
import type { Host, World } from '../world.ts';
import { operatorWrites, Rhythm } from './rhythm.ts';

export const OPCUA_PORT = 4840;
const DATA_NAMESPACE = 4;
const SET_POINT = 300;
/** Server_ServerStatus_BuildInfo: product name, manufacturer, software version (part 5). */
const BUILD_INFO: readonly ua.UaNode[] = [2261, 2263, 2264].map((id) => ({ namespace: 0, id }));

type OpcUaActivity = Extract<Activity, { kind: 'opcua' }>;

export interface UaConnection {
  readonly tcp: TcpConversation;
  readonly channel: ua.UaChannel;
  call(service: number, question: (body: ByteWriter) => void, answer: () => (body: ByteWriter) => void): Script;
}

/** A subscription: the server answers each publish request with what changed. */
export function* opcUa(world: World, activity: OpcUaActivity): Script {
  const client = world.host(activity.client);
  const server = world.host(activity.server);
  const random = world.random(`opcua ${client.name} ${server.name}`);
  const connection = yield* connectUa(world, client, server);
  const { tcp, channel } = connection;
  yield* readBuildInfo(world, connection, server);
  const interval = activity.period / world.density;
  const nodes = Array.from({ length: activity.nodes }, (_, index) => ({ namespace: DATA_NAMESPACE, id: 100 + index }));
  yield* connection.call(ua.SERVICES.createSubscription, ua.createSubscription(interval), () =>
    ua.subscriptionCreated(interval),
  );
  yield* connection.call(ua.SERVICES.createMonitoredItems, ua.createMonitoredItems(nodes, interval), () =>
    ua.monitoredItemsCreated(nodes.length, interval),
  );
  const rhythm = new Rhythm(world, random, activity.period);
  for (let sequence = 1; ; sequence++) {
    tcp.toServer(channel.request(ua.SERVICES.publish, world.now, ua.publish(sequence - 1)));
    const request = channel.lastRequest;
    yield* tcp.pause(rhythm.rest());
    const values = nodes.map(({ id }) => world.process.word(server.name, server.ip, id, world.now) / 10);
    tcp.toClient(
      channel.response(
        ua.SERVICES.publish,
        { request, time: world.now },
        ua.notification(sequence, values, { time: world.now, acknowledges: sequence > 1 }),
      ),
    );
    yield random.between(200, 900);
    if (activity.writes && operatorWrites(world, random, activity.period)) {
      const node = { namespace: DATA_NAMESPACE, id: SET_POINT };
      yield* connection.call(ua.SERVICES.write, ua.write(node, random.between(10, 90)), () => ua.written);
    }
  }
}

function* connectUa(world: World, client: Host, server: Host): Script<UaConnection> {
  const tcp = new TcpConversation(world, client, server, { server: OPCUA_PORT });
  yield* tcp.open();
  const channel = new ua.UaChannel(world.random(`channel ${tcp.clientPort} ${server.name}`).between(1, 9000));
  const own = applicationOf(client);
  const theirs = applicationOf(server);
  yield* tcp.exchange(channel.hello(theirs.url), channel.acknowledge());
  yield 500;
  yield* tcp.exchange(channel.openRequest(world.now), () => channel.openResponse(world.now));
  yield 500;
  const connection: UaConnection = {
    tcp,
    channel,
    *call(service, question, answer) {
      const bytes = channel.request(service, world.now, question);
      const request = channel.lastRequest;
      yield* tcp.exchange(bytes, () => channel.response(service, { request, time: world.now }, answer()));
      yield 600;
    },
  };
  yield* connection.call(ua.SERVICES.getEndpoints, ua.getEndpoints(theirs.url), () => ua.endpointList(theirs));
  const session = world.random(`session ${tcp.clientPort}`).between(2, 60_000);
  yield* connection.call(ua.SERVICES.createSession, ua.createSession(own, theirs), () =>
    ua.sessionCreated(theirs, session),
  );
  yield* connection.call(ua.SERVICES.activateSession, ua.activateSession, () => ua.sessionActivated);
  return connection;
}

function* readBuildInfo(world: World, connection: UaConnection, server: Host): Script {
  const { product, vendor, firmware = '1.0' } = server.device;
  yield* connection.call(ua.SERVICES.read, ua.read(BUILD_INFO), () =>
    ua.readValues([product, vendor, firmware], world.now),
  );
}

function applicationOf(host: Host): ua.UaServer {
  return {
    uri: `urn:${host.name}:OpcUa`,
    productUri: 'urn:opcua:application',
    name: host.name,
    url: `opc.tcp://${ipText(host.ip)}:${OPCUA_PORT}`,
  };
}
