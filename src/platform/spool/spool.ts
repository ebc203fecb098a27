import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type FrameRead, frameOf, MOST_PAYLOAD, readFrame, type Spooled } from './frame.ts';

export interface SpoolOptions {
  readonly folder: string;
  /** Bytes on disk; beyond, the lowest class is dropped first. */
  readonly mostBytes: number;
  /** Milliseconds that a record is kept. */
  readonly mostAge: number;
  readonly segmentBytes?: number;
  newEpoch(): string;
  /** What stands in the place of records that were dropped; it takes the sequence of the first of them. */
  gapPayload(dropped: Dropped): Uint8Array;
  /** Rank of a gap: it is never dropped. */
  readonly gapRank: number;
}

/** Records that were given up. */
export interface Dropped {
  readonly from: number;
  readonly to: number;
  /** Undefined: of every rank. */
  readonly rank: number | undefined;
  readonly reason: 'spool-full' | 'too-old' | 'damaged';
  readonly records: number;
  /** Milliseconds since 1970, of the segment that they were in. */
  readonly fromTime: number;
  readonly toTime: number;
}

interface Segment {
  readonly path: string;
  /** Sequence of its first record, and the last one that it accounts for. */
  readonly first: number;
  last: number;
  bytes: number;
  records: number;
  oldest: number;
  newest: number;
  /** Ranks that stand in it, a bit each. */
  ranks: number;
}

/** Where the last reading ended. */
interface Cursor {
  readonly path: string;
  readonly after: number;
  readonly at: number;
}

interface Ledger {
  readonly epoch: string;
  readonly through: number;
}

const SEGMENT_BYTES = 8_388_608;
/** Records that may wait for the disk. */
const MOST_UNSYNCED = 500;
const READ_BYTES = 1_048_576;
const LEDGER = 'ledger.json';
const SUFFIX = '.seg';

/**
 * Records on disk until somebody acknowledges them: what was synced survives the death of this process and of the machine. A
 * failed write or sync is fatal: whoever starts next reads what really lies there.
 */
export class Spool {
  /** The spool was not there, or its ledger was unreadable: what an earlier one held is lost. */
  readonly isNew: boolean;
  readonly #options: SpoolOptions;
  readonly #segmentBytes: number;
  #epoch: string;
  #segments: Segment[] = [];
  #through = 0;
  #last = 0;
  #synced = 0;
  /** The newest segment while it is written to. */
  #file: number | undefined;
  #waiting: Uint8Array[] = [];
  #cursor: Cursor | undefined;

  constructor(options: SpoolOptions) {
    this.#options = options;
    this.#segmentBytes = options.segmentBytes ?? SEGMENT_BYTES;
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    const ledger = this.#readLedger();
    this.isNew = ledger === undefined;
    this.#epoch = ledger?.epoch ?? '';
    if (ledger === undefined) {
      this.renew();
      return;
    }
    this.#through = ledger.through;
    this.#recover();
    this.#last = Math.max(this.#segments.at(-1)?.last ?? 0, this.#through);
    this.#synced = this.#last;
    this.#forgetAcknowledged();
  }

  /** Names this series of sequences. */
  get epoch(): string {
    return this.#epoch;
  }

  /** Sequence of the newest record. */
  get last(): number {
    return this.#last;
  }

  /** The newest record that survives whatever happens; later ones are not delivered yet. */
  get synced(): number {
    return this.#synced;
  }

  get through(): number {
    return this.#through;
  }

  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Not acknowledged yet. */
  get records(): number {
    return this.#last - this.#through;
  }

  /** About when the oldest record that is not acknowledged was made, in milliseconds since 1970. */
  get oldest(): number | undefined {
    return this.records === 0 ? undefined : this.#segments[0]?.oldest;
  }

  /** Forgets everything and begins another series: the sequences of this one are not ours to give any more. */
  renew(): void {
    this.#seal();
    this.#segments = [];
    this.#waiting = [];
    this.#cursor = undefined;
    for (const path of this.#segmentPaths()) {
      unlinkSync(path);
    }
    this.#through = 0;
    this.#last = 0;
    this.#synced = 0;
    this.#epoch = this.#options.newEpoch();
    this.#writeLedger();
  }

  /** Adds a record, and says its sequence. It is safe after the next `sync`. */
  append(rank: number, time: number, payload: Uint8Array): number {
    if (payload.length > MOST_PAYLOAD) {
      throw new Error(`a record of ${payload.length} bytes`);
    }
    const sequence = this.#last + 1;
    const record = { sequence, upTo: sequence, rank, time, payload };
    const frame = frameOf(record);
    const segment = this.#segmentFor(sequence, frame.length);
    note(segment, record, frame.length);
    this.#waiting.push(frame);
    this.#last = sequence;
    if (this.#waiting.length >= MOST_UNSYNCED) {
      this.sync();
    }
    return sequence;
  }

  /** Makes all that was added safe. */
  sync(): void {
    if (this.#waiting.length === 0 || this.#file === undefined) {
      return;
    }
    writeAll(this.#file, joined(this.#waiting));
    this.#waiting = [];
    fsyncSync(this.#file);
    this.#synced = this.#last;
  }

  /** Safe records after this one, in order; what was dropped among them is told by gaps. */
  read(after: number, most: { readonly records: number; readonly bytes: number }): readonly Spooled[] {
    const found: Spooled[] = [];
    let bytes = 0;
    for (const segment of this.#segments) {
      if (segment.last <= after) {
        continue;
      }
      const isNext = this.#cursor?.path === segment.path && this.#cursor.after === after;
      for (const { record, end } of framesIn(segment.path, isNext ? this.#cursor?.at : 0)) {
        if (record.upTo <= after) {
          continue;
        }
        if (record.sequence > this.#synced) {
          return found;
        }
        found.push(record);
        bytes += record.payload.length;
        if (found.length >= most.records || bytes >= most.bytes) {
          this.#cursor = { path: segment.path, after: record.sequence, at: end };
          return found;
        }
      }
    }
    return found;
  }

  /** Whoever takes the records has all up to here. */
  acknowledge(through: number): void {
    if (through <= this.#through) {
      return;
    }
    if (through > this.#synced) {
      throw new RangeError(`${through} was acknowledged, and ${this.#synced} is the last that can have been delivered`);
    }
    this.#through = through;
    const [first] = this.#segments;
    if (first !== undefined && first.last <= through) {
      // The ledger first: a record whose segment is gone must never count as missing.
      this.#writeLedger();
      this.#forgetAcknowledged();
    }
  }

  /** Drops what is too old or too much, the lowest rank first. To be called now and then. */
  tidy(now: number): void {
    const { mostAge, mostBytes, gapRank } = this.#options;
    for (const segment of [...this.#segments]) {
      if (now - segment.newest > mostAge && segment.ranks !== 1 << gapRank) {
        this.#rewrite(segment, undefined, 'too-old');
      }
    }
    for (let rank = 0; rank < gapRank; rank++) {
      for (const segment of [...this.#segments]) {
        if (this.bytes <= mostBytes) {
          return;
        }
        if ((segment.ranks & (1 << rank)) !== 0) {
          this.#rewrite(segment, rank, 'spool-full');
        }
      }
    }
  }

  close(): void {
    this.sync();
    this.#writeLedger();
    this.#seal();
  }

  // ── Segments ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #segmentFor(sequence: number, more: number): Segment {
    const current = this.#segments.at(-1);
    if (current !== undefined && this.#file !== undefined && current.bytes + more <= this.#segmentBytes) {
      return current;
    }
    // Only the newest segment may end in the middle of a record.
    this.sync();
    this.#seal();
    const made = emptySegment(join(this.#options.folder, `${String(sequence).padStart(16, '0')}${SUFFIX}`), sequence);
    this.#file = openSync(made.path, 'wx', 0o600);
    this.#syncFolder();
    this.#segments.push(made);
    return made;
  }

  #seal(): void {
    if (this.#file !== undefined) {
      closeSync(this.#file);
      this.#file = undefined;
    }
  }

  /** Writes a segment anew: a gap stands for what is dropped. */
  #rewrite(segment: Segment, rank: number | undefined, reason: Dropped['reason']): void {
    if (segment === this.#segments.at(-1)) {
      this.sync();
      this.#seal();
    }
    const { gapRank } = this.#options;
    const kept: Spooled[] = [];
    const gone: Spooled[] = [];
    for (const { record } of framesIn(segment.path)) {
      if (record.upTo > this.#through) {
        const isDropped = record.rank !== gapRank && (rank === undefined || record.rank === rank);
        (isDropped ? gone : kept).push(record);
      }
    }
    const [first] = gone;
    if (first !== undefined) {
      const from = first.sequence;
      const to = gone.at(-1)?.sequence ?? from;
      const times = { fromTime: segment.oldest, toTime: segment.newest };
      const gap = this.#gap({ from, to, rank, reason, records: gone.length, ...times });
      const place = kept.findIndex(({ sequence }) => sequence > from);
      kept.splice(place < 0 ? kept.length : place, 0, gap);
    }
    // What is acknowledged is left out: the ledger must say so before.
    this.#writeLedger();
    this.#replace(segment, kept);
  }

  #gap(dropped: Dropped): Spooled {
    const { gapRank, gapPayload } = this.#options;
    const { from, to, toTime } = dropped;
    return { sequence: from, upTo: to, rank: gapRank, time: toTime, payload: gapPayload(dropped) };
  }

  /** The old content or the new, whatever happens. */
  #replace(segment: Segment, records: readonly Spooled[]): void {
    const made = emptySegment(segment.path, segment.first);
    const frames = records.map((record) => {
      const frame = frameOf(record);
      note(made, record, frame.length);
      return frame;
    });
    made.last = segment.last;
    this.#writeWhole(segment.path, joined(frames));
    this.#segments[this.#segments.indexOf(segment)] = made;
    this.#cursor = undefined;
  }

  #forgetAcknowledged(): void {
    for (let [first] = this.#segments; first !== undefined && first.last <= this.#through; [first] = this.#segments) {
      this.#segments.shift();
      if (this.#segments.length === 0) {
        this.#seal();
      }
      unlinkSync(first.path);
    }
  }

  // ── What lies there at the start ──────────────────────────────────────────────────────────────────────────────────

  #segmentPaths(): string[] {
    return readdirSync(this.#options.folder)
      .filter((name) => name.endsWith(SUFFIX))
      .toSorted()
      .map((name) => join(this.#options.folder, name));
  }

  #recover(): void {
    const paths = this.#segmentPaths();
    for (const [at, path] of paths.entries()) {
      const segment = emptySegment(path, firstOf(path));
      let end = 0;
      const records: Spooled[] = [];
      for (const frame of framesIn(path)) {
        note(segment, frame.record, frame.end - end);
        records.push(frame.record);
        end = frame.end;
      }
      this.#segments.push(segment);
      const next = paths[at + 1];
      if (next !== undefined) {
        this.#mend(segment, records, firstOf(next) - 1);
      } else if (segment.records === 0) {
        unlinkSync(path);
        this.#segments.pop();
      } else {
        // What was being written when the process died was never delivered: its sequences are free.
        truncate(path, end);
      }
    }
    this.#syncFolder();
  }

  /** Makes a segment whole that was so once: what cannot be read any more is a gap. */
  #mend(segment: Segment, records: Spooled[], lastOfAll: number): void {
    const through = Math.max(segment.last, this.#through);
    segment.last = Math.max(segment.last, lastOfAll);
    if (through >= lastOfAll) {
      return;
    }
    const time = segment.records > 0 ? segment.newest : Date.now();
    const place = { from: through + 1, to: lastOfAll, fromTime: time, toTime: time };
    records.push(this.#gap({ ...place, rank: undefined, reason: 'damaged', records: lastOfAll - through }));
    this.#replace(segment, records);
  }

  // ── Ledger ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #readLedger(): Ledger | undefined {
    const path = join(this.#options.folder, LEDGER);
    if (!existsSync(path)) {
      return undefined;
    }
    try {
      const { epoch, through } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Ledger>;
      return typeof epoch === 'string' && Number.isSafeInteger(through) ? { epoch, through: through ?? 0 } : undefined;
    } catch {
      return undefined;
    }
  }

  #writeLedger(): void {
    const ledger: Ledger = { epoch: this.epoch, through: this.#through };
    this.#writeWhole(join(this.#options.folder, LEDGER), new TextEncoder().encode(JSON.stringify(ledger)));
  }

  #writeWhole(path: string, bytes: Uint8Array): void {
    const made = `${path}.new`;
    const file = openSync(made, 'w', 0o600);
    try {
      writeAll(file, bytes);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(made, path);
    this.#syncFolder();
  }

  #syncFolder(): void {
    const folder = openSync(this.#options.folder, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  }
}

function emptySegment(path: string, first: number): Segment {
  return {
    path,
    first,
    last: first - 1,
    bytes: 0,
    records: 0,
    oldest: Number.POSITIVE_INFINITY,
    newest: Number.NEGATIVE_INFINITY,
    ranks: 0,
  };
}

function note(segment: Segment, { upTo, rank, time }: Omit<Spooled, 'payload'>, bytes: number): void {
  segment.last = Math.max(segment.last, upTo);
  segment.bytes += bytes;
  segment.records++;
  segment.oldest = Math.min(segment.oldest, time);
  segment.newest = Math.max(segment.newest, time);
  segment.ranks |= 1 << rank;
}

function firstOf(path: string): number {
  return Number(/(\d+)\.seg$/u.exec(path)?.[1] ?? 0);
}

/** The records of a file from here on, up to its end or to what is none. */
function* framesIn(path: string, from = 0): Generator<FrameRead> {
  const file = openSync(path, 'r');
  try {
    let chunk: Uint8Array = new Uint8Array(0);
    let at = from;
    for (;;) {
      const more = new Uint8Array(READ_BYTES);
      const got = readSync(file, more, 0, more.length, at + chunk.length);
      if (got === 0) {
        return;
      }
      chunk = joined([chunk, more.subarray(0, got)]);
      let used = 0;
      for (let frame = readFrame(chunk, 0); frame !== undefined; frame = readFrame(chunk, used)) {
        used = frame.end;
        yield { record: frame.record, end: at + used };
      }
      if (used === 0 && chunk.length > MOST_PAYLOAD * 2) {
        return;
      }
      at += used;
      chunk = chunk.subarray(used);
    }
  } finally {
    closeSync(file);
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    at += writeSync(file, bytes, at, bytes.length - at);
  }
}

function truncate(path: string, length: number): void {
  const file = openSync(path, 'r+');
  try {
    ftruncateSync(file, length);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
