/** Packet time: microseconds since 1970-01-01T00:00Z. A double holds these exactly until the year 2255. */
export type Micros = number;

/** ISO 8601 in UTC with six decimals, as users read it everywhere; times outside ISO's range are clamped to it. */
export function isoTime(time: Micros): string {
  const whole = Math.floor(time);
  const milliseconds = Math.floor(whole / 1000);
  const micros = whole - milliseconds * 1000;
  const date = new Date(Math.max(-MOST_MILLISECONDS, Math.min(MOST_MILLISECONDS, milliseconds)));
  return `${date.toISOString().slice(0, -1)}${String(micros).padStart(3, '0')}Z`;
}

const MOST_MILLISECONDS = 8.64e15;

/** What `isoTime` wrote, read back; NaN where it is no time. */
export function microsOf(iso: string): Micros {
  const match = /^(.*\.\d{3})(\d{3})Z$/u.exec(iso);
  return match === null ? Date.parse(iso) * 1000 : Date.parse(`${match[1]}Z`) * 1000 + Number(match[2]);
}
