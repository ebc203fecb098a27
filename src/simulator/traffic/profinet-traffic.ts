import { announceNeighbours } from '../frames/arp.ts';
import { ETHERTYPE_PROFINET } from '../frames/ethernet.ts';
import { answerDelay } from '../frames/tcp-conversation.ts';
import { sendUdp } from '../frames/udp.ts';
import type { Activity } from '../plant/model.ts';
import * as cm from '../protocols/pn-cm.ts';
import * as profinet from '../protocols/profinet.ts';
import type { Script } from '../schedule.ts';
import type { Host, World } from '../world.ts';

const CM_PORT = 34_964;
/** Cycle counters count in units of 31.25 µs: 32 in a millisecond. */
const COUNTS_PER_MILLISECOND = 32;
const LONGEST_CYCLE = 512;
const MASK = 0xffff_ff00;

type ProfinetRelation = Extract<Activity, { kind: 'profinet' }>;

/** Name, connection, parameters, readiness; then both send at their beat. */
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
  yield* connect(world, controller, device, {
    uuid: random.bytes(16),
    session: 1,
    controllerMac: controller.mac,
    controllerName: stationName(controller),
    controllerVendorId: controller.device.profinet?.vendorId ?? 0,
    controllerDeviceId: controller.device.profinet?.deviceId ?? 0,
    deviceMac: device.mac,
    period,
    dataLength: relation.length,
    outputFrameId: relation.frameId,
    inputFrameId: relation.frameId + 1,
  });
  const beat = { period, length: relation.length };
  world.start(produce(world, controller, device, { ...beat, frameId: relation.frameId }), 1000);
  world.start(produce(world, device, controller, { ...beat, frameId: relation.frameId + 1 }), 1400);
}

function* connect(world: World, controller: Host, device: Host, relation: cm.Relation): Script {
  const toDevice = rpcPartner(world, controller, device, 'device');
  yield* announceNeighbours(world, controller, device);
  yield* toDevice((call) => [cm.connectRequest(call, relation), cm.connectResponse(call, relation)]);
  yield 3000;
  yield* toDevice((call) => [cm.parametersEnd(call, relation), cm.parametersEndDone(call, relation)]);
  yield 12_000;
  const toController = rpcPartner(world, device, controller, 'controller');
  yield* toController((call) => [cm.applicationReady(call, relation), cm.applicationReadyDone(call, relation)]);
  yield 1000;
}

/** One question and its answer, over UDP, numbered in an activity of their own. */
function rpcPartner(world: World, client: Host, server: Host, to: cm.RpcCall['to']) {
  const activity = world.random(`activity ${client.name} ${server.name} ${client.nextPort}`).bytes(16);
  const port = world.ephemeralPort(client);
  const { vendorId = 0, deviceId = 0 } = server.device.profinet ?? {};
  let sequence = -1;
  return function* ask(build: (call: cm.RpcCall) => readonly [Uint8Array, Uint8Array]): Script {
    sequence++;
    const [request, response] = build({ activity, sequence, to, vendorId, deviceId });
    sendUdp(world, client, server, { source: port, destination: CM_PORT, payload: request });
    yield answerDelay(world, server);
    sendUdp(world, server, client, { source: CM_PORT, destination: port, payload: response });
  };
}

/** I&M0: what a station is, in its own words. */
export function* identifyProfinet(world: World, client: Host, server: Host): Script {
  const { profinet: ids, orderNumber = '', serial = '', firmware = '' } = server.device;
  if (!ids) {
    return;
  }
  yield* announceNeighbours(world, client, server);
  const ask = rpcPartner(world, client, server, 'device');
  const said = { vendorId: ids.vendorId, orderNumber, serial, hardware: 3, firmware };
  yield* ask((call) => [cm.identificationRequest(call), cm.identificationResponse(call, said)]);
  yield 2000;
}

/** Reduction ratios are powers of two. */
function cycleTime(milliseconds: number, density: number): number {
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
  refresh(data, world, from);
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

/** The data of the one module, and the status of what is sent and received. */
function refresh(data: Uint8Array, world: World, from: Host): void {
  for (let at = 0; at < cm.DATA_LENGTH; at++) {
    data[cm.DATA_AT + at] = world.process.word(from.name, from.ip, at, world.now);
  }
  for (const at of cm.STATUS_AT) {
    data[at] = GOOD;
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

function stationName(host: Host): string {
  return host.name;
}

function stationType(host: Host): string {
  return host.device.product.slice(0, 25);
}
