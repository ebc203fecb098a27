import type { Mutable } from '../../../kit/mutable.ts';
import type { Micros } from '../../../kit/time.ts';
import { defineDissector, defineOperations, Malformed, MORE, NOT_MINE, NOTHING } from '../../dissector.ts';
import type { Reader } from '../../reader.ts';
import { LONG_TEXT } from '../../text.ts';

interface Fields {
  readonly facility: number;
  readonly severity: number;
  readonly version?: number;
  readonly time?: Micros;
  readonly host?: string;
  readonly application?: string;
  readonly processId?: string;
  readonly messageId?: string;
}

const OPERATIONS = defineOperations({ log: ['log message', 'report'] });

/** Facility 23, severity 7 (RFC 5424, section 6.2.1). */
const LARGEST_PRIORITY = 191;
/** Longest message that we wait for in a stream; receivers must take 2 KiB (RFC 5424, section 6.1). */
const LONGEST = 8192;
const OPEN = 0x3c;
const CLOSE = 0x3e;
const SPACE = 0x20;
const NEWLINE = 0x0a;

/** RFC 5424, section 6, up to the structured data. */
const MODERN = /^([1-9]\d?) (\S+) (\S+) (\S+) (\S+) (\S+) /;
/** RFC 3164, section 4.1, as sent: the day may be followed by a year, the host may be missing. */
const TIMESTAMP = /^(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d+)?:? /;
const HOST = /^([A-Za-z0-9][\w.:-]*[\w-]|[A-Za-z0-9]) (?=\S)/;
const TAG = /^([A-Za-z0-9_][\w/.%-]{0,47})(?:\[([^\]\s]{1,32})\])?:/;
const ADDRESS = /^[\d.]+$|:/;

export const syslog = defineDissector<Fields>({
  name: 'syslog',
  title: 'Syslog',
  source: 'RFC 5424; RFC 3164; RFC 6587 (over TCP)',
  at: [{ udp: 514 }, { tcp: 514 }],
  operations: OPERATIONS,
  whole: false,
  fields: {
    facility: 'What kind of program logs',
    severity: '0 emergency to 7 debug',
    version: '1 in messages of RFC 5424',
    time: 'When it was logged, in microseconds since 1970, where the message says its zone',
    host: 'The machine that logged, which need not be the sender',
    application: 'The program that logged',
    processId: 'Which run of the program',
    messageId: 'Kind of event; the text itself is not kept, as it may hold anything',
  },

  /** RFC 6587, section 3.4: a count before each message, or a newline after it. */
  cut(reader, { transport }) {
    if (transport !== 'tcp') {
      return reader.remaining;
    }
    if (reader.remaining === 0) {
      return MORE;
    }
    return reader.peek() === OPEN ? lineLength(reader) : countedLength(reader);
  },

  recognise(reader) {
    const at = isDigit(reader.peek()) ? digitsFrom(reader, 0) + 1 : 0;
    const close = at + 1 + digitsFrom(reader, at + 1);
    const digits = close - at - 1;
    if (reader.peek(at) !== OPEN || digits < 1 || digits > 3 || reader.peek(close) !== CLOSE) {
      return 'no';
    }
    if (numberAt(reader, at + 1, digits) > LARGEST_PRIORITY) {
      return 'no';
    }
    return reader.peek(close + 1) === 0x31 && reader.peek(close + 2) === SPACE ? 'strong' : 'weak';
  },

  read(reader, { transport }) {
    if (transport === 'tcp' && isDigit(reader.peek())) {
      const digits = digitsFrom(reader, 0);
      const length = numberAt(reader, 0, digits);
      reader.skip(digits + 1);
      reader.limit(length);
    }
    const digits = digitsFrom(reader, 1);
    const priority = numberAt(reader, 1, digits);
    if (reader.remaining < digits + 2) {
      reader.truncated = true;
    } else if (
      reader.peek() !== OPEN ||
      reader.peek(digits + 1) !== CLOSE ||
      digits === 0 ||
      priority > LARGEST_PRIORITY
    ) {
      return new Malformed('no priority');
    }
    reader.skip(digits + 2);
    const said = reader.text(reader.remaining, 'utf-8', LONG_TEXT);
    const fields: Fields = { facility: priority >> 3, severity: priority & 7, ...headerOf(said) };
    return { direction: 'report', operation: OPERATIONS.log, fields };
  },

  observe({ fields }, context) {
    const { host } = fields;
    // A relay passes on what others log: only the first name is taken, and only if it is a name.
    if (host === undefined || ADDRESS.test(host) || context.recall('host') !== undefined) {
      return NOTHING;
    }
    context.remember('host', host);
    return [{ kind: 'identity', subject: 'sender', basis: 'banner', name: host }];
  },
});

function lineLength(reader: Reader): number {
  const end = Math.min(reader.remaining, LONGEST);
  for (let at = 1; at < end; at++) {
    if (reader.peek(at) === NEWLINE) {
      return at + 1;
    }
  }
  return reader.remaining < LONGEST ? MORE : NOT_MINE;
}

function countedLength(reader: Reader): number {
  const digits = digitsFrom(reader, 0);
  if (digits === reader.remaining && digits < 6) {
    return digits === 0 ? NOT_MINE : MORE;
  }
  const length = numberAt(reader, 0, digits);
  return digits === 0 || digits > 5 || reader.peek(digits) !== SPACE || length < 3 ? NOT_MINE : digits + 1 + length;
}

function isDigit(letter: number): boolean {
  return letter >= 0x30 && letter <= 0x39;
}

/** How many digits stand from `offset` on, six at most. */
function digitsFrom(reader: Reader, offset: number): number {
  let digits = 0;
  while (digits < 6 && isDigit(reader.peek(offset + digits))) {
    digits++;
  }
  return digits;
}

function numberAt(reader: Reader, offset: number, digits: number): number {
  let value = 0;
  for (let at = 0; at < digits; at++) {
    value = value * 10 + reader.peek(offset + at) - 0x30;
  }
  return value;
}

type Header = Omit<Fields, 'facility' | 'severity'>;
type Draft = Mutable<Header>;

function headerOf(said: string): Header {
  const modern = MODERN.exec(said);
  if (modern) {
    return modernHeader(modern);
  }
  const header: Draft = {};
  const timestamp = TIMESTAMP.exec(said);
  let rest = said;
  if (timestamp) {
    rest = said.slice(timestamp[0].length);
    const host = TAG.test(rest) ? null : HOST.exec(rest);
    // Only what stands before a tag is a host; else it is the first word of the text.
    if (host?.[1] !== undefined && TAG.test(rest.slice(host[0].length))) {
      header.host = host[1];
      rest = rest.slice(host[0].length);
    }
  }
  const tag = TAG.exec(rest);
  if (tag?.[1] !== undefined) {
    header.application = tag[1];
  }
  if (tag?.[2] !== undefined) {
    header.processId = tag[2];
  }
  return header;
}

/** `-` stands for a value that is not known (RFC 5424, section 6). */
function modernHeader([, version, time = '', host, application, processId, messageId]: RegExpExecArray): Header {
  const header: Draft = { version: Number(version) };
  const milliseconds = Date.parse(time);
  if (!Number.isNaN(milliseconds)) {
    header.time = milliseconds * 1000;
  }
  const named = { host, application, processId, messageId };
  for (const key of ['host', 'application', 'processId', 'messageId'] as const) {
    const value = named[key];
    if (value !== undefined && value !== '-') {
      header[key] = value;
    }
  }
  return header;
}
