import { createHash, randomInt, randomUUID } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { ActivityStore } from '../../access/activity.ts';
import { runCaptures } from '../../captures/run-captures.ts';
import type { Analysis } from '../../inventory/analysis.ts';
import { createCollector } from '../../inventory/collector.ts';
import type { VendorOfMac } from '../../inventory/mac-vendors.ts';
import { type Sighting, sightingsOf } from '../../inventory/sighting.ts';
import type { Actor } from '../../kit/actor.ts';
import type { Atomically } from '../../kit/atomically.ts';
import { type Failure, fail } from '../../kit/failure.ts';
import { ok, type Result } from '../../kit/result.ts';
import { inScope, type Scope } from '../../kit/scope.ts';
import type { Micros } from '../../kit/time.ts';
import type { Topic } from '../../platform/bus/bus.ts';
import { Crew, type Job, type Member } from '../../platform/threads/crew.ts';
import type { CaptureSource } from '../../wire/capture/source.ts';
import type { Dissector } from '../../wire/dissector.ts';
import { Engine } from '../../wire/engine.ts';
import { boundedCapture, CAPTURE_BOUNDS, type CaptureBounds, TOO_MUCH } from './bounded-capture.ts';
import type { Upload, UploadCounts, UploadStore } from './upload.ts';

export const UPLOAD_JOB = 'upload';

/** Bytes of one capture as it is handed in. */
export const MOST_UPLOAD = 2_147_483_648;
/** What may change where something is sighted. */
const SIGHTED: readonly Topic[] = ['assets', 'conversations', 'events', 'findings'];
/** Captures that wait or are being looked at. */
const MOST_UNFINISHED = 100;
const SIGHTINGS_PER_BATCH = 500;
/** What is still read of a body that was refused, so that its sender hears why. */
const MOST_DRAINED = 67_108_864;

// ── In a thread ─────────────────────────────────────────────────────────────────────────────────────────────────────

interface UploadOrder {
  readonly path: string;
  readonly network: string;
  readonly seed: number;
  readonly bounds: CaptureBounds;
}

type UploadWord =
  | { readonly kind: 'state'; readonly share: number }
  | { readonly kind: 'sightings'; readonly sightings: readonly Sighting[] }
  | { readonly kind: 'done'; readonly counts: UploadCounts }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string };

export interface UploadJobParts {
  readonly dissectors: readonly Dissector[];
  readonly vendorOfMac: VendorOfMac;
  openCapture(path: string): CaptureSource;
}

/** Looks at one capture and tells what was sighted in it. */
export function uploadJob({ dissectors, vendorOfMac, openCapture }: UploadJobParts): Job {
  return async (member: Member) => {
    const { path, network, seed, bounds } = member.data as UploadOrder;
    const say = (word: UploadWord) => member.say(word);
    const collector = createCollector({ vendorOfMac, seed, limits: {} });
    const engine = new Engine({ dissectors, listener: collector.listener, seed });
    const source = openCapture(path);
    const ran = await runCaptures([boundedCapture(source, bounds)], engine, {
      async breathe({ consumed }) {
        say({ kind: 'state', share: source.size ? Math.min(1, consumed / source.size) : 0 });
        return member.breathe();
      },
    });
    engine.end();
    if (!ran.ok) {
      say({
        kind: 'refused',
        code: 'upload.no-capture',
        message: 'This is no capture: it is neither pcap nor pcapng.',
      });
      return;
    }
    const [capture] = ran.value.captures;
    if (capture?.damage?.reason === TOO_MUCH) {
      say({
        kind: 'refused',
        code: 'upload.too-large',
        message: 'This capture unpacks to more than may be handed in.',
      });
      return;
    }
    const analysis = collector.result();
    for (const sightings of batchesOf(analysis, network)) {
      member.sayInTurn({ kind: 'sightings', sightings } satisfies UploadWord, []);
    }
    const { assets, conversations, findings } = analysis;
    say({
      kind: 'done',
      counts: {
        packets: engine.counters.packets,
        assets: assets.length,
        conversations: conversations.length,
        findings: findings.length,
      },
    });
  };
}

function* batchesOf(analysis: Analysis, network: string): Generator<readonly Sighting[]> {
  let batch: Sighting[] = [];
  for (const sighting of sightingsOf(analysis, network)) {
    batch.push(sighting);
    if (batch.length === SIGHTINGS_PER_BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) {
    yield batch;
  }
}

// ── In the hub ──────────────────────────────────────────────────────────────────────────────────────────────────────

export interface NewUpload {
  readonly site: string;
  readonly name: string;
  readonly network: string;
}

export interface Uploads {
  /** Takes a capture in; it is looked at when its turn comes. */
  handIn(actor: Actor, wanted: NewUpload, body: Readable): Promise<Result<{ readonly id: string }, Failure>>;
  /** 0 to 1 of what is being looked at. */
  progress(id: string): number | undefined;
  /** What is recorded of it so far stays. */
  cancel(actor: Actor, scope: Scope, id: string): Promise<Result<undefined, Failure>>;
  /** Goes on with what an earlier run left. */
  begin(): Promise<void>;
  stop(): Promise<void>;
  /** Resolves once nothing waits and nothing is looked at. */
  idle(): Promise<void>;
}

export interface UploadStores {
  readonly uploads: UploadStore;
  readonly activity: ActivityStore;
}

export interface UploadParts<Stores extends UploadStores> {
  readonly atomically: Atomically<Stores>;
  readonly uploads: UploadStore;
  /** Outside of any tree that is served. */
  readonly folder: string;
  /** Where a thread begins. */
  readonly entry: { readonly href: string };
  readonly bounds?: CaptureBounds;
  readonly mostBytes?: number;
  recordSightings(stores: Stores, site: string, source: string, sightings: readonly Sighting[]): Promise<unknown>;
  now(): Micros;
  publish(topic: Topic): void;
}

export function createUploads<Stores extends UploadStores>(parts: UploadParts<Stores>): Uploads {
  const { atomically, uploads, folder, now, publish } = parts;
  const shares = new Map<string, number>();
  const running = new Map<string, Crew>();
  const cancelled = new Set<string>();
  let isStopped = false;
  let turn: Promise<void> = Promise.resolve();

  const fileOf = (id: string) => join(folder, `${id}.capture`);

  function enqueue(upload: Upload): void {
    turn = turn.then(() => look(upload)).catch(() => undefined);
  }

  async function look(upload: Upload): Promise<void> {
    const { id } = upload;
    if (isStopped || cancelled.has(id)) {
      return;
    }
    await atomically((stores) => stores.uploads.change(id, { state: 'analysing' }));
    publish('uploads');
    const ended = await analyse(upload);
    shares.delete(id);
    if (isStopped || cancelled.has(id)) {
      return;
    }
    await atomically((stores) => stores.uploads.change(id, { ...ended, endedAt: now() }));
    await rm(fileOf(id), { force: true });
    publish('uploads');
  }

  async function analyse(upload: Upload): Promise<Partial<Pick<Upload, 'state' | 'counts' | 'error'>>> {
    const { id, site, network } = upload;
    const order: UploadOrder = {
      path: fileOf(id),
      network,
      seed: randomInt(2 ** 32),
      bounds: parts.bounds ?? CAPTURE_BOUNDS,
    };
    let last: UploadWord | undefined;
    let seen = 0;
    let { recorded } = upload;
    let recording: Promise<void> = Promise.resolve();
    const record = async (sightings: readonly Sighting[]) => {
      // An earlier run of this program may have recorded the first of them: they come in the same order again.
      const fresh = sightings.slice(Math.max(0, recorded - seen));
      seen += sightings.length;
      if (fresh.length === 0 || cancelled.has(id) || isStopped) {
        return;
      }
      await atomically(async (stores) => {
        await parts.recordSightings(stores, site, `upload ${id}`, fresh);
        await stores.uploads.change(id, { recorded: seen });
      });
      recorded = seen;
      for (const topic of SIGHTED) {
        publish(topic);
      }
    };
    const crew = new Crew(parts.entry, { job: UPLOAD_JOB, of: 1, data: order }, (heard, thread) => {
      const word = heard as UploadWord;
      switch (word.kind) {
        case 'state':
          shares.set(id, word.share);
          return;
        case 'sightings':
          recording = recording.then(() => record(word.sightings));
          // Whoever waits for `recording` below hears of a fault.
          recording.then(
            () => crew.release(thread),
            () => crew.dismiss(),
          );
          return;
        default:
          last = word;
      }
    });
    running.set(id, crew);
    try {
      await crew.ended;
      await recording;
    } catch {
      return { state: 'refused', error: { code: 'upload.failed', message: 'It could not be looked at to its end.' } };
    } finally {
      running.delete(id);
    }
    if (last?.kind === 'done') {
      return { state: 'done', counts: last.counts };
    }
    const { code, message } = last?.kind === 'refused' ? last : { code: 'upload.failed', message: 'It ended early.' };
    return { state: 'refused', error: { code, message } };
  }

  return {
    async handIn(actor, { site, name, network }, body) {
      if ((await uploads.unfinished()).length >= MOST_UNFINISHED) {
        return fail('too-many', 'upload.too-many', 'Too many captures wait already: try again later.');
      }
      const id = randomUUID();
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const received = await receive(body, fileOf(id), parts.mostBytes ?? MOST_UPLOAD);
      if (!received.ok) {
        await rm(fileOf(id), { force: true });
        return received;
      }
      const { size, sha256 } = received.value;
      const at = now();
      const upload: Upload = {
        id,
        site,
        name,
        network,
        actor,
        at,
        size,
        sha256,
        state: 'waiting',
        recorded: 0,
        counts: undefined,
        error: undefined,
        endedAt: undefined,
      };
      await atomically(async (stores) => {
        await stores.uploads.add(upload);
        const after = { name, network, size, sha256 };
        await stores.activity.append([{ at, actor, act: 'capture.upload', subject: `upload ${id}`, site, after }]);
      });
      publish('uploads');
      enqueue(upload);
      return ok({ id });
    },

    progress: (id) => shares.get(id),

    async cancel(actor, scope, id) {
      const upload = await uploads.find(scope, id);
      if (upload === undefined || !inScope(scope, upload.site)) {
        return fail('not-found', 'upload.not-found', `There is no upload ${id}.`);
      }
      if (upload.state !== 'waiting' && upload.state !== 'analysing') {
        return fail('conflict', 'upload.over', 'This upload is over already.');
      }
      cancelled.add(id);
      running.get(id)?.dismiss();
      const at = now();
      await atomically(async (stores) => {
        await stores.uploads.change(id, { state: 'cancelled', endedAt: at });
        await stores.activity.append([
          { at, actor, act: 'capture.cancel', subject: `upload ${id}`, site: upload.site },
        ]);
      });
      await rm(fileOf(id), { force: true });
      publish('uploads');
      return ok(undefined);
    },

    async begin() {
      for (const upload of await uploads.unfinished()) {
        enqueue(upload);
      }
    },

    async stop() {
      isStopped = true;
      for (const crew of running.values()) {
        crew.dismiss();
      }
      await turn;
    },

    idle: () => turn,
  };
}

interface Received {
  readonly size: number;
  readonly sha256: string;
}

/** Writes a body into a new file, durably. What does not begin as a capture does is refused at once. */
async function receive(body: Readable, path: string, mostBytes: number): Promise<Result<Received, Failure>> {
  const file = await open(path, 'wx', 0o600);
  try {
    const intake = new Intake(mostBytes);
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      if (intake.takes(chunk)) {
        await file.appendFile(chunk);
      } else if (intake.isEnough) {
        break;
      }
    }
    const received = intake.received();
    if (received.ok) {
      await file.sync();
    }
    return received;
  } catch (error) {
    return isDiskFull(error)
      ? fail('unavailable', 'upload.no-room', 'There is no room for this capture on the disk of the hub.')
      : fail('invalid', 'upload.broken-off', 'The capture did not arrive whole.');
  } finally {
    await file.close();
  }
}

/** Looks at a body as it comes in. */
class Intake {
  readonly #mostBytes: number;
  readonly #hash = createHash('sha256');
  #head: Uint8Array = new Uint8Array(0);
  #size = 0;
  #drained = 0;
  #refused: Result<never, Failure> | undefined;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** False once it is refused. */
  takes(chunk: Uint8Array): boolean {
    this.#size += chunk.length;
    if (this.#head.length < MAGIC_LENGTH) {
      this.#head = Buffer.concat([this.#head, chunk.subarray(0, MAGIC_LENGTH)]).subarray(0, MAGIC_LENGTH);
    }
    if (this.#size > this.#mostBytes) {
      this.#refused ??= fail('too-large', 'upload.too-large', `A capture may have ${this.#mostBytes} bytes at most.`);
    } else if (this.#head.length === MAGIC_LENGTH && !isCapture(this.#head)) {
      this.#refused ??= noCapture();
    }
    if (this.#refused === undefined) {
      this.#hash.update(chunk);
      return true;
    }
    this.#drained += chunk.length;
    return false;
  }

  /** So much came in vain that its sender has had the time to hear why. */
  get isEnough(): boolean {
    return this.#drained > MOST_DRAINED;
  }

  received(): Result<Received, Failure> {
    if (this.#refused !== undefined) {
      return this.#refused;
    }
    return this.#head.length < MAGIC_LENGTH ? noCapture() : ok({ size: this.#size, sha256: this.#hash.digest('hex') });
  }
}

const MAGIC_LENGTH = 4;
/** pcap (microseconds, nanoseconds) and pcapng; gzip is told by its first two bytes. */
const MAGICS: ReadonlySet<number> = new Set([0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1, 0x0a0d0d0a]);
const GZIP = 0x1f8b;

function isCapture(head: Uint8Array): boolean {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  return MAGICS.has(view.getUint32(0)) || view.getUint16(0) === GZIP;
}

function noCapture(): Result<never, Failure> {
  return fail('invalid', 'upload.no-capture', 'This is no capture: it is neither pcap nor pcapng, packed or not.');
}

function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}
