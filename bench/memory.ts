// Peak memory against the number of conversations, beside tshark's list of them. Option: --most (conversations of the largest row).
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { argv, execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { createCollector } from '../src/inventory/collector.ts';
import { PcapWriter } from '../src/simulator/pcap-writer.ts';
import { Engine } from '../src/wire/engine.ts';
import type { Listener } from '../src/wire/listener.ts';
import { dissectors } from '../src/wire/protocols/index.ts';
import { type End, Frames, PUSH_ACK, SYN } from './frames.ts';
import {
  hasProgram,
  numberOption,
  printMachine,
  printTable,
  type Subject,
  type Taken,
  take,
  withFolder,
} from './measure.ts';

const SIZES = [10_000, 100_000, 1_000_000].filter((size) => size <= numberOption('most', 100_000));
/** tshark is asked up to here only: it would need gigabytes. */
const MOST_FOR_TSHARK = 100_000;
const START = Date.UTC(2026, 2, 2, 6) * 1000;
/** Some 5,000 conversations a second, so that the largest row takes minutes of packet time and idle ones end. */
const MICROS_PER_CONVERSATION = 200;
const BYTES_PER_MEGABYTE = 2 ** 20;
const QUESTION = Uint8Array.from([0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 1]);
const ANSWER = Uint8Array.from([0, 1, 0, 0, 0, 5, 1, 3, 2, 0, 7]);

/** Question and answer between ends that nobody else has: a thousand servers, many clients; every second one over TCP. */
function* conversations(frames: Frames, count: number): Generator<Frames> {
  for (let number = 0; number < count; number++) {
    const client: End = { mac: 1, address: 0x0a80_0000 + (number >> 4), port: 40_000 + (number & 15) };
    const server: End = { mac: 2, address: 0x0a00_0000 + (number % 1000), port: 502 };
    frames.time += MICROS_PER_CONVERSATION;
    if (number % 2 === 0) {
      yield frames.udp(client, server, QUESTION);
      yield frames.udp(server, client, ANSWER);
    } else {
      yield frames.tcp(client, server, { flags: SYN, sequence: 0, acknowledgement: 0 });
      yield frames.tcp(client, server, { flags: PUSH_ACK, sequence: 1, acknowledgement: 1 }, QUESTION);
      yield frames.tcp(server, client, { flags: PUSH_ACK, sequence: 1, acknowledgement: 13 }, ANSWER);
    }
  }
}

const SILENT: Listener = { wantsObservations: false, unanswered: () => undefined };

/** What a row measures, in a process of its own. */
const PARTS = {
  engine(count: number) {
    const engine = new Engine({ dissectors, listener: SILENT, seed: 1 });
    for (const packet of conversations(new Frames(START), count)) {
      engine.packet(packet);
    }
    engine.end();
  },
  inventory(count: number) {
    const collector = createCollector({ vendorOfMac: () => undefined, limits: {} });
    const engine = new Engine({ dissectors, listener: collector.listener, seed: 1 });
    for (const packet of conversations(new Frames(START), count)) {
      engine.packet(packet);
    }
    engine.end();
    collector.result();
  },
} as const;

function writeCapture(path: string, count: number): void {
  const writer = new PcapWriter();
  const file = openSync(path, 'w');
  for (const { bytes, end, time } of conversations(new Frames(START), count)) {
    const full = writer.write({ bytes: bytes.subarray(0, end), time });
    if (full) {
      writeSync(file, full);
    }
  }
  writeSync(file, writer.finish());
  closeSync(file);
}

/** This program again, measuring one part only. */
function own(name: string, count: number): Subject {
  const command = [execPath, fileURLToPath(import.meta.url), '--part', name, '--count', String(count)];
  return { name, command };
}

async function peerOf(folder: string, count: number): Promise<Taken | undefined> {
  if (!hasProgram('tshark') || count > MOST_FOR_TSHARK) {
    return undefined;
  }
  const path = join(folder, `${count}.pcap`);
  writeCapture(path, count);
  return await take(['tshark', '-n', '-r', path, '-q', '-z', 'conv,tcp', '-z', 'conv,udp']);
}

async function report(folder: string): Promise<void> {
  const rows: string[][] = [];
  for (const count of SIZES) {
    const peer = await peerOf(folder, count);
    const row = (name: string, { peakMegabytes, cpuSeconds, status }: Taken, empty: number) => [
      name,
      count.toLocaleString('en'),
      status === 0 ? peakMegabytes.toFixed(0) : 'failed',
      (((peakMegabytes - empty) * BYTES_PER_MEGABYTE) / count).toFixed(0),
      cpuSeconds.toFixed(2),
      peer === undefined ? '' : (peakMegabytes / peer.peakMegabytes).toFixed(2),
    ];
    for (const name of Object.keys(PARTS)) {
      const { peakMegabytes: empty } = await take(own(name, 0).command);
      rows.push(row(`keyway ${name}`, await take(own(name, count).command), empty));
    }
    if (peer) {
      rows.push(row('tshark conversations', peer, 0));
    }
  }
  printTable(['subject', 'conversations', 'peak MB', 'bytes each', 'CPU s', 'share of tshark’s peak'], rows);
}

const part = argv[argv.indexOf('--part') + 1] as keyof typeof PARTS;
if (argv.includes('--part')) {
  PARTS[part](numberOption('count', 0));
} else {
  printMachine();
  await withFolder(report);
}
