import { TcpConversation } from '../frames/tcp-conversation.ts';
import type { Activity } from '../plant/model.ts';
import * as modbus from '../protocols/modbus.ts';
import type { Script } from '../schedule.ts';
import type { Host, World } from '../world.ts';
import { operatorWrites, Rhythm } from './rhythm.ts';

export const MODBUS_PORT = 502;

type ModbusPoll = Extract<Activity, { kind: 'modbus-poll' }>;

export function* modbusPoll(world: World, poll: ModbusPoll): Script {
  const client = world.host(poll.client);
  const server = world.host(poll.server);
  const random = world.random(`modbus ${client.name} ${server.name}`);
  const tcp = new TcpConversation(world, client, server, { server: MODBUS_PORT });
  yield* tcp.open();
  const rhythm = new Rhythm(world, random, poll.period);
  let transaction = 0;
  for (;;) {
    for (const read of poll.reads) {
      transaction = (transaction + 1) & 0xffff;
      const request = modbus.readRequest(read.function, read.start, read.count);
      const answered = transaction;
      yield* tcp.exchange(modbus.modbusFrame(transaction, poll.unit, request), () =>
        modbus.modbusFrame(answered, poll.unit, readAnswer(world, server, read)),
      );
      yield 300;
    }
    if (poll.writes && operatorWrites(world, random, poll.period)) {
      transaction = (transaction + 1) & 0xffff;
      const values = Array.from({ length: poll.writes.count }, () => random.between(100, 400));
      yield* writeRegisters(world, tcp, server, { transaction, unit: poll.unit, start: poll.writes.start, values });
    }
    yield* tcp.pause(rhythm.rest());
  }
}

export function* writeRegisters(
  world: World,
  tcp: TcpConversation,
  server: Host,
  write: {
    readonly transaction: number;
    readonly unit: number;
    readonly start: number;
    readonly values: readonly number[];
  },
): Script {
  const [single = 0] = write.values;
  const only = write.values.length === 1;
  const request = only ? modbus.writeRegister(write.start, single) : modbus.writeRegisters(write.start, write.values);
  const response = only ? request : modbus.writeRegistersResponse(write.start, write.values.length);
  yield* tcp.exchange(
    modbus.modbusFrame(write.transaction, write.unit, request),
    modbus.modbusFrame(write.transaction, write.unit, response),
  );
  for (const [index, value] of write.values.entries()) {
    world.process.write(server.name, write.start + index, value);
  }
}

export function readAnswer(world: World, server: Host, read: ModbusPoll['reads'][number]): Uint8Array {
  const values = Array.from({ length: read.count }, (_, index) =>
    world.process.word(server.name, server.ip, read.start + index, world.now),
  );
  return read.function === 1 || read.function === 2
    ? modbus.readBitsResponse(
        read.function,
        values.map((value) => (value & 0x40) !== 0),
      )
    : modbus.readRegistersResponse(read.function, values);
}
