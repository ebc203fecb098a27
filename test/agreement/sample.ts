import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { readWithKeyway } from './keyway.ts';

const CAPTURE = /\.(?:pcap|pcapng|cap)(?:\.gz)?$/i;
/** Captures of each protocol that are always compared. */
const OF_EACH = 4;
/** Of all captures one in so many, as some may hold what Keyway does not see. */
const ONE_IN = 16;
/** Bytes beyond which a capture is taken only where no smaller one holds the protocol: printing its tree takes long. */
const LARGE = 400_000;

export async function capturesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true });
  return entries
    .filter((name) => CAPTURE.test(name))
    .sort()
    .map((name) => join(folder, name));
}

/** A part of the captures that holds every protocol, the same each time; `always` names those that are never left out. */
export async function sampleOf(
  folder: string,
  paths: readonly string[],
  always: ReadonlySet<string>,
): Promise<readonly string[]> {
  const drawn = await Promise.all(paths.map((path) => draw(folder, path)));
  const chosen = new Set<string>();
  const held = new Map<string, number>();
  for (const { path, name, lot, isLarge } of drawn.toSorted(
    (a, b) => Number(a.isLarge) - Number(b.isLarge) || a.lot - b.lot,
  )) {
    if (always.has(name) || (lot % ONE_IN === 0 && !isLarge)) {
      chosen.add(path);
    }
    const { messages } = await readWithKeyway(path);
    for (const protocol of new Set(messages.map((message) => message.protocol))) {
      const count = held.get(protocol) ?? 0;
      held.set(protocol, count + 1);
      if (count < OF_EACH) {
        chosen.add(path);
      }
    }
  }
  return paths.filter((path) => chosen.has(path));
}

/** A capture's place in the order of drawing comes from its name, so that it is the same everywhere. */
async function draw(folder: string, path: string) {
  const name = relative(folder, path);
  const { size } = await stat(path);
  return { path, name, lot: createHash('sha256').update(name).digest().readUInt32BE(), isLarge: size > LARGE };
}
