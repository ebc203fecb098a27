import { ipText } from '../frames/addresses.ts';
import { ByteWriter } from '../frames/bytes.ts';
import * as cip from '../protocols/cip.ts';
import * as s7 from '../protocols/s7comm.ts';
import type { Script } from '../schedule.ts';
import { ask, ENIP_PORT, openEnip } from '../traffic/cip-traffic.ts';
import { connectAsProgrammer } from '../traffic/identify.ts';
import type { S7Connection } from '../traffic/s7-poll.ts';
import type { Host, World } from '../world.ts';
import { type AttackPlan, firstNamed } from './attack.ts';

/** Organisation block 1, the main program. */
const OB1 = '0800001';
const BLOCK_LENGTH = 1660;
const PART = 202;

export const programDownload: AttackPlan = {
  kind: {
    name: 'program-download',
    title: 'An office PC loads a changed main program into the hydraulics controller',
    techniques: [
      { id: 'T0843', name: 'Program Download' },
      { id: 'T0889', name: 'Modify Program' },
    ],
    story: 'OB 1 is replaced while the press runs: from the next cycle on the controller does what the intruder wants.',
  },
  prepare(world) {
    return fromOffice(world, function* load(source, target, pace) {
      const connection = yield* connectAsProgrammer(world, source, target);
      yield* download(world, connection);
      yield* connection.tcp.pause(500_000 * pace);
      yield* connection.tcp.close();
    });
  },
};

export const programUpload: AttackPlan = {
  kind: {
    name: 'program-upload',
    title: 'An office PC reads the main program out of the hydraulics controller',
    techniques: [
      { id: 'T0845', name: 'Program Upload' },
      { id: 'T0882', name: 'Theft of Operational Information' },
    ],
    story: 'OB 1 leaves the plant: the recipe, and the plan for a later change.',
  },
  prepare(world) {
    return fromOffice(world, function* fetch(source, target, pace) {
      const connection = yield* connectAsProgrammer(world, source, target);
      yield* upload(world, connection);
      yield* connection.tcp.pause(500_000 * pace);
      yield* connection.tcp.close();
    });
  },
};

function fromOffice(world: World, story: (source: Host, target: Host, pace: number) => Script) {
  const target = firstNamed(world, '-hydraulics-plc');
  if (!target) {
    return undefined;
  }
  const source = world.host('pc-maintenance-office');
  return {
    source,
    targets: [target],
    filter: `ip.addr == ${ipText(source.ip)} && ip.addr == ${ipText(target.ip)} && tcp.port == 102`,
    script: (pace: number) => story(source, target, pace),
  };
}

/** The controller fetches the block; only then it is put to work. */
function* download(world: World, connection: S7Connection): Script {
  const { tcp } = connection;
  const block = blockOf(world);
  const asked = connection.next();
  yield* tcp.exchange(s7.downloadRequest(asked, OB1, BLOCK_LENGTH), s7.downloadAccepted(asked));
  let reference = asked;
  for (let at = 0; at < block.length; at += PART) {
    reference++;
    yield 4000;
    tcp.toClient(s7.blockRequest(reference, OB1));
    yield 900;
    tcp.toServer(s7.blockPart(reference, block.subarray(at, at + PART), at + PART < block.length));
  }
  yield 5000;
  tcp.toClient(s7.downloadEndedRequest(reference + 1, OB1));
  yield 800;
  tcp.toServer(s7.downloadEndedResponse(reference + 1));
  yield* tcp.pause(250_000);
  const activate = connection.next();
  yield* tcp.exchange(s7.activateRequest(activate, OB1), s7.acknowledgement(activate, s7.PI_SERVICE), 30_000);
}

function* upload(world: World, connection: S7Connection): Script {
  const { tcp } = connection;
  const block = blockOf(world);
  const id = 7;
  const start = connection.next();
  yield* tcp.exchange(s7.uploadStart(start, OB1), s7.uploadStarted(start, id, block.length));
  for (let at = 0; at < block.length; at += PART) {
    yield 1500;
    const reference = connection.next();
    const part = s7.uploadPart(reference, block.subarray(at, at + PART), at + PART < block.length);
    yield* tcp.exchange(s7.uploadRequest(reference, id), part);
  }
  yield 1500;
  const end = connection.next();
  yield* tcp.exchange(s7.uploadEnd(end, id), s7.uploadEnded(end));
}

/** A block header as controllers expect it (type, number, length), then code that means nothing. */
function blockOf(world: World): Uint8Array {
  return new ByteWriter(BLOCK_LENGTH)
    .u16be(0x7070)
    .raw([0x01, 0x01, 0x01, 0x08])
    .u16be(1)
    .u32be(BLOCK_LENGTH)
    .zeros(24)
    .raw(world.random('block').bytes(BLOCK_LENGTH - 36))
    .finish();
}

/** The object of firmware images in Rockwell devices, and what is done to it. */
const FIRMWARE = 0xa1;
const BEGIN_UPDATE = 0x4b;
const TRANSFER = 0x4d;
const END_UPDATE = 0x51;
const IMAGE_PARTS = 24;
const IMAGE_PART = 400;

export const firmwareUpdate: AttackPlan = {
  kind: {
    name: 'firmware-update',
    title: 'A VPN caller loads other firmware into the switch of the handling cell',
    techniques: [
      { id: 'T0800', name: 'Activate Firmware Update Mode' },
      { id: 'T0857', name: 'System Firmware' },
    ],
    story: 'While it takes the image the device does nothing else, and afterwards whatever the image says.',
  },
  prepare(world) {
    const target = firstNamed(world, '-handling-switch');
    if (!target) {
      return undefined;
    }
    const source = world.host('vendor-laptop');
    return {
      source,
      targets: [target],
      filter: `ip.addr == ${ipText(source.ip)} && ip.addr == ${ipText(target.ip)} && tcp.port == ${ENIP_PORT}`,
      script: (pace) => flash(world, source, target, pace),
    };
  },
};

function* flash(world: World, source: Host, target: Host, pace: number): Script {
  const session = yield* openEnip(world, source, target);
  const random = world.random('firmware');
  const path = { classId: FIRMWARE, instance: 1 };
  const size = new ByteWriter(4).u32le(IMAGE_PARTS * IMAGE_PART).finish();
  yield* ask(session, cip.cipRequest(BEGIN_UPDATE, path, size), cip.cipResponse(BEGIN_UPDATE));
  for (let part = 0; part < IMAGE_PARTS; part++) {
    const data = new ByteWriter(4 + IMAGE_PART)
      .u32le(part * IMAGE_PART)
      .raw(random.bytes(IMAGE_PART))
      .finish();
    yield* ask(session, cip.cipRequest(TRANSFER, path, data), cip.cipResponse(TRANSFER));
    yield* session.tcp.pause(90_000 * pace);
  }
  yield* ask(session, cip.cipRequest(END_UPDATE, path), cip.cipResponse(END_UPDATE));
  session.tcp.toServer(cip.unregisterSession(session.header()));
  yield 100;
  yield* session.tcp.close();
}
