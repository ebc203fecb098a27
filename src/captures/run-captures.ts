import { type Failure, fail } from '../kit/failure.ts';
import { ok, type Result } from '../kit/result.ts';
import type { Micros } from '../kit/time.ts';
import type { CapturedPacket, PacketSink } from '../wire/capture/packet-sink.ts';
import type { CaptureSource } from '../wire/capture/source.ts';
import { CaptureCursor, type CaptureSummary, type RunState } from './cursor.ts';
import { damageText } from './remarks.ts';

const NOT_REACHED = 'the run was stopped before it';
/** Between two looks at the world outside (progress, a user who wants to stop), where captures are merged. */
const PACKETS_PER_BREATH = 20_000;

/** What a run of captures goes through: the engine, as far as this needs to know. */
export interface CaptureTarget extends PacketSink {
  beginCapture(interfacesBefore: number): void;
  /** Counts a packet that the user does not want to see. */
  passOver(): void;
}

export interface RunProgress {
  /** Called now and then, so that the world outside gets a turn; resolves to false to stop exactly here. */
  breathe(state: RunState): Promise<boolean>;
  /** Calls back once the user wants no more, even while a silent pipe is waited for; what is already here is handed on. */
  onStop?(stop: () => void): void;
}

export interface RunResult {
  readonly captures: readonly CaptureSummary[];
  /** The user ended it before the captures were over. */
  readonly stopped: boolean;
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
): Promise<Result<RunResult, NothingReadable>> {
  const [only] = sources;
  const { results, stopped } =
    sources.length === 1 && only ? await runOne(only, target, progress) : await runMerged(sources, target, progress);
  const unreadable = results.filter(({ readable }) => !readable).map(({ summary }) => summary);
  if (unreadable.length === results.length) {
    return fail('invalid', 'capture.nothing-readable', unreadable.flatMap(damageText).join('; '));
  }
  return ok({ captures: results.map(({ summary }) => summary), stopped });
}

interface Results {
  readonly results: readonly Ran[];
  readonly stopped: boolean;
}

interface Ran {
  readonly summary: CaptureSummary;
  readonly readable: boolean;
}

async function runOne(source: CaptureSource, target: CaptureTarget, progress: RunProgress): Promise<Results> {
  const opened = await source.open();
  if (!opened.ok) {
    return { results: [unreadable(source.path, opened.error.message)], stopped: false };
  }
  target.beginCapture(0);
  const cursor = new CaptureCursor(source.path, opened.value, target);
  progress.onStop?.(() => cursor.stop());
  while (await cursor.step()) {
    if (!(await progress.breathe(cursor.state))) {
      cursor.breakOff();
      break;
    }
  }
  cursor.close();
  return { results: [{ summary: cursor.summary(), readable: cursor.isReadable }], stopped: cursor.cut };
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

async function runMerged(
  sources: readonly CaptureSource[],
  target: CaptureTarget,
  progress: RunProgress,
): Promise<Results> {
  const results = new Map<number, Ran>();
  const pending = await lanesInOrder(sources, target, results);
  const merge = new Merge(pending, target, results);
  progress.onStop?.(() => merge.stop());
  let packets = 0;
  let sinceBreath = 0;
  for (;;) {
    // Two captures may alternate packet by packet: awaiting what is here already would take longer than to read it.
    const lane = merge.isNextOpen ? merge.oldest : await merge.openNext();
    if (!lane) {
      break;
    }
    const before = lane.passed;
    const more = merge.advance(lane);
    const time = lane.cursor?.state.time ?? 0;
    if (!(typeof more === 'boolean' ? more : await more)) {
      merge.finish(lane);
    }
    packets += lane.passed - before;
    sinceBreath += lane.passed - before;
    if (sinceBreath >= PACKETS_PER_BREATH) {
      sinceBreath = 0;
      if (!(await progress.breathe({ consumed: merge.consumed, packets, time }))) {
        break;
      }
    }
  }
  merge.close();
  return {
    results: sources.map((source, place) => results.get(place) ?? unreadable(source.path, NOT_REACHED)),
    stopped: merge.isCut,
  };
}

/** Captures that overlap in time, on their way through one target. */
class Merge {
  private readonly pending: Lane[];
  private readonly active: Lane[] = [];
  private readonly target: CaptureTarget;
  private readonly results: Map<number, Ran>;
  private finishedBytes = 0;
  private interfaces = 0;
  private isStopped = false;
  /** Something was left out because the user wanted no more. */
  isCut = false;

  /** `pending` in the order of their first packets. */
  constructor(pending: Lane[], target: CaptureTarget, results: Map<number, Ran>) {
    this.pending = pending;
    this.target = target;
    this.results = results;
  }

  get consumed(): number {
    return this.active.reduce((sum, { cursor }) => sum + (cursor?.state.consumed ?? 0), this.finishedBytes);
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

  /** The user wants no more: captures that have begun end soon, others do not begin. */
  stop(): void {
    this.isStopped = true;
    this.isCut = this.pending.length > 0;
    this.pending.length = 0;
    for (const { cursor } of this.active) {
      cursor?.stop();
    }
  }

  /** Nothing more is wanted: what is still under way is broken off. */
  close(): void {
    this.isCut ||= this.pending.length > 0;
    while (this.active[0]) {
      this.active[0].cursor?.breakOff();
      this.finish(this.active[0]);
    }
  }

  private async open(lane: Lane): Promise<void> {
    const failed = await lane.open();
    if (failed) {
      this.results.set(lane.place, failed);
      return;
    }
    this.active.push(lane);
    if (this.isStopped) {
      lane.cursor?.stop();
    }
    if (!(await lane.advance())) {
      this.finish(lane);
      return;
    }
    lane.interfacesBefore = this.interfaces;
    this.interfaces += Math.max(1, lane.cursor?.interfaces ?? 1);
  }

  finish(lane: Lane): void {
    this.isCut ||= lane.cursor?.cut ?? false;
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
