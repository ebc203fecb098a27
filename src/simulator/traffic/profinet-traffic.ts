import { ETHERTYPE_PROFINET } from '../frames/ethernet.ts';
import type { Activity } from '../plant/model.ts';
import * as profinet from '../protocols/profinet.ts';
import type { Script } from '../schedule.ts';
import type { Host, World } from '../world.ts';

/** Cycle counters count in units of 31.25 µs: 32 in a millisecond. */
const COUNTS_PER_MILLISECOND = 32;
const LONGEST_CYCLE = 512;
const MASK = 0xffff_ff00;

type ProfinetRelation = Extract<Activity, { kind: 'profinet' }>;

export function* profinetRelation(world: World, relation: ProfinetRelation): Script {
  const controller = world.host(relation.client);
  const device = world.host(relation.server);
  const random = world.random(`profinet ${controller.name} ${device.name}`);
  const xid = random.u32();
  sendDcp(world, controller, profinet.DCP_IDENTIFY_MULTICAST, profinet.identifyNameRequest(xid, stationName(device)));
  yield 1500 + random.between(0, 800);
  answerIdentify(world, device, controller, xid);
  yield 2000;
  const period = cycleTime(relation.period, world.density);
  const beat = { period, length: relation.length };
  world.start(produce(world, controller, device, { ...beat, frameId: relation.frameId }), 1000);
  world.start(produce(world, device, controller, { ...beat, frameId: relation.frameId + 1 }), 1400);
}

/** Reduction ratios are powers of two. */
export function cycleTime(milliseconds: number, density: number): number {
  return Math.min(LONGEST_CYCLE, 2 ** Math.max(0, Math.round(Math.log2(milliseconds / density))));
}

function* produce(
  world: World,
  from: Host,
  to: Host,
  beat: { readonly period: number; readonly frameId: number; readonly length: number },
): Script {
  const random = world.random(`rt ${from.name} ${to.name}`);
  const data = new Uint8Array(beat.length);
  let counter = random.between(0, 0xffff) & ~(beat.period * COUNTS_PER_MILLISECOND - 1);
  let due = world.now;
  for (;;) {
    if (random.chance(0.2)) {
      refresh(data, world, from);
    }
    counter = (counter + beat.period * COUNTS_PER_MILLISECOND) & 0xffff;
    world.sendEthernet({
      from,
      priority: profinet.RT_PRIORITY,
      destination: to.mac,
      type: ETHERTYPE_PROFINET,
      payload: profinet.cyclicFrame(beat.frameId, data, counter),
    });
    due += beat.period * 1000;
    yield Math.max(1, due - world.now + random.between(-15, 15));
  }
}

const GOOD = 0x80;

/** Inputs or outputs of a few bytes, each slot followed by its status (good). */
function refresh(data: Uint8Array, world: World, from: Host): void {
  for (let at = 0; at < 16; at++) {
    data[at] = at % 4 === 3 ? GOOD : world.process.word(from.name, from.ip, at, world.now);
  }
}

export function sendDcp(world: World, from: Host, destination: Uint8Array, payload: Uint8Array): void {
  world.sendEthernet({ from, destination, type: ETHERTYPE_PROFINET, payload });
}

export function answerIdentify(world: World, station: Host, asker: Host, xid: number): void {
  const { device } = station;
  sendDcp(
    world,
    station,
    asker.mac,
    profinet.identifyResponse(xid, {
      name: stationName(station),
      type: stationType(station),
      vendorId: device.profinet?.vendorId ?? 0,
      deviceId: device.profinet?.deviceId ?? 0,
      role: device.role === 'plc' || device.role === 'safety' ? profinet.ROLE_CONTROLLER : profinet.ROLE_DEVICE,
      ip: station.ip,
      mask: MASK,
      gateway: world.gateway(station.network).ip,
    }),
  );
}

/** Stations of a network that speak PROFINET, other than `asker`. */
export function profinetStations(world: World, asker: Host): readonly Host[] {
  return [...world.all()].filter(
    (host) => host.network === asker.network && host !== asker && host.device.profinet !== undefined,
  );
}

export function stationName(host: Host): string {
  return host.name;
}

function stationType(host: Host): string {
  return host.device.product.slice(0, 25);
}
