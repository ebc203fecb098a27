import { createLineWriter } from '../src/captures/decode-lines.ts';
import { createCollector } from '../src/inventory/collector.ts';
import { Engine } from '../src/wire/engine.ts';
import type { Limits } from '../src/wire/limits.ts';
import type { Listener } from '../src/wire/listener.ts';
import { dissectors } from '../src/wire/protocols/index.ts';
import { hex, joined, repeated, text, u16, u32le } from './bytes.ts';
import { type End, Frames, PUSH_ACK } from './frames.ts';
import type { GrowthCase } from './growth.ts';

const START = Date.UTC(2026, 2, 2, 6) * 1000;
const CLIENT: End = { mac: 1, address: 0x0a00_0001, port: 50_000 };
const MODBUS: End = { mac: 2, address: 0x0a00_0002, port: 502 };
const OPCUA: End = { ...MODBUS, port: 4840 };
const HTTP: End = { ...MODBUS, port: 80 };
const S7: End = { ...MODBUS, port: 102 };
const QUESTION = hex('0001 0000 0006 01 03 0000 0001');
const ONE = Uint8Array.of(0);
const MEBIBYTE = 2 ** 20;

const SILENT: Listener = { wantsObservations: true, unanswered: () => undefined };

/** Sends so many packets of the worst kind through an engine. */
type Play = (engine: Engine, frames: Frames, size: number) => void;

function frameCase(name: string, size: number, play: Play, limits: Partial<Limits> = {}): GrowthCase {
  const prepare = (packets: number) => () => run(SILENT, limits, (engine, frames) => play(engine, frames, packets));
  return { name, size, unit: 'packets', prepare };
}

function run(listener: Listener, limits: Partial<Limits>, play: (engine: Engine, frames: Frames) => void): Engine {
  const engine = new Engine({ dissectors, listener, seed: 1, limits });
  play(engine, new Frames(START));
  engine.end();
  return engine;
}

// biome-ignore lint/complexity/useMaxParams: it stands for one line of each case below.
function send(engine: Engine, frames: Frames, to: End, sequence: number, payload: Uint8Array): void {
  engine.packet(frames.tcp(CLIENT, to, { flags: PUSH_ACK, sequence, acknowledgement: 1 }, payload));
}

function answer(engine: Engine, frames: Frames, from: End): void {
  engine.packet(frames.tcp(from, CLIENT, { flags: PUSH_ACK, sequence: 1, acknowledgement: 1 }, ONE));
}

/** The first of many segments, so that what follows has a place in the stream. Both sides speak: the engine waits. */
function begin(engine: Engine, frames: Frames, to: End): void {
  send(engine, frames, to, 1, QUESTION);
  answer(engine, frames, to);
}

const AFTER = 1 + QUESTION.length;

export const FRAME_CASES: readonly GrowthCase[] = [
  frameCase('tcp: a message of 1 MiB, byte by byte', 4000, (engine, frames, size) => {
    const head = joined(text('MSGF'), u32le(MEBIBYTE), hex('07000000 01000000'));
    send(engine, frames, OPCUA, 1, head);
    for (let number = 0; number < size; number++) {
      send(engine, frames, OPCUA, 1 + head.length + number, ONE);
    }
  }),
  frameCase('tcp: a head that never ends, byte by byte', 4000, (engine, frames, size) => {
    const head = text('GET / HTTP/1.1\r\nCookie: ');
    send(engine, frames, HTTP, 1, head);
    for (let number = 0; number < size; number++) {
      send(engine, frames, HTTP, 1 + head.length + number, text('a'));
    }
  }),
  frameCase('tcp: behind a hole, in order', 2000, (engine, frames, size) => {
    begin(engine, frames, MODBUS);
    for (let number = 0; number < size; number++) {
      send(engine, frames, MODBUS, AFTER + 1 + number * QUESTION.length, QUESTION);
    }
  }),
  frameCase('tcp: behind a hole, last segment first', 2000, (engine, frames, size) => {
    begin(engine, frames, MODBUS);
    for (let number = size; number > 0; number--) {
      send(engine, frames, MODBUS, AFTER + number * 2, ONE);
    }
  }),
  frameCase('tcp: every second byte is missing', 2000, (engine, frames, size) => {
    begin(engine, frames, MODBUS);
    for (let number = 1; number <= size; number++) {
      send(engine, frames, MODBUS, AFTER + number * 2, ONE);
    }
  }),
  frameCase('tcp: a hole after each segment, acknowledged', 2000, (engine, frames, size) => {
    begin(engine, frames, MODBUS);
    for (let number = 0; number < size; number++) {
      const sequence = AFTER + number * 100 + 1;
      send(engine, frames, MODBUS, sequence, QUESTION);
      const acknowledgement = sequence + QUESTION.length;
      engine.packet(frames.tcp(MODBUS, CLIENT, { flags: PUSH_ACK, sequence: 2, acknowledgement }));
    }
  }),
  frameCase('tcp: small messages, many a segment', 200, (engine, frames, size) => {
    const many = repeated(100, (number) => joined(u16(number), QUESTION.subarray(2)));
    for (let number = 0; number < size; number++) {
      send(engine, frames, MODBUS, 1 + number * many.length, many);
    }
  }),
  frameCase('tcp: fragments of one COTP message', 2000, (engine, frames, size) => {
    for (let number = 0; number < size; number++) {
      send(engine, frames, S7, 1 + number * 8, hex('03000008 02f000 32'));
    }
  }),
  frameCase('tcp: chunks of one OPC UA message', 2000, (engine, frames, size) => {
    const chunk = joined(text('MSGC'), u32le(25), hex('07000000 01000000 05000000 05000000 00'));
    for (let number = 0; number < size; number++) {
      send(engine, frames, OPCUA, 1 + number * chunk.length, chunk);
    }
  }),
  frameCase('pairing: questions never answered', 4000, questionsOnly),
  {
    name: 'pairing: the same, and nobody wants to know',
    size: 1000,
    unit: 'packets',
    prepare: (size) => () =>
      run({ wantsObservations: false }, {}, (engine, frames) => questionsOnly(engine, frames, size)),
  },
  frameCase('ip: first fragments of more datagrams than may wait', 8000, (engine, frames, size) => {
    for (let number = 0; number < size; number++) {
      const head = { id: number & 0xffff, offset: 0, more: true };
      engine.packet(frames.fragment({ ...CLIENT, address: CLIENT.address + (number >> 16) }, MODBUS, head, QUESTION));
    }
  }),
  frameCase('ip: small fragments of one datagram, last one first', 1000, (engine, frames, size) => {
    for (let number = size; number >= 0; number--) {
      const head = { id: 1, offset: (number % 8000) * 8, more: number !== size };
      engine.packet(frames.fragment(CLIENT, MODBUS, head, QUESTION.subarray(0, 8)));
    }
  }),
  frameCase('flows: one packet each', 8000, manyFlows),
  frameCase('flows: one packet each, far more than may be tracked', 8000, manyFlows, { flows: 1000 }),
  {
    name: 'inventory: one flow each, then its result',
    size: 2000,
    unit: 'packets',
    prepare: (size) => () => {
      const collector = createCollector({ vendorOfMac: () => undefined, limits: {} });
      run(collector.listener, {}, (engine, frames) => manyFlows(engine, frames, size));
      collector.result();
    },
  },
  {
    name: 'decode: a message while many streams wait',
    size: 1000,
    unit: 'packets',
    prepare: (size) => () => {
      const writer = createLineWriter(() => undefined, undefined);
      run(writer.listener, {}, (engine, frames) => {
        writer.follow(engine);
        for (let number = 0; number < size; number++) {
          const from = { ...CLIENT, address: CLIENT.address + 256 + number };
          const says = (sequence: number) => ({ flags: PUSH_ACK, sequence, acknowledgement: 1 });
          engine.packet(frames.tcp(from, MODBUS, says(1), QUESTION));
          engine.packet(frames.tcp(MODBUS, from, says(1), ONE));
          engine.packet(frames.tcp(from, MODBUS, says(100), QUESTION));
        }
      });
      writer.finish();
    },
  },
];

function questionsOnly(engine: Engine, frames: Frames, size: number): void {
  for (let number = 0; number < size; number++) {
    send(engine, frames, MODBUS, 1 + number * QUESTION.length, joined(u16(number), QUESTION.subarray(2)));
  }
}

function manyFlows(engine: Engine, frames: Frames, size: number): void {
  for (let number = 0; number < size; number++) {
    const from = { ...CLIENT, mac: 256 + number, address: CLIENT.address + 256 + number };
    engine.packet(frames.udp(from, { ...MODBUS, port: 2222 }, QUESTION));
  }
}
