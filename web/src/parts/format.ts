import i18next from 'i18next';
import { useTranslation } from 'react-i18next';

/** How numbers, sizes and times are written in the language that is chosen. */
export interface Format {
  number(value: number): string;
  size(bytes: number): string;
  percent(share: number): string;
  /** Date and time to the minute, in the zone of the person who looks. */
  moment(time: string): string;
  /** `3 min ago`. */
  ago(time: string): string;
  /** From milliseconds to days. */
  duration(ms: number): string;
  day(time: string): string;
}

const SIZES = ['B', 'kB', 'MB', 'GB', 'TB'];
const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

export function useFormat(): Format {
  const { i18n } = useTranslation();
  return formatIn(i18n.language);
}

const made = new Map<string, Format>();

function formatIn(language: string): Format {
  const known = made.get(language);
  if (known !== undefined) {
    return known;
  }
  const format = makeFormat(language);
  made.set(language, format);
  return format;
}

function makeFormat(language: string): Format {
  const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
  const places = new Intl.NumberFormat(language, { maximumSignificantDigits: 3 });
  const share = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 });
  const moments = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
    dateStyle: 'medium',
    timeStyle: 'short',
  });
  const days = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, { dateStyle: 'medium' });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' });
  return {
    number: (value) => whole.format(value),
    size(bytes) {
      let value = bytes;
      let unit = 0;
      while (value >= 999.5 && unit < SIZES.length - 1) {
        value /= 1000;
        unit++;
      }
      return `${places.format(value)}\u00a0${SIZES[unit]}`;
    },
    percent: (value) => share.format(value),
    moment: (time) => moments.format(new Date(time)),
    day: (time) => days.format(new Date(time)),
    ago(time) {
      const ms = Date.parse(time) - Date.now();
      const step = STEPS.find(([, length]) => Math.abs(ms) >= length);
      return step === undefined ? i18next.t('part.justNow') : relative.format(Math.round(ms / step[1]), step[0]);
    },
    duration(ms) {
      if (ms < 1) {
        return `${places.format(ms * 1000)}\u00a0µs`;
      }
      if (ms < 999.5) {
        return `${places.format(ms)}\u00a0ms`;
      }
      if (ms < 119_500) {
        return `${places.format(ms / 1000)}\u00a0s`;
      }
      return ms < 7_170_000 ? `${whole.format(ms / 60_000)}\u00a0min` : `${places.format(ms / 3_600_000)}\u00a0h`;
    },
  };
}
