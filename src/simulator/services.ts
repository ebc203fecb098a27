import type { Activity } from './plant/model.ts';
import { ADS_PORT } from './traffic/ads-traffic.ts';
import { ENIP_PORT } from './traffic/cip-traffic.ts';
import { MODBUS_PORT } from './traffic/modbus-poll.ts';
import { MQTT_PORT } from './traffic/mqtt-traffic.ts';
import { OPCUA_PORT } from './traffic/opcua-traffic.ts';
import { S7_PORT } from './traffic/s7-poll.ts';
import { SLMP_PORT } from './traffic/slmp-traffic.ts';
import type { Host, World } from './world.ts';

const PORTS: Readonly<Partial<Record<Activity['kind'], number>>> = {
  'modbus-poll': MODBUS_PORT,
  's7-poll': S7_PORT,
  'cip-tags': ENIP_PORT,
  'cip-io': ENIP_PORT,
  'ads-poll': ADS_PORT,
  'slmp-poll': SLMP_PORT,
  opcua: OPCUA_PORT,
  mqtt: MQTT_PORT,
};

const HTTP = 80;

/** TCP ports on which a device answers. */
export function openPorts(world: World, host: Host): ReadonlySet<number> {
  const ports = world.plant.activities
    .filter(({ server }) => server === host.name)
    .map(({ kind }) => PORTS[kind])
    .filter((port) => port !== undefined);
  return new Set(host.device.role === 'drive' ? ports : [...ports, HTTP]);
}
