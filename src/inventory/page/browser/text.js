/** How things are written: numbers, sizes, times, and text that a device sent. */

const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\u115f\u1160\u3164\uffa0]|\u034f|\u17b4|\u17b5/gu;
/** More marks on one letter than any script needs: they would cover the neighbours. */
const PILED_MARKS = /(\p{M}{4})\p{M}+/gu;

/**
 * Text as a person can judge it: what is not seen, or turns the direction of reading, is written as its number.
 * @param {string} text
 */
export function visible(text) {
  return text
    .replaceAll(INVISIBLE, (character) => {
      const code = character.codePointAt(0) ?? 0;
      const hex = code.toString(16);
      return code < 0x100
        ? `\\x${hex.padStart(2, '0')}`
        : code < 0x10000
          ? `\\u${hex.padStart(4, '0')}`
          : `\\u{${hex}}`;
    })
    .replaceAll(PILED_MARKS, '$1\\…');
}

/**
 * @param {string} text
 * @param {number} most characters
 */
export function cut(text, most) {
  const characters = Array.from(visible(text));
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : characters.join('');
}

const WHOLE = new Intl.NumberFormat('en');
const PLACES = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });

/** @param {number} value */
export function number(value) {
  return WHOLE.format(value);
}

/**
 * @param {number} count
 * @param {string} one
 * @param {string} many
 */
export function plural(count, one, many) {
  return `${number(count)} ${count === 1 ? one : many}`;
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** @param {number} bytes */
export function size(bytes) {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${PLACES.format(value)}\u00a0${BYTE_UNITS[unit]}`;
}

/** @param {number | null | undefined} ms */
export function milliseconds(ms) {
  if (ms === null || ms === undefined) {
    return null;
  }
  if (ms < 1) {
    return `${Math.round(ms * 1000)}\u00a0µs`;
  }
  return ms < 999.5 ? `${PLACES.format(ms)}\u00a0ms` : duration(ms / 1000);
}

/** @param {number} seconds */
export function duration(seconds) {
  if (seconds < 119.5) {
    return `${seconds < 10 ? PLACES.format(seconds) : Math.round(seconds)}\u00a0s`;
  }
  if (seconds < 7170) {
    return `${Math.round(seconds / 60)}\u00a0min`;
  }
  return seconds < 172_800
    ? `${(seconds / 3600).toFixed(1)}\u00a0h`
    : `${number(Math.round(seconds / 86_400))}\u00a0days`;
}

/**
 * Between two times as they stand in the analysis.
 * @param {string | null} first
 * @param {string | null} last
 */
export function secondsBetween(first, last) {
  return first === null || last === null ? 0 : (Date.parse(last) - Date.parse(first)) / 1000;
}

/**
 * A moment in UTC; whoever shows it says so.
 * @param {string | null} time
 */
export function moment(time) {
  return time === null ? null : time.slice(0, 19).replace('T', ' ');
}

/** @param {number} share 0 to 1 */
export function percent(share) {
  return `${Math.round(share * 100)}\u00a0%`;
}

/** @param {string} text */
export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * @param {readonly string[]} words
 * @param {number} most
 */
export function some(words, most) {
  const rest = words.length - most;
  return rest > 0 ? `${words.slice(0, most).join(', ')} and ${number(rest)} more` : words.join(', ');
}

/** `operationsPerConversation` as words. @param {string} name */
export function words(name) {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

const COLLATOR = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/**
 * @param {string} a
 * @param {string} b
 */
export function compareText(a, b) {
  return COLLATOR.compare(a, b);
}
