import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { simulate } from '../src/simulator/commands.ts';
import { DEFAULT_OPTIONS } from '../src/simulator/simulation.ts';
import { dissectors } from '../src/wire/protocols/index.ts';
import { CATALOGUE } from './agreement/catalogue.ts';
import { knownDifferences } from './agreement/known.ts';
import { type ComparedCapture, compareCaptures, figuresOf, tableOf } from './agreement/run.ts';
import { capturesIn, sampleOf } from './agreement/sample.ts';
import { tsharkVersion } from './agreement/tshark.ts';

/** Least share of messages, in percent, on which Keyway and Wireshark agree, of each protocol. */
const LEAST = 99.5;
const MINUTE = 60_000;
/** A folder of captures by many authors, where there is one; not part of this repository. */
const CAPTURES = env['KEYWAY_CAPTURES'] ?? fileURLToPath(new URL('../../shared/data/captures', import.meta.url));
/**
 * `part` compares a part that holds every protocol and every known difference, in half the time. Shares are judged over all only:
 * the part has all that differ and some of those that agree.
 */
const part = env['KEYWAY_AGREEMENT'] === 'part';
/** What stays below, and why: each difference is listed in the protocol's file. */
const BELOW: ReadonlyMap<string, string> = new Map([
  ['hart_ip', 'Wireshark 4.0 knows no direct commands and no audit log (message ids 4 and 5)'],
]);

const version = tsharkVersion();
const read = new Set(dissectors.map(({ name }) => name));
const names = Object.keys(CATALOGUE).filter((name) => read.has(name));

describe.skipIf(version === undefined)(`Keyway and Wireshark (tshark ${version ?? 'is not installed'})`, () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keyway-agreement-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('agree on a simulated plant', { timeout: 10 * MINUTE }, async () => {
    const out = join(folder, 'plant.pcap');
    const settings = { ...DEFAULT_OPTIONS, seed: 7, duration: 120_000_000 };
    await simulate({ out, settings }, { progress: () => undefined, breathe: async () => true });

    const compared = await compareCaptures(folder, [out], names);

    stdout.write(`${tableOf(figuresOf(compared))}\n`);
    expect(linesOf(compared)).toEqual([]);
    expect(figuresOf(compared).length).toBeGreaterThan(10);
  });

  it('agree on captures by others', { timeout: 30 * MINUTE }, async ({ skip }) => {
    skip(!existsSync(CAPTURES), 'there is no folder of captures; KEYWAY_CAPTURES may name one');
    const known = await knownDifferences();
    const paths = await capturesIn(CAPTURES);
    const chosen = part ? await sampleOf(CAPTURES, paths, new Set(known.map(({ capture }) => capture))) : paths;

    const compared = await compareCaptures(CAPTURES, chosen, names);

    const figures = figuresOf(compared);
    stdout.write(`${chosen.length} of ${paths.length} captures\n${tableOf(figures)}\n`);
    const listed = known.map(({ protocol, capture, frame }) => `${protocol} ${capture} ${frame}`);
    const found = linesOf(compared);
    expect(found.filter((line) => !listed.some((place) => line.startsWith(`${place} `)))).toEqual([]);
    expect(listed.filter((place) => !found.some((line) => line.startsWith(`${place} `)))).toEqual([]);
    if (!part) {
      const below = figures.filter(({ percent }) => percent < LEAST).map(({ protocol }) => protocol);
      expect(below).toEqual([...BELOW.keys()]);
    }
    expect(compared.flatMap(({ capture, keyway }) => keyway.faults.map((fault) => `${capture}: ${fault}`))).toEqual([]);
  });
});

/** One line per difference: protocol, capture, frame, and what each says. */
function linesOf(compared: readonly ComparedCapture[]): readonly string[] {
  return compared.flatMap(({ capture, differences }) =>
    differences.map(({ protocol, frame, text }) => `${protocol} ${capture} ${frame} ${text}`),
  );
}
