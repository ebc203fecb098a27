/** What a field is on both sides: a number, a text, or nothing. */
export type Value = number | string | undefined;

/** A message as one of the two programs sees it. */
export interface SeenMessage {
  readonly frame: number;
  readonly protocol: string;
  /** Fields of the catalogue. Wireshark leaves out what it does not show and need not be compared. */
  readonly values: ReadonlyMap<string, Value>;
  /** Malformed or cut short, says this program. */
  readonly damaged: boolean;
}

const DECIMAL = /^-?\d{1,15}$/;
const HEXADECIMAL = /^0x[0-9a-f]{1,13}$/i;

/** The same value in one form, whoever wrote it. */
export function plainValue(written: unknown): Value {
  if (typeof written === 'number') {
    return written;
  }
  if (typeof written === 'boolean') {
    return Number(written);
  }
  if (typeof written !== 'string') {
    return undefined;
  }
  const text = written.trim();
  if (DECIMAL.test(text) || HEXADECIMAL.test(text)) {
    return Number(text);
  }
  return text === '' ? undefined : (BOOLEANS.get(text) ?? text);
}

const BOOLEANS: ReadonlyMap<string, number> = new Map([
  ['True', 1],
  ['False', 0],
]);
