import type { Micros } from '../kit/time.ts';

/** A time as a user names it: a moment, or so long after the first packet. */
export type Moment = { readonly at: Micros } | { readonly afterStart: Micros };

/** What may be written, for help and complaints. */
export const MOMENT_FORMS = '2026-03-02T06:30:00Z, 2026-03-02 06:30, 2026-03-02 or +1h30m (after the first packet)';

/** ISO 8601; without a zone it is UTC, without a time 00:00. Undefined where the text is no time. */
export function momentOf(text: string): Moment | undefined {
  const afterStart = durationAfterPlus(text);
  if (afterStart !== undefined) {
    return { afterStart };
  }
  const at = isoMoment(text);
  return at === undefined ? undefined : { at };
}

const DURATION = /^\+(?=\d)(?:(\d+(?:\.\d+)?)d)?(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?$/;
const UNITS: readonly Micros[] = [86_400e6, 3600e6, 60e6, 1e6];

function durationAfterPlus(text: string): Micros | undefined {
  const found = DURATION.exec(text);
  return found === null
    ? undefined
    : Math.round(UNITS.reduce((sum, unit, at) => sum + Number(found[at + 1] ?? 0) * unit, 0));
}

const ISO = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:Z|([+-])(\d\d):?(\d\d)?)?)?$/i;
const MINUTE: Micros = 60e6;
const MOST_ZONE_MINUTES = 14 * 60;

function isoMoment(text: string): Micros | undefined {
  const found = ISO.exec(text);
  if (found === null) {
    return undefined;
  }
  const [, day, clock = '00:00', second = '00', fraction = '', sign, zoneHours = '0', zoneMinutes = '0'] = found;
  const zone = Number(zoneHours) * 60 + Number(zoneMinutes);
  const written = `${day}T${clock}:${second}.000Z`;
  const milliseconds = Date.parse(written);
  // Asked back, because 30 February may be read as 2 March.
  if (!isDate(milliseconds, written) || zone > MOST_ZONE_MINUTES || Number(zoneMinutes) > 59) {
    return undefined;
  }
  const digits = fraction.padEnd(6, '0');
  const micros = Number(`${digits.slice(0, 6)}.${digits.slice(6)}`);
  return milliseconds * 1000 + micros - zone * MINUTE * (sign === '-' ? -1 : 1);
}

function isDate(milliseconds: number, written: string): boolean {
  return !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString() === written;
}
