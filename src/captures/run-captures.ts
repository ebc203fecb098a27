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

/** A capture among several: it holds its next packet until that is the oldest of all. */
class Lane implements PacketSink {
  readonly place: number;
  readonly source: CaptureSource;
  cursor: CaptureCursor | undefined;
  next: CapturedPacket | undefined;
  startsAt: Micros = Number.NEGATIVE_INFINITY;
  interfacesBefore = 0;

  constructor(place: number, source: CaptureSource) {
    this.place = place;
    this.source = source;
  }

  packet(packet: CapturedPacket): void {
    this.next = packet;
  }

  async open(): Promise<Ran | undefined> {
    const opened = await this.source.open();
    if (!opened.ok) {
      return unreadable(this.source.path, opened.error.message);
    }
    this.cursor = new CaptureCursor(this.source.path, opened.value, this);
    this.cursor.stepByPacket();
    return undefined;
  }

  async advance(): Promise<boolean> {
    this.next = undefined;
    return (await this.cursor?.step()) ?? false;
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
  const lanes = await lanesInOrder(sources, results);
  const active: Lane[] = [];
  let finishedBytes = 0;
  let interfaces = 0;
  let sinceBreath = 0;
  const finish = (lane: Lane) => {
    finishedBytes += lane.source.size ?? 0;
    active.splice(active.indexOf(lane), 1);
    results.set(lane.place, lane.finish());
  };
  const activate = async (lane: Lane) => {
    const failed = await lane.open();
    if (failed) {
      results.set(lane.place, failed);
      return;
    }
    active.push(lane);
    if (!(await lane.advance())) {
      finish(lane);
      return;
    }
    lane.interfacesBefore = interfaces;
    interfaces += Math.max(1, lane.cursor?.interfaces ?? 1);
  };
  for (;;) {
    let oldest = oldestOf(active);
    while (lanes[0] && (!oldest?.next || lanes[0].startsAt <= oldest.next.time)) {
      await activate(lanes.shift() as Lane);
      oldest = oldestOf(active);
    }
    if (!oldest?.next) {
      break;
    }
    target.beginCapture(oldest.interfacesBefore);
    target.packet(oldest.next);
    if (!(await oldest.advance())) {
      finish(oldest);
    }
    sinceBreath++;
    if (sinceBreath >= PACKETS_PER_BREATH) {
      sinceBreath = 0;
      const consumed = active.reduce((sum, lane) => sum + (lane.cursor?.consumed ?? 0), finishedBytes);
      if (!(await progress.breathe(consumed))) {
        break;
      }
    }
  }
  for (const lane of [...active]) {
    finish(lane);
  }
  return sources.map((source, place) => results.get(place) ?? unreadable(source.path, 'the run was stopped before it'));
}

/** By the time of the first packet; captures that cannot be looked at twice come first, as they must be open all along. */
async function lanesInOrder(sources: readonly CaptureSource[], results: Map<number, Ran>): Promise<Lane[]> {
  const lanes: Lane[] = [];
  for (const [place, source] of sources.entries()) {
    const lane = new Lane(place, source);
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
