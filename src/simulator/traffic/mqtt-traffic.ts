import { TcpConversation } from '../frames/tcp-conversation.ts';
import type { Activity } from '../plant/model.ts';
import * as mqtt from '../protocols/mqtt.ts';
import type { Script } from '../schedule.ts';
import type { World } from '../world.ts';
import { Rhythm } from './rhythm.ts';

export const MQTT_PORT = 1883;
const ROUNDS_PER_PING = 15;

type MqttActivity = Extract<Activity, { kind: 'mqtt' }>;

/** The edge gateway tells the broker what the lines do; everything in clear, its password too. */
export function* mqttPublisher(world: World, activity: MqttActivity): Script {
  const client = world.host(activity.client);
  const server = world.host(activity.server);
  const random = world.random(`mqtt ${client.name} ${server.name}`);
  const tcp = new TcpConversation(world, client, server, { server: MQTT_PORT });
  yield* tcp.open();
  yield* tcp.exchange(mqtt.connect({ id: client.name, user: 'edge', password: 'edge2019' }), mqtt.CONNECTED);
  const rhythm = new Rhythm(world, random, activity.period);
  let id = 0;
  for (let round = 1; ; round++) {
    yield 400;
    for (const [index, topic] of activity.topics.entries()) {
      id = (id % 0xffff) + 1;
      const value = world.process.word(client.name, client.ip, index, world.now);
      const content = JSON.stringify({ t: Math.floor(world.now / 1000), v: value / 10 });
      yield* tcp.exchange(mqtt.publish(id, `plant/${topic}`, content), mqtt.acknowledge(id));
      yield 300;
    }
    if (round % ROUNDS_PER_PING === 0) {
      yield* tcp.exchange(mqtt.PING, mqtt.PONG);
    }
    yield* tcp.pause(rhythm.rest());
  }
}
