import { type Failure, fail } from '../kit/failure.ts';
import { ok, type Result } from '../kit/result.ts';
import type { Micros } from '../kit/time.ts';
import type { CapturedPacket, PacketSink } from '../wire/capture/packet-sink.ts';
import type { CaptureSource } from '../wire/capture/source.ts';
import { CaptureCursor, type CaptureSummary } from './cursor.ts';
import { damageText } from './remarks.ts';

/** Steps between two looks at the world outside (progress, a user who wants to stop). */
const STEPS_PER_BREATH = 4;
const PACKETS_PER_BREATH = 20_000;

/** What a run of captures goes through: the engine, as far as this needs to know. */
export interface CaptureTarget extends PacketSink {
  beginCapture(interfacesBefore: number): void;
  /** Counts a packet that the user does not want to see. */
  passOver(): void;
}

export interface RunProgress {
  /** Called now and then with the bytes of all files used so far; resolves to false to stop here and keep what was found. */
  breathe(consumed: number): Promise<boolean>;
}

export type NothingReadable = Failure<'capture.nothing-readable'>;

/**
 * Runs captures through the engine in order of packet time: one after the other where they follow each other, merged packet
 * by packet where they overlap. A capture that cannot be read is reported and the others go on; only when none can, it fails.
 */
export async function runCaptures(
  sources: readonly CaptureSource[],
  target: CaptureTarget,
  progress: RunProgress,
): Promise<Result<readonly CaptureSummary[], NothingReadable>> {
  const [only] = sources;
  const summaries =
    sources.length === 1 && only ? [await runOne(only, target, progress)] : await runMerged(sources, target, progress);
  const unreadable = summaries.filter(({ readable }) => !readable).map(({ summary }) => summary);
  if (unreadable.length === summaries.length) {
    return fail('invalid', 'capture.nothing-readable', unreadable.flatMap(damageText).join('; '));
  }
  return ok(summaries.map(({ summary }) => summary));
}

interface Ran {
  readonly summary: CaptureSummary;
  readonly readable: boolean;
}

async function runOne(source: CaptureSource, target: CaptureTarget, progress: RunProgress): Promise<Ran> {
  const opened = await source.open();
  if (!opened.ok) {
    return unreadable(source.path, opened.error.message);
  }
  target.beginCapture(0);
  const cursor = new CaptureCursor(source.path, opened.value, target);
  let steps = 0;
  while (await cursor.step()) {
    steps++;
    if (steps % STEPS_PER_BREATH === 0 && !(await progress.breathe(cursor.consumed))) {
      break;
    }
  }
  cursor.close();
  return { summary: cursor.summary(), readable: cursor.isReadable };
}

/** A capture among several: it hands on what is older than all others and then holds its next packet until that is the oldest. */
class Lane implements PacketSink {
  readonly place: number;
  readonly source: CaptureSource;
  private readonly target: CaptureTarget;
  cursor: CaptureCursor | undefined;
  next: CapturedPacket | undefined;
  startsAt: Micros = Number.NEGATIVE_INFINITY;
  interfacesBefore = 0;
  /** Packets before this time are the oldest of all. */
  runsUntil: Micros = Number.NEGATIVE_INFINITY;
  /** Packets handed on. */
  passed = 0;

  constructor(place: number, source: CaptureSource, target: CaptureTarget) {
    this.place = place;
    this.source = source;
    this.target = target;
  }

  packet(packet: CapturedPacket): void {
    if (packet.time < this.runsUntil) {
      this.passed++;
      this.target.packet(packet);
    } else {
      this.next = packet;
      this.cursor?.pause();
    }
  }

  /** Hands on the packet that waited. */
  release(): void {
    if (this.next) {
      this.passed++;
      this.target.packet(this.next);
      this.next = undefined;
    }
  }

  async open(): Promise<Ran | undefined> {
    const opened = await this.source.open();
    if (!opened.ok) {
      return unreadable(this.source.path, opened.error.message);
    }
    this.cursor = new CaptureCursor(this.source.path, opened.value, this);
    return undefined;
  }

  /** Goes on until a packet has to wait, or to the end of what was read; false once the capture is over. */
  advance(): boolean | Promise<boolean> {
    return this.cursor?.step() ?? false;
  }

  finish(): Ran {
    const { cursor } = this;
    cursor?.close();
    this.cursor = undefined;
    return cursor
      ? { summary: cursor.summary(), readable: cursor.isReadable }
      : unreadable(this.source.path, 'it was not opened');
  }
}

async function runMerged(sources: readonly CaptureSource[], target: CaptureTarget, progress: RunProgress) {
  const results = new Map<number, Ran>();
  const pending = await lanesInOrder(sources, target, results);
  const merge = new Merge(pending, target, results);
  let sinceBreath = 0;
  for (;;) {
    // Two captures may alternate packet by packet: awaiting what is here already would take longer than to read it.
    const lane = merge.isNextOpen ? merge.oldest : await merge.openNext();
    if (!lane) {
      break;
    }
    const before = lane.passed;
    const more = merge.advance(lane);
    if (!(typeof more === 'boolean' ? more : await more)) {
      merge.finish(lane);
    }
    sinceBreath += lane.passed - before;
    if (sinceBreath >= PACKETS_PER_BREATH) {
      sinceBreath = 0;
      if (!(await progress.breathe(merge.consumed))) {
        break;
      }
    }
  }
  merge.close();
  return sources.map((source, place) => results.get(place) ?? unreadable(source.path, 'the run was stopped before it'));
}

/** Captures that overlap in time, on their way through one target. */
class Merge {
  private readonly pending: Lane[];
  private readonly active: Lane[] = [];
  private readonly target: CaptureTarget;
  private readonly results: Map<number, Ran>;
  private finishedBytes = 0;
  private interfaces = 0;

  /** `pending` in the order of their first packets. */
  constructor(pending: Lane[], target: CaptureTarget, results: Map<number, Ran>) {
    this.pending = pending;
    this.target = target;
    this.results = results;
  }

  get consumed(): number {
    return this.active.reduce((sum, { cursor }) => sum + (cursor?.consumed ?? 0), this.finishedBytes);
  }

  /** The capture whose packets come next; one that has not come to a packet that must wait goes on. */
  get oldest(): Lane | undefined {
    return this.active.find(({ next }) => !next) ?? oldestOf(this.active);
  }

  /** No capture that is not open yet starts before what comes next. */
  get isNextOpen(): boolean {
    const [first] = this.pending;
    const { oldest } = this;
    return !first || (oldest !== undefined && !(oldest.next && oldest.next.time >= first.startsAt));
  }

  /** Opens captures until the one whose packets come next is among the open ones; undefined at the end. */
  async openNext(): Promise<Lane | undefined> {
    while (!this.isNextOpen) {
      const lane = this.pending.shift() as Lane;
      await this.open(lane);
    }
    return this.oldest;
  }

  /** Hands on the packet that waited and all that are older than those of other captures; false once the capture is over. */
  advance(lane: Lane): boolean | Promise<boolean> {
    if (lane.next) {
      this.target.beginCapture(lane.interfacesBefore);
      lane.runsUntil = this.earliestBeside(lane);
      lane.release();
    }
    return lane.advance();
  }

  close(): void {
    for (const lane of [...this.active]) {
      this.finish(lane);
    }
  }

  private async open(lane: Lane): Promise<void> {
    const failed = await lane.open();
    if (failed) {
      this.results.set(lane.place, failed);
      return;
    }
    this.active.push(lane);
    if (!(await lane.advance())) {
      this.finish(lane);
      return;
    }
    lane.interfacesBefore = this.interfaces;
    this.interfaces += Math.max(1, lane.cursor?.interfaces ?? 1);
  }

  finish(lane: Lane): void {
    this.finishedBytes += lane.source.size ?? 0;
    this.active.splice(this.active.indexOf(lane), 1);
    this.results.set(lane.place, lane.finish());
  }

  /** When a capture other than this one has its next packet. */
  private earliestBeside(lane: Lane): Micros {
    let earliest = this.pending[0]?.startsAt ?? Number.POSITIVE_INFINITY;
    for (const other of this.active) {
      if (other !== lane && other.next) {
        earliest = Math.min(earliest, other.next.time);
      }
    }
    return earliest;
  }
}

/** By the time of the first packet; captures that cannot be looked at twice come first, as they must be open all along. */
async function lanesInOrder(
  sources: readonly CaptureSource[],
  target: CaptureTarget,
  results: Map<number, Ran>,
): Promise<Lane[]> {
  const lanes: Lane[] = [];
  for (const [place, source] of sources.entries()) {
    const lane = new Lane(place, source, target);
    if (source.rewindable) {
      const failed = await lane.open();
      if (failed) {
        results.set(place, failed);
        continue;
      }
      if (!(await lane.advance())) {
        results.set(place, lane.finish());
        continue;
      }
      lane.startsAt = lane.next?.time ?? lane.startsAt;
      lane.finish();
      lane.next = undefined;
    }
    lanes.push(lane);
  }
  return lanes.toSorted((a, b) => a.startsAt - b.startsAt);
}

function oldestOf(lanes: readonly Lane[]): Lane | undefined {
  let oldest: Lane | undefined;
  for (const lane of lanes) {
    if (lane.next && (!oldest?.next || lane.next.time < oldest.next.time)) {
      oldest = lane;
    }
  }
  return oldest;
}

function unreadable(path: string, reason: string): Ran {
  const nothing = { packets: 0, bytes: 0, firstSeen: undefined, lastSeen: undefined, lost: 0, filters: [] };
  return { summary: { path, ...nothing, damage: { offset: 0, reason } }, readable: false };
}
