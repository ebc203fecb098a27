import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCaptures } from '../src/captures/run-captures.ts';
import { type Collector, createCollector } from '../src/inventory/collector.ts';
import { mergeCollected } from '../src/inventory/merge.ts';
import { registryVendors } from '../src/inventory/oui-adapter.ts';
import { analysisJsonText, toAnalysisReport } from '../src/inventory/report.ts';
import { captureFile } from '../src/platform/capture/capture-files.ts';
import { simulate } from '../src/simulator/commands.ts';
import { DEFAULT_OPTIONS } from '../src/simulator/simulation.ts';
import { Engine } from '../src/wire/engine.ts';
import type { Flow, Listener } from '../src/wire/listener.ts';
import { dissectors } from '../src/wire/protocols/index.ts';
import { capturesIn } from './agreement/sample.ts';

const CAPTURES = env['KEYWAY_CAPTURES'] ?? fileURLToPath(new URL('../../shared/data/captures', import.meta.url));
const MINUTE = 60_000;
const vendorOfMac = registryVendors();
const OPTIONS = { vendorOfMac, limits: {} };

/** Hands all that is heard of two hosts to one collector of several. */
function divide(collectors: readonly Collector[], salt: number): Listener {
  const of = (flow: Flow): Listener => {
    const key = [flow.address(0), flow.address(1)].sort().join();
    let hash = salt;
    for (let at = 0; at < key.length; at++) {
      hash = Math.imul(hash ^ key.charCodeAt(at), 0x0100_0193);
    }
    return (collectors[(hash >>> 8) % collectors.length] as Collector).listener;
  };
  return {
    wantsObservations: true,
    flowOpened: (flow) => of(flow).flowOpened?.(flow),
    flowAnswered: (flow) => of(flow).flowAnswered?.(flow),
    senderChanged: (flow, side) => of(flow).senderChanged?.(flow, side),
    message: (message) => of(message.flow).message?.(message),
    unanswered: (flow, question) => of(flow).unanswered?.(flow, question),
    gap: (flow, side, bytes) => of(flow).gap?.(flow, side, bytes),
    ambiguous: (flow, side, frame) => of(flow).ambiguous?.(flow, side, frame),
    flowClosed: (flow) => of(flow).flowClosed?.(flow),
  };
}

type Play = (engine: Engine) => Promise<void>;

/** The report, and what findings are judged from beyond it. */
function reportOf(analysis: ReturnType<Collector['result']>, { counters }: Engine): string {
  const run = { version: '0', captures: [], counters, leftOut: undefined, stopped: false, limits: analysis.limits };
  const { assets, conversations, limits } = analysis;
  const judged = Array.from(conversations, ({ operations, timing, peak, targets, opened, rejected, silent }) => ({
    ...{ operations, timing, peak, targets, opened, rejected, silent },
  }));
  return [...analysisJsonText(toAnalysisReport(analysis, run)), JSON.stringify([assets, judged, [...limits]])].join(
    '\n',
  );
}

async function whole(play: Play): Promise<string> {
  const collector = createCollector(OPTIONS);
  const engine = new Engine({ dissectors, listener: collector.listener, seed: 1 });
  await play(engine);
  engine.end();
  return reportOf(collector.result(), engine);
}

async function divided(play: Play, count: number, salt: number): Promise<{ exact: boolean; report: string }> {
  const collectors = Array.from({ length: count }, () => createCollector(OPTIONS));
  const engine = new Engine({ dissectors, listener: divide(collectors, salt), seed: 1 });
  await play(engine);
  engine.end();
  const parts = collectors.map((collector) => structuredClone(collector.state()));
  const merged = mergeCollected(salt % 2 === 0 ? parts : parts.reverse(), OPTIONS);
  return { exact: merged.exact, report: reportOf(merged.result(), engine) };
}

function file(path: string): Play {
  return async (engine) => {
    await runCaptures([captureFile(path)], engine, { breathe: async () => true });
  };
}

describe('collectors that share the flows of a capture', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keyway-merge-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('tell together what one tells of a simulated plant, however the flows are shared', {
    timeout: 5 * MINUTE,
  }, async () => {
    const out = join(folder, 'plant.pcap');
    const settings = { ...DEFAULT_OPTIONS, seed: 3, duration: 60_000_000 };
    await simulate({ out, settings }, { progress: () => undefined, breathe: async () => true });
    const play = file(out);
    const report = await whole(play);

    expect(report.length).toBeGreaterThan(100_000);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 4 }), fc.nat(), async (count, salt) => {
        expect(await divided(play, count, salt)).toEqual({ exact: true, report });
      }),
      { numRuns: 6 },
    );
  });

  it('tell together what one tells of captures by others', { timeout: 10 * MINUTE }, async ({ skip }) => {
    skip(!existsSync(CAPTURES), 'there is no folder of captures; KEYWAY_CAPTURES may name one');
    const differing: string[] = [];
    for (const [at, path] of (await capturesIn(CAPTURES)).entries()) {
      const play = file(path);
      const { exact, report } = await divided(play, 2 + (at % 3), at);
      if (!exact || report !== (await whole(play))) {
        differing.push(`${path}${exact ? '' : ' (not exact)'}`);
      }
    }

    expect(differing).toEqual([]);
  });
});
