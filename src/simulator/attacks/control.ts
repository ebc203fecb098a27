import { ipText, macText } from '../frames/addresses.ts';
import { TcpConversation } from '../frames/tcp-conversation.ts';
import * as ads from '../protocols/ads.ts';
import * as cip from '../protocols/cip.ts';
import * as fins from '../protocols/fins.ts';
import * as s7 from '../protocols/s7comm.ts';
import * as slmp from '../protocols/slmp.ts';
import type { Script } from '../schedule.ts';
import { ADS_PORT, connectAds } from '../traffic/ads-traffic.ts';
import { ask, ENIP_PORT, openEnip } from '../traffic/cip-traffic.ts';
import { FINS_PORT, finsPartner } from '../traffic/fins-traffic.ts';
import { connectAsProgrammer, readMode } from '../traffic/identify.ts';
import { SLMP_PORT } from '../traffic/slmp-traffic.ts';
import type { Host, World } from '../world.ts';
import { type AttackPlan, firstNamed, rogueIn } from './attack.ts';

const CHANGE_MODE = { id: 'T0858', name: 'Change Operating Mode' };
/** CIP general status: the device is in a state in which it does not do that (key switch in RUN). */
const DEVICE_STATE_CONFLICT = 0x10;

export const plcStop: AttackPlan = {
  kind: {
    name: 'plc-stop',
    title: 'An unknown box stops the hydraulics controller and starts it again',
    techniques: [CHANGE_MODE, { id: 'T0868', name: 'Detect Operating Mode' }],
    story: 'PLC STOP by S7comm: all outputs fall, the press stands; after a while a warm restart.',
  },
  prepare(world) {
    const target = firstNamed(world, '-hydraulics-plc');
    if (!target) {
      return undefined;
    }
    const source = rogueIn(world, target);
    return {
      source,
      targets: [target],
      filter: `eth.addr == ${macText(source.mac)} && tcp.port == 102`,
      script: (pace) => stopAndStart(world, source, target, pace),
    };
  },
};

function* stopAndStart(world: World, source: Host, target: Host, pace: number): Script {
  const connection = yield* connectAsProgrammer(world, source, target);
  const { tcp } = connection;
  yield* readMode(connection, 'run');
  const stop = connection.next();
  yield* tcp.exchange(s7.stopRequest(stop), s7.acknowledgement(stop, s7.PLC_STOP), 48_000);
  yield* tcp.pause(1_000_000 * pace);
  yield* readMode(connection, 'stop');
  yield* tcp.pause(2_500_000 * pace);
  const start = connection.next();
  yield* tcp.exchange(s7.startRequest(start), s7.acknowledgement(start, s7.PI_SERVICE), 95_000);
  yield* tcp.pause(500_000 * pace);
  yield* readMode(connection, 'run');
  yield* tcp.close();
}

export const finsStop: AttackPlan = {
  kind: {
    name: 'fins-stop',
    title: 'An office PC puts the packer controller into program mode',
    techniques: [CHANGE_MODE],
    story: 'FINS STOP over UDP needs no login: the case packer halts in mid-move.',
  },
  prepare(world) {
    const target = firstNamed(world, '-packer-plc');
    if (!target) {
      return undefined;
    }
    const source = world.host('pc-maintenance-office');
    return {
      source,
      targets: [target],
      filter: `ip.addr == ${ipText(source.ip)} && ip.addr == ${ipText(target.ip)} && udp.port == ${FINS_PORT}`,
      script: (pace) => stopOmron(world, source, target, pace),
    };
  },
};

function* stopOmron(world: World, source: Host, target: Host, pace: number): Script {
  const partner = yield* finsPartner(world, source, target);
  const nothing = new Uint8Array(0);
  yield* partner(fins.CONTROLLER_STATUS_READ, nothing, () => fins.controllerStatus(true));
  yield 400_000 * pace;
  yield* partner(fins.STOP, nothing, () => nothing);
  yield 700_000 * pace;
  yield* partner(fins.CONTROLLER_STATUS_READ, nothing, () => fins.controllerStatus(false));
  yield 2_000_000 * pace;
  yield* partner(fins.RUN, fins.RUN_MODE, () => nothing);
}

export const slmpStop: AttackPlan = {
  kind: {
    name: 'slmp-stop',
    title: 'An unknown box stops the palletiser controller',
    techniques: [CHANGE_MODE],
    story: 'SLMP remote STOP, then remote RUN: the palletiser halts with a load in the air.',
  },
  prepare(world) {
    const target = firstNamed(world, '-palletiser-plc');
    if (!target) {
      return undefined;
    }
    const source = rogueIn(world, target);
    return {
      source,
      targets: [target],
      filter: `eth.addr == ${macText(source.mac)} && tcp.port == ${SLMP_PORT}`,
      script: (pace) => stopMelsec(world, source, target, pace),
    };
  },
};

function* stopMelsec(world: World, source: Host, target: Host, pace: number): Script {
  const tcp = new TcpConversation(world, source, target, { server: SLMP_PORT });
  yield* tcp.open();
  const done = slmp.slmpResponse(new Uint8Array(0));
  yield* tcp.exchange(slmp.slmpRequest(slmp.REMOTE_STOP, slmp.STOP_MODE), done);
  yield* tcp.pause(2_000_000 * pace);
  yield* tcp.exchange(slmp.slmpRequest(slmp.REMOTE_RUN, slmp.RUN_MODE), done);
  yield* tcp.close();
}

export const adsConfigMode: AttackPlan = {
  kind: {
    name: 'ads-config-mode',
    title: 'An unknown box stops the motion controller of the packer',
    techniques: [CHANGE_MODE],
    story: 'ADS WriteControl to STOP, then RUN: all axes lose their enable.',
  },
  prepare(world) {
    const target = firstNamed(world, '-motion-plc');
    if (!target) {
      return undefined;
    }
    const source = rogueIn(world, target);
    return {
      source,
      targets: [target],
      filter: `eth.addr == ${macText(source.mac)} && tcp.port == ${ADS_PORT}`,
      script: (pace) => stopTwinCat(world, source, target, pace),
    };
  },
};

function* stopTwinCat(world: World, source: Host, target: Host, pace: number): Script {
  const connection = yield* connectAds(world, source, target);
  yield* connection.call(ads.WRITE_CONTROL, ads.writeControl(ads.STATE_STOP), () => ads.DONE);
  yield* connection.tcp.pause(1_500_000 * pace);
  yield* connection.call(ads.READ_STATE, new Uint8Array(0), () => ads.deviceState(ads.STATE_STOP));
  yield* connection.tcp.pause(500_000 * pace);
  yield* connection.call(ads.WRITE_CONTROL, ads.writeControl(ads.STATE_RUN), () => ads.DONE);
  yield* connection.tcp.close();
}

/** Refused: the key switch stands in RUN. An attempt is an attack all the same. */
export const cipReset: AttackPlan = {
  kind: {
    name: 'cip-reset',
    title: 'A VPN caller tries to restart the handling controller',
    techniques: [{ id: 'T0816', name: 'Device Restart/Shutdown' }],
    story: 'Reset service to the Identity object, straight from the remote-access network; the controller refuses.',
  },
  prepare(world) {
    const target = firstNamed(world, '-handling-plc');
    if (!target) {
      return undefined;
    }
    const source = world.host('vendor-laptop');
    return {
      source,
      targets: [target],
      filter: `ip.addr == ${ipText(source.ip)} && ip.addr == ${ipText(target.ip)} && tcp.port == ${ENIP_PORT}`,
      script: (pace) => reset(world, source, target, pace),
    };
  },
};

function* reset(world: World, source: Host, target: Host, pace: number): Script {
  const session = yield* openEnip(world, source, target);
  for (let attempt = 0; attempt < 3; attempt++) {
    const request = cip.cipRequest(cip.RESET, { classId: cip.IDENTITY, instance: 1 }, Uint8Array.of(0));
    yield* ask(session, request, cip.cipResponse(cip.RESET, undefined, DEVICE_STATE_CONFLICT));
    yield* session.tcp.pause(800_000 * pace);
  }
  session.tcp.toServer(cip.unregisterSession(session.header()));
  yield 100;
  yield* session.tcp.close();
}
