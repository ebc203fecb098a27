import { ipText, macText } from '../frames/addresses.ts';
import { announceNeighbours, askForAddress } from '../frames/arp.ts';
import { answerDelay, TcpConversation } from '../frames/tcp-conversation.ts';
import { sendEcho, sendUdp, sendUdpToMany } from '../frames/udp.ts';
import * as cip from '../protocols/cip.ts';
import * as modbus from '../protocols/modbus.ts';
import { DCP_IDENTIFY_MULTICAST, identifyAllRequest } from '../protocols/profinet.ts';
import type { Script } from '../schedule.ts';
import { openPorts } from '../services.ts';
import { ENIP_PORT } from '../traffic/cip-traffic.ts';
import { MODBUS_PORT, readAnswer } from '../traffic/modbus-poll.ts';
import { answerIdentify, profinetStations, sendDcp } from '../traffic/profinet-traffic.ts';
import type { Host, World } from '../world.ts';
import { type AttackPlan, firstNamed, rogueIn } from './attack.ts';

const SCANNED_PORTS = [22, 23, 80, 102, 502, 3389, 4840, 44_818];
const SCANNED_ADDRESSES = 42;
const ALL_ONES = 0xffff_ffff;

/** An office PC knocks at every address of a cell; the firewall lets it, and asks in vain for those that are nobody's. */
export const networkScan: AttackPlan = {
  kind: {
    name: 'network-scan',
    title: 'An office PC scans a production cell',
    techniques: [
      { id: 'T0846', name: 'Remote System Discovery' },
      { id: 'T0840', name: 'Network Connection Enumeration' },
    ],
    story: 'A SYN to eight ports of every address in the cell: it finds the controllers, and old devices may hang.',
  },
  prepare(world) {
    const source = world.host('pc-maintenance-office');
    const first = firstNamed(world, '-press-plc');
    if (!first) {
      return undefined;
    }
    const gateway = world.gateway(first.network);
    const targets = [...world.all()].filter(({ network }) => network === first.network);
    const reach = `ip.addr == ${ipText(source.ip)} && ip.addr == ${first.network.prefix}.0/24`;
    return {
      source,
      targets,
      filter: `(${reach}) || (arp && eth.src == ${macText(gateway.mac)})`,
      script: (pace) => scan(world, source, first, pace),
    };
  },
};

function* scan(world: World, source: Host, inside: Host, pace: number): Script {
  yield* announceNeighbours(world, source, inside);
  const base = inside.ip - (inside.ip & 0xff);
  for (let address = base + 1; address <= base + SCANNED_ADDRESSES; address++) {
    const host = world.byAddress(address);
    if (!host) {
      askForAddress(world, world.gateway(inside.network), address);
      yield 60_000 * pace;
      continue;
    }
    yield* ping(world, source, host, address & 0xff);
    const open = openPorts(world, host);
    for (const port of SCANNED_PORTS) {
      yield* new TcpConversation(world, source, host, { server: port }).knock(open.has(port));
      yield 4000 * pace;
    }
  }
}

function* ping(world: World, source: Host, target: Host, sequence: number): Script {
  const echo = { id: 0x4b57, sequence, data: world.random('ping').bytes(32) };
  sendEcho(world, source, target, { ...echo, reply: false });
  yield answerDelay(world, target);
  sendEcho(world, target, source, { ...echo, reply: true });
  yield 300;
}

/** A box in the cell asks everybody who they are, as engineering tools do. */
export const remoteIdentification: AttackPlan = {
  kind: {
    name: 'remote-identification',
    title: 'An unknown box asks all PROFINET stations who they are',
    techniques: [{ id: 'T0888', name: 'Remote System Information Discovery' }],
    story: 'DCP Identify All from a device that nobody knows: it learns names, types and addresses of the cell.',
  },
  prepare(world) {
    const first = firstNamed(world, '-press-plc');
    if (!first) {
      return undefined;
    }
    const source = rogueIn(world, first);
    return {
      source,
      targets: profinetStations(world, source),
      filter: `eth.addr == ${macText(source.mac)}`,
      script: (pace) => identifyAll(world, source, pace),
    };
  },
};

function* identifyAll(world: World, source: Host, pace: number): Script {
  const random = world.random('attack identify');
  for (let round = 0; round < 3; round++) {
    const xid = random.u32();
    sendDcp(world, source, DCP_IDENTIFY_MULTICAST, identifyAllRequest(xid));
    for (const station of profinetStations(world, source)) {
      yield random.between(300, 1500);
      answerIdentify(world, station, source, xid);
    }
    yield 1_500_000 * pace;
  }
}

export const listIdentitySweep: AttackPlan = {
  kind: {
    name: 'list-identity',
    title: 'An unknown box asks all EtherNet/IP devices who they are',
    techniques: [{ id: 'T0888', name: 'Remote System Information Discovery' }],
    story:
      'ListIdentity by broadcast from a device that nobody knows: it learns products, revisions and serial numbers.',
  },
  prepare(world) {
    const first = firstNamed(world, '-handling-plc');
    if (!first) {
      return undefined;
    }
    const source = rogueIn(world, first);
    const targets = [...world.all()].filter((host) => host.network === first.network && host.device.cip !== undefined);
    return {
      source,
      targets,
      filter: `eth.addr == ${macText(source.mac)}`,
      script: () => listIdentity(world, source, targets),
    };
  },
};

function* listIdentity(world: World, source: Host, targets: readonly Host[]): Script {
  const port = world.ephemeralPort(source);
  sendUdpToMany(world, source, {
    source: port,
    destination: ENIP_PORT,
    address: ALL_ONES,
    payload: cip.listIdentityRequest(),
  });
  for (const target of targets) {
    const { cip: identity, product } = target.device;
    yield answerDelay(world, target);
    if (identity) {
      const payload = cip.listIdentityResponse(identity, product, target.ip);
      sendUdp(world, target, source, { source: ENIP_PORT, destination: port, payload });
    }
  }
}

/** What lies in which register, and which addresses there are at all. */
export const registerSweep: AttackPlan = {
  kind: {
    name: 'register-sweep',
    title: 'An unknown box reads through the registers of the filler',
    techniques: [
      { id: 'T0861', name: 'Point & Tag Identification' },
      { id: 'T0801', name: 'Monitor Process State' },
    ],
    story: 'Reads all holding registers in steps, and is refused where there are none: the map for a later write.',
  },
  prepare(world) {
    const target = firstNamed(world, '-filler-plc');
    if (!target) {
      return undefined;
    }
    const source = rogueIn(world, target);
    return {
      source,
      targets: [target],
      filter: `eth.addr == ${macText(source.mac)} && tcp.port == ${MODBUS_PORT}`,
      script: (pace) => sweep(world, source, target, pace),
    };
  },
};

const STEP = 100;
const LAST_REGISTER = 1000;
const SWEPT_TO = 4000;

function* sweep(world: World, source: Host, target: Host, pace: number): Script {
  const tcp = new TcpConversation(world, source, target, { server: MODBUS_PORT });
  yield* tcp.open();
  for (let start = 0, transaction = 1; start < SWEPT_TO; start += STEP, transaction++) {
    const read = { function: 3, start, count: STEP } as const;
    const request = modbus.modbusFrame(transaction, 255, modbus.readRequest(read.function, start, STEP));
    yield* tcp.exchange(request, () =>
      modbus.modbusFrame(
        transaction,
        255,
        start < LAST_REGISTER ? readAnswer(world, target, read) : modbus.exception(3, modbus.ILLEGAL_ADDRESS),
      ),
    );
    yield* tcp.pause(60_000 * pace);
  }
  yield* tcp.close();
}
