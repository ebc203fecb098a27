import type { Script } from '../schedule.ts';
import type { Host, World } from '../world.ts';
import * as identify from './identify.ts';
import { identifyProfinet } from './profinet-traffic.ts';

const BETWEEN_DEVICES = 350_000;

/** An engineer checks from his station what is installed: every controller and field device says who it is. */
export function* maintenanceVisit(world: World, pace: number): Script {
  const engineer = world.host('engineering');
  const random = world.random('maintenance');
  for (const host of world.all()) {
    const check = checkOf(world, engineer, host);
    if (check) {
      yield* check;
      yield (BETWEEN_DEVICES + random.between(0, BETWEEN_DEVICES)) * pace;
    }
  }
}

function checkOf(world: World, engineer: Host, host: Host): Script | undefined {
  const { vendor, role, product, cip } = host.device;
  if (host.network.level > 1) {
    return undefined;
  }
  if (cip) {
    return role === 'plc'
      ? identify.readIdentityObject(world, engineer, host)
      : identify.identifyEnip(world, engineer, host);
  }
  if (vendor === 'Siemens' && (role === 'plc' || role === 'safety')) {
    return checkS7(world, engineer, host);
  }
  if (host.device.profinet) {
    return identifyProfinet(world, engineer, host);
  }
  if (vendor === 'Schneider Electric' && role !== 'hmi') {
    return identify.identifyModbus(world, engineer, host);
  }
  if (vendor === 'WAGO') {
    return identify.identifyModbus(world, engineer, host);
  }
  if (vendor === 'OMRON') {
    return identify.identifyFins(world, engineer, host);
  }
  if (vendor === 'Mitsubishi Electric' && role === 'plc') {
    return identify.identifySlmp(world, engineer, host);
  }
  return product.startsWith('TwinCAT PLC') ? identify.identifyAds(world, engineer, host) : undefined;
}

function* checkS7(world: World, engineer: Host, server: Host): Script {
  const connection = yield* identify.connectAsProgrammer(world, engineer, server);
  yield* identify.identifyS7(connection, server);
  yield* connection.tcp.pause(400_000);
  yield* connection.tcp.close();
}
