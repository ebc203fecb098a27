import { ipText, macText } from '../frames/addresses.ts';
import { TcpConversation } from '../frames/tcp-conversation.ts';
import * as modbus from '../protocols/modbus.ts';
import type { Script } from '../schedule.ts';
import { MODBUS_PORT, writeRegisters } from '../traffic/modbus-poll.ts';
import { connectS7, S7_PORT, writeVar } from '../traffic/s7-poll.ts';
import type { Host, World } from '../world.ts';
import { type AttackPlan, firstNamed, rogueIn } from './attack.ts';

const UNAUTHORISED = { id: 'T0855', name: 'Unauthorized Command Message' };
const MODIFY_PARAMETER = { id: 'T0836', name: 'Modify Parameter' };

/** A second master beside the HMI. */
export const modbusWrite: AttackPlan = {
  kind: {
    name: 'modbus-write',
    title: 'A second master changes the set points of the filler',
    techniques: [UNAUTHORISED, MODIFY_PARAMETER, { id: 'T0848', name: 'Rogue Master' }],
    story: 'An unknown box writes the filling volume and speed far beyond their usual range: bottles overflow.',
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
      script: (pace) => overwrite(world, source, target, pace),
    };
  },
};

function* overwrite(world: World, source: Host, target: Host, pace: number): Script {
  const tcp = new TcpConversation(world, source, target, { server: MODBUS_PORT });
  yield* tcp.open();
  for (let transaction = 1; transaction <= 8; transaction++) {
    const values = [2400 + transaction * 50, 3900];
    yield* writeRegisters(world, tcp, target, { transaction, unit: 255, start: 200, values });
    yield* tcp.pause(500_000 * pace);
  }
  yield* tcp.close();
}

export const coilBruteForce: AttackPlan = {
  kind: {
    name: 'coil-brute-force',
    title: 'An unknown box switches the outputs of the filler back and forth',
    techniques: [{ id: 'T0806', name: 'Brute Force I/O' }, UNAUTHORISED],
    story: 'Sixteen coils on and off as fast as the controller answers: valves hammer, the line stops.',
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
      script: () => toggle(world, source, target),
    };
  },
};

const COILS = 16;
const TOGGLES = 128;

function* toggle(world: World, source: Host, target: Host): Script {
  const tcp = new TcpConversation(world, source, target, { server: MODBUS_PORT });
  yield* tcp.open();
  for (let transaction = 1; transaction <= TOGGLES; transaction++) {
    const write = modbus.writeCoil(transaction % COILS, Math.floor(transaction / COILS) % 2 === 0);
    const frame = modbus.modbusFrame(transaction, 255, write);
    yield* tcp.exchange(frame, frame);
    yield 900;
  }
  yield* tcp.close();
}

/** From the office through a firewall that allows too much. */
export const s7Write: AttackPlan = {
  kind: {
    name: 's7-write',
    title: 'An office PC changes the pressure of the press',
    techniques: [UNAUTHORISED, MODIFY_PARAMETER],
    story:
      'Writes set points of the hydraulics into its data block, past SCADA and panel: the press exceeds its pressure.',
  },
  prepare(world) {
    const target = firstNamed(world, '-hydraulics-plc');
    if (!target) {
      return undefined;
    }
    const source = world.host('pc-maintenance-office');
    return {
      source,
      targets: [target],
      filter: `ip.addr == ${ipText(source.ip)} && ip.addr == ${ipText(target.ip)} && tcp.port == ${S7_PORT}`,
      script: (pace) => press(world, source, target, pace),
    };
  },
};

function* press(world: World, source: Host, target: Host, pace: number): Script {
  const connection = yield* connectS7(world, source, target, { own: 0x0300, remote: 0x0302 });
  for (let step = 0; step < 6; step++) {
    const item = { area: 0x84, db: 2, start: 0, length: 2 };
    yield* writeVar(world, connection, target, { item, value: 3000 + step * 150 });
    yield* connection.tcp.pause(600_000 * pace);
  }
  yield* connection.tcp.close();
}
