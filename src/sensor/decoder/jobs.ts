import { writeSync } from 'node:fs';
import { cpuUsage, memoryUsage } from 'node:process';
import { type RunResult, runCaptures } from '../../captures/run-captures.ts';
import { createCollector } from '../../inventory/collector.ts';
import type { VendorOfMac } from '../../inventory/mac-vendors.ts';
import { type Sighting, sightingsOf } from '../../inventory/sighting.ts';
import type { Micros } from '../../kit/time.ts';
import type { CaptureSource } from '../../wire/capture/source.ts';
import type { Dissector } from '../../wire/dissector.ts';
import { Engine } from '../../wire/engine.ts';
import type { RecordClass } from '../delivery/record.ts';
import { News } from './news.ts';
import type { DecoderOrder, DecoderWord } from './word.ts';

/** Milliseconds between two signs of life. */
const ALIVE_EVERY = 500;
const STDOUT = 1;
/** A capture whose time is further away than this is no live one: canaries take its time then. */
const HOUR: Micros = 3_600_000_000;

const CLASSES: Readonly<Record<Sighting['kind'], RecordClass>> = {
  asset: 'identity',
  conversation: 'flow',
  finding: 'finding',
};

export interface DecoderParts {
  readonly dissectors: readonly Dissector[];
  readonly vendorOfMac: VendorOfMac;
  readonly seed: number;
  readonly order: DecoderOrder;
  /** What the capturing program writes. */
  readonly source: CaptureSource;
}

/** Reads a capture that goes on, and says what it hears, a line each, to standard output. */
export async function decodeLive(parts: DecoderParts): Promise<void> {
  const { order, source } = parts;
  const decoder = new LiveDecoder(parts);
  const timers = [
    setInterval(() => decoder.sayState(), ALIVE_EVERY),
    setInterval(() => decoder.harvest(), order.harvestEvery),
    setInterval(() => decoder.sendCanary(), order.canaryEvery),
  ];
  decoder.sayState();
  decoder.sendCanary();
  try {
    await decoder.run(source);
  } finally {
    for (const timer of timers) {
      clearInterval(timer);
    }
  }
  decoder.end();
}

class LiveDecoder {
  readonly #order: DecoderOrder;
  readonly #collector;
  readonly #engine: Engine;
  readonly #news = new News();
  #time: Micros = 0;
  #canaries = 0;

  constructor({ dissectors, vendorOfMac, seed, order }: DecoderParts) {
    this.#order = order;
    this.#collector = createCollector({ vendorOfMac, limits: {}, seed });
    this.#engine = new Engine({ dissectors, listener: this.#collector.listener, seed });
  }

  run(source: CaptureSource): Promise<{ readonly ok: boolean; readonly value?: RunResult }> {
    return runCaptures([source], this.#engine, {
      breathe: async ({ time }) => {
        this.#time = time;
        // Timers get their turn although packets never end.
        await new Promise((resolve) => setImmediate(resolve));
        return true;
      },
    });
  }

  end(): void {
    this.#engine.end();
    this.harvest();
    this.sayState();
  }

  /** A frame of our own goes the whole way: nothing sends it, so nobody but the hub ever sees it. */
  sendCanary(): void {
    this.#canaries++;
    const bytes = canaryFrame(this.#order.canary, this.#canaries);
    const now = Date.now() * 1000;
    const time = this.#time === 0 || Math.abs(now - this.#time) < HOUR ? now : this.#time;
    this.#engine.packet({
      bytes,
      view: new DataView(bytes.buffer),
      start: 0,
      end: bytes.length,
      original: bytes.length,
      time,
      linkType: 1,
      interfaceId: 0,
      frame: this.#engine.counters.packets + 1,
    });
    this.harvest();
  }

  harvest(): void {
    const analysis = this.#collector.harvest((visit) => this.#engine.openFlows(visit));
    const { firstSeen } = analysis;
    if (firstSeen === undefined) {
      return;
    }
    const { network, source } = this.#order;
    for (const sighting of sightingsOf(analysis, network, source)) {
      if (this.#isCanary(sighting)) {
        if (sighting.kind === 'conversation') {
          say({ kind: 'record', class: 'health', payload: { canary: this.#canaries } });
        }
        continue;
      }
      const news = this.#news.of(sighting, firstSeen);
      if (news !== undefined) {
        say({ kind: 'record', class: CLASSES[news.kind], payload: news });
      }
    }
  }

  sayState(): void {
    const { packets, decoded, filtered, dropped } = this.#engine.counters;
    const { user, system } = cpuUsage();
    const limits = Object.fromEntries(this.#engine.limitsReached);
    const counters = { packets: packets - this.#canaries, decoded: decoded - this.#canaries, filtered, dropped };
    say({ kind: 'state', ...counters, limits, cpu: user + system, memory: memoryUsage.rss() });
  }

  #isCanary(sighting: Sighting): boolean {
    const { canary } = this.#order;
    switch (sighting.kind) {
      case 'asset':
        return sighting.interfaces.some(({ mac }) => mac === canary);
      case 'conversation':
        return sighting.clientAddress === canary;
      default:
        return sighting.assets.some(({ mac }) => mac === canary);
    }
  }
}

/** EtherType for experiments in a local network (IEEE 802, clause 9.2.4). */
const LOCAL_EXPERIMENT = 0x88b5;
const LEAST_FRAME = 60;

function canaryFrame(mac: string, number: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(LEAST_FRAME);
  bytes.fill(0xff, 0, 6);
  bytes.set(
    mac.split(':').map((octet) => Number.parseInt(octet, 16)),
    6,
  );
  const view = new DataView(bytes.buffer);
  view.setUint16(12, LOCAL_EXPERIMENT);
  view.setUint32(14, number >>> 0);
  return bytes;
}

/** Waits while the one who listens is behind. */
function say(word: DecoderWord): void {
  const bytes = new TextEncoder().encode(`${JSON.stringify(word)}\n`);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(STDOUT, bytes, at, bytes.length - at);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) {
        throw error;
      }
      Atomics.wait(WAITING, 0, 0, 1);
    }
  }
}

const WAITING = new Int32Array(new SharedArrayBuffer(4));
