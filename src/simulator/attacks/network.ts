import { macText } from '../frames/addresses.ts';
import { announceAddress, tellAddress } from '../frames/arp.ts';
import { TcpConversation } from '../frames/tcp-conversation.ts';
import * as modbus from '../protocols/modbus.ts';
import * as profinet from '../protocols/profinet.ts';
import type { Script } from '../schedule.ts';
import { MODBUS_PORT } from '../traffic/modbus-poll.ts';
import { sendDcp } from '../traffic/profinet-traffic.ts';
import type { Host, World } from '../world.ts';
import { type AttackPlan, firstNamed, rogueIn } from './attack.ts';

export const arpImpersonation: AttackPlan = {
  kind: {
    name: 'arp-impersonation',
    title: 'An unknown box puts itself between panel and hydraulics controller',
    techniques: [{ id: 'T0830', name: 'Adversary-in-the-Middle' }],
    story: 'It tells both that the other one lives at its MAC address, and passes on what it reads.',
  },
  prepare(world) {
    const controller = firstNamed(world, '-hydraulics-plc');
    const panel = firstNamed(world, '-press-hmi');
    if (!controller || !panel) {
      return undefined;
    }
    const source = rogueIn(world, controller);
    return {
      source,
      targets: [controller, panel],
      filter: `eth.addr == ${macText(source.mac)}`,
      script: (pace) => impersonate(world, source, [controller, panel], pace),
    };
  },
};

const POISON_ROUNDS = 6;

function* impersonate(world: World, source: Host, [one, other]: readonly [Host, Host], pace: number): Script {
  for (let round = 0; round < POISON_ROUNDS; round++) {
    tellAddress(world, source, one, other.ip);
    yield 300;
    tellAddress(world, source, other, one.ip);
    if (round === 0) {
      world.divert(one, other, source);
      world.divert(other, one, source);
    }
    yield 1_500_000 * pace;
  }
  world.restore(one, other);
  world.restore(other, one);
}

export const dcpAddressChange: AttackPlan = {
  kind: {
    name: 'dcp-address-change',
    title: 'An unknown box gives the switch of the press cell another address',
    techniques: [
      { id: 'T0836', name: 'Modify Parameter' },
      { id: 'T0814', name: 'Denial of Service' },
    ],
    story: 'DCP Set needs no password: the device is no longer where its managers look for it. Later it is set back.',
  },
  prepare(world) {
    const target = firstNamed(world, '-press-switch');
    if (!target) {
      return undefined;
    }
    const source = rogueIn(world, target);
    return {
      source,
      targets: [target],
      filter: `eth.addr == ${macText(source.mac)} || (arp && eth.src == ${macText(target.mac)})`,
      script: (pace) => readdress(world, source, target, pace),
    };
  },
};

const MASK = 0xffff_ff00;

function* readdress(world: World, source: Host, target: Host, pace: number): Script {
  const random = world.random('attack dcp');
  const gateway = world.gateway(target.network).ip;
  const elsewhere = target.ip - (target.ip & 0xff) + 222;
  for (const ip of [elsewhere, target.ip]) {
    const xid = random.u32();
    sendDcp(world, source, target.mac, profinet.setIpRequest(xid, { ip, mask: MASK, gateway }));
    yield 2400;
    sendDcp(world, target, source.mac, profinet.setIpResponse(xid));
    yield 40_000;
    announceAddress(world, target, ip);
    yield 3_000_000 * pace;
  }
}

export const requestFlood: AttackPlan = {
  kind: {
    name: 'request-flood',
    title: 'An unknown box floods the filler controller with questions',
    techniques: [{ id: 'T0814', name: 'Denial of Service' }],
    story: 'Hundreds of reads a second on four connections: answers come late, then not at all.',
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
      *script() {
        for (let connection = 0; connection < FLOOD_CONNECTIONS; connection++) {
          world.start(flood(world, source, target), connection * 900);
        }
        yield 1;
      },
    };
  },
};

const FLOOD_CONNECTIONS = 4;
const FLOOD_QUESTIONS = 400;
const ANSWERED = 150;

function* flood(world: World, source: Host, target: Host): Script {
  const tcp = new TcpConversation(world, source, target, { server: MODBUS_PORT });
  yield* tcp.open();
  const values = Array.from({ length: 100 }, () => 0);
  for (let transaction = 1; transaction <= FLOOD_QUESTIONS; transaction++) {
    tcp.toServer(modbus.modbusFrame(transaction, 255, modbus.readRequest(3, 100, 100)));
    yield 3000;
    if (transaction < ANSWERED) {
      tcp.toClient(modbus.modbusFrame(transaction, 255, modbus.readRegistersResponse(3, values)));
      yield 2500;
    } else if (transaction % 2 === 0) {
      tcp.settle();
      yield 1500;
    }
  }
  tcp.reset();
}
