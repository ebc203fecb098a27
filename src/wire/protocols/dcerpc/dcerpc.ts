import type { Mutable } from '../../../kit/mutable.ts';
import {
  type Carried,
  type Context,
  type Direction,
  defineDissector,
  Malformed,
  MORE,
  NOT_MINE,
  type Operation,
  type Reading,
} from '../../dissector.ts';
import { uuidText } from '../../format.ts';
import type { Reader } from '../../reader.ts';
import { unreadKey } from '../../stack/dcom.ts';
import { findNtlm, type NtlmMessage, observeNtlm } from '../../stack/ntlmssp.ts';
import {
  AUTH_HEADER,
  CONNECTION,
  CONNECTION_HEADER,
  connectionPart,
  DATAGRAM,
  DATAGRAM_HEADER,
  datagramBody,
  datagramPart,
  FAULT,
  fragmentLength,
  HAS_OBJECT,
  isConnection,
  isDatagram,
  JOINED,
  JOINED_ENCRYPTED,
  LITTLE_ENDIAN,
  PRIVACY,
  REQUEST,
  RESPONSE,
  UUID,
} from './framing.ts';
import { callOperation, OPERATIONS, PROFINET_CONTROLLER } from './interfaces.ts';

interface Fields {
  readonly version: number;
  readonly packetType: number;
  readonly littleEndian: boolean;
  readonly callId?: number;
  readonly contextId?: number;
  readonly interface?: string;
  readonly interfaces?: readonly string[];
  readonly opnum?: number;
  readonly object?: string;
  readonly activity?: string;
  readonly sequence?: number;
  readonly status?: number;
  readonly authType?: number;
  readonly authLevel?: number;
  readonly ndr64?: boolean;
  readonly ntlm?: NtlmMessage;
}

type Draft = Mutable<Fields>;

/** C706, section 12.6.4: PDU types; RTS is of MS-RPCH. */
const REJECT = 6;
const BIND = 11;
const BIND_ACK = 12;
const BIND_NAK = 13;
const ALTER_CONTEXT = 14;
const ALTER_CONTEXT_ANSWER = 15;
const AUTH3 = 16;
/** Sent by the server: response, fault, working, no call, reject, cancel ack, bind answers, shut-down. */
const FROM_SERVER: ReadonlySet<number> = new Set([2, 3, 4, 5, 6, 10, 12, 13, 15, 17]);

/** Section 2.2.1.1.7: bare NTLM, and SPNEGO, which may hold it. */
const NTLM = 10;
const SPNEGO = 9;
/** MS-RPCE, section 2.2.4.12: the other form of data that a bind may offer, which nobody here reads. */
const NDR64 = '71710533-beba-4937-8319-b5dbef9ccc36';
const MOST_CONTEXTS = 64;
const NO_UUID = '00000000-0000-0000-0000-000000000000';

/** C706, appendix E, and the Windows errors seen most. */
const STATUS: ReadonlyMap<number, string> = new Map([
  [5, 'access denied'],
  [0x6f7, 'bad stub data'],
  [0x1c000002, 'addressing error'],
  [0x1c000009, 'context mismatch'],
  [0x1c010002, 'operation out of range'],
  [0x1c010003, 'unknown interface'],
  [0x1c01000b, 'protocol error'],
  [0x1c01000d, 'unsupported type'],
  [0x1c010014, 'server too busy'],
]);

const MAPPER_PORT = 135;
/** Last eight bytes of all interfaces of PROFINET IO. */
const PROFINET_NODE = [0x82, 0x71, 0x00, 0xa0, 0x24, 0x42, 0xdf, 0x7d] as const;
const DATAGRAM_INTERFACE_NODE_AT = 32;

export const dcerpc = defineDissector<Fields>({
  name: 'dcerpc',
  title: 'DCE/RPC',
  source: 'The Open Group C706, chapter 12; MS-RPCE; MS-SCMR, MS-TSCH and MS-DCOM for the interfaces',
  at: [{ tcp: MAPPER_PORT }, { udp: MAPPER_PORT }, { udp: 34964 }, { within: 'smb' }],
  envelope: true,
  operations: OPERATIONS,
  fields: {
    version: '5 over a connection, 4 over datagrams',
    packetType: '0 request, 2 response, 3 fault, 11 bind, 12 its answer',
    littleEndian: 'Byte order of the header and the data',
    callId: 'Pairs a response with its request, over a connection',
    contextId: 'Which of the bound interfaces a call belongs to; in a bind, the first that is offered',
    interface: 'The interface that is called, as far as its binding was seen',
    interfaces: 'The interfaces that a bind asks for',
    opnum: 'Number of the call within its interface; in a response that of its request',
    object: 'The object that is called, where there are several; in a response that of its request',
    activity: 'The client, over datagrams; pairs together with the sequence',
    sequence: 'Number of the call, over datagrams',
    status: 'Why a call failed or a bind was refused',
    authType: '9 SPNEGO, 10 NTLM, 16 Kerberos, 68 Netlogon',
    authLevel: '2 at connect, 4 per packet, 5 signed, 6 encrypted',
    ndr64: 'The data is in the 64-bit form, which is not read',
    ntlm: 'What the NTLM message beside it says: names, domain, user, system',
  },

  cut(reader) {
    if (reader.remaining < CONNECTION_HEADER) {
      return MORE;
    }
    if (isConnection(reader)) {
      return fragmentLength(reader);
    }
    if (!isDatagram(reader)) {
      return NOT_MINE;
    }
    return reader.remaining < DATAGRAM_HEADER ? MORE : DATAGRAM_HEADER + datagramBody(reader);
  },

  part(reader) {
    if (isConnection(reader)) {
      return connectionPart(reader);
    }
    return isDatagram(reader) && reader.remaining >= DATAGRAM_HEADER ? datagramPart(reader) : undefined;
  },

  recognise(reader, { transport, sourcePort, destinationPort }) {
    if (reader.remaining >= CONNECTION_HEADER && isConnection(reader)) {
      return 'strong';
    }
    if (transport !== 'udp' || reader.remaining < DATAGRAM_HEADER || !isDatagram(reader)) {
      return 'no';
    }
    if (isProfinet(reader)) {
      return 'strong';
    }
    // Most of a datagram's header may be small numbers, which many protocols begin with.
    return sourcePort === MAPPER_PORT || destinationPort === MAPPER_PORT ? 'weak' : 'no';
  },

  read(reader, context) {
    const first = reader.u8();
    switch (first & ~(JOINED | JOINED_ENCRYPTED)) {
      case CONNECTION:
        return readConnection(reader, context, first);
      case DATAGRAM:
        return readDatagram(reader, (first & JOINED) !== 0);
      default:
        return new Malformed(`version is ${first}, neither 4 nor 5`);
    }
  },

  observe({ fields }) {
    return observeNtlm(fields.ntlm, 'NTLM over DCE/RPC');
  },
});

function isProfinet(reader: Reader): boolean {
  for (let at = 0; at < PROFINET_NODE.length; at++) {
    if (reader.peek(DATAGRAM_INTERFACE_NODE_AT + at) !== PROFINET_NODE[at]) {
      return false;
    }
  }
  return true;
}

function u16(reader: Reader, littleEndian: boolean): number {
  return littleEndian ? reader.u16le() : reader.u16be();
}

function u32(reader: Reader, littleEndian: boolean): number {
  return littleEndian ? reader.u32le() : reader.u32be();
}

function directionOf(packetType: number): Direction {
  return FROM_SERVER.has(packetType) ? 'response' : 'request';
}

/** C706, section 12.6.3. */
function readConnection(reader: Reader, context: Context, first: number): Reading<Fields> | Malformed {
  reader.skip(1);
  const packetType = reader.u8();
  const flags = reader.u8();
  const littleEndian = (reader.u8() & LITTLE_ENDIAN) !== 0;
  reader.skip(3);
  const length = u16(reader, littleEndian);
  const auth = u16(reader, littleEndian);
  const callId = u32(reader, littleEndian);
  let trailer = 0;
  if (!(first & JOINED)) {
    trailer = auth === 0 ? 0 : auth + AUTH_HEADER;
    if (!reader.truncated && length < CONNECTION_HEADER + trailer) {
      return new Malformed('fragment shorter than its header and trailer');
    }
    reader.limit(length - CONNECTION_HEADER);
  }
  const fields: Draft = { version: CONNECTION, packetType, littleEndian, callId };
  if (first & JOINED_ENCRYPTED) {
    fields.authLevel = PRIVACY;
  }
  switch (packetType) {
    case REQUEST:
    case RESPONSE:
    case FAULT:
      return readCall(reader, context, fields, { flags, trailer });
    case BIND:
    case ALTER_CONTEXT:
      return readBind(reader, context, fields, trailer);
    case BIND_ACK:
    case ALTER_CONTEXT_ANSWER:
      return readBindAnswer(reader, fields, trailer);
    case BIND_NAK: {
      fields.status = u16(reader, littleEndian);
      const refused = `bind refused, reason ${fields.status}`;
      return { direction: 'response', operation: OPERATIONS.bind, pair: callId, refused, fields };
    }
    case AUTH3:
      reader.skip(4);
      readTrailer(reader, fields, auth);
      return { direction: 'request', operation: OPERATIONS.authenticate, proves: true, fields };
    default:
      return { direction: directionOf(packetType), operation: OPERATIONS.manage, fields };
  }
}

interface Frame {
  readonly flags: number;
  /** Bytes of the security trailer with its header, 0 where there is none. */
  readonly trailer: number;
}

function readCall(reader: Reader, context: Context, fields: Draft, frame: Frame): Reading<Fields> | Malformed {
  const littleEndian = fields.littleEndian;
  const request = fields.packetType === REQUEST;
  const pair = fields.callId ?? 0;
  reader.skip(4); // allocation hint
  const contextId = u16(reader, littleEndian);
  const asked = request ? undefined : (context.question(pair)?.fields as Fields | undefined);
  const last = u16(reader, littleEndian); // opnum, or cancel count and padding
  fields.contextId = contextId;
  const opnum = request ? last : asked?.opnum;
  if (opnum !== undefined) {
    fields.opnum = opnum;
  }
  const interfaceId = asked?.interface ?? recallInterface(context, contextId);
  if (interfaceId !== undefined) {
    fields.interface = interfaceId;
  }
  if (context.recall(syntaxKey(context, contextId)) === true) {
    fields.ndr64 = true;
  }
  const object = request && frame.flags & HAS_OBJECT ? uuidText(reader.take(UUID), littleEndian) : asked?.object;
  if (object !== undefined) {
    fields.object = object;
  }
  if (fields.packetType === FAULT) {
    fields.status = u32(reader, littleEndian);
  }
  const body = reader.remaining - frame.trailer;
  if (body < 0 && !reader.truncated) {
    return new Malformed('fragment shorter than its header and trailer');
  }
  // The trailer says how much padding stands before it, and whether what stands before it can be read.
  const padding = frame.trailer === 0 ? 0 : reader.peek(body + 2);
  const stub = reader.take(body - padding);
  reader.skip(padding);
  readTrailer(reader, fields, frame.trailer - AUTH_HEADER);
  const operation = callOperation(fields.interface, fields.opnum);
  const carries = carriedStub(stub, fields);
  return callReading(fields, operation, pair, carries);
}

function callReading(
  fields: Draft,
  operation: Operation,
  pair: number | string,
  carries: readonly Carried[] | undefined,
): Reading<Fields> {
  if (fields.packetType === REQUEST) {
    // A controller's own interface is called back by its devices: that caller did not open the conversation.
    const proves = fields.interface !== PROFINET_CONTROLLER;
    const like = (fields.contextId ?? 0) * 0x10000 + (fields.opnum ?? 0);
    return { direction: 'request', operation, pair, like, proves, fields, ...(carries ? { carries } : {}) };
  }
  if (fields.packetType === FAULT || fields.packetType === REJECT) {
    const status = fields.status ?? 0;
    const refused = STATUS.get(status) ?? `fault 0x${status.toString(16).padStart(8, '0')}`;
    return { direction: 'response', operation, pair, refused, fields };
  }
  return { direction: 'response', operation, pair, fields, ...(carries ? { carries } : {}) };
}

function carriedStub(stub: Uint8Array, fields: Draft): readonly Carried[] | undefined {
  if (stub.length === 0 || fields.packetType === FAULT || fields.packetType === REJECT) {
    return undefined;
  }
  const { interface: id } = fields;
  if (fields.authLevel === PRIVACY || fields.ndr64 === true) {
    // What a call to an object is for shows without its content.
    return id === undefined || fields.object === undefined ? undefined : [{ bytes: stub, key: unreadKey(id) }];
  }
  return [id === undefined ? { bytes: stub } : { bytes: stub, key: id }];
}

/** Which interface a context means is agreed once and remembered; several pipes share one SMB conversation. */
function memoryKey(context: Context, contextId: number): number | string {
  const pipe = (context.parent?.fields as { readonly fileId?: unknown } | undefined)?.fileId;
  return pipe === undefined ? contextId : `pipe ${String(pipe)}/${contextId}`;
}

/** Memory: the data of this context's calls is in the 64-bit form. Beside the contexts' own keys, which are smaller. */
const IN_64_BITS = 0x2_0000;

function syntaxKey(context: Context, contextId: number): number | string {
  const key = memoryKey(context, contextId);
  return typeof key === 'number' ? IN_64_BITS + key : `${key} in 64 bits`;
}

function recallInterface(context: Context, contextId: number): string | undefined {
  const remembered = context.recall(memoryKey(context, contextId));
  return typeof remembered === 'string' ? remembered : undefined;
}

/** C706, section 12.6.4.3. */
function readBind(reader: Reader, context: Context, fields: Draft, trailer: number): Reading<Fields> {
  const { littleEndian } = fields;
  reader.skip(8); // sizes, association group
  const count = reader.u8();
  reader.skip(3);
  const interfaces: string[] = [];
  reader.repeat(count, (index) => {
    const contextId = u16(reader, littleEndian);
    const syntaxes = reader.u8();
    reader.skip(1);
    const id = uuidText(reader.take(UUID), littleEndian);
    reader.skip(4); // version
    const syntax = syntaxes === 1 ? uuidText(reader.take(UUID), littleEndian) : '';
    reader.skip(syntaxes === 1 ? 4 : syntaxes * (UUID + 4));
    if (index < MOST_CONTEXTS && !reader.truncated) {
      fields.contextId ??= contextId;
      interfaces.push(id);
      context.remember(memoryKey(context, contextId), id);
      if (syntax === NDR64) {
        context.remember(syntaxKey(context, contextId), true);
      }
    }
  });
  fields.interfaces = interfaces;
  skipToTrailer(reader, trailer);
  readTrailer(reader, fields, trailer - AUTH_HEADER);
  const operation = fields.packetType === BIND ? OPERATIONS.bind : OPERATIONS.alterContext;
  return { direction: 'request', operation, pair: fields.callId ?? 0, proves: true, fields };
}

/** C706, section 12.6.4.4. */
function readBindAnswer(reader: Reader, fields: Draft, trailer: number): Reading<Fields> {
  const { littleEndian } = fields;
  reader.skip(8); // sizes, association group
  reader.skip(u16(reader, littleEndian)); // secondary address
  const aligned = (4 - (reader.position % 4)) % 4;
  reader.skip(aligned);
  let accepted = 0;
  const count = reader.u8();
  reader.skip(3);
  reader.repeat(count, () => {
    accepted += u16(reader, littleEndian) === 0 ? 1 : 0;
    fields.status = u16(reader, littleEndian);
    reader.skip(UUID + 4);
  });
  skipToTrailer(reader, trailer);
  readTrailer(reader, fields, trailer - AUTH_HEADER);
  const operation = fields.packetType === BIND_ACK ? OPERATIONS.bind : OPERATIONS.alterContext;
  const answer: Reading<Fields> = { direction: 'response', operation, pair: fields.callId ?? 0, fields };
  if (accepted > 0 || count === 0) {
    delete fields.status;
    return answer;
  }
  return { ...answer, refused: `interface refused, reason ${fields.status ?? 0}` };
}

/** Padding may stand between a list and the trailer. */
function skipToTrailer(reader: Reader, trailer: number): void {
  reader.skip(Math.max(0, reader.remaining - trailer));
}

/** MS-RPCE, section 2.2.2.11. */
function readTrailer(reader: Reader, fields: Draft, length: number): void {
  if (length <= 0) {
    return;
  }
  fields.authType = reader.u8();
  fields.authLevel = reader.u8();
  reader.skip(6); // padding length, reserved, context
  const token = reader.take(length);
  if (fields.packetType >= BIND && (fields.authType === NTLM || fields.authType === SPNEGO)) {
    const ntlm = findNtlm(token);
    if (ntlm !== undefined) {
      fields.ntlm = ntlm;
    }
  }
}

/** C706, section 12.5.2. */
function readDatagram(reader: Reader, joined: boolean): Reading<Fields> {
  const packetType = reader.u8();
  reader.skip(2); // flags
  const littleEndian = (reader.u8() & LITTLE_ENDIAN) !== 0;
  reader.skip(3); // rest of the format, high half of the serial number
  const object = uuidText(reader.take(UUID), littleEndian);
  const interfaceId = uuidText(reader.take(UUID), littleEndian);
  const activity = uuidText(reader.take(UUID), littleEndian);
  reader.skip(8); // server's start, interface version
  const sequence = u32(reader, littleEndian);
  const opnum = u16(reader, littleEndian);
  reader.skip(4); // hints
  const length = u16(reader, littleEndian);
  reader.skip(2); // fragment number
  const authType = reader.u8();
  reader.skip(1); // low half of the serial number
  if (!joined) {
    reader.limit(length);
  }
  const fields: Draft = {
    version: DATAGRAM,
    packetType,
    littleEndian,
    interface: interfaceId,
    opnum,
    activity,
    sequence,
  };
  if (object !== NO_UUID) {
    fields.object = object;
  }
  if (packetType === FAULT || packetType === REJECT) {
    fields.status = u32(reader, littleEndian);
  } else if (packetType !== REQUEST && packetType !== RESPONSE) {
    return { direction: directionOf(packetType), operation: OPERATIONS.manage, fields };
  }
  if (authType !== 0) {
    fields.authType = authType;
  }
  const carries = authType === 0 ? carriedStub(reader.rest(), fields) : undefined;
  return callReading(fields, callOperation(interfaceId, opnum), `${activity}/${sequence}`, carries);
}
