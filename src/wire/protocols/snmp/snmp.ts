import type { Mutable } from '../../../kit/mutable.ts';
import {
  type Context,
  type Direction,
  defineDissector,
  defineOperations,
  Malformed,
  NOTHING,
  type Operation,
  type Reading,
} from '../../dissector.ts';
import { hexText, ipv4Text, macText } from '../../format.ts';
import type { Observation, Subject } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { Ber, berSpan, oidText, Tag } from '../../stack/ber.ts';
import { fromWire, IDENTITY_TEXT } from '../../text.ts';
import { makerOf, observeObjects, type SnmpObject } from './identity.ts';

interface Fields {
  readonly version: number;
  readonly pduType?: number;
  readonly requestId?: number;
  readonly errorStatus?: number;
  readonly messageId?: number;
  readonly protection?: Protection;
  readonly engineId?: string;
  readonly engineMac?: string;
  readonly userName?: string;
  readonly defaultCommunity?: boolean;
  readonly trap?: string;
  readonly agentAddress?: string;
  readonly objects?: readonly SnmpObject[];
}

type Protection = 'none' | 'signed' | 'encrypted';

const OPERATIONS = defineOperations({
  get: ['get', 'read'],
  getNext: ['get next', 'read'],
  response: ['response', 'unknown'],
  set: ['set', 'configure'],
  trap: ['trap', 'report'],
  getBulk: ['get bulk', 'read'],
  inform: ['inform', 'report'],
  report: ['report', 'report'],
  discoverEngine: ['discover engine', 'discover'],
  encrypted: ['encrypted message', 'unknown'],
});

const GET = 0;
const GET_NEXT = 1;
const SET = 3;
const TRAP_V1 = 4;
const GET_BULK = 5;
const INFORM = 6;
const TRAP_V2 = 7;
const REPORT = 8;

/** Tags of the PDUs (RFC 3416, section 3; RFC 1157, section 4.1). */
const BY_TYPE: readonly Operation[] = [
  OPERATIONS.get,
  OPERATIONS.getNext,
  OPERATIONS.response,
  OPERATIONS.set,
  OPERATIONS.trap,
  OPERATIONS.getBulk,
  OPERATIONS.inform,
  OPERATIONS.trap,
  OPERATIONS.report,
];
const FIRST_PDU = 0xa0;
const LAST_PDU = FIRST_PDU + REPORT;

/** RFC 3416, section 3. */
const ERRORS: readonly string[] = [
  'no error',
  'too big',
  'no such name',
  'bad value',
  'read only',
  'general error',
  'no access',
  'wrong type',
  'wrong length',
  'wrong encoding',
  'wrong value',
  'no creation',
  'inconsistent value',
  'resource unavailable',
  'commit failed',
  'undo failed',
  'authorization error',
  'not writable',
  'inconsistent name',
];

/** Counters that a report names to say why a message was not taken (RFC 3414, section 3.2; RFC 3412, section 7). */
const REPORTS: ReadonlyMap<string, string> = new Map([
  ['1.3.6.1.6.3.11.2.1.1.0', 'unknown security model'],
  ['1.3.6.1.6.3.11.2.1.3.0', 'unknown PDU handler'],
  ['1.3.6.1.6.3.12.1.5.0', 'unknown context'],
  ['1.3.6.1.6.3.15.1.1.1.0', 'unsupported security level'],
  ['1.3.6.1.6.3.15.1.1.2.0', 'not in time window'],
  ['1.3.6.1.6.3.15.1.1.3.0', 'unknown user name'],
  ['1.3.6.1.6.3.15.1.1.4.0', 'unknown engine id'],
  ['1.3.6.1.6.3.15.1.1.5.0', 'wrong digest'],
  ['1.3.6.1.6.3.15.1.1.6.0', 'decryption error'],
]);

const V1 = 0;
const V2C = 1;
const V3 = 3;
const VERSIONS: Readonly<Record<number, string>> = { [V1]: 'SNMPv1', [V2C]: 'SNMPv2c', [V3]: 'SNMPv3' };

/** msgFlags (RFC 3412, section 6.4). */
const AUTHENTICATED = 1;
const PRIVATE = 2;
const REPORTABLE = 4;
const USER_SECURITY_MODEL = 3;

/** Types of values (RFC 2578, section 7.1). */
const IP_ADDRESS = 0x40;
const COUNTER = 0x41;
const GAUGE = 0x42;
const TIME_TICKS = 0x43;
const COUNTER_64 = 0x46;

const TRAP_OID = '1.3.6.1.6.3.1.1.4.1.0';
/** SNMPv1's generic traps have a name of their own in version 2 (RFC 3584, section 3.1); 6 is the maker's own. */
const GENERIC_TRAPS = '1.3.6.1.6.3.1.1.5.';
const ENTERPRISE_SPECIFIC = 6;

/** Standard trees: their texts describe the device. Those of makers may hold passwords, so only their numbers are kept. */
const PUBLIC_TREES = ['1.3.6.1.2.1.', '1.0.8802.'];
const MOST_OBJECTS = 1024;
/** Octets of a request that are looked at to tell whether it asks the same as another. */
const LIKE_OCTETS = 512;

/** Communities that every manual prints. */
const DEFAULT_COMMUNITIES: ReadonlySet<string> = new Set(['public', 'private']);

/** Forms of an engine id (RFC 3411, section 5, SnmpEngineID). */
const ENGINE_MAC = 3;
const ENGINE_MAC_LENGTH = 11;
const ENGINE_ID_LENGTH = 32;

export const snmp = defineDissector<Fields>({
  name: 'snmp',
  title: 'SNMP',
  source: 'RFC 1157; RFC 3416; RFC 3412; RFC 3414',
  at: [{ udp: 161 }, { udp: 162 }, { tcp: 161 }, { tcp: 162 }],
  operations: OPERATIONS,
  fields: {
    version: 'As on the wire: 0 is SNMPv1, 1 is SNMPv2c, 3 is SNMPv3',
    pduType: 'Number of the operation; absent when the message is encrypted',
    requestId: 'Pairs a response with its request; absent in SNMPv1 traps and when encrypted',
    errorStatus: 'Why the agent refused, in a response only; 0 when it did not',
    messageId: 'Pairs the messages of SNMPv3, encrypted or not',
    protection: 'SNMPv3: none, signed or encrypted',
    engineId: 'SNMPv3: the engine that both sides take time and keys from, in hex',
    engineMac: 'SNMPv3: the MAC address that the engine made its id from',
    userName: 'SNMPv3: the user, sent in clear',
    defaultCommunity: 'The community is one that every manual prints; the community itself is not kept',
    trap: 'What is reported, as an object identifier',
    agentAddress: 'SNMPv1 traps: the device that reports',
    objects: 'Names, and in answers and traps the values; texts of makers’ own objects are left out',
  },

  cut(reader, { transport }) {
    return transport === 'tcp' ? berSpan(reader) : reader.remaining;
  },

  recognise(reader) {
    const header = headerLength(reader);
    const version = reader.peek(header + 2);
    const next = reader.peek(header + 3);
    if (
      reader.peek() !== Tag.sequence ||
      reader.peek(header) !== Tag.integer ||
      reader.peek(header + 1) !== 1 ||
      !((next === Tag.octetString && version <= V2C) || (next === Tag.sequence && version === V3))
    ) {
      return 'no';
    }
    if (version === V3) {
      return 'strong';
    }
    const pdu = reader.peek(header + 5 + reader.peek(header + 4));
    return pdu >= FIRST_PDU && pdu <= LAST_PDU ? 'strong' : 'weak';
  },

  read(reader, context) {
    const message = Ber.of(reader, 0).expect(Tag.sequence).children();
    const version = message.expect(Tag.integer).integer();
    if (message.problem === undefined && !reader.truncated && VERSIONS[version] === undefined) {
      return new Malformed(`version ${version}`);
    }
    const reading = version === V3 ? readV3(message, reader, context) : readCommunity(message, version, context);
    return message.problem === undefined ? reading : new Malformed(message.problem);
  },

  observe(reading, context) {
    const { direction, fields, refused } = reading;
    if (direction === 'request') {
      return observeRequest(reading, context);
    }
    const subject: Subject = fields.agentAddress === undefined ? 'sender' : { address: fields.agentAddress };
    const objects = refused === undefined ? fields.objects : undefined;
    const observations = objects === undefined ? [] : observeObjects(objects, subject, context);
    observeEngine(observations, fields, context);
    // Reports are sent in clear, whatever the level that the engine asks for.
    if (
      direction === 'response' &&
      fields.pduType !== REPORT &&
      once(context, `version ${fields.version} ${fields.protection}`)
    ) {
      const protection = fields.protection ?? 'none';
      observations.push({ kind: 'service', subject: 'sender', protection, version: VERSIONS[fields.version] ?? '' });
    }
    return observations.length > 0 ? observations : NOTHING;
  },
});

function once(context: Context, key: string): boolean {
  if (context.recall(key) !== undefined) {
    return false;
  }
  context.remember(key, true);
  return true;
}

/** A reading whose fields are still filled in. */
type Draft = Mutable<Reading<Fields>>;
type DraftFields = Mutable<Fields>;

function readCommunity(message: Ber, version: number, context: Context): Reading<Fields> {
  const community = message.expect(Tag.octetString).text();
  const fields: DraftFields = { version, pduType: 0, requestId: 0 };
  if (DEFAULT_COMMUNITIES.has(community)) {
    fields.defaultCommunity = true;
  }
  return readPdu(message, fields, context);
}

/** RFC 3412, section 6: header, security parameters, then the scoped PDU in clear or encrypted. */
function readV3(message: Ber, reader: Reader, context: Context): Reading<Fields> {
  const header = message.expect(Tag.sequence).children();
  const messageId = header.expect(Tag.integer).integer();
  header.expect(Tag.integer);
  const flags = header.expect(Tag.octetString).bytes()[0] ?? 0;
  const model = header.expect(Tag.integer).integer();
  const protection = (flags & PRIVATE) !== 0 ? 'encrypted' : (flags & AUTHENTICATED) !== 0 ? 'signed' : 'none';
  const fields: DraftFields = { version: V3, messageId, protection };
  const security = message.expect(Tag.octetString);
  if (model === USER_SECURITY_MODEL && security.problem === undefined && !reader.truncated) {
    const user = security.inside().expect(Tag.sequence).children();
    readEngine(user.expect(Tag.octetString).bytes().subarray(0, ENGINE_ID_LENGTH), fields);
    user.expect(Tag.integer);
    user.expect(Tag.integer);
    fields.userName = user.expect(Tag.octetString).text();
  }
  if (message.peekTag() === Tag.octetString) {
    message.next();
    return readEncrypted(fields, flags, messageId, context);
  }
  const scoped = message.expect(Tag.sequence).children();
  scoped.expect(Tag.octetString);
  scoped.expect(Tag.octetString);
  const reading = readPdu(scoped, fields, context);
  reading.pair = messageId;
  if (reading.operation === OPERATIONS.get && fields.engineId === '') {
    reading.operation = OPERATIONS.discoverEngine;
  }
  return reading;
}

function readEngine(id: Uint8Array, fields: DraftFields): void {
  fields.engineId = hexText(id);
  const follows = (id[0] ?? 0) >= 0x80;
  if (follows && id[4] === ENGINE_MAC && id.length === ENGINE_MAC_LENGTH) {
    fields.engineMac = macText(id, 5);
  }
}

/** Only those who expect an answer ask for reports (RFC 3412, section 6.4). */
function readEncrypted(fields: Fields, flags: number, messageId: number, context: Context): Reading<Fields> {
  const operation = OPERATIONS.encrypted;
  if ((flags & REPORTABLE) !== 0) {
    return { direction: 'request', operation, fields, pair: messageId, proves: true };
  }
  const direction: Direction = context.fromClient ? 'report' : 'response';
  return { direction, operation, fields, pair: messageId };
}

function readPdu(message: Ber, fields: DraftFields, context: Context): Draft {
  message.next();
  const pduType = message.tag - FIRST_PDU;
  const operation = BY_TYPE[pduType];
  const reading: Draft = { direction: 'report', operation: operation ?? OPERATIONS.response, fields };
  if (operation === undefined) {
    // Whatever follows the header but a PDU breaks the message; `expect` says so unless bytes are missing.
    message.expect(FIRST_PDU);
    return reading;
  }
  fields.pduType = pduType;
  const pdu = message.children();
  if (pduType === TRAP_V1) {
    readTrapV1(pdu, fields);
    return reading;
  }
  const requestId = pdu.expect(Tag.integer).integer();
  const errorStatus = pdu.expect(Tag.integer).integer();
  pdu.expect(Tag.integer);
  fields.requestId = requestId;
  reading.pair = fields.messageId ?? requestId;
  const bindings = pdu.expect(Tag.sequence);
  switch (pduType) {
    case GET:
    case GET_NEXT:
    case GET_BULK:
    case SET:
      reading.direction = 'request';
      reading.proves = true;
      reading.like = likeness(bindings.bytes(), pduType);
      fields.objects = readObjects(bindings.children(), false);
      break;
    case INFORM:
      reading.direction = 'request';
      reading.proves = true;
      fields.objects = readObjects(bindings.children(), true);
      nameTrap(fields);
      break;
    case TRAP_V2:
      delete reading.pair;
      fields.objects = readObjects(bindings.children(), true);
      nameTrap(fields);
      break;
    default:
      readAnswer(reading, fields, { errorStatus, bindings }, context);
  }
  return reading;
}

interface Answer {
  readonly errorStatus: number;
  readonly bindings: Ber;
}

function readAnswer(reading: Draft, fields: DraftFields, answer: Answer, context: Context): void {
  const { errorStatus, bindings } = answer;
  const asked = reading.pair === undefined ? undefined : context.question(reading.pair);
  reading.direction = 'response';
  reading.operation = asked?.operation ?? reading.operation;
  fields.errorStatus = errorStatus;
  fields.objects = readObjects(bindings.children(), true);
  if (errorStatus !== 0) {
    reading.refused = ERRORS[errorStatus] ?? `error ${errorStatus}`;
  }
  const reason = REPORTS.get(fields.objects[0]?.name ?? '');
  // An engine is discovered by asking without its id: then the report is the answer, no refusal.
  if (fields.pduType === REPORT && reason !== undefined && asked?.operation !== OPERATIONS.discoverEngine) {
    reading.refused = reason;
  }
}

/** RFC 1157, section 4.1.6. */
function readTrapV1(pdu: Ber, fields: DraftFields): void {
  delete fields.requestId;
  const enterprise = pdu.expect(Tag.oid).oid();
  const address = ipv4Of(pdu.expect(IP_ADDRESS).bytes());
  const generic = pdu.expect(Tag.integer).integer();
  const specific = pdu.expect(Tag.integer).integer();
  pdu.expect(TIME_TICKS);
  fields.trap = generic === ENTERPRISE_SPECIFIC ? `${enterprise}.0.${specific}` : `${GENERIC_TRAPS}${generic + 1}`;
  if (address !== 0 && address >>> 24 !== 127) {
    fields.agentAddress = ipv4Text(address);
  }
  fields.objects = readObjects(pdu.expect(Tag.sequence).children(), true);
}

function ipv4Of(bytes: Uint8Array): number {
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}

function nameTrap(fields: DraftFields): void {
  const trap = fields.objects?.find(({ name }) => name === TRAP_OID)?.value;
  if (typeof trap === 'string') {
    fields.trap = trap;
  }
}

function readObjects(bindings: Ber, withValues: boolean): readonly SnmpObject[] {
  const objects: SnmpObject[] = [];
  while (bindings.next()) {
    const binding = bindings.children();
    const name = binding.expect(Tag.oid).oid();
    const found = binding.next();
    if (objects.length >= MOST_OBJECTS) {
      continue;
    }
    const value = withValues && found ? readValue(name, binding) : undefined;
    objects.push(value === undefined ? { name } : { name, value });
  }
  return objects;
}

function readValue(name: string, binding: Ber): number | string | undefined {
  switch (binding.tag) {
    case Tag.integer:
      return binding.integer();
    case COUNTER:
    case GAUGE:
    case TIME_TICKS:
      return binding.unsigned();
    case COUNTER_64:
      return counterOf(binding.bytes());
    case Tag.oid:
      return oidText(binding.bytes());
    case IP_ADDRESS:
      return ipv4Text(ipv4Of(binding.bytes()));
    case Tag.octetString:
      return PUBLIC_TREES.some((tree) => name.startsWith(tree)) ? octetsText(binding.bytes()) : undefined;
    default:
      return undefined;
  }
}

function counterOf(bytes: Uint8Array): number | string {
  let value = 0n;
  for (const octet of bytes.subarray(0, 9)) {
    value = value * 256n + BigInt(octet);
  }
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? value.toString() : Number(value);
}

/** An octet string is text for people or bytes such as a MAC address; nothing says which. */
function octetsText(bytes: Uint8Array): string {
  const printable = bytes.every((octet) => (octet >= 0x20 && octet !== 0x7f) || (octet >= 9 && octet <= 13));
  return printable ? fromWire(bytes, 'utf-8', IDENTITY_TEXT) : hexText(bytes.subarray(0, IDENTITY_TEXT / 2));
}

/** A number that is nearly always the same for the same list of names, and nearly never for another. */
function likeness(bindings: Uint8Array, pduType: number): number {
  let hash = 0x811c9dc5 ^ pduType;
  const end = Math.min(bindings.length, LIKE_OCTETS);
  for (let at = 0; at < end; at++) {
    hash = Math.imul(hash ^ (bindings[at] ?? 0), 0x01000193);
  }
  return hash >>> 0;
}

function headerLength(reader: Reader): number {
  const first = reader.peek(1);
  return first < 0x80 ? 2 : 2 + (first & 0x7f);
}

function observeRequest({ operation, fields }: Reading<Fields>, context: Context): readonly Observation[] {
  const scheme = VERSIONS[fields.version] ?? 'SNMP';
  if (fields.version === V3) {
    // A user without a key proves nothing, and anybody may use the name.
    const open = fields.protection === 'none' && fields.engineId !== '' && fields.userName;
    return open && once(context, 'user')
      ? [{ kind: 'credential', scheme, user: fields.userName ?? '', secret: 'none' }]
      : NOTHING;
  }
  if (fields.defaultCommunity === true) {
    return once(context, 'default') ? [{ kind: 'credential', scheme, secret: 'default' }] : NOTHING;
  }
  return operation === OPERATIONS.set && once(context, 'secret')
    ? [{ kind: 'credential', scheme, secret: 'sent' }]
    : NOTHING;
}

/** In messages that nobody has to answer the sender's own engine is the authority (RFC 3414, section 1.5.1). */
function observeEngine(observations: Observation[], { engineId, engineMac }: Fields, context: Context): void {
  if (engineId === undefined || engineId.length < 10 || !once(context, 'engine')) {
    return;
  }
  if (engineMac !== undefined) {
    observations.push({ kind: 'address', mac: engineMac, via: 'discovery' });
  }
  const enterprise = Number.parseInt(engineId.slice(0, 8), 16) & 0x7fffffff;
  const vendor = makerOf(`1.3.6.1.4.1.${enterprise}`);
  if (vendor !== undefined) {
    observations.push({ kind: 'identity', subject: 'sender', basis: 'announcement', vendor });
  }
}
