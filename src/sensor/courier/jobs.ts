import { setTimeout as sleep } from 'node:timers/promises';
import type { Poster } from '../../platform/http/post.ts';
import type { Spooled } from '../../platform/spool/frame.ts';
import { type Dropped, Spool } from '../../platform/spool/spool.ts';
import { type Gap, RECORD_CLASSES } from '../delivery/record.ts';

const GAP_RANK = RECORD_CLASSES.indexOf('gap');
const PER_DELIVERY = { records: 1000, bytes: 2_097_152 };
/** Milliseconds until a hub that did not answer is tried again, at first and at most. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;
/** Milliseconds between two looks at an empty spool. */
const LOOK = 50;

export interface SpoolSettings {
  readonly folder: string;
  readonly mostBytes: number;
  /** Milliseconds. */
  readonly mostAge: number;
  newEpoch(): string;
}

/** The spool of a sensor: ranks are the classes of records, and a gap stands for what was dropped. */
export function openSpool(settings: SpoolSettings): Spool {
  return new Spool({ ...settings, gapRank: GAP_RANK, gapPayload: (dropped) => encoded(gapOf(dropped)) });
}

export function rankOf(kind: (typeof RECORD_CLASSES)[number]): number {
  return RECORD_CLASSES.indexOf(kind);
}

export function encoded(payload: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(payload));
}

function gapOf({ from, to, rank, reason, records, fromTime, toTime }: Dropped): Gap {
  const kind = rank === undefined ? 'all' : (RECORD_CLASSES[rank] ?? 'all');
  const times = { fromTime: Math.round(fromTime * 1000), toTime: Math.round(toTime * 1000) };
  return { from, to, class: kind, reason, records, packets: 0, ...times };
}

export interface CourierParts {
  readonly spool: Spool;
  readonly poster: Poster;
  readonly sensor: string;
  readonly secret: string;
  /** Called where the hub is away, and when it is back. */
  told(line: string): void;
}

/** Brings records to the hub, in order, and forgets those alone that the hub says it has. */
export class Courier {
  readonly #parts: CourierParts;
  #isStopped = false;
  #trouble: string | undefined;

  constructor(parts: CourierParts) {
    this.#parts = parts;
  }

  /** Until it is stopped. */
  async run(): Promise<void> {
    let pause = FIRST_PAUSE;
    while (!this.#isStopped) {
      const { spool } = this.#parts;
      if (spool.synced <= spool.through) {
        await sleep(LOOK);
        continue;
      }
      if (await this.deliver()) {
        pause = FIRST_PAUSE;
      } else {
        await this.#wait(pause);
        pause = Math.min(LONGEST_PAUSE, pause * 2);
      }
    }
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** One delivery; false where the hub did not take it. */
  async deliver(): Promise<boolean> {
    const { spool, poster, sensor, secret } = this.#parts;
    const records = spool.read(spool.through, PER_DELIVERY);
    const [first] = records;
    if (first === undefined) {
      return true;
    }
    try {
      const { status, body } = await poster.post(
        `/api/sensors/${sensor}/records`,
        { authorization: `Bearer ${secret}`, 'content-type': 'application/x-ndjson' },
        deliveryOf(spool.epoch, records),
      );
      if (status !== 200) {
        throw new Error(`the hub answers ${status}: ${body.slice(0, 200)}`);
      }
      this.#acknowledge(JSON.parse(body) as { readonly through?: unknown });
      this.#fine();
      return true;
    } catch (error) {
      this.#inTrouble(error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  #acknowledge({ through }: { readonly through?: unknown }): void {
    const { spool, told } = this.#parts;
    if (typeof through !== 'number' || !Number.isSafeInteger(through)) {
      throw new Error('the hub does not say how far it has come');
    }
    if (through > spool.synced) {
      // This spool is older than what the hub has of it: a copy was put back.
      told('the hub has records of this spool that are not here: a new epoch begins');
      spool.renew();
      return;
    }
    spool.acknowledge(through);
  }

  async #wait(milliseconds: number): Promise<void> {
    for (let waited = 0; waited < milliseconds && !this.#isStopped; waited += LOOK) {
      await sleep(LOOK);
    }
  }

  #inTrouble(message: string): void {
    if (this.#trouble !== message) {
      this.#trouble = message;
      this.#parts.told(`not delivered: ${message}`);
    }
  }

  #fine(): void {
    if (this.#trouble !== undefined) {
      this.#trouble = undefined;
      this.#parts.told('delivered again');
    }
  }
}

/** A line that names the epoch, then a line for each record. */
export function deliveryOf(epoch: string, records: readonly Spooled[]): Uint8Array {
  const decoder = new TextDecoder();
  const lines = records.map(({ sequence, rank, time, payload }) => {
    const head = `"sequence":${sequence},"class":"${RECORD_CLASSES[rank] ?? 'gap'}","time":${Math.round(time * 1000)}`;
    return `{${head},"payload":${decoder.decode(payload)}}`;
  });
  return new TextEncoder().encode(`${JSON.stringify({ epoch, sentAt: Date.now() * 1000 })}\n${lines.join('\n')}\n`);
}
