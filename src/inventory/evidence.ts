import type { Micros } from '../kit/time.ts';
import { type Basis, CONFIDENCE, type Identity, type Role } from '../wire/observation.ts';
import type { LimitCounter } from './limits.ts';
import { isEarlier } from './order.ts';

/** What can be known of an asset by evidence. */
export type Attribute = keyof Identity | 'role';

/** One value that something on the wire, or a person, says about an asset. */
export interface Evidence {
  readonly attribute: Attribute;
  readonly value: string;
  /** Protocol that told it; `mac prefix` and `behaviour` are conclusions of our own. */
  readonly protocol: string;
  readonly basis: Basis | 'mac-prefix';
  readonly confidence: number;
  /** First frame and time that said so. */
  readonly frame: number;
  readonly time: Micros;
  lastTime: Micros;
  count: number;
  /** Port of the server that answered, 0 where there is none: two devices may share one address. */
  readonly port: number;
  /** For a role: why. */
  readonly reason?: string;
}

/** A value believed less than this is a hint: it is shown among the evidence, the attribute stays unknown. */
const BELIEVED = 0.5;
/** From here on two different values contradict each other. */
export const CERTAIN = 0.9;

export const MAC_PREFIX_CONFIDENCE = 0.6;

function confidenceOf(basis: Evidence['basis']): number {
  return basis === 'mac-prefix' ? MAC_PREFIX_CONFIDENCE : CONFIDENCE[basis];
}

/** Where and when something was said. */
export interface Source {
  readonly protocol: string;
  readonly frame: number;
  readonly time: Micros;
  readonly port: number;
}

/** Adds a value to what is known, or counts it again; `limits` bounds the different values of an attribute. */
export function addEvidence(
  known: Evidence[],
  what: Pick<Evidence, 'attribute' | 'value' | 'basis' | 'reason'>,
  source: Source,
  limits: LimitCounter,
): void {
  let same = 0;
  let least: number | undefined;
  for (let at = 0; at < known.length; at++) {
    const entry = known[at] as Evidence;
    if (entry.attribute !== what.attribute) {
      continue;
    }
    if (entry.value === what.value && entry.protocol === source.protocol && entry.basis === what.basis) {
      entry.count++;
      entry.lastTime = Math.max(entry.lastTime, source.time);
      if (isEarlier(source.time, source.frame, entry.time, entry.frame)) {
        known.splice(at, 1);
        known.push({ ...entry, ...what, ...source });
      }
      return;
    }
    same++;
    if (least === undefined || entry.confidence < (known[least] as Evidence).confidence) {
      least = at;
    }
  }
  const confidence = confidenceOf(what.basis);
  const entry = { ...what, ...source, confidence, lastTime: source.time, count: 1 };
  if (limits.allows('valuesPerAttribute', same)) {
    known.push(entry);
  } else if (least !== undefined && (known[least] as Evidence).confidence < confidence) {
    known[least] = entry;
  }
}

/** What two threads heard of one asset, in the order in which it was first said. */
export function joinedEvidence(one: readonly Evidence[], other: readonly Evidence[], limits: LimitCounter): Evidence[] {
  const joined = [...one];
  for (const entry of other) {
    const at = joined.findIndex((known) => isSame(known, entry));
    const known = joined[at];
    if (known === undefined) {
      const same = joined.filter(({ attribute }) => attribute === entry.attribute).length;
      if (limits.allows('valuesPerAttribute', same)) {
        joined.push(entry);
      }
      continue;
    }
    const first = isEarlier(entry.time, entry.frame, known.time, known.frame) ? entry : known;
    const lastTime = Math.max(entry.lastTime, known.lastTime);
    joined[at] = { ...first, lastTime, count: entry.count + known.count };
  }
  return joined;
}

/** In the order in which it was said; what was said at once, by name. */
export function byFirstSaid(one: Evidence, other: Evidence): number {
  return (
    one.time - other.time ||
    one.frame - other.frame ||
    byText(one.attribute, other.attribute) ||
    byText(one.protocol, other.protocol) ||
    byText(one.basis, other.basis) ||
    byText(one.value, other.value)
  );
}

function byText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function isSame(one: Evidence, other: Evidence): boolean {
  const { attribute, value, protocol, basis } = one;
  return attribute === other.attribute && value === other.value && protocol === other.protocol && basis === other.basis;
}

/** The value that counts: the surest, then the newest, then (so that the order of input does not matter) the first by name. */
export function best(evidence: Iterable<Evidence>, attribute: Attribute): Evidence | undefined {
  let found: Evidence | undefined;
  for (const entry of evidence) {
    if (entry.attribute === attribute && entry.confidence >= BELIEVED && (!found || surer(entry, found))) {
      found = entry;
    }
  }
  return found;
}

function surer(one: Evidence, other: Evidence): boolean {
  if (one.confidence !== other.confidence) {
    return one.confidence > other.confidence;
  }
  return one.lastTime === other.lastTime ? one.value < other.value : one.lastTime > other.lastTime;
}

export interface Conflict {
  readonly attribute: Attribute;
  readonly first: Evidence;
  readonly second: Evidence;
}

const HOUR = 3_600_000_000;

/** Attributes that a device has one of, whoever asks. Names differ from service to service, and so do products. */
const SINGLE: readonly Attribute[] = ['serial', 'orderNumber', 'firmware', 'vendor'];

/** Two different sure values of the same source within an hour: two devices at one place, or someone lies. */
export function conflictsOf(evidence: readonly Evidence[]): readonly Conflict[] {
  const conflicts: Conflict[] = [];
  for (const attribute of SINGLE) {
    const sure = evidence.filter((entry) => entry.attribute === attribute && entry.confidence >= CERTAIN);
    for (const [at, first] of sure.entries()) {
      const second = sure.slice(at + 1).find((entry) => contradicts(first, entry));
      if (second) {
        conflicts.push({ attribute, first, second });
        break;
      }
    }
  }
  return conflicts;
}

function contradicts(one: Evidence, other: Evidence): boolean {
  const apart = one.time > other.lastTime ? one.time - other.lastTime : other.time - one.lastTime;
  return one.protocol === other.protocol && plain(one.value) !== plain(other.value) && apart <= HOUR;
}

/** Letters and digits only: `6ES7 315-2EH14` and `6ES7315-2EH14` are one. */
export function plain(value: string): string {
  return value.toLowerCase().replaceAll(PUNCTUATION, '');
}

const PUNCTUATION = /[\s._-]+/g;

/** Attributes of an identity that become evidence as they are. */
export const IDENTITY_ATTRIBUTES: readonly (keyof Identity)[] = [
  'vendor',
  'product',
  'orderNumber',
  'firmware',
  'hardware',
  'serial',
  'os',
  'name',
];

export type { Role };
