import type { Mutable } from '../../../kit/mutable.ts';
import {
  type Carried,
  type Context,
  defineDissector,
  defineOperations,
  Malformed,
  MORE,
  NOT_MINE,
  type Operation,
  type Reading,
} from '../../dissector.ts';
import { hexText } from '../../format.ts';
import type { Reader } from '../../reader.ts';

interface Fields {
  readonly tpduType: number;
  readonly sourceReference?: number;
  readonly destinationReference?: number;
  readonly protocolClass?: number;
  readonly callingTsap?: string;
  readonly calledTsap?: string;
  readonly tpduSize?: number;
  readonly reason?: number;
}

const OPERATIONS = defineOperations({
  connect: ['connect', 'session'],
  disconnect: ['disconnect', 'session'],
  carry: ['data for an upper layer', 'session'],
  data: ['data', 'unknown'],
  empty: ['empty data', 'session'],
  flow: ['acknowledgement', 'session'],
  error: ['TPDU error', 'session'],
  unknown: ['unknown TPDU', 'unknown'],
});

/** RFC 1006, section 6. */
const TPKT = 4;
const TPKT_VERSION = 3;
/** TPKT, length indicator, code and one more byte. */
const SHORTEST = 7;

/** ISO 8073, section 13: code of a TPDU, where the low four bits may be credit. */
const EXPEDITED_DATA = 0x10;
const EXPEDITED_ACKNOWLEDGEMENT = 0x20;
const REJECT = 0x50;
const ACKNOWLEDGEMENT = 0x60;
const ERROR = 0x70;
const DISCONNECT_REQUEST = 0x80;
const DISCONNECT_CONFIRM = 0xc0;
const CONNECT_CONFIRM = 0xd0;
const CONNECT_REQUEST = 0xe0;
const DATA = 0xf0;

/** Least length indicator by the high four bits of the code (section 13); 0 where no TPDU has that code. */
const LEAST_HEADER: readonly number[] = [0, 4, 4, 0, 0, 4, 4, 4, 6, 0, 0, 0, 5, 6, 6, 2];
/** 255 is reserved, section 13.2.1. */
const LONGEST_HEADER = 254;

/** Parameters of a connection, section 13.3.4. All codes have the high bit; what has not is the upper layer's. */
const PARAMETER = 0x80;
const TPDU_SIZE = 0xc0;
const CALLING_TSAP = 0xc1;
const CALLED_TSAP = 0xc2;
const END_OF_TSDU = 0x80;

/** Section 13.5.3. */
const DISCONNECT_REASONS: ReadonlyMap<number, string> = new Map([
  [0, 'reason not specified'],
  [1, 'congestion at TSAP'],
  [2, 'session entity not attached to TSAP'],
  [3, 'address unknown'],
  [128, 'normal disconnect'],
  [129, 'remote congestion'],
  [130, 'connection negotiation failed'],
  [131, 'duplicate source reference'],
  [132, 'mismatched references'],
  [133, 'protocol error'],
  [135, 'reference overflow'],
  [136, 'connection request refused'],
  [138, 'header or parameter length invalid'],
]);

/**
 * First bytes of what is known to travel here: S7 (0x32) and S7 plus (0x72); the session layer of ISO 8327 (give tokens,
 * connect, accept, refuse, finish, disconnect, abort); the multipoint service of T.125 (connect, and its domain PDUs).
 */
const UPPER_LAYERS: ReadonlySet<number> = new Set([
  0x32, 0x72, 0x01, 0x09, 0x0a, 0x0c, 0x0d, 0x0e, 0x19, 0x1a, 0x7f, 0x04, 0x21, 0x28, 0x2c, 0x2e, 0x38, 0x3c, 0x3e,
  0x64, 0x68,
]);

/** What the two most frequent kinds of message say; made once, as data says nothing beyond its payload. */
const DATA_FIELDS: Fields = { tpduType: DATA };
/** Memory: a direction has begun a message that its next TPDU goes on with. Nearly every message is one TPDU. */
const OPEN_BY_CLIENT = 'cotp.openByClient';
const OPEN_BY_SERVER = 'cotp.openByServer';

const EMPTY: Reading<Fields> = { direction: 'report', operation: OPERATIONS.empty, fields: DATA_FIELDS };

export const cotp = defineDissector<Fields>({
  name: 'cotp',
  title: 'COTP (ISO transport over TCP)',
  source: 'RFC 1006; RFC 2126; ITU-T X.224 (ISO 8073) classes 0 and 2',
  at: [{ tcp: 102 }],
  envelope: true,
  operations: OPERATIONS,
  fields: {
    tpduType: 'Code of the TPDU: 224 connect request, 208 connect confirm, 128 disconnect request, 240 data, 112 error',
    sourceReference: 'Number that the sender gave the connection',
    destinationReference: 'Number that the receiver gave the connection',
    protocolClass: 'Transport class, in a connect request or confirm',
    callingTsap: 'Access point of the caller: text, or hex digits where it is no text',
    calledTsap: 'Access point that is called: text, or hex digits where it is no text',
    tpduSize: 'Largest TPDU in bytes, in a connect request or confirm',
    reason: 'Why a connection ends, or cause of a TPDU error',
  },

  cut(reader) {
    const { remaining } = reader;
    if (remaining > 0 && reader.peek(0) !== TPKT_VERSION) {
      return NOT_MINE;
    }
    if (remaining < TPKT + 2) {
      return MORE;
    }
    const length = (reader.peek(2) << 8) | reader.peek(3);
    return headerFits(length, reader.peek(4), reader.peek(5)) ? length : NOT_MINE;
  },

  part(reader, context) {
    const header = reader.peek(4);
    const end = TPKT + 1 + header;
    // An empty TPDU that ends nothing is how some partners acknowledge; it is no part of what follows.
    if (reader.peek(5) !== DATA || (reader.length <= end && reader.peek(end - 1) < END_OF_TSDU)) {
      return undefined;
    }
    const last = reader.peek(end - 1) >= END_OF_TSDU;
    const open = context.fromClient ? OPEN_BY_CLIENT : OPEN_BY_SERVER;
    const isOpen = context.recall(open) === true;
    if (last && !isOpen) {
      return undefined;
    }
    if (isOpen === last) {
      context.remember(open, !last);
    }
    const head = reader.take(end);
    return { key: 0, head, body: reader.rest(), last };
  },

  recognise(reader) {
    const length = (reader.peek(2) << 8) | reader.peek(3);
    const header = reader.peek(4);
    const code = reader.peek(5);
    if (reader.remaining < SHORTEST || reader.peek(0) !== TPKT_VERSION || reader.peek(1) !== 0) {
      return 'no';
    }
    if (!headerFits(length, header, code)) {
      return 'no';
    }
    return code === DATA ? likenessOfData(reader, header) : likenessOfConnect(reader, length, header, code);
  },

  read(reader, context) {
    const version = reader.u8();
    reader.skip(1);
    const length = reader.u16be();
    const header = reader.u8();
    const code = reader.u8();
    if (version !== TPKT_VERSION && !reader.truncated) {
      return new Malformed(`TPKT version is ${version}, not 3`);
    }
    if (!reader.truncated && !headerFits(length, header, code)) {
      return new Malformed('header does not fit the length of the packet or the kind of TPDU');
    }
    if (code === DATA) {
      return readData(reader, length, header);
    }
    reader.limit(length - TPKT - 2);
    return readControl(reader, header, code, context);
  },
});

/** The TPDU's header is as long as its kind needs, and fits the packet; only data has something behind it. */
function headerFits(length: number, header: number, code: number): boolean {
  const least = LEAST_HEADER[code >> 4] ?? 0;
  const behind = length - TPKT - 1 - header;
  const creditFree = code >> 4 === DATA >> 4 || code >> 4 === DISCONNECT_REQUEST >> 4 ? (code & 0x0f) === 0 : true;
  return length >= SHORTEST && least > 0 && header >= least && header <= LONGEST_HEADER && behind >= 0 && creditFree;
}

function likenessOfData(reader: Reader, header: number): 'strong' | 'weak' | 'no' {
  const mark = reader.peek(TPKT + header);
  if (header !== 2 || (mark & ~END_OF_TSDU) !== 0) {
    return header === 2 ? 'no' : 'weak';
  }
  // The multipoint service of T.125 belongs to remote desktops and conferences, which have dissectors of their own.
  const first = reader.peek(TPKT + 1 + header);
  return first === 0x32 || first === 0x72 || first <= 0x1a ? 'strong' : 'weak';
}

function likenessOfConnect(reader: Reader, length: number, header: number, code: number): 'strong' | 'weak' | 'no' {
  const kind = code & 0xf0;
  if (kind !== CONNECT_REQUEST && kind !== CONNECT_CONFIRM) {
    return 'weak';
  }
  if (length !== TPKT + 1 + header || (kind === CONNECT_REQUEST && (reader.peek(6) | reader.peek(7)) !== 0)) {
    return 'no';
  }
  // A remote desktop asks with a cookie or a negotiation request in place of parameters, or with nothing.
  return header > 6 && reader.peek(11) >= PARAMETER ? 'strong' : 'weak';
}

/** Class 0 has no references in its data (header of 2 bytes); class 2 has. What a joined message holds is the engine's to say. */
function readData(reader: Reader, length: number, header: number): Reading<Fields> {
  reader.expect(length - TPKT - 2);
  reader.skip(header - 1);
  if (reader.remaining === 0) {
    return EMPTY;
  }
  const operation = UPPER_LAYERS.has(reader.peek()) ? OPERATIONS.carry : OPERATIONS.data;
  const carries = [{ from: reader.position, length: reader.remaining }];
  return { direction: 'report', operation, fields: DATA_FIELDS, carries };
}

function readControl(reader: Reader, header: number, code: number, context: Context): Reading<Fields> {
  const end = TPKT + 1 + header;
  const tpduType = code & 0xf0;
  const destinationReference = reader.u16be();
  switch (tpduType) {
    case CONNECT_REQUEST:
    case CONNECT_CONFIRM:
      return readConnect(reader, tpduType, destinationReference, context);
    case DISCONNECT_REQUEST:
      return readDisconnect(reader, destinationReference, context);
    case ERROR: {
      const reason = reader.u8();
      return { direction: 'report', operation: OPERATIONS.error, fields: { tpduType, destinationReference, reason } };
    }
    default:
      reader.skip(end - reader.position);
      return { direction: 'report', operation: operationOf(tpduType), fields: { tpduType, destinationReference } };
  }
}

function operationOf(tpduType: number): Operation {
  switch (tpduType) {
    case DISCONNECT_CONFIRM:
      return OPERATIONS.disconnect;
    case ACKNOWLEDGEMENT:
    case EXPEDITED_ACKNOWLEDGEMENT:
    case REJECT:
      return OPERATIONS.flow;
    case EXPEDITED_DATA:
      return OPERATIONS.data;
    default:
      return OPERATIONS.unknown;
  }
}

/** Sections 13.3 and 13.4. The access points stay in the conversation's memory for whoever is carried. */
function readConnect(
  reader: Reader,
  tpduType: number,
  destinationReference: number,
  context: Context,
): Reading<Fields> {
  const sourceReference = reader.u16be();
  const protocolClass = reader.u8() >> 4;
  const references = { tpduType, sourceReference, destinationReference, protocolClass };
  let parameters: Parameters = {};
  let carries: readonly Carried[] | undefined;
  if (reader.remaining > 0 && reader.peek() < PARAMETER) {
    carries = [{ bytes: reader.rest() }];
  } else {
    parameters = readParameters(reader);
  }
  if (!reader.truncated) {
    rememberAccessPoints(parameters, context);
  }
  const asks = tpduType === CONNECT_REQUEST;
  const fields: Fields = { ...references, ...parameters };
  const common = { operation: OPERATIONS.connect, fields, ...(carries ? { carries } : {}) };
  return asks
    ? { direction: 'request', pair: sourceReference, proves: true, ...common }
    : { direction: 'response', pair: destinationReference, ...common };
}

type Parameters = Pick<Fields, 'callingTsap' | 'calledTsap' | 'tpduSize'>;

function readParameters(reader: Reader): Parameters {
  const parameters: Mutable<Parameters> = {};
  reader.repeatToEnd(() => {
    const code = reader.u8();
    const length = reader.u8();
    reader.expect(length);
    const value = reader.take(length);
    if (code === CALLING_TSAP) {
      parameters.callingTsap = tsapText(value);
    } else if (code === CALLED_TSAP) {
      parameters.calledTsap = tsapText(value);
    } else if (code === TPDU_SIZE && length === 1) {
      parameters.tpduSize = 2 ** ((value[0] ?? 0) & 0x0f);
    }
  });
  return parameters;
}

function rememberAccessPoints({ callingTsap, calledTsap }: Parameters, context: Context): void {
  if (callingTsap !== undefined) {
    context.remember('cotp.callingTsap', callingTsap);
  }
  if (calledTsap !== undefined) {
    context.remember('cotp.calledTsap', calledTsap);
  }
}

/** Section 13.5: it ends a connection, or refuses the one that was asked for. */
function readDisconnect(reader: Reader, destinationReference: number, context: Context): Reading<Fields> {
  const sourceReference = reader.u16be();
  const reason = reader.u8();
  const refused = DISCONNECT_REASONS.get(reason) ?? `reason ${reason}`;
  reader.skip(reader.remaining);
  const fields: Fields = { tpduType: DISCONNECT_REQUEST, sourceReference, destinationReference, reason };
  return context.question(destinationReference)
    ? { direction: 'response', operation: OPERATIONS.connect, pair: destinationReference, refused, fields }
    : { direction: 'report', operation: OPERATIONS.disconnect, fields };
}

/** Text of printable ASCII, at least three characters; else hex, as S7 writes connection type, rack and slot. */
function tsapText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    if (byte < 0x20 || byte > 0x7e) {
      return hexText(bytes);
    }
    text += String.fromCharCode(byte);
  }
  return bytes.length > 2 ? text : hexText(bytes);
}
