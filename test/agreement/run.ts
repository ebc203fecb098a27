import { availableParallelism } from 'node:os';
import { relative } from 'node:path';
import { stdout } from 'node:process';
import { type Agreement, compare, type Difference } from './compare.ts';
import { type KeywayReading, readWithKeyway } from './keyway.ts';
import { readWithTshark } from './tshark.ts';

/** One capture read by both programs. */
export interface ComparedCapture extends Agreement {
  /** Below the folder of captures. */
  readonly capture: string;
  readonly keyway: KeywayReading;
}

/** More programs than this at once gain nothing. */
const MOST_AT_ONCE = 4;

/** Compares captures, as many at a time as there are processors. */
export async function compareCaptures(
  folder: string,
  paths: readonly string[],
  names: readonly string[],
): Promise<readonly ComparedCapture[]> {
  const results: (ComparedCapture | undefined)[] = [];
  const waiting = paths.entries();
  const work = async () => {
    for (const [at, path] of waiting) {
      results[at] = await compareCapture(relative(folder, path), path, names);
    }
  };
  await Promise.all(Array.from({ length: Math.min(MOST_AT_ONCE, availableParallelism()) }, work));
  return results.filter((one) => one !== undefined);
}

/** `undefined` for a capture of link types that are not read; where some packets are read, all are compared. */
async function compareCapture(
  capture: string,
  path: string,
  names: readonly string[],
): Promise<ComparedCapture | undefined> {
  const keyway = await readWithKeyway(path);
  if (keyway.isPassedOver) {
    stdout.write(`left out: ${capture} (its link type is not read)\n`);
    return undefined;
  }
  const asTheyCome = await readWithTshark(path, names, false);
  const first = compare(keyway.messages, [asTheyCome]);
  if (first.differences.length === 0) {
    return { capture, keyway, ...first };
  }
  const inOrder = await readWithTshark(path, names, true);
  return { capture, keyway, ...compare(keyway.messages, [asTheyCome, inOrder]) };
}

/** How far both agree on a protocol. */
export interface Figure {
  readonly protocol: string;
  readonly captures: number;
  readonly agreeing: number;
  readonly different: number;
  readonly percent: number;
}

export function figuresOf(compared: readonly ComparedCapture[]): readonly Figure[] {
  const protocols = new Set(compared.flatMap(protocolsOf));
  return [...protocols].sort().map((protocol) => {
    const holding = compared.filter((one) => protocolsOf(one).includes(protocol));
    const agreeing = holding.reduce((sum, one) => sum + (one.agreeing.get(protocol) ?? 0), 0);
    const different = holding.reduce((sum, { differences }) => sum + countOf(differences, protocol), 0);
    const percent = Math.floor((10_000 * agreeing) / (agreeing + different)) / 100;
    return { protocol, captures: holding.length, agreeing, different, percent };
  });
}

function protocolsOf({ agreeing, differences }: ComparedCapture): readonly string[] {
  const held = [...agreeing].filter(([, count]) => count > 0).map(([protocol]) => protocol);
  return [...new Set([...held, ...differences.map(({ protocol }) => protocol)])];
}

function countOf(differences: readonly Difference[], protocol: string): number {
  return differences.filter((difference) => difference.protocol === protocol).length;
}

/** The figures as a table in Markdown. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map(({ protocol, captures, agreeing, different, percent }) => {
    return `| \`${protocol}\` | ${captures} | ${agreeing} | ${different} | ${percent.toFixed(2)} % |`;
  });
  return ['| protocol | captures | agree | differ | agreement |', '| --- | ---: | ---: | ---: | ---: |', ...rows].join(
    '\n',
  );
}
