import type { Mutable } from '../../../kit/mutable.ts';
import {
  defineDissector,
  defineOperations,
  MORE,
  NOT_MINE,
  NOTHING,
  type Operation,
  type PairKey,
  type Reading,
  type ReadingDraft,
} from '../../dissector.ts';
import { ipv4Text } from '../../format.ts';
import type { Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { type CipIdentity, identityOf, readIdentity, roleOf } from '../../stack/cip-identity.ts';

interface Fields {
  readonly command: number;
  readonly length: number;
  readonly sessionHandle: number;
  readonly status: number;
  readonly connectionId?: number;
  readonly sequence?: number;
  readonly services?: readonly string[];
  readonly identity?: CipIdentity;
  readonly address?: string;
}

/** CIP Networks Library volume 2, section 2-3.2. */
const OPERATIONS = defineOperations({
  nop: ['no operation', 'session'],
  listServices: ['list services', 'discover'],
  listIdentity: ['list identity', 'discover'],
  listInterfaces: ['list interfaces', 'discover'],
  registerSession: ['register session', 'session'],
  unregisterSession: ['unregister session', 'session'],
  sendRrData: ['send RR data', 'session'],
  sendUnitData: ['send unit data', 'session'],
  indicateStatus: ['indicate status', 'session'],
  cancel: ['cancel', 'session'],
  startDtls: ['start DTLS', 'session'],
  unknown: ['unknown command', 'unknown'],
});

const NOP = 0x0000;
const LIST_SERVICES = 0x0004;
const LIST_IDENTITY = 0x0063;
const REGISTER_SESSION = 0x0065;
const UNREGISTER_SESSION = 0x0066;
const SEND_RR_DATA = 0x006f;
const SEND_UNIT_DATA = 0x0070;

const BY_COMMAND: ReadonlyMap<number, Operation> = new Map([
  [NOP, OPERATIONS.nop],
  // 1, 2 and 3 are reserved for old equipment, which is still asked with 1.
  [0x0001, OPERATIONS.unknown],
  [0x0002, OPERATIONS.unknown],
  [0x0003, OPERATIONS.unknown],
  [LIST_SERVICES, OPERATIONS.listServices],
  [LIST_IDENTITY, OPERATIONS.listIdentity],
  [0x0064, OPERATIONS.listInterfaces],
  [REGISTER_SESSION, OPERATIONS.registerSession],
  [UNREGISTER_SESSION, OPERATIONS.unregisterSession],
  [SEND_RR_DATA, OPERATIONS.sendRrData],
  [SEND_UNIT_DATA, OPERATIONS.sendUnitData],
  [0x0072, OPERATIONS.indicateStatus],
  [0x0073, OPERATIONS.cancel],
  [0x00c8, OPERATIONS.startDtls],
]);

/** Section 2-3.5. */
const STATUS: ReadonlyMap<number, string> = new Map([
  [0x01, 'invalid or unsupported command'],
  [0x02, 'insufficient memory'],
  [0x03, 'incorrect data'],
  [0x64, 'invalid session handle'],
  [0x65, 'invalid length'],
  [0x69, 'unsupported protocol revision'],
  [0x6a, 'encapsulated CIP service not allowed on this port'],
]);

const HEADER = 24;
const LONGEST_DATA = 65_511;
/** Section 2-6: types of the items of the common packet format. */
const IDENTITY_ITEM = 0x000c;
const CONNECTED_ADDRESS = 0x00a1;
const CONNECTED_DATA = 0x00b1;
const UNCONNECTED_DATA = 0x00b2;
const SERVICES_ITEM = 0x0100;
const MOST_ITEMS = 64;
const RESPONSE_BIT = 0x80;

export const enip = defineDissector<Fields>({
  name: 'enip',
  title: 'EtherNet/IP encapsulation',
  source: 'CIP Networks Library volume 2, chapter 2 (EtherNet/IP Adaptation of CIP)',
  at: [{ tcp: 44818 }, { udp: 44818 }],
  operations: OPERATIONS,
  fields: {
    command: 'Encapsulation command',
    length: 'Bytes after the header',
    sessionHandle: 'Session that the target gave out; 0 outside a session',
    status: '0, or why the target did not carry out the command',
    connectionId: 'Connection that the carried message belongs to',
    sequence: 'Sequence count of the connected message',
    services: 'Names of the services, in a list services response',
    identity: 'What the device says it is, in a list identity response',
    address: 'Address and port that the device says it is reached at, in a list identity response',
  },

  cut(reader) {
    if (reader.remaining < HEADER) {
      return MORE;
    }
    const command = reader.u16le();
    const length = reader.u16le();
    return BY_COMMAND.has(command) && length <= LONGEST_DATA ? HEADER + length : NOT_MINE;
  },

  recognise(reader) {
    if (reader.remaining < HEADER) {
      return 'no';
    }
    const command = reader.u16le();
    const length = reader.u16le();
    reader.skip(4);
    const status = reader.u32le();
    reader.skip(8);
    const options = reader.u32le();
    if (!BY_COMMAND.has(command) || options !== 0 || status > 0xff || length > LONGEST_DATA) {
      return 'no';
    }
    if (command === SEND_RR_DATA || command === SEND_UNIT_DATA) {
      // Interface handle 0 is CIP; then a time-out and a handful of items.
      const cip = reader.remaining >= 8 && reader.u32le() === 0 && reader.peek(2) <= 4 && reader.peek(3) === 0;
      return cip && length >= 8 ? 'strong' : 'no';
    }
    return command === REGISTER_SESSION && length === 4 && reader.u32le() === 1 ? 'strong' : 'weak';
  },

  read(reader, context) {
    const command = reader.u16le();
    const length = reader.u16le();
    const sessionHandle = reader.u32le();
    const status = reader.u32le();
    const pair = contextKey(reader.u32le(), reader.u32le());
    reader.skip(4);
    reader.limit(length);
    const fields = { command, length, sessionHandle, status };
    const operation = BY_COMMAND.get(command) ?? OPERATIONS.unknown;
    if (command === SEND_RR_DATA || command === SEND_UNIT_DATA) {
      const direction = context.fromClient ? 'request' : 'response';
      // A connected message is paired by what it carries; its sender context means nothing.
      const packet = { direction, operation, fields } as const;
      return readPacket(reader, command === SEND_RR_DATA ? { ...packet, pair } : packet);
    }
    if (command === NOP || command === UNREGISTER_SESSION) {
      return { direction: 'request', operation, fields };
    }
    const direction = isAnswer(fields, context.fromClient) ? 'response' : 'request';
    if (direction === 'request') {
      return { direction, operation, pair, proves: command === REGISTER_SESSION, fields };
    }
    if (status !== 0) {
      return { direction, operation, pair, refused: STATUS.get(status) ?? `status ${status}`, fields };
    }
    return { direction, operation, pair, fields: readList(reader, fields) };
  },

  observe({ direction, fields }, context) {
    if (direction !== 'response' || fields.identity === undefined) {
      return NOTHING;
    }
    const { identity } = fields;
    const observations: Observation[] = [
      { kind: 'identity', subject: 'sender', basis: 'identification', ...identityOf(identity) },
    ];
    const role = roleOf(identity.deviceType);
    if (role !== undefined && context.recall(ROLE_TOLD) !== true) {
      context.remember(ROLE_TOLD, true);
      const reason = `CIP device type ${identity.deviceType}`;
      observations.push({ kind: 'role', subject: 'sender', role, reason, basis: 'identification' });
    }
    return observations;
  },
});

const ROLE_TOLD = 'enip role';

/** The sender context belongs to the client and comes back as it was sent. */
function contextKey(low: number, high: number): PairKey {
  return high <= 0x1f_ffff ? high * 0x1_0000_0000 + low : `${high}:${low}`;
}

/** Only a response of these commands has data, a status or, for a new session, a handle. */
function isAnswer({ command, length, sessionHandle, status }: Fields, fromClient: boolean): boolean {
  if (status !== 0) {
    return true;
  }
  if (command === REGISTER_SESSION) {
    return sessionHandle !== 0;
  }
  return command === LIST_IDENTITY || command === LIST_SERVICES ? length > 0 : !fromClient;
}

/** Section 2-6: an address item says which connection, a data item holds the CIP message. */
function readPacket(reader: Reader, reading: ReadingDraft<Fields>): Reading<Fields> {
  const { fields } = reading;
  if (fields.status !== 0 && fields.length === 0) {
    reading.direction = 'response';
    reading.refused = STATUS.get(fields.status) ?? `status ${fields.status}`;
    return reading;
  }
  const isCip = reader.u32le() === 0;
  reader.skip(2);
  const data = readItems(reader, fields);
  if (isCip && data !== undefined && data.length > 0) {
    reading.direction = ((data[0] ?? 0) & RESPONSE_BIT) === 0 ? 'request' : 'response';
    reading.proves = reading.direction === 'request';
    reading.carries = [{ bytes: data }];
  }
  return reading;
}

function readItems(reader: Reader, fields: Mutable<Fields>): Uint8Array | undefined {
  let data: Uint8Array | undefined;
  const items = reader.u16le();
  for (let item = 0; item < items && item < MOST_ITEMS && !reader.truncated; item++) {
    const type = reader.u16le();
    const length = reader.u16le();
    reader.expect(length);
    const end = reader.position + length;
    if (type === CONNECTED_ADDRESS && length >= 4) {
      fields.connectionId = reader.u32le();
    } else if (type === CONNECTED_DATA && length >= 2) {
      fields.sequence = reader.u16le();
      data = reader.take(Math.min(length - 2, reader.remaining));
    } else if (type === UNCONNECTED_DATA) {
      data = reader.take(Math.min(length, reader.remaining));
    }
    reader.seek(end);
  }
  return data;
}

function readList(reader: Reader, header: Fields): Fields {
  if (header.command !== LIST_IDENTITY && header.command !== LIST_SERVICES) {
    return header;
  }
  let identity: CipIdentity | undefined;
  let address = '';
  const services: string[] = [];
  const items = reader.u16le();
  for (let item = 0; item < items && item < MOST_ITEMS && !reader.truncated; item++) {
    const type = reader.u16le();
    const length = reader.u16le();
    reader.expect(length);
    const end = reader.position + length;
    if (type === IDENTITY_ITEM) {
      reader.skip(4); // protocol version, address family
      const port = reader.u16be();
      address = `${ipv4Text(reader.u32be())}:${port}`;
      reader.skip(8);
      identity = readIdentity(reader);
    } else if (type === SERVICES_ITEM) {
      reader.skip(4); // protocol version, capabilities
      services.push(reader.text(16, 'latin-1').trim());
    }
    reader.seek(end);
  }
  return {
    ...header,
    ...(identity ? { identity, address } : {}),
    ...(services.length > 0 ? { services } : {}),
  };
}
