// One-sided traffic that nobody answers and nobody closes, in every form that is kept for an answer or an end; prints what it
// held as one JSON line. Run by test/one-sided.test.ts in a process of its own with --expose-gc. Option: --packets.
import { memoryUsage } from 'node:process';
import { createCollector } from '../src/inventory/collector.ts';
import { Engine } from '../src/wire/engine.ts';
import { dissectors } from '../src/wire/protocols/index.ts';
import { hex, joined, text, u16, u32le } from './bytes.ts';
import { type End, Frames, PUSH_ACK } from './frames.ts';
import { numberOption, ownPeakMegabytes } from './measure.ts';

const PACKETS = numberOption('packets', 1_000_000);
/** A short run meets tables in proportion, so that they fill all the same; the long one meets those of a user. */
const SHARE = Math.min(1, PACKETS / 10_000_000);
const LIMITS = {
  flows: Math.ceil(250_000 * SHARE),
  questionBytes: Math.ceil(32 * 2 ** 20 * SHARE),
  memoriesOfAll: Math.ceil(500_000 * SHARE),
  heldBytes: Math.ceil(64 * 2 ** 20 * SHARE),
  fragmentBytes: Math.ceil(16 * 2 ** 20 * SHARE),
  fragmentedDatagrams: Math.ceil(4096 * SHARE),
};
const INVENTORY_LIMITS = {
  endpoints: Math.ceil(250_000 * SHARE),
  candidates: Math.ceil(50_000 * SHARE),
  conversations: Math.ceil(1_000_000 * SHARE),
  strangersConversations: Math.ceil(10_000 * SHARE),
};
const SAMPLES = 4;
const PACKETS_PER_SECOND = 10_000;
const MICROS = 1e6;
const START = Date.UTC(2026, 2, 2, 6) * 1000;
/** Streams that go on and on, and senders of single datagrams: together more than may be tracked. */
const STREAMS = Math.ceil(LIMITS.flows / 5);
const SENDERS = LIMITS.flows * 2;
const BYTES_PER_MEGABYTE = 2 ** 20;
const server = (port: number): End => ({ mac: 2, address: 0x0a00_0002, port });
const QUESTION = hex('0001 0000 0006 01 03 0000 0001');
const SNMP = hex('302602010104067075626c6963a019020101020100020100300e300c06082b060102010101000500');

/** What is kept of each: questions, parts of a message, a head without end, a message without its rest. */
const KINDS: readonly ((number: number, sent: number) => readonly [port: number, payload: Uint8Array])[] = [
  (_, sent) => [502, joined(u16(sent), QUESTION.subarray(2))],
  () => [102, hex('03000008 02f000 32')],
  (_, sent) => [80, text(sent === 0 ? 'GET / HTTP/1.1\r\nCookie: ' : 'a'.repeat(100))],
  () => [4840, joined(text('MSGC'), u32le(25), hex('07000000 01000000 05000000 05000000 00'))],
  (_, sent) => [4840, sent === 0 ? joined(text('MSGF'), u32le(1_000_000), new Uint8Array(100)) : new Uint8Array(100)],
];

const collector = createCollector({ vendorOfMac: () => undefined, limits: INVENTORY_LIMITS });
const engine = new Engine({ dissectors, listener: collector.listener, seed: 1, limits: LIMITS });
const frames = new Frames(START);
const sequences = new Uint32Array(STREAMS);
const sends = new Uint32Array(STREAMS);

function send(number: number): void {
  frames.time = START + (number / PACKETS_PER_SECOND) * MICROS;
  const sender = Math.imul(number, 0x9e3779b1) >>> 0;
  const from: End = { mac: 1, address: 0x0b00_0000 + ((number >>> 3) % SENDERS), port: 40_000 };
  if (number % 8 === 0) {
    engine.packet(frames.udp(from, server(161), SNMP));
    return;
  }
  if (number % 8 === 1) {
    engine.packet(frames.fragment(from, server(161), { id: number & 0xffff, offset: 0, more: true }, SNMP));
    return;
  }
  const at = sender % STREAMS;
  const [port, payload] = (KINDS[at % KINDS.length] as (typeof KINDS)[number])(number, sends[at] as number);
  const head = { flags: PUSH_ACK, sequence: 1 + (sequences[at] as number), acknowledgement: 1 };
  engine.packet(frames.tcp({ ...from, address: 0x0c00_0000 + at }, server(port), head, payload));
  sequences[at] = (sequences[at] as number) + payload.length;
  sends[at] = (sends[at] as number) + 1;
}

/** What is held after the garbage is gone. */
function heldMegabytes(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = memoryUsage();
  return (heapUsed + arrayBuffers) / BYTES_PER_MEGABYTE;
}

const empty = heldMegabytes();
const held: number[] = [];
for (let number = 0; number < PACKETS; number++) {
  send(number);
  if ((number + 1) % Math.floor(PACKETS / SAMPLES) === 0) {
    held.push(heldMegabytes() - empty);
  }
}
const { counters, limitsReached } = engine;
console.log(
  JSON.stringify({
    sent: PACKETS,
    counters,
    heldMegabytes: held,
    peakMegabytes: ownPeakMegabytes(),
    limits: Object.fromEntries(limitsReached),
  }),
);
