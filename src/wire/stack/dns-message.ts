/**
 * The message that DNS, mDNS, LLMNR and NetBIOS name service share (RFC 1035, section 4).
 * Counts, lengths and pointers come from the network: work and memory are bounded by the reader and the limits below.
 */
import { addressText, ipv4Text, ipv6Text } from '../format.ts';
import type { Reader } from '../reader.ts';
import { LONG_TEXT } from '../text.ts';

export interface DnsMessage {
  readonly id: number;
  readonly response: boolean;
  readonly opcode: number;
  /** The bits of the second word, opcode and response code included. */
  readonly flags: number;
  readonly responseCode: number;
  readonly questionCount: number;
  /** The first question's. */
  readonly name?: string;
  readonly type?: number;
  /** The authority section's too, where its protocol puts news there (updates, probes). */
  readonly records: readonly DnsRecord[];
}

/** A resource record; `value` is what a person reads, absent where the type has no text. */
export interface DnsRecord {
  readonly section: Section;
  readonly name: string;
  readonly type: number;
  readonly ttl: number;
  readonly value?: string;
  /** SRV only: where the service is. */
  readonly port?: number;
  /** TXT and HINFO only: the strings, one by one. */
  readonly texts?: readonly string[];
  /** NetBIOS records only: they are binary, and their protocol reads them. A copy. */
  readonly data?: Uint8Array;
}

/** A record as it stands in a message's fields. */
export interface DnsAnswer {
  readonly name: string;
  readonly type: number;
  readonly value?: string;
  readonly port?: number;
  readonly texts?: readonly string[];
}

export type Section = 'answer' | 'authority' | 'additional';

/** Record types (registry "DNS Parameters"). */
export const A = 1;
const NS = 2;
const CNAME = 5;
const SOA = 6;
export const PTR = 12;
export const HINFO = 13;
const MX = 15;
export const TXT = 16;
export const AAAA = 28;
export const SRV = 33;
const DNAME = 39;

/** NetBIOS gives the numbers of some types another meaning (RFC 1002, section 4.2.1.3). */
export type Dialect = 'dns' | 'netbios';

export const DNS_HEADER = 12;
const RESPONSE = 0x8000;
/** Opcode and reserved bit. */
const NOT_IN_QUERIES = 0x7840;
/** Any record (RFC 1035, section 3.2.3). */
const HIGHEST_TYPE = 255;
/** The two high bits of a length make it a pointer (RFC 1035, section 4.1.4). */
const POINTER = 0xc0;
/** RFC 1035, section 2.3.4. */
const LONGEST_NAME = 255;
const LONGEST_LABEL = 63;
/** mDNS puts a flag into the class (RFC 6762, section 5.4). */
const UNICAST_RESPONSE = 0x8000;
/** Most pointers followed in one name: each must lead back, and honest writers need one. */
const MOST_POINTERS = 32;
/** Most records that are kept; the rest is walked over. */
const MOST_RECORDS = 256;
const MOST_STRINGS = 64;
const LONGEST_DATA = 4096;
/** Largest section that a recogniser believes. */
const PLAUSIBLE = 256;

/** RFC 1035, section 4.1.1 and RFC 6895, section 2.3. */
const RESPONSE_CODES: readonly string[] = [
  'no error',
  'format error',
  'server failure',
  'no such name',
  'not implemented',
  'refused',
  'name exists',
  'record set exists',
  'no such record set',
  'not authorised',
  'not in zone',
];

/** The words for a response code; undefined where the request was carried out. */
export function dnsRefusal(responseCode: number): string | undefined {
  return responseCode === 0 ? undefined : (RESPONSE_CODES[responseCode] ?? `response code ${responseCode}`);
}

/**
 * Counts are small, and the first question is one, as far as it is here: labels, a type, a class that exists.
 * Moves and allocates nothing, so that recognisers may ask.
 */
export function looksLikeDns(reader: Reader, start: number): boolean {
  const questions = word(reader, start + 4);
  const records = Math.max(word(reader, start + 6), word(reader, start + 8), word(reader, start + 10));
  if (reader.remaining < start + DNS_HEADER || questions > PLAUSIBLE || records > PLAUSIBLE) {
    return false;
  }
  if (questions === 0) {
    return records > 0 || (word(reader, start + 2) & RESPONSE) !== 0;
  }
  let at = DNS_HEADER;
  for (let size = reader.peek(start + at); size !== 0; size = reader.peek(start + at)) {
    at += size + 1;
    if (size > LONGEST_LABEL || at > DNS_HEADER + LONGEST_NAME) {
      return false;
    }
  }
  return reader.remaining < start + at + 5 || isClass(word(reader, start + at + 3) & ~UNICAST_RESPONSE);
}

/** RFC 6895, section 3.2: Internet, Chaos, Hesiod, none, any. */
function isClass(value: number): boolean {
  return value === 1 || value === 3 || value === 4 || value === 254 || value === 255;
}

/**
 * More than a likeness: one question for a host name of the Internet, in a header without a bit out of place. Such a
 * question names the protocol on any port.
 */
export function isHostQuestion(reader: Reader, start: number): boolean {
  const flags = word(reader, start + 2);
  const answers = word(reader, start + 6) | word(reader, start + 8);
  const additionals = word(reader, start + 10);
  if ((flags & NOT_IN_QUERIES) !== 0 || word(reader, start + 4) !== 1) {
    return false;
  }
  // A question has no response code, and no record but that of EDNS.
  if ((flags & RESPONSE) === 0 && (answers !== 0 || additionals > 1 || (flags & 15) !== 0)) {
    return false;
  }
  let at = DNS_HEADER;
  let labels = 0;
  for (let size = reader.peek(start + at); size !== 0; size = reader.peek(start + at)) {
    if (size > LONGEST_LABEL || at > LONGEST_NAME || !isHostLabel(reader, start + at + 1, size)) {
      return false;
    }
    labels++;
    at += size + 1;
  }
  const end = start + at + 5;
  const complete = (answers | additionals) === 0 ? reader.remaining === end : reader.remaining > end;
  return labels >= 2 && word(reader, start + at + 3) === 1 && word(reader, start + at + 1) <= HIGHEST_TYPE && complete;
}

/** Letters, digits, hyphen and, for services, underscore (RFC 952, 2782). */
function isHostLabel(reader: Reader, start: number, size: number): boolean {
  for (let at = start; at < start + size; at++) {
    const byte = reader.peek(at);
    const letter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
    if (!letter && !(byte >= 0x30 && byte <= 0x39) && byte !== 0x2d && byte !== 0x5f) {
      return false;
    }
  }
  return true;
}

function word(reader: Reader, at: number): number {
  return (reader.peek(at) << 8) | reader.peek(at + 1);
}

/** Reads a whole message from here; undefined where a name is none (a loop, a pointer ahead, a bad label). */
export function readDnsMessage(reader: Reader, dialect: Dialect = 'dns'): DnsMessage | undefined {
  const base = reader.position;
  const id = reader.u16be();
  const flags = reader.u16be();
  const questionCount = reader.u16be();
  const counts = { answer: reader.u16be(), authority: reader.u16be(), additional: reader.u16be() };
  const message = new Walk(reader, base, dialect);
  let name: string | undefined;
  let type: number | undefined;
  reader.repeat(questionCount, (index) => {
    if (index > 0) {
      message.skipName();
      reader.skip(4);
      return;
    }
    name = message.name();
    type = reader.u16be();
    reader.skip(2); // class
  });
  message.section('answer', counts.answer);
  message.section('authority', counts.authority);
  message.section('additional', counts.additional);
  if (message.broken) {
    return undefined;
  }
  return {
    id,
    response: (flags & RESPONSE) !== 0,
    opcode: (flags >> 11) & 15,
    flags,
    responseCode: flags & 15,
    questionCount,
    ...(name === undefined || type === undefined ? {} : { name, type }),
    records: message.records,
  };
}

/** What a message's fields show of the records of some sections. */
export function dnsAnswers(message: DnsMessage, ...sections: readonly Section[]): readonly DnsAnswer[] {
  return message.records
    .filter(({ section }) => sections.includes(section))
    .map(({ name, type, value, port, texts }) => ({
      name,
      type,
      ...(value === undefined ? {} : { value }),
      ...(port === undefined ? {} : { port }),
      ...(texts === undefined ? {} : { texts }),
    }));
}

/** The address that a name below in-addr.arpa or ip6.arpa stands for (RFC 1035, section 3.5; RFC 3596, section 2.5). */
export function reverseAddress(name: string): string | undefined {
  const labels = name.toLowerCase().split('.');
  if (labels.pop() !== 'arpa') {
    return undefined;
  }
  const kind = labels.pop();
  if (kind === 'in-addr' && labels.length === 4 && labels.every(isDecimalByte)) {
    return labels.reverse().join('.');
  }
  if (kind === 'ip6' && labels.length === 32 && labels.every(isNibble)) {
    const nibbles = labels.reverse();
    return ipv6Text(
      Uint8Array.from({ length: 16 }, (_, at) => Number.parseInt(`${nibbles[at * 2]}${nibbles[at * 2 + 1]}`, 16)),
    );
  }
  return undefined;
}

function isDecimalByte(label: string): boolean {
  return /^\d{1,3}$/.test(label) && Number(label) <= 255;
}

function isNibble(label: string): boolean {
  return /^[\da-f]$/.test(label);
}

/** One walk over a message: it keeps where the message starts, as pointers count from there. */
class Walk {
  broken = false;
  readonly records: DnsRecord[] = [];
  private readonly reader: Reader;
  private readonly base: number;
  private readonly dialect: Dialect;

  constructor(reader: Reader, base: number, dialect: Dialect) {
    this.reader = reader;
    this.base = base;
    this.dialect = dialect;
  }

  section(section: Section, count: number): void {
    this.reader.repeat(count, () => {
      if (this.records.length < MOST_RECORDS && !this.broken) {
        this.records.push(this.record(section));
      } else {
        this.skipName();
        this.reader.skip(8); // type, class, time to live
        this.reader.skip(this.reader.u16be());
      }
    });
  }

  /**
   * The name that starts here, its labels joined by dots; the root is `.`. A pointer must lead to before the place where
   * the labels that it continues began, so that no chain can loop.
   */
  name(): string {
    const { reader } = this;
    const labels: string[] = [];
    let length = 0;
    let start = reader.position;
    let after = -1;
    let pointers = 0;
    for (let size = reader.u8(); size !== 0 && reader.step(); size = reader.u8()) {
      if (size >= POINTER) {
        const target = this.base + (((size & ~POINTER) << 8) | reader.u8());
        after = after < 0 ? reader.position : after;
        pointers++;
        if (!this.follow(target, start, pointers)) {
          break;
        }
        start = target;
        continue;
      }
      length += size + 1;
      if (size > LONGEST_LABEL || length > LONGEST_NAME) {
        this.broken = true;
        break;
      }
      labels.push(escapeLabel(reader.text(size)));
    }
    if (after >= 0) {
      reader.seek(after);
    }
    return labels.join('.') || '.';
  }

  private follow(target: number, start: number, pointers: number): boolean {
    if (this.reader.truncated) {
      return false;
    }
    this.broken ||= target >= start || pointers > MOST_POINTERS;
    if (!this.broken) {
      this.reader.seek(target);
    }
    return !this.broken;
  }

  /** Moves past a name without following its pointers. */
  skipName(): void {
    const { reader } = this;
    while (reader.step()) {
      const size = reader.u8();
      if (size >= POINTER) {
        reader.skip(1);
        return;
      }
      if (size === 0) {
        return;
      }
      reader.skip(size);
    }
  }

  private record(section: Section): DnsRecord {
    const { reader } = this;
    const name = this.name();
    const type = reader.u16be();
    reader.skip(2); // class, or the size that EDNS speaks of
    const ttl = reader.u32be();
    const length = reader.u16be();
    reader.expect(length);
    const end = Math.min(reader.position + length, reader.length);
    const head = { section, name, type, ttl };
    const record = this.dialect === 'netbios' ? { ...head, data: this.copy(end) } : this.data(head, end);
    reader.seek(end);
    return record;
  }

  private data(head: Pick<DnsRecord, 'section' | 'name' | 'type' | 'ttl'>, end: number): DnsRecord {
    const { reader } = this;
    const length = end - reader.position;
    switch (head.type) {
      case A:
      case AAAA: {
        const value = addressText(reader.take(length));
        return value === undefined ? head : { ...head, value };
      }
      case PTR:
      case CNAME:
      case NS:
      case DNAME:
      case SOA:
        return length === 0 ? head : { ...head, value: this.nameWithin(end) };
      case MX:
        reader.seek(Math.min(end, reader.position + 2)); // preference
        return length < 3 ? head : { ...head, value: this.nameWithin(end) };
      case SRV:
        return length < 7 ? head : this.service(head, end);
      case TXT:
      case HINFO:
        return { ...head, texts: this.strings(end) };
      default:
        return head;
    }
  }

  private service(head: Pick<DnsRecord, 'section' | 'name' | 'type' | 'ttl'>, end: number): DnsRecord {
    this.reader.skip(4); // priority, weight
    const port = this.reader.u16be();
    return { ...head, value: this.nameWithin(end), port };
  }

  /** A name inside a record's data: one that runs out of it is none. */
  private nameWithin(end: number): string {
    const name = this.name();
    this.broken ||= this.reader.position > end;
    return name;
  }

  private strings(end: number): readonly string[] {
    const { reader } = this;
    const texts: string[] = [];
    while (reader.position < end && texts.length < MOST_STRINGS && reader.step()) {
      const length = Math.min(reader.u8(), end - reader.position);
      texts.push(reader.text(length, 'utf-8', LONG_TEXT));
    }
    return texts;
  }

  private copy(end: number): Uint8Array {
    return this.reader.take(Math.min(LONGEST_DATA, end - this.reader.position)).slice();
  }
}

/** RFC 1035, section 5.1: a dot inside a label is written with a backslash, as mDNS instance names need. */
function escapeLabel(label: string): string {
  return label.includes('.') || label.includes('\\') ? label.replaceAll(/[.\\]/g, '\\$&') : label;
}

/** NetBIOS name: RFC 1001, section 14.1 spreads each of its 16 bytes over two letters from `A` to `P`. */
export interface NetbiosName {
  readonly name: string;
  /** The sixteenth byte: what kind of service has the name. */
  readonly suffix: number;
}

const ENCODED_NETBIOS = 32;

/** The NetBIOS name in the first label of an encoded name; the scope that may follow is left out. */
export function netbiosName(encoded: string): NetbiosName | undefined {
  const label = encoded.slice(0, ENCODED_NETBIOS);
  if (!/^[A-P]{32}$/i.test(label)) {
    return undefined;
  }
  let name = '';
  let byte = 0;
  for (let at = 0; at < ENCODED_NETBIOS; at += 2) {
    byte = (((label.charCodeAt(at) - 1) & 15) << 4) | ((label.charCodeAt(at + 1) - 1) & 15);
    if (at < ENCODED_NETBIOS - 2 && byte !== 0) {
      name += String.fromCharCode(byte);
    }
  }
  return { name: name.trimEnd(), suffix: byte };
}

/** Reads an encoded NetBIOS name without pointers, as a datagram's header has it (RFC 1002, section 4.4.2). */
export function readNetbiosName(reader: Reader): NetbiosName | undefined {
  const walk = new Walk(reader, reader.length, 'netbios');
  const encoded = walk.name();
  return walk.broken ? undefined : netbiosName(encoded);
}

/** What the well-known suffixes stand for (MS-BRWS, section 2.1.1.1 and Windows' list of NetBIOS suffixes). */
export const NETBIOS_SUFFIX = {
  workstation: 0x00,
  domainMasterBrowser: 0x1b,
  domainControllers: 0x1c,
  fileServer: 0x20,
} as const;

/** A NetBIOS record's address list (RFC 1002, section 4.2.1.3): two bytes of flags and an address each. */
export function netbiosAddresses(data: Uint8Array): readonly string[] {
  const addresses: string[] = [];
  for (let at = 0; at + 6 <= data.length; at += 6) {
    const view = new DataView(data.buffer, data.byteOffset + at + 2, 4);
    addresses.push(ipv4Text(view.getUint32(0)));
  }
  return addresses;
}
