import { readdir, readFile } from 'node:fs/promises';

const CAUSES = ['ours', 'theirs', 'both-defensible'] as const;

/** A difference that was looked at: a line `capture frame cause reason` in the protocol's file. */
export interface KnownDifference {
  readonly protocol: string;
  /** Path below the folder of captures. */
  readonly capture: string;
  readonly frame: number;
  readonly cause: (typeof CAUSES)[number];
  readonly reason: string;
}

/** A capture's name may hold spaces. */
const LINE = /^(.+?) (\d+) (ours|theirs|both-defensible) (.+)$/;
const ENDING = '.txt';

/** All that are listed beside this file. */
export async function knownDifferences(): Promise<readonly KnownDifference[]> {
  const folder = new URL('.', import.meta.url);
  const files = (await readdir(folder)).filter((name) => name.endsWith(ENDING)).sort();
  const texts = await Promise.all(files.map((name) => readFile(new URL(name, folder), 'utf8')));
  return texts.flatMap((text, at) => {
    const protocol = (files[at] ?? '').slice(0, -ENDING.length);
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => knownOf(protocol, line));
  });
}

function knownOf(protocol: string, line: string): KnownDifference {
  const [, capture = '', frame, written, reason] = LINE.exec(line) ?? [];
  const cause = CAUSES.find((each) => each === written);
  if (cause === undefined || reason === undefined) {
    throw new Error(`${protocol}${ENDING}: no line "capture frame cause reason": ${line}`);
  }
  return { protocol, capture, frame: Number(frame), cause, reason };
}
