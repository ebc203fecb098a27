import type { CaptureFilter } from '../captures/capture-filter.ts';
import type { CaptureSummary } from '../captures/cursor.ts';
import { FilteredRun } from '../captures/filtered-run.ts';
import type { LeftOut } from '../captures/packet-filter.ts';
import { progressOf } from '../captures/remarks.ts';
import { type RunResult, runCaptures } from '../captures/run-captures.ts';
import { type RunWord, runShare } from '../captures/share-run.ts';
import type { Failure } from '../kit/failure.ts';
import { ok, type Result } from '../kit/result.ts';
import type { Terminal } from '../platform/cli/command.ts';
import { Crew, type Job, type Member } from '../platform/threads/crew.ts';
import type { CaptureSource } from '../wire/capture/source.ts';
import type { Dissector } from '../wire/dissector.ts';
import { Engine } from '../wire/engine.ts';
import type { LimitEvent, LimitName, Limits } from '../wire/limits.ts';
import type { Analysis } from './analysis.ts';
import { createCollector } from './collector.ts';
import type { CaptureCoverage } from './heard.ts';
import type { InventoryLimitName, InventoryLimits } from './limits.ts';
import type { VendorOfMac } from './mac-vendors.ts';
import { type CollectedState, mergeCollected } from './merge.ts';
import type { PacketCounters } from './report.ts';

export const ANALYZE_JOB = 'analyze';

/** What is to be listened to, and within which limits. */
export interface Gathering {
  readonly seed: number;
  readonly filter: CaptureFilter | undefined;
  readonly limits: Partial<Limits>;
  readonly simulatedLimits: readonly LimitName[];
  readonly inventoryLimits: Partial<InventoryLimits>;
  readonly simulatedInventoryLimits: readonly InventoryLimitName[];
}

export interface GatherParts {
  readonly dissectors: readonly Dissector[];
  readonly vendorOfMac: VendorOfMac;
  openCapture(path: string): CaptureSource;
}

/** Where the one who waits hears how it goes. */
export interface Audience {
  readonly terminal: Terminal;
  readonly limitReached: LimitEvent<LimitName | InventoryLimitName>;
}

/** What a run of captures gave to the analysis, in one thread or in several. */
export interface Gathered {
  readonly captures: readonly CaptureSummary[];
  readonly stopped: boolean;
  readonly counters: PacketCounters;
  readonly leftOut: LeftOut | undefined;
  readonly unreadLinkTypes: ReadonlyMap<number, number>;
  /** How often limits of the engine were reached. */
  readonly limitsReached: ReadonlyMap<LimitName, number>;
  /** Call it once. */
  result(coverage: CaptureCoverage): Analysis;
}

/** Listens to captures in this thread. */
export async function gather(
  parts: GatherParts,
  gathering: Gathering,
  paths: readonly string[],
  { terminal, limitReached }: Audience,
): Promise<Result<Gathered, Failure>> {
  const { seed, filter, limits, simulatedLimits, inventoryLimits, simulatedInventoryLimits } = gathering;
  const { vendorOfMac, dissectors } = parts;
  const collector = createCollector({
    vendorOfMac,
    limitReached,
    seed,
    limits: inventoryLimits,
    simulatedLimits: simulatedInventoryLimits,
  });
  const filtered = new FilteredRun(filter, collector.listener);
  const engine = new Engine({ dissectors, listener: filtered.listener, seed, limits, simulatedLimits });
  const sources = paths.map(parts.openCapture);
  const ran = await runCaptures(sources, filtered.before(engine), {
    async breathe(state) {
      terminal.progress(progressOf('analysing', state, sources));
      await terminal.breathe();
      return true;
    },
    onStop: (stop) => terminal.onStop(stop),
  });
  engine.end();
  return ran.ok
    ? ok({
        ...ran.value,
        counters: filtered.counters(engine),
        leftOut: filtered.leftOut,
        unreadLinkTypes: engine.unreadLinkTypes,
        limitsReached: engine.limitsReached,
        result: (coverage) => collector.result(coverage),
      })
    : ran;
}

/** What a thread tells when its share is read. */
interface ShareDone {
  readonly kind: 'done';
  readonly ran: Result<RunResult, Failure>;
  readonly counters: PacketCounters;
  readonly leftOut: LeftOut | undefined;
  readonly unreadLinkTypes: ReadonlyMap<number, number>;
  readonly limitsReached: ReadonlyMap<LimitName, number>;
  readonly collected: CollectedState;
}

type AnalyzeWord =
  | RunWord
  | ShareDone
  /** What the shares tell together will not be what one thread would tell. */
  | { readonly kind: 'inexact' };

interface Order {
  readonly gathering: Gathering;
  readonly paths: readonly string[];
}

/** Listens to one share of the traffic. */
export function analyzeJob({ dissectors, openCapture }: Omit<GatherParts, 'vendorOfMac'>): Job {
  return async (member: Member) => {
    const { gathering, paths } = member.data as Order;
    const { seed, filter, limits, inventoryLimits } = gathering;
    const { index, of } = member;
    const say = (word: AnalyzeWord) => member.say(word);
    const collector = createCollector({
      vendorOfMac: () => undefined,
      limitReached: (name, time, times) => say({ kind: 'limit', name, time, times }),
      seed,
      limits: inventoryLimits,
    });
    const filtered = new FilteredRun(filter, collector.listener);
    const engine = new Engine({ dissectors, listener: filtered.listener, seed, limits, share: { index, of } });
    const speaker = { index, say, breathe: () => member.breathe() };
    const ran = await runShare(paths.map(openCapture), filtered.before(engine), speaker, () => {
      if (!engine.isExactShare) {
        say({ kind: 'inexact' });
      }
    });
    engine.end();
    if (!engine.isExactShare) {
      say({ kind: 'inexact' });
      return;
    }
    const { leftOut, hiddenPackets } = filtered;
    say({
      kind: 'done',
      ran,
      counters: filtered.counters(engine),
      // Every share passes over the same packets; only what it hides is its own.
      leftOut: leftOut && index > 0 ? { ...leftOut, packets: hiddenPackets } : leftOut,
      unreadLinkTypes: engine.unreadLinkTypes,
      limitsReached: engine.limitsReached,
      collected: collector.state(),
    });
  };
}

/**
 * Listens to captures in `of` threads. `undefined` where the traffic came so near to a limit that several threads would tell
 * something else than one.
 */
export async function gatherTogether(
  parts: GatherParts,
  gathering: Gathering,
  paths: readonly string[],
  { terminal, limitReached }: Audience,
  { entry, of }: { readonly entry: { readonly href: string }; readonly of: number },
): Promise<Result<Gathered, Failure> | undefined> {
  const sources = paths.map(parts.openCapture);
  const shares: ShareDone[] = [];
  let isExact = true;
  const order: Order = { gathering, paths };
  const crew = new Crew(entry, { job: ANALYZE_JOB, of, data: order }, (heard, thread) => {
    const word = heard as AnalyzeWord;
    switch (word.kind) {
      case 'state':
        terminal.progress(progressOf('analysing', word.state, sources));
        return;
      case 'limit':
        limitReached(word.name as LimitName | InventoryLimitName, word.time, word.times);
        return;
      case 'inexact':
        isExact = false;
        crew.dismiss();
        return;
      default:
        shares[thread] = word;
    }
  });
  terminal.onStop(() => crew.stop());
  await crew.ended;
  return isExact ? joined(parts, gathering, shares, limitReached) : undefined;
}

function joined(
  { vendorOfMac }: GatherParts,
  { seed, inventoryLimits }: Gathering,
  shares: readonly ShareDone[],
  limitReached: Audience['limitReached'],
): Result<Gathered, Failure> | undefined {
  const [first] = shares;
  if (!first?.ran.ok) {
    return first?.ran as Result<never, Failure> | undefined;
  }
  const states = shares.map(({ collected }) => collected);
  const collected = mergeCollected(states, { vendorOfMac, limitReached, seed, limits: inventoryLimits });
  if (!collected.exact) {
    return undefined;
  }
  const { captures, stopped } = first.ran.value;
  return ok({
    captures,
    stopped,
    counters: summed(shares.map(({ counters }) => counters)),
    leftOut: first.leftOut && {
      ...first.leftOut,
      packets: shares.reduce((sum, { leftOut }) => sum + (leftOut?.packets ?? 0), 0),
    },
    unreadLinkTypes: first.unreadLinkTypes,
    limitsReached: addedUp(shares.map(({ limitsReached }) => limitsReached)),
    result: (coverage) => collected.result(coverage),
  });
}

function summed(shares: readonly PacketCounters[]): PacketCounters {
  const sum = (of: (counters: PacketCounters) => number) => shares.reduce((total, share) => total + of(share), 0);
  return {
    packets: sum(({ packets }) => packets),
    decoded: sum(({ decoded }) => decoded),
    filtered: sum(({ filtered }) => filtered),
    dropped: sum(({ dropped }) => dropped),
    truncated: sum(({ truncated }) => truncated),
    malformed: sum(({ malformed }) => malformed),
    duplicates: sum(({ duplicates }) => duplicates),
  };
}

function addedUp(shares: readonly ReadonlyMap<LimitName, number>[]): ReadonlyMap<LimitName, number> {
  const total = new Map<LimitName, number>();
  for (const [limit, times] of shares.flatMap((share) => [...share])) {
    total.set(limit, (total.get(limit) ?? 0) + times);
  }
  return total;
}
