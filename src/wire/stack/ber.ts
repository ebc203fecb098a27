import type { Micros } from '../../kit/time.ts';
import type { Reader } from '../reader.ts';
import { type Charset, IDENTITY_TEXT } from '../text.ts';

/**
 * BER and DER (ITU-T X.690) without building a tree: a cursor over the elements of one value. What a message
 * announces beyond its last byte marks the reader `truncated`; what breaks the rules inside it is a `problem`.
 *
 *     const message = Ber.of(reader, 0).expect(Tag.sequence).children();
 *     const version = message.expect(Tag.integer).integer();
 *     while (message.next()) { … message.tag … message.bytes() … }
 *     if (message.problem !== undefined) { return new Malformed(message.problem); }
 */
export class Ber {
  /**
   * The identifier octets of the current element as one number, the way documents print them: `0x30` a sequence,
   * `0xa1` constructed [1], `0xbf4d` constructed [77]. 0 before the first element and after the last.
   */
  tag = 0;
  /** Length of the current element's contents, as announced. */
  length = 0;
  private readonly reader: Reader;
  private readonly shared: Shared;
  private readonly depth: number;
  /** Where this value ends by its own announcement; the outermost one ends wherever its bytes do. */
  private readonly end: number;
  /** Where the current element's contents start, and where the next element does. */
  private start: number;
  private at: number;

  private constructor(shared: Shared, start: number, end: number, depth: number) {
    this.reader = shared.reader;
    this.shared = shared;
    this.start = start;
    this.at = start;
    this.end = end;
    this.depth = depth;
  }

  /** A cursor over whatever the reader still holds; `depth` is what the carriers of this value have used up. */
  static of(reader: Reader, depth: number): Ber {
    return new Ber({ reader, problem: undefined }, reader.position, Number.POSITIVE_INFINITY, depth);
  }

  /** Which rule the message breaks, if any: one for this cursor and all that come from it. */
  get problem(): string | undefined {
    return this.shared.problem;
  }

  /** Where the next element starts, counted from the first byte of the reader's message. */
  get position(): number {
    return this.at;
  }

  /** Goes to the next element. False at the end of the value, and as soon as something is wrong. */
  next(): boolean {
    this.tag = 0;
    this.length = 0;
    const { reader } = this;
    if (this.at >= this.end || this.at >= reader.length || this.shared.problem !== undefined || !reader.step()) {
      return false;
    }
    const { truncated } = reader;
    reader.seek(this.at);
    reader.truncated = false;
    const tag = readTag(reader);
    const length = readLength(reader);
    const short = reader.truncated;
    reader.truncated = truncated;
    if (short && this.end <= reader.length) {
      return this.fail('element longer than what holds it');
    }
    if (short) {
      reader.truncated = true;
      return false;
    }
    if (tag === BROKEN || length === BROKEN) {
      return this.fail(tag === BROKEN ? 'tag of more than three further octets' : 'reserved or oversized length');
    }
    this.start = reader.position;
    if (length === INDEFINITE) {
      return this.toEndOfContents(tag);
    }
    this.at = this.start + length;
    if (this.at > this.end) {
      return this.fail('element longer than what holds it');
    }
    reader.expect(length);
    this.tag = tag;
    this.length = length;
    return true;
  }

  /** Goes to the next element, which must have this tag. */
  expect(tag: number): this {
    if (!this.next()) {
      if (this.end === Number.POSITIVE_INFINITY) {
        this.reader.truncated = true;
      }
      if (!this.reader.truncated) {
        this.fail('missing element');
      }
    } else if (this.tag !== tag) {
      this.fail(`tag ${hexTag(this.tag)} where ${hexTag(tag)} belongs`);
    }
    return this;
  }

  /** Goes to the next element only if it has this tag. */
  optional(tag: number): boolean {
    return this.peekTag() === tag && this.next();
  }

  /** Tag of the next element without going there; 0 at the end of the value. */
  peekTag(): number {
    if (this.at >= this.end || this.at >= this.reader.length) {
      return 0;
    }
    this.reader.seek(this.at);
    const { truncated } = this.reader;
    const tag = readTag(this.reader);
    this.reader.truncated = truncated;
    return tag === BROKEN ? 0 : tag;
  }

  /** A cursor over the elements inside the current one; over nothing where that is primitive. */
  children(): Ber {
    const depth = this.depth + 1;
    if (depth > DEEPEST) {
      this.reader.exhausted = true;
    }
    const open = isConstructed(this.tag) && depth <= DEEPEST;
    return new Ber(this.shared, this.start, open ? this.start + this.length : this.start, depth);
  }

  /** A cursor over elements that are packed in the current element's octets, as the extensions of a certificate are. */
  inside(): Ber {
    const depth = this.depth + 1;
    if (depth > DEEPEST) {
      this.reader.exhausted = true;
    }
    return new Ber(this.shared, this.start, depth > DEEPEST ? this.start : this.start + this.length, depth);
  }

  /** The contents: a view, not a copy. */
  bytes(): Uint8Array {
    this.reader.seek(this.start);
    return this.reader.take(this.length);
  }

  /** Two's complement; rounded beyond 53 bits, where `bytes` has the exact value. */
  integer(): number {
    return integerOf(this.bytes(), true);
  }

  /** As `integer`, for types whose sign bit is a digit (SNMP counters and gauges that some devices write without a 0). */
  unsigned(): number {
    return integerOf(this.bytes(), false);
  }

  boolean(): boolean {
    this.reader.seek(this.start);
    return this.length > 0 && this.reader.u8() !== 0;
  }

  /** In the charset that the tag names; whatever is no string type is read as UTF-8. */
  text(limit = IDENTITY_TEXT): string {
    this.reader.seek(this.start);
    return this.reader.text(this.length, CHARSETS.get(this.tag) ?? 'utf-8', limit);
  }

  /** `1.3.6.1.4.1`; the arcs beyond the 128th are left out. */
  oid(): string {
    return oidText(this.bytes());
  }

  /** The octets of a BIT STRING, without the leading count of unused bits. */
  bits(): Uint8Array {
    return this.bytes().subarray(1);
  }

  /** A UTCTime or GeneralizedTime that says its zone; undefined for any other text. */
  time(): Micros | undefined {
    return timeOf(this.text(TIME_TEXT), this.tag === Tag.utcTime);
  }

  /** Finds the two zero octets that end an element of indefinite length (X.690, section 8.1.3.6). */
  private toEndOfContents(tag: number): boolean {
    if (!isConstructed(tag)) {
      return this.fail('primitive element of indefinite length');
    }
    const { reader } = this;
    const end = endOfContents(reader, this.depth + 1);
    this.at = end + 2;
    if (end === BROKEN) {
      return this.fail('element of indefinite length is broken');
    }
    if (this.at > this.end) {
      return this.fail('element longer than what holds it');
    }
    this.tag = tag;
    this.length = end - this.start;
    return !reader.truncated && !reader.exhausted;
  }

  private fail(problem: string): false {
    this.shared.problem ??= problem;
    this.at = this.end === Number.POSITIVE_INFINITY ? this.reader.length : this.end;
    this.length = 0;
    return false;
  }
}

/** What all cursors of one message share. */
interface Shared {
  readonly reader: Reader;
  problem: string | undefined;
}

/** Universal tags (X.680, table 1). */
export const Tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visibleString: 0x1a,
  generalString: 0x1b,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/**
 * Length of the element that starts here, header included, for `cut` of a protocol whose PDU is one element: 0 while
 * too little has come to say, -1 where no element of definite length can start. Allocates nothing.
 */
export function berSpan(reader: Reader): number {
  let header = 1;
  if ((reader.peek() & NUMBER_BITS) === NUMBER_BITS) {
    while (header < LONGEST_TAG && (reader.peek(header) & MORE_OCTETS) !== 0) {
      header++;
    }
    header++;
  }
  if (reader.remaining <= header) {
    return header > LONGEST_TAG ? -1 : 0;
  }
  const first = reader.peek(header++);
  if (first < LONG_FORM) {
    return header + first;
  }
  const octets = first & ~LONG_FORM;
  if (octets === 0 || octets > LONGEST_LENGTH) {
    return -1;
  }
  if (reader.remaining < header + octets) {
    return 0;
  }
  let length = 0;
  for (let next = 0; next < octets; next++) {
    length = length * 256 + reader.peek(header + next);
  }
  return header + octets + length;
}

/** `1.3.6.1.4.1` from the contents of an OBJECT IDENTIFIER (X.690, section 8.19), at most 128 arcs. */
export function oidText(bytes: Uint8Array): string {
  let text = '';
  let arc = 0;
  let arcs = 0;
  for (const octet of bytes) {
    arc = arc * 128 + (octet & 0x7f);
    if ((octet & MORE_OCTETS) !== 0) {
      continue;
    }
    if (arcs === 0) {
      const first = Math.min(2, Math.floor(arc / 40));
      text = `${first}.${arc - first * 40}`;
    } else {
      text += `.${arc}`;
    }
    arc = 0;
    arcs++;
    if (arcs >= MOST_ARCS) {
      break;
    }
  }
  return text;
}

const BROKEN = -2;
const INDEFINITE = -1;
const DEEPEST = 32;
const MOST_ARCS = 128;
const CONSTRUCTED = 0x20;
const NUMBER_BITS = 0x1f;
const MORE_OCTETS = 0x80;
const LONG_FORM = 0x80;
/** Identifier octets, and octets of a length, that we read: no message of ours needs more. */
const LONGEST_TAG = 4;
const LONGEST_LENGTH = 6;
const TIME_TEXT = 32;

const CHARSETS: ReadonlyMap<number, Charset> = new Map([
  [Tag.teletexString, 'latin-1'],
  [Tag.bmpString, 'utf-16be'],
]);

/** X.690, section 8.1.2. */
function readTag(reader: Reader): number {
  let tag = reader.u8();
  if ((tag & NUMBER_BITS) !== NUMBER_BITS) {
    return tag;
  }
  for (let octets = 1; octets < LONGEST_TAG; octets++) {
    const octet = reader.u8();
    tag = tag * 256 + octet;
    if ((octet & MORE_OCTETS) === 0) {
      return tag;
    }
  }
  return BROKEN;
}

/** X.690, section 8.1.3. Leading zeros are allowed in BER, and SNMP agents write them. */
function readLength(reader: Reader): number {
  const first = reader.u8();
  if (first < LONG_FORM) {
    return first;
  }
  const octets = first & ~LONG_FORM;
  if (octets === 0) {
    return INDEFINITE;
  }
  if (octets > LONGEST_LENGTH) {
    return BROKEN;
  }
  let length = 0;
  for (let next = 0; next < octets; next++) {
    length = length * 256 + reader.u8();
  }
  return length;
}

/** Where the contents that start here end; the elements inside may be of indefinite length themselves. */
function endOfContents(reader: Reader, depth: number): number {
  if (depth > DEEPEST) {
    reader.exhausted = true;
  }
  while (!reader.truncated && reader.step()) {
    const at = reader.position;
    const tag = readTag(reader);
    const length = readLength(reader);
    if (tag === 0 && length === 0) {
      return at;
    }
    if (tag === BROKEN || length === BROKEN) {
      return BROKEN;
    }
    if (length !== INDEFINITE) {
      reader.skip(length);
    } else if (endOfContents(reader, depth + 1) === BROKEN) {
      return BROKEN;
    }
  }
  return reader.position;
}

/** The first identifier octet tells, whatever follows it. */
function isConstructed(tag: number): boolean {
  let octet = tag;
  while (octet > 255) {
    octet = Math.floor(octet / 256);
  }
  return (octet & CONSTRUCTED) !== 0;
}

function integerOf(bytes: Uint8Array, signed: boolean): number {
  const first = bytes[0] ?? 0;
  let value = signed && first >= 0x80 ? -1 : 0;
  for (const octet of bytes) {
    value = value * 256 + octet;
  }
  return value;
}

function hexTag(tag: number): string {
  return `0x${tag.toString(16).padStart(2, '0')}`;
}

/** `YYMMDDhhmm[ss]` and `YYYYMMDDhhmm[ss[.f]]`, both with `Z` or `+hhmm` (X.680, sections 46 and 47). */
const UTC_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?()(?:Z|([+-])(\d\d)(\d\d))$/;
const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?:[.,](\d{1,6})\d*)?(?:Z|([+-])(\d\d)(\d\d))$/;

function timeOf(text: string, shortYear: boolean): Micros | undefined {
  const match = (shortYear ? UTC_TIME : GENERALIZED_TIME).exec(text);
  if (!match) {
    return undefined;
  }
  const digits = (group: number) => Number(match[group] ?? 0);
  // Two digits mean 1950 to 2049 (RFC 5280, section 4.1.2.5.1).
  const century = shortYear ? (digits(1) < 50 ? 2000 : 1900) : 0;
  const seconds = Date.UTC(century + digits(1), digits(2) - 1, digits(3), digits(4), digits(5), digits(6)) / 1000;
  const ahead = (match[8] === '-' ? -60 : 60) * (digits(9) * 60 + digits(10));
  return (seconds - ahead) * 1e6 + Number((match[7] ?? '').padEnd(6, '0'));
}
