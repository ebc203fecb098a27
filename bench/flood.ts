// A flood of invented senders while a controller works on; prints what became of both as one JSON line.
// Run by test/flood.test.ts in a process of its own. Options: --packets, --flows (flows that may be tracked),
// --answered 1 (the controller answers each SYN, so that a flow has two sides and a handshake that is never completed).
import { memoryUsage } from 'node:process';
import { createCollector } from '../src/inventory/collector.ts';
import type { Micros } from '../src/kit/time.ts';
import { Engine } from '../src/wire/engine.ts';
import { DEFAULT_LIMITS, type LimitName } from '../src/wire/limits.ts';
import type { Flow, Listener, Message, Question, Side } from '../src/wire/listener.ts';
import { dissectors } from '../src/wire/protocols/index.ts';
import { ACK, type End, Frames, PUSH_ACK, SYN } from './frames.ts';
import { numberOption, ownPeakMegabytes } from './measure.ts';

const PACKETS = numberOption('packets', 1_000_000);
const IS_ANSWERED = numberOption('answered', 0) === 1;
/** Invented packets a second. */
const PER_SECOND = 100_000;
/** The controller is asked once for so many invented packets: some 1,000 times a second. */
const PACKETS_PER_POLL = 100;
const CALM_SECONDS = 180;
const MICROS = 1e6;
const POLLS_PER_SECOND = 100;
const START = Date.UTC(2026, 2, 2, 6) * 1000;

const STATION: End = { mac: 0x0000_0001, address: 0x0a00_0001, port: 50_000 };
const CONTROLLER: End = { mac: 0x0000_0002, address: 0x0a00_0002, port: 502 };
const ATTACKER_MAC = 0x0000_0666;
/** Read one holding register, and its answer. */
const QUESTION = Uint8Array.from([0, 0, 0, 0, 0, 6, 1, 3, 0, 0, 0, 1]);
const ANSWER = Uint8Array.from([0, 0, 0, 0, 0, 5, 1, 3, 2, 0, 7]);

/** Counts what the engine says and hands it on to the inventory. */
class Counting implements Listener {
  readonly wantsObservations = true;
  open = 0;
  most = 0;
  messages = 0;
  /** Answers that found their question. */
  paired = 0;
  readonly limits: Set<string> = new Set();
  /** When the limit on flows was first told, in packet time. */
  toldAt: number | undefined;
  private readonly next: Listener;

  constructor(next: Listener) {
    this.next = next;
  }

  flowOpened(flow: Flow): void {
    this.open++;
    this.most = Math.max(this.most, this.open);
    this.next.flowOpened?.(flow);
  }

  flowClosed(flow: Flow): void {
    this.open--;
    this.next.flowClosed?.(flow);
  }

  message(message: Message): void {
    this.messages += message.outcome === 'message' && message.dissector.name === 'modbus' ? 1 : 0;
    this.paired += message.question === undefined ? 0 : 1;
    this.next.message?.(message);
  }

  limitReached(limit: LimitName, time: Micros, times: number): void {
    this.limits.add(limit);
    if (limit === 'flows') {
      this.toldAt ??= time;
    }
    this.next.limitReached?.(limit, time, times);
  }

  flowAnswered(flow: Flow): void {
    this.next.flowAnswered?.(flow);
  }

  senderChanged(flow: Flow, side: Side): void {
    this.next.senderChanged?.(flow, side);
  }

  unanswered(flow: Flow, question: Question): void {
    this.next.unanswered?.(flow, question);
  }
}

const collector = createCollector({ vendorOfMac: () => undefined, limits: {} });
const counting = new Counting(collector.listener);
// A short flood meets a table in proportion, so that it overflows all the same.
const limits = { flows: numberOption('flows', Math.min(DEFAULT_LIMITS.flows, PACKETS / 4)) };
const engine = new Engine({ dissectors, listener: counting, seed: 20_260_302, limits });
const frames = new Frames(START);

let polls = 0;
let sent = 0;
/** Bytes of either side's stream so far. */
let asked = 1;
let answered = 1;

function ask(): void {
  for (const message of [QUESTION, ANSWER]) {
    message[0] = polls >> 8;
    message[1] = polls;
  }
  const asks = { flags: PUSH_ACK, sequence: asked, acknowledgement: answered };
  engine.packet(frames.tcp(STATION, CONTROLLER, asks, QUESTION));
  asked += QUESTION.length;
  sent++;
}

/** The answer takes its time: meanwhile the flood goes on, and the question must still be known. */
function answer(): void {
  const answers = { flags: PUSH_ACK, sequence: answered, acknowledgement: asked };
  engine.packet(frames.tcp(CONTROLLER, STATION, answers, ANSWER));
  answered += ANSWER.length;
  polls++;
  sent++;
}

function poll(): void {
  ask();
  answer();
}

/** Half of it SYNs to the controller, half of it datagrams; one in four also has an invented MAC. */
function invent(number: number): void {
  const scrambled = Math.imul(number + 1, 0x9e3779b1) >>> 0;
  const from: End = {
    mac: number % 4 === 0 ? scrambled : ATTACKER_MAC,
    address: scrambled,
    port: 1024 + (scrambled % 60_000),
  };
  const packet =
    number % 2 === 0
      ? frames.tcp(from, CONTROLLER, { flags: SYN, sequence: scrambled, acknowledgement: 0 })
      : frames.udp(from, { ...CONTROLLER, port: 2222 }, QUESTION);
  engine.packet(packet);
  sent++;
  if (IS_ANSWERED && number % 2 === 0) {
    const answer = { flags: SYN | ACK, sequence: scrambled ^ 0x5a5a_5a5a, acknowledgement: scrambled + 1 };
    engine.packet(frames.tcp(CONTROLLER, from, answer));
    sent++;
  }
}

const begun = performance.now();
for (let number = 0; number < POLLS_PER_SECOND; number++) {
  frames.time += MICROS / POLLS_PER_SECOND;
  poll();
}
const openBefore = counting.open;
for (let number = 0; number < PACKETS; number++) {
  frames.time = START + 2 * MICROS + (number / PER_SECOND) * MICROS;
  invent(number);
  if (number % PACKETS_PER_POLL === 0) {
    ask();
  } else if (number % PACKETS_PER_POLL === PACKETS_PER_POLL / 2) {
    answer();
  }
}
const openAtPeak = counting.open;
const floodEnded = frames.time;
let calmAfterSeconds: number | undefined;
while (frames.time < floodEnded + CALM_SECONDS * MICROS) {
  frames.time += MICROS / POLLS_PER_SECOND;
  poll();
  if (calmAfterSeconds === undefined && counting.open <= openBefore + 1) {
    calmAfterSeconds = (frames.time - floodEnded) / MICROS;
  }
}
const openAfterwards = counting.open;
const seconds = (performance.now() - begun) / 1000;
engine.end();
const analysis = collector.result();
const controller = [...analysis.conversations].find(({ protocol }) => protocol === 'modbus');
const { counters } = engine;
console.log(
  JSON.stringify({
    sent,
    polls,
    messages: counting.messages,
    paired: counting.paired,
    controllerFlows: controller?.flows ?? 0,
    recorded: controller?.operations.reduce((sum, { count }) => sum + count, 0) ?? 0,
    counters,
    flows: { before: openBefore, atPeak: openAtPeak, most: counting.most, afterwards: openAfterwards },
    calmAfterSeconds,
    toldAfterSeconds: counting.toldAt === undefined ? undefined : (counting.toldAt - START - 2 * MICROS) / MICROS,
    limits: [...counting.limits, ...analysis.limits.keys()],
    assets: analysis.assets.length,
    conversations: analysis.conversations.length,
    spoofed: analysis.findings.filter(({ code }) => code === 'scan.spoofed-sources').length,
    findings: Object.fromEntries(
      [...Map.groupBy(analysis.findings, ({ code }) => code)].map(([code, found]) => [code, found.length]),
    ),
    peakMegabytes: ownPeakMegabytes(),
    heapMegabytes: memoryUsage().heapUsed / 2 ** 20,
    secondsOfPackets: seconds,
    seconds: (performance.now() - begun) / 1000,
  }),
);
