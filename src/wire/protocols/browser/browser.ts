import { defineDissector, defineOperations, NOTHING, type Operation, type Reading } from '../../dissector.ts';
import { ipv4Text } from '../../format.ts';
import type { Observation, Role } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { readNetbiosName } from '../../stack/dns-message.ts';

interface Fields {
  readonly messageType: number;
  readonly datagramId: number;
  readonly sourceAddress: string;
  readonly sourceName?: string;
  readonly destinationName?: string;
  readonly mailslot?: string;
  readonly command?: number;
  readonly serverName?: string;
  readonly osVersion?: string;
  readonly serverType?: number;
  readonly comment?: string;
}

/** MS-BRWS, section 2.2, and the datagrams of RFC 1002, section 4.4, that hold something else. */
const OPERATIONS = defineOperations({
  hostAnnouncement: ['announce host', 'report'],
  announcementRequest: ['request announcements', 'discover'],
  electionRequest: ['elect master browser', 'session'],
  backupListRequest: ['request backup browsers', 'discover'],
  backupListResponse: ['list backup browsers', 'discover'],
  becomeBackup: ['become backup browser', 'session'],
  domainAnnouncement: ['announce domain', 'report'],
  masterAnnouncement: ['announce master browser', 'report'],
  resetState: ['reset browser state', 'control'],
  localMasterAnnouncement: ['announce local master browser', 'report'],
  datagram: ['NetBIOS datagram', 'session'],
  error: ['datagram error', 'report'],
  query: ['datagram name query', 'discover'],
  queryAnswer: ['datagram name answer', 'discover'],
  unknown: ['unknown command', 'unknown'],
});

const BY_COMMAND: readonly (Operation | undefined)[] = Object.assign(new Array<Operation | undefined>(16), {
  1: OPERATIONS.hostAnnouncement,
  2: OPERATIONS.announcementRequest,
  8: OPERATIONS.electionRequest,
  9: OPERATIONS.backupListRequest,
  10: OPERATIONS.backupListResponse,
  11: OPERATIONS.becomeBackup,
  12: OPERATIONS.domainAnnouncement,
  13: OPERATIONS.masterAnnouncement,
  14: OPERATIONS.resetState,
  15: OPERATIONS.localMasterAnnouncement,
});

/** RFC 1002, section 4.4.1. */
const DIRECT_UNIQUE = 0x10;
const BROADCAST = 0x12;
const ERROR = 0x13;
const QUERY = 0x14;
const NEGATIVE_ANSWER = 0x16;
const PORT = 138;
const HEADER = 10;
const COUNTED_HEADER = 14;
const NAME_AT = 14;
const ENCODED_NAME = 32;

/** MS-SMB, section 2.2.4.33: the transaction that writes to a mailslot. */
const SMB = 0xff534d42;
const TRANSACTION = 0x25;
const SMB_HEADER = 32;
const BROWSE = '\\MAILSLOT\\BROWSE';

/** MS-RAP, section 2.2.1: bits of the server type. */
const WORKSTATION = 0x00000001;
const SQL_SERVER = 0x00000004;
const DOMAIN_CONTROLLER = 0x00000008;
const BACKUP_CONTROLLER = 0x00000010;
const XENIX = 0x00000800;
const NT_WORKSTATION = 0x00001000;
const NT_SERVER = 0x00008000;
const SERVERS = SQL_SERVER | DOMAIN_CONTROLLER | BACKUP_CONTROLLER | NT_SERVER;

export const browser = defineDissector<Fields>({
  name: 'browser',
  title: 'NetBIOS datagrams and Windows browser service',
  source: 'RFC 1002, section 4.4; MS-BRWS; MS-MAIL',
  at: [{ udp: PORT }],
  operations: OPERATIONS,
  fields: {
    messageType: 'Kind of datagram: 16 to one node, 17 to a group, 18 to all',
    datagramId: 'Number that the sender gives the datagram',
    sourceAddress: 'Address that the sender states for itself',
    sourceName: 'NetBIOS name of the sender',
    destinationName: 'NetBIOS name that the datagram is for',
    mailslot: 'Mailslot that the datagram is written to',
    command: 'Browser command: 1 host announcement, 15 local master announcement',
    serverName: 'Name of the host, or of the domain, that is announced',
    osVersion: 'Version of the operating system that is announced',
    serverType: 'Bits that say what the host offers',
    comment: 'Description that an administrator gave the host; in a domain announcement its master browser',
  },

  recognise(reader, context) {
    const type = reader.peek(0);
    if (type < DIRECT_UNIQUE || type > NEGATIVE_ANSWER || reader.peek(1) >= 0x10 || reader.remaining < HEADER) {
      return 'no';
    }
    // The sender's encoded name follows the header of a datagram; the other kinds have no mark of their own.
    const named =
      reader.peek(NAME_AT) === ENCODED_NAME && isHalf(reader.peek(NAME_AT + 1)) && isHalf(reader.peek(NAME_AT + 2));
    const here = context.sourcePort === PORT || context.destinationPort === PORT;
    return (type <= BROADCAST && named) || (type > BROADCAST && here) ? 'weak' : 'no';
  },

  read(reader) {
    const messageType = reader.u8();
    reader.skip(1); // flags
    const datagramId = reader.u16be();
    const sourceAddress = ipv4Text(reader.u32be());
    reader.skip(2); // source port
    const header = { messageType, datagramId, sourceAddress };
    if (messageType === ERROR) {
      const code = reader.u8();
      return { direction: 'report', operation: OPERATIONS.error, refused: `error ${code}`, fields: header };
    }
    if (messageType >= QUERY) {
      const destinationName = readNetbiosName(reader)?.name;
      const fields = { ...header, ...(destinationName === undefined ? {} : { destinationName }) };
      return messageType === QUERY
        ? { direction: 'request', operation: OPERATIONS.query, pair: datagramId, fields }
        : { direction: 'response', operation: OPERATIONS.queryAnswer, pair: datagramId, fields };
    }
    const length = reader.u16be() + 2; // the packet offset does not count
    // Some senders count the header as well.
    reader.limit(length - reader.remaining === COUNTED_HEADER ? reader.remaining : length);
    return readDatagram(reader, header);
  },

  observe({ operation, fields }) {
    const hosts = operation === OPERATIONS.hostAnnouncement || operation === OPERATIONS.localMasterAnnouncement;
    return hosts && fields.serverName ? observeHost(fields, fields.serverName) : NOTHING;
  },
});

/** Names are written with the letters from A to P (RFC 1001, section 14.1). */
function isHalf(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x50;
}

type Header = Pick<Fields, 'messageType' | 'datagramId' | 'sourceAddress'>;

function readDatagram(reader: Reader, header: Header): Reading<Fields> {
  const offset = reader.u16be();
  const sourceName = readNetbiosName(reader)?.name;
  const destinationName = readNetbiosName(reader)?.name;
  const names = {
    ...header,
    ...(sourceName === undefined ? {} : { sourceName }),
    ...(destinationName === undefined ? {} : { destinationName }),
  };
  const written = offset === 0 ? readMailslot(reader) : undefined;
  if (written === undefined) {
    return { direction: 'report', operation: OPERATIONS.datagram, fields: names };
  }
  const { mailslot } = written;
  if (!written.browses) {
    return { direction: 'report', operation: OPERATIONS.datagram, fields: { ...names, mailslot } };
  }
  const command = reader.u8();
  const operation = BY_COMMAND[command] ?? OPERATIONS.unknown;
  const announced = readAnnouncement(reader, operation);
  return { direction: 'report', operation, fields: { ...names, mailslot, command, ...announced } };
}

/** Moves to what an SMB transaction writes to a mailslot (MS-MAIL, section 2.2.1). */
function readMailslot(reader: Reader): { readonly mailslot: string; readonly browses: boolean } | undefined {
  const start = reader.position;
  if (reader.u32be() !== SMB || reader.u8() !== TRANSACTION) {
    return undefined;
  }
  reader.seek(start + SMB_HEADER);
  const words = reader.u8();
  reader.skip(22); // counts, flags and time-out before the data
  const dataLength = reader.u16le();
  const dataOffset = reader.u16le();
  reader.seek(start + SMB_HEADER + 1 + 2 * words);
  reader.expect(reader.u16le());
  const mailslot = reader.textZ();
  if (start + dataOffset < reader.position) {
    return { mailslot, browses: false };
  }
  reader.seek(start + dataOffset);
  reader.expect(dataLength);
  return { mailslot, browses: mailslot.toUpperCase() === BROWSE };
}

/** MS-BRWS, sections 2.2.1, 2.2.6 and 2.2.10: the three announcements have one layout. */
function readAnnouncement(reader: Reader, operation: Operation): Partial<Fields> | undefined {
  const announces =
    operation === OPERATIONS.hostAnnouncement ||
    operation === OPERATIONS.domainAnnouncement ||
    operation === OPERATIONS.localMasterAnnouncement;
  if (!announces) {
    return undefined;
  }
  reader.skip(5); // update count, periodicity
  const serverName = readName(reader);
  const osVersion = `${reader.u8()}.${reader.u8()}`;
  const serverType = reader.u32le();
  reader.skip(4); // browser version, signature
  return { serverName, osVersion, serverType, comment: reader.textZ('latin-1').trim() };
}

/** Sixteen bytes, filled up with zeros; what may stand behind the first zero is left from before. */
function readName(reader: Reader): string {
  return reader.sub(16).textZ('latin-1').trim();
}

function observeHost(fields: Fields, name: string): readonly Observation[] {
  const serverType = fields.serverType ?? 0;
  // Samba announces itself as a Xenix server, with a Windows version that says nothing.
  const windows = (serverType & XENIX) === 0 && fields.osVersion !== undefined;
  const observations: Observation[] = [
    {
      kind: 'identity',
      subject: 'sender',
      basis: 'announcement',
      name,
      ...(windows ? { os: `Windows NT ${fields.osVersion}` } : {}),
    },
  ];
  const role = roleOf(serverType);
  if (role) {
    const reason = `announces itself as ${role} (browser service)`;
    observations.push({ kind: 'role', subject: 'sender', role, reason, basis: 'announcement' });
  }
  return observations;
}

function roleOf(serverType: number): Exclude<Role, 'unknown'> | undefined {
  if (serverType & SERVERS) {
    return 'server';
  }
  return serverType & (WORKSTATION | NT_WORKSTATION) ? 'workstation' : undefined;
}
