import { defineDissector, Malformed, MORE, NOT_MINE, NOTHING, type Reading } from '../../dissector.ts';
import { known, type Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { observeNtlm } from '../../stack/ntlmssp.ts';
import { type Draft, type Fields, OPERATIONS } from './common.ts';
import { readSmb1 } from './smb1.ts';
import { readSmb2 } from './smb2.ts';

/** RFC 1002, section 4.3.1: types of NetBIOS session packets. */
const MESSAGE = 0x00;
const SESSION_REQUEST = 0x81;
const SESSION_GRANTED = 0x82;
const SESSION_REFUSED = 0x83;
const SESSION_ELSEWHERE = 0x84;
const KEEP_ALIVE = 0x85;
const NETBIOS_HEADER = 4;
/** Two encoded names with their labels and scopes. */
const LONGEST_REQUEST = 600;
/** Header and counts of an SMB 1 message, the shortest of all. */
const SHORTEST_MESSAGE = 35;

/** First byte of a message, before `SMB`: version 1, 2 and 3, encrypted, compressed. */
const VERSION_1 = 0xff;
const VERSION_2 = 0xfe;
const ENCRYPTED = 0xfd;
const COMPRESSED = 0xfc;
const MARK_REST = 0x534d42;
const ENCRYPTED_HEADER = 52;
const COMPRESSED_HEADER = 16;

/** RFC 1001, section 14.1: a name is 16 characters in halves, each written as a letter from A on. */
const ENCODED_NAME = 32;
const NAME = 15;

export const smb = defineDissector<Fields>({
  name: 'smb',
  title: 'SMB',
  source: 'MS-CIFS and MS-SMB (version 1), MS-SMB2 (versions 2 and 3), RFC 1001 and 1002 (NetBIOS sessions)',
  at: [{ tcp: 445 }, { tcp: 139 }],
  operations: OPERATIONS,
  fields: {
    version: '1, 2 or 3; 2 stands for 3 also where the header is the same',
    command: 'Command code of the version',
    subcommand: 'Of a transaction, device control or set information: what exactly is asked',
    messageId: 'Pairs a response with its request',
    treeId: 'The connection to a share',
    sessionId: 'The session of a user',
    status: 'Result, in a response; 0 is success',
    dialect: 'Version that is offered (the newest) or chosen',
    signing: 'The server insists on signatures',
    systemTime: "The server's clock, in microseconds since 1970",
    share: 'The share that is connected to',
    file: 'Name of the file that is opened, made or deleted',
    fileId: 'The open file or pipe',
    user: 'Who signs in, where the name is sent outside NTLM',
    domain: 'Domain of the user or of the server',
    plainPassword: 'A password was sent in clear',
    nativeOs: 'Operating system as the sender calls it',
    nativeManager: 'SMB software as the sender calls it',
    calledName: 'NetBIOS name under which the server is called',
    callingName: 'NetBIOS name of the client, or of the server that negotiates',
    ntlm: 'What the NTLM message says: names, domain, user, system',
  },

  cut(reader) {
    if (reader.remaining < NETBIOS_HEADER) {
      return MORE;
    }
    const type = reader.peek(0);
    const length = (reader.peek(1) << 16) | (reader.peek(2) << 8) | reader.peek(3);
    if (type !== MESSAGE) {
      return isControl(type, length) ? NETBIOS_HEADER + length : NOT_MINE;
    }
    if (length < SHORTEST_MESSAGE) {
      return NOT_MINE;
    }
    if (reader.remaining < NETBIOS_HEADER + 4) {
      return MORE;
    }
    return isMessage(reader) ? NETBIOS_HEADER + length : NOT_MINE;
  },

  recognise(reader) {
    const type = reader.peek(0);
    const length = (reader.peek(1) << 16) | (reader.peek(2) << 8) | reader.peek(3);
    if (type !== MESSAGE) {
      return reader.remaining >= NETBIOS_HEADER && isControl(type, length) ? 'weak' : 'no';
    }
    return length >= SHORTEST_MESSAGE && isMessage(reader) ? 'strong' : 'no';
  },

  read(reader, context) {
    const type = reader.u8();
    reader.limit(reader.u24be());
    if (type !== MESSAGE) {
      return readControl(reader, type);
    }
    const version = reader.peek(0);
    if (!reader.truncated && !isMark(reader, 0)) {
      return new Malformed('no SMB message');
    }
    switch (version) {
      case VERSION_1:
        return readSmb1(reader, context);
      case VERSION_2:
        return readSmb2(reader, context);
      default:
        return readOpaque(reader, version, context.fromClient);
    }
  },

  observe({ direction, operation, fields }) {
    if (operation === OPERATIONS.openSession) {
      return observeCaller(fields);
    }
    if (operation === OPERATIONS.negotiate && direction === 'response') {
      return observeServer(fields);
    }
    return operation === OPERATIONS.setUp ? observeSignIn(fields, direction === 'request') : NOTHING;
  },
});

function isControl(type: number, length: number): boolean {
  switch (type) {
    case SESSION_REQUEST:
      return length >= 2 * (ENCODED_NAME + 2) && length <= LONGEST_REQUEST;
    case SESSION_GRANTED:
    case KEEP_ALIVE:
      return length === 0;
    case SESSION_REFUSED:
      return length === 1;
    case SESSION_ELSEWHERE:
      return length === 6;
    default:
      return false;
  }
}

function isMessage(reader: Reader): boolean {
  return isMark(reader, NETBIOS_HEADER);
}

function isMark(reader: Reader, at: number): boolean {
  const rest = (reader.peek(at + 1) << 16) | (reader.peek(at + 2) << 8) | reader.peek(at + 3);
  return reader.peek(at) >= COMPRESSED && rest === MARK_REST;
}

function readControl(reader: Reader, type: number): Reading<Fields> | Malformed {
  switch (type) {
    case SESSION_REQUEST: {
      const fields: Fields = { calledName: readName(reader), callingName: readName(reader) };
      return { direction: 'request', operation: OPERATIONS.openSession, pair: 'open', proves: true, fields };
    }
    case SESSION_GRANTED:
      return { direction: 'response', operation: OPERATIONS.openSession, pair: 'open', fields: {} };
    case SESSION_REFUSED: {
      const status = reader.u8();
      const refused = `NetBIOS error 0x${status.toString(16)}`;
      return { direction: 'response', operation: OPERATIONS.openSession, pair: 'open', refused, fields: { status } };
    }
    case SESSION_ELSEWHERE:
      reader.skip(6);
      return {
        direction: 'response',
        operation: OPERATIONS.openSession,
        pair: 'open',
        refused: 'called elsewhere',
        fields: {},
      };
    case KEEP_ALIVE:
      return { direction: 'report', operation: OPERATIONS.keepAlive, fields: {} };
    default:
      return new Malformed(`NetBIOS packet type ${type}`);
  }
}

/** Padded with blanks; the sixteenth character says what kind of program has the name. */
function readName(reader: Reader): string {
  const length = reader.u8();
  let name = '';
  for (let done = 0; done < length && done < ENCODED_NAME; done += 2) {
    const character = ((reader.u8() - 0x41) << 4) | ((reader.u8() - 0x41) & 0x0f);
    if (name.length < NAME) {
      name += String.fromCharCode(character & 0xff);
    }
  }
  reader.skip(Math.max(0, length - ENCODED_NAME));
  // A scope may follow; the name ends with an empty label.
  let label = reader.u8();
  while (label !== 0 && !reader.truncated) {
    reader.skip(label);
    label = reader.u8();
  }
  return name.replaceAll('\0', '').trim();
}

/** MS-SMB2, sections 2.2.41 and 2.2.42: what lies inside cannot be read. */
function readOpaque(reader: Reader, version: number, fromClient: boolean): Reading<Fields> {
  reader.skip(version === ENCRYPTED ? ENCRYPTED_HEADER : COMPRESSED_HEADER);
  const operation = version === ENCRYPTED ? OPERATIONS.encrypted : OPERATIONS.compressed;
  return { direction: fromClient ? 'request' : 'response', operation, fields: { version: 3 } };
}

function observeCaller({ callingName }: Fields): readonly Observation[] {
  return callingName === undefined || callingName === ''
    ? NOTHING
    : [{ kind: 'identity', subject: 'sender', basis: 'announcement', name: callingName }];
}

function observeServer(fields: Fields): readonly Observation[] {
  if (fields.version === 1 && fields.status !== 0) {
    return NOTHING;
  }
  const observations: Observation[] = [
    {
      kind: 'service',
      subject: 'sender',
      version: `SMB ${dialectText(fields)}`,
      protection: fields.signing ? 'signed' : 'none',
    },
  ];
  if (fields.callingName) {
    observations.push({ kind: 'identity', subject: 'sender', basis: 'announcement', name: fields.callingName });
  }
  if (fields.systemTime !== undefined && fields.systemTime > 0) {
    observations.push({ kind: 'clock', stated: fields.systemTime, source: 'SMB' });
  }
  return observations;
}

/** `3.1.1` from 0x0311; `2.x` where the server only says that it knows version 2. */
function dialectText({ version, dialect }: Draft): string {
  if (version === 1 || typeof dialect !== 'number') {
    return '1';
  }
  const major = dialect >> 8;
  const minor = (dialect >> 4) & 0x0f;
  const patch = dialect & 0x0f;
  if ((dialect & 0xff) === 0xff) {
    return `${major}.x`;
  }
  return patch === 0 ? `${major}.${minor}` : `${major}.${minor}.${patch}`;
}

function observeSignIn(fields: Fields, request: boolean): readonly Observation[] {
  const observations: Observation[] = [...observeNtlm(fields.ntlm, 'NTLM over SMB')];
  const { nativeOs, user } = fields;
  // The name in NTLM is more exact than what software says of the system it was built for.
  if (nativeOs && fields.ntlm?.os === undefined) {
    observations.push({ kind: 'identity', subject: 'sender', basis: 'banner', ...known({ os: nativeOs.trim() }) });
  }
  if (request && user !== undefined) {
    const secret = fields.plainPassword ? 'sent' : 'protected';
    observations.push({ kind: 'credential', scheme: 'SMB', user, secret });
  }
  return observations;
}
