import type { SeenMessage, Value } from './message.ts';

/** What the two programs do not agree on in one frame. */
export interface Difference {
  readonly protocol: string;
  readonly frame: number;
  readonly text: string;
}

export interface Agreement {
  /** Messages on which both agree, by protocol. */
  readonly agreeing: ReadonlyMap<string, number>;
  readonly differences: readonly Difference[];
}

/**
 * Compares by protocol, frame and place in the frame. `readings` are Wireshark's, one or more with different settings: in each
 * frame the one counts that is nearest to Keyway's, as what Wireshark itself sees either way is no difference.
 */
export function compare(keyway: readonly SeenMessage[], readings: readonly (readonly SeenMessage[])[]): Agreement {
  const agreeing = new Map<string, number>();
  const differences: Difference[] = [];
  const ours = byPlace(keyway);
  const theirs = readings.map(byPlace);
  const places = new Set([ours, ...theirs].flatMap((each) => [...each.keys()]));
  for (const place of places) {
    const seen = ours.get(place) ?? [];
    const matches = theirs.map((each) => match(seen, each.get(place) ?? []));
    const [best] = matches.toSorted((a, b) => sizeOf(a) - sizeOf(b) || b.agreeing - a.agreeing);
    const [protocol = '', frame = ''] = place.split(' ');
    if (best) {
      agreeing.set(protocol, (agreeing.get(protocol) ?? 0) + best.agreeing);
      differences.push(...textsOf(best).map((text) => ({ protocol, frame: Number(frame), text })));
    }
  }
  return { agreeing, differences: differences.toSorted((a, b) => a.frame - b.frame) };
}

function byPlace(messages: readonly SeenMessage[]): ReadonlyMap<string, readonly SeenMessage[]> {
  return Map.groupBy(messages, ({ protocol, frame }) => `${protocol} ${frame}`);
}

interface Match {
  readonly agreeing: number;
  readonly missing: readonly SeenMessage[];
  readonly extra: readonly SeenMessage[];
}

/** Pairs the messages of one frame in their order; what is left on either side differs. */
function match(keyway: readonly SeenMessage[], wireshark: readonly SeenMessage[]): Match {
  const left: SeenMessage[] = [];
  const paired = new Set<SeenMessage>();
  let from = 0;
  for (const ours of keyway) {
    const at = wireshark.findIndex((theirs, place) => place >= from && agree(ours, theirs));
    const theirs = wireshark[at];
    if (theirs) {
      paired.add(theirs);
      from = at + 1;
    } else {
      left.push(ours);
    }
  }
  const unpaired = wireshark.filter((theirs) => !paired.has(theirs));
  const missing = unpaired.filter(({ damaged }) => !damaged);
  // What Wireshark calls malformed or cut short Keyway may pass over, call so too, or read.
  const excused = unpaired.length - missing.length;
  const whole = left.filter(({ damaged }) => !damaged);
  const spoken = Math.max(0, excused - (left.length - whole.length));
  return { agreeing: paired.size, missing, extra: whole.slice(0, Math.max(missing.length, whole.length - spoken)) };
}

function agree(ours: SeenMessage, theirs: SeenMessage): boolean {
  if (ours.damaged && !theirs.damaged) {
    return false;
  }
  for (const [name, value] of theirs.values) {
    if (ours.values.get(name) !== value) {
      return false;
    }
  }
  return true;
}

function sizeOf({ missing, extra }: Match): number {
  return Math.max(missing.length, extra.length);
}

function textsOf({ missing, extra }: Match): readonly string[] {
  return Array.from({ length: Math.max(missing.length, extra.length) }, (_, at) => {
    const theirs = missing[at];
    const ours = extra[at];
    return `Wireshark: ${theirs ? textOf(theirs) : 'nothing'}; Keyway: ${ours ? textOf(ours) : 'nothing'}`;
  });
}

function textOf({ values }: SeenMessage): string {
  const shown = [...values].filter((entry): entry is [string, NonNullable<Value>] => entry[1] !== undefined);
  return shown.map(([name, value]) => `${name} ${value}`).join(', ');
}
