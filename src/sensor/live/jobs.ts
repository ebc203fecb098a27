import { randomBytes } from 'node:crypto';
import { cpuUsage, memoryUsage } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CaptureProgram,
  type Listened,
  type LiveCapture,
  startLiveCapture,
} from '../../platform/capture/live-capture.ts';
import type { Spool } from '../../platform/spool/spool.ts';
import { encoded, rankOf } from '../courier/jobs.ts';
import type { DecoderOrder, DecoderState, DecoderWord } from '../decoder/word.ts';
import { type Gap, RECORD_CLASSES, type RecordClass, type SensorHealth } from '../delivery/record.ts';

/** Milliseconds. */
const SYNC_EVERY = 100;
const TIDY_EVERY = 5000;
const HEALTH_EVERY = 10_000;
const WATCH_EVERY = 250;
/** A decoder that says nothing for so long is stuck; one that begins needs longer. */
const STUCK_AFTER = 3000;
const BEGINS_IN = 30_000;
const RESTART_AFTER = 500;
/** Bytes of a record. */
const MOST_LINE = 262_144;
const GAP_RANK = RECORD_CLASSES.indexOf('gap');

export interface ListenParts {
  readonly version: string;
  readonly spool: Spool;
  readonly program: CaptureProgram;
  readonly listened: Listened;
  readonly entry: URL;
  readonly root: URL;
  readonly order: Omit<DecoderOrder, 'canary'>;
  told(line: string): void;
}

/** Listens until it is stopped: what is heard goes into the spool, and who listens is replaced when it hangs. */
export class ListeningPost {
  readonly #parts: ListenParts;
  readonly #timers: NodeJS.Timeout[] = [];
  #live: LiveCapture | undefined;
  #isStopped = false;
  #aliveAt = 0;
  #hasSpoken = false;
  #state: DecoderState | undefined;
  /** What earlier decoders had counted. */
  #before = { packets: 0, decoded: 0, filtered: 0, dropped: 0 };
  #restarts = 0;
  #lost: number | undefined;
  #processorAt = { time: performance.now(), used: 0 };

  constructor(parts: ListenParts) {
    this.#parts = parts;
  }

  /** Until it is stopped, or until what is replayed is over. */
  async run(): Promise<void> {
    const { spool, listened } = this.#parts;
    this.#timers.push(
      setInterval(() => spool.sync(), SYNC_EVERY),
      setInterval(() => spool.tidy(Date.now()), TIDY_EVERY),
      setInterval(() => this.#health(), HEALTH_EVERY),
      setInterval(() => this.#watch(), WATCH_EVERY),
    );
    this.#health();
    while (!this.#isStopped) {
      await this.#listen();
      if ('file' in listened) {
        break;
      }
      if (!this.#isStopped) {
        await this.#startAnew();
      }
    }
    for (const timer of this.#timers) {
      clearInterval(timer);
    }
    this.#health();
    spool.sync();
  }

  /** What was heard so far is told yet. */
  stop(): void {
    this.#isStopped = true;
    this.#live?.stop();
  }

  async #listen(): Promise<void> {
    const { program, listened, entry, root, order } = this.#parts;
    this.#hasSpoken = false;
    this.#aliveAt = performance.now();
    this.#live = startLiveCapture({
      program,
      listened,
      entry,
      root,
      order: { ...order, canary: privateAddress() } satisfies DecoderOrder,
      heard: (line) => this.#heard(line),
      complained: (line) => this.#complained(line),
    });
    await this.#live.ended;
    this.#live = undefined;
  }

  /** Nobody listened for a while: that is a gap, and is told as one. */
  async #startAnew(): Promise<void> {
    const { spool, told } = this.#parts;
    const from = Date.now();
    this.#restarts++;
    told('who listens has ended: it starts anew');
    if (this.#state !== undefined) {
      const { packets, decoded, filtered, dropped } = this.#state;
      this.#before = {
        packets: this.#before.packets + packets,
        decoded: this.#before.decoded + decoded,
        filtered: this.#before.filtered + filtered,
        dropped: this.#before.dropped + dropped,
      };
      this.#state = undefined;
    }
    await sleep(RESTART_AFTER);
    const sequence = spool.last + 1;
    const place = { from: sequence, to: sequence, class: 'all', reason: 'capture', records: 0, packets: 0 } as const;
    const times = { fromTime: Math.min(from, this.#lastWordAt()) * 1000, toTime: Date.now() * 1000 };
    spool.append(GAP_RANK, Date.now(), encoded({ ...place, ...times } satisfies Gap));
  }

  #lastWordAt(): number {
    return Math.round(Date.now() - (performance.now() - this.#aliveAt));
  }

  #watch(): void {
    const patience = this.#hasSpoken ? STUCK_AFTER : BEGINS_IN;
    if (this.#live !== undefined && performance.now() - this.#aliveAt > patience) {
      this.#parts.told('the decoder does not answer: it is replaced');
      this.#live.kill();
    }
  }

  /** The decoder read what strangers sent: its word is checked here for its form, and by the hub for its content. */
  #heard(line: string): void {
    this.#aliveAt = performance.now();
    this.#hasSpoken = true;
    const word = line.length > MOST_LINE ? undefined : wordOf(line);
    if (word?.kind === 'state') {
      this.#state = word;
    } else if (word?.kind === 'record' && isTold(word.class)) {
      this.#parts.spool.append(rankOf(word.class), Date.now(), encoded(word.payload));
    }
  }

  #complained(line: string): void {
    const lost = /^(\d+) packets? dropped by kernel/u.exec(line)?.[1];
    if (lost !== undefined) {
      this.#lost = (this.#lost ?? 0) + Number(lost);
    }
    this.#parts.told(line.slice(0, 500));
  }

  #health(): void {
    const { spool, version, listened } = this.#parts;
    const state = this.#state;
    const { user, system } = cpuUsage();
    const used = user + system + (state?.cpu ?? 0);
    const time = performance.now();
    const elapsed = (time - this.#processorAt.time) * 1000;
    const cpu = elapsed > 0 ? Math.max(0, used - this.#processorAt.used) / elapsed : 0;
    this.#processorAt = { time, used };
    const { packets, decoded, filtered, dropped } = this.#before;
    const { oldest } = spool;
    const health: SensorHealth = {
      version,
      interface: 'file' in listened ? listened.file : listened.interface,
      cpu: Math.round(cpu * 1000) / 1000,
      memory: memoryUsage.rss() + (state?.memory ?? 0),
      packets: packets + (state?.packets ?? 0),
      decoded: decoded + (state?.decoded ?? 0),
      filtered: filtered + (state?.filtered ?? 0),
      dropped: dropped + (state?.dropped ?? 0),
      lost: this.#lost,
      limits: state?.limits ?? {},
      spoolBytes: spool.bytes,
      spoolRecords: spool.records,
      spoolOldest: oldest === undefined ? undefined : Math.round(oldest * 1000),
      restarts: this.#restarts,
    };
    spool.append(rankOf('health'), Date.now(), encoded(health));
  }
}

function isTold(kind: RecordClass): boolean {
  return kind !== 'gap' && RECORD_CLASSES.includes(kind);
}

function wordOf(line: string): DecoderWord | undefined {
  try {
    return JSON.parse(line) as DecoderWord;
  } catch {
    return undefined;
  }
}

/** A random address of those that nobody assigns (IEEE 802, 8.2.2): no device has it, and nobody can know it before. */
function privateAddress(): string {
  const bytes = randomBytes(6);
  bytes[0] = 2;
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}
