import {
  type Context,
  type CutContext,
  defineDissector,
  type Likeness,
  Malformed,
  MORE,
  NOT_MINE,
  type Part,
} from '../../dissector.ts';
import type { Reader } from '../../reader.ts';
import { CHANNELS, isChannelType, partOf, readChannel } from './channel.ts';
import { FIELDS, type Fields, type Message } from './fields.ts';
import { cut2, looks2, MARK_2, read2 } from './generation-2.ts';
import { readIdentification } from './identification.ts';
import { observe } from './observe.ts';
import { OPERATIONS } from './services.ts';

/** Block driver of TCP: a mark and the length of the whole. Datagrams of UDP begin with what follows it. */
const BLOCK_MARK = 0xe817_0100;
const BLOCK_HEADER = 8;
const LONGEST_BLOCK = 0x1_0000;

/** Router: mark, hops and length of the header, kind, whom it is for, number, lengths of the addresses; in words of two bytes. */
const ROUTED_MARK = 0xc5;
const ROUTED_HEADER = 6;
const WORDS = 2;
const ALIGNMENT = 4;

/** Ports of UDP, one for each runtime on a host. */
const FIRST_PORT = 1740;
const LAST_PORT = 1743;

/** Whom a datagram is for. */
const ADDRESS_QUESTION = 1;
const ADDRESS_ANSWER = 2;
const NAME_QUESTION = 3;
const NAME_ANSWER = 4;

const IDENTIFICATION = 0xc280;
const FIRST_QUESTION = 0xc201;
const LAST_QUESTION = 0xc203;
/** Number of a question of the name service, apart from those of the channels. */
const NAME_PAIR = 2 ** 50;

export const codesys = defineDissector<Fields>({
  name: 'codesys',
  title: 'CODESYS V2, V3',
  source: 'Kaspersky, Security research: CODESYS Runtime (2019); constants of the CODESYS Plc Services library',
  at: [
    { tcp: 11_740 },
    { tcp: 11_741 },
    { tcp: 11_742 },
    { tcp: 11_743 },
    { udp: 1740 },
    { udp: 1741 },
    { udp: 1742 },
    { udp: 1743 },
    { tcp: 1200 },
    { tcp: 2455 },
  ],
  operations: OPERATIONS,
  fields: FIELDS,

  cut(reader: Reader, context: CutContext) {
    if (context.transport !== 'tcp') {
      return reader.remaining;
    }
    if (reader.remaining > 0 && reader.peek() === MARK_2) {
      return cut2(reader);
    }
    if (reader.remaining < BLOCK_HEADER) {
      return reader.remaining === 0 || reader.peek() === 0 ? MORE : NOT_MINE;
    }
    const mark = reader.u32le();
    const length = reader.u32le();
    const fits = length >= BLOCK_HEADER + ROUTED_HEADER && length <= LONGEST_BLOCK;
    return mark === BLOCK_MARK && fits ? length : NOT_MINE;
  },

  part(reader, context): Part | undefined {
    const start = reader.peek() === ROUTED_MARK ? 0 : BLOCK_HEADER;
    const channel = routedTo(reader, start) === CHANNELS ? routedPayload(reader, start) : undefined;
    return channel === undefined ? undefined : partOf(reader, start, channel, context);
  },

  recognise(reader, context): Likeness {
    if (reader.peek() === MARK_2 && context.transport === 'tcp') {
      return looks2(reader) ? 'weak' : 'no';
    }
    if (context.transport === 'udp') {
      return looksRouted(reader, 0, isOwn(context.sourcePort) || isOwn(context.destinationPort));
    }
    const isBlock = reader.u32le() === BLOCK_MARK;
    return isBlock && looksRouted(reader, BLOCK_HEADER, true) !== 'no' ? 'strong' : 'no';
  },

  read(reader, context) {
    if (reader.peek() === MARK_2) {
      return read2(reader, context);
    }
    if (reader.peek() !== ROUTED_MARK) {
      if (reader.u32le() !== BLOCK_MARK) {
        return new Malformed('no mark of a block driver');
      }
      reader.limit(reader.u32le() - BLOCK_HEADER);
    }
    const payload = routedPayload(reader, reader.position);
    if (payload === undefined) {
      return new Malformed('no header of the router');
    }
    return readRouted(reader, payload, context);
  },

  observe,
});

/** Where the payload of the router begins, counted from the start of the message; undefined where no header of it can be. */
function routedPayload(reader: Reader, start: number): number | undefined {
  const at = start - reader.position;
  const words = reader.peek(at + 1) & 0x07;
  if (reader.peek(at) !== ROUTED_MARK || words * WORDS < ROUTED_HEADER) {
    return undefined;
  }
  const lengths = reader.peek(at + 5);
  const length = (words + (lengths >> 4) + (lengths & 0x0f)) * WORDS;
  return start + length + ((ALIGNMENT - (length % ALIGNMENT)) % ALIGNMENT);
}

function routedTo(reader: Reader, start: number): number {
  return reader.peek(start - reader.position + 3);
}

function isOwn(port: number): boolean {
  return port >= FIRST_PORT && port <= LAST_PORT;
}

/** An address that is announced looks like anything: `known` says that the port or a mark speaks for it. */
function looksRouted(reader: Reader, start: number, known: boolean): Likeness {
  const payload = routedPayload(reader, start);
  if (payload === undefined) {
    return 'no';
  }
  const to = routedTo(reader, start);
  reader.seek(payload);
  switch (to) {
    case ADDRESS_QUESTION:
    case ADDRESS_ANSWER:
      return known && !reader.truncated ? 'weak' : 'no';
    case NAME_QUESTION:
    case NAME_ANSWER:
      return fitsName(reader.u16le(), to) ? 'strong' : 'no';
    case CHANNELS:
      return isChannelType(reader.peek()) && reader.remaining > 1 ? 'weak' : 'no';
    default:
      return 'no';
  }
}

function fitsName(subcommand: number, to: number): boolean {
  const isQuestion = subcommand >= FIRST_QUESTION && subcommand <= LAST_QUESTION;
  return to === NAME_QUESTION ? isQuestion : subcommand === IDENTIFICATION;
}

function readRouted(reader: Reader, payload: number, context: Context): Message | Malformed {
  const routed = routedTo(reader, reader.position);
  reader.seek(payload);
  switch (routed) {
    case NAME_QUESTION:
    case NAME_ANSWER:
      return readName(reader, routed);
    case CHANNELS:
      return readChannel(reader, context);
    case ADDRESS_QUESTION:
    case ADDRESS_ANSWER: {
      reader.rest();
      const direction = context.toMany ? 'report' : routed === ADDRESS_QUESTION ? 'request' : 'response';
      return { direction, operation: OPERATIONS.announce, fields: { generation: 3, routed } };
    }
    default: {
      reader.rest();
      const direction = context.fromClient ? 'request' : 'response';
      return { direction, operation: OPERATIONS.unknown, fields: { generation: 3, routed } };
    }
  }
}

function readName(reader: Reader, routed: number): Message {
  const subcommand = reader.u16le();
  const version = reader.u16le();
  const pair = NAME_PAIR + reader.u32le();
  const fields: Fields = { generation: 3, routed, subcommand };
  if (routed === NAME_QUESTION) {
    reader.rest();
    return { direction: 'request', operation: OPERATIONS.identify, fields, pair, like: subcommand, proves: true };
  }
  if (subcommand === IDENTIFICATION) {
    readIdentification(reader, fields, version);
  }
  reader.rest();
  return { direction: 'response', operation: OPERATIONS.identify, fields, pair };
}
