import {
  type Context,
  type Direction,
  defineDissector,
  defineOperations,
  Malformed,
  MORE,
  NOT_MINE,
  NOTHING,
  type Operation,
  type Reading,
} from '../../dissector.ts';
import type { Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { readTopicAlias, skipProperties, varint } from './properties.ts';
import { CONNECT_REFUSALS, REFUSED, reasonOf } from './reasons.ts';
import { type Birth, isCommand, readBirth, readTopic, type SparkplugTopic } from './sparkplug.ts';
import { identifyDevice, observeBirth } from './sparkplug-identity.ts';

interface Fields {
  readonly messageType: number;
  readonly packetId?: number;
  readonly version?: string;
  readonly clientId?: string;
  readonly userName?: string;
  readonly password?: boolean;
  readonly keepAlive?: number;
  readonly topic?: string;
  readonly qos?: number;
  readonly retain?: boolean;
  readonly topics?: readonly string[];
  readonly willTopic?: string;
  readonly reasonCode?: number;
  readonly sparkplug?: SparkplugTopic;
  readonly birth?: Birth;
}

/** MQTT 5.0, section 2.1.2, and Sparkplug 3.0, section 6.4, inside of PUBLISH. */
const OPERATIONS = defineOperations({
  reserved: ['reserved', 'unknown'],
  connect: ['connect', 'authenticate'],
  publish: ['publish', 'report'],
  release: ['publish release', 'session'],
  acknowledge: ['publish acknowledgement', 'session'],
  subscribe: ['subscribe', 'read'],
  unsubscribe: ['unsubscribe', 'session'],
  ping: ['ping', 'session'],
  disconnect: ['disconnect', 'session'],
  authenticate: ['authenticate', 'authenticate'],
  sparkplugBirth: ['Sparkplug birth', 'report'],
  sparkplugDeath: ['Sparkplug death', 'report'],
  sparkplugData: ['Sparkplug data', 'report'],
  sparkplugState: ['Sparkplug host state', 'report'],
  sparkplugCommand: ['Sparkplug command', 'write'],
});

const BY_SPARKPLUG_TYPE: ReadonlyMap<string, Operation> = new Map([
  ['NBIRTH', OPERATIONS.sparkplugBirth],
  ['DBIRTH', OPERATIONS.sparkplugBirth],
  ['NDEATH', OPERATIONS.sparkplugDeath],
  ['DDEATH', OPERATIONS.sparkplugDeath],
  ['NDATA', OPERATIONS.sparkplugData],
  ['DDATA', OPERATIONS.sparkplugData],
  ['NCMD', OPERATIONS.sparkplugCommand],
  ['DCMD', OPERATIONS.sparkplugCommand],
  ['STATE', OPERATIONS.sparkplugState],
]);

/** Section 2.1.2: types of control packets. */
const RESERVED = 0;
const CONNECT = 1;
const CONNACK = 2;
const PUBLISH = 3;
const PUBACK = 4;
const PUBREC = 5;
const PUBREL = 6;
const PUBCOMP = 7;
const SUBSCRIBE = 8;
const SUBACK = 9;
const UNSUBSCRIBE = 10;
const UNSUBACK = 11;
const PINGREQ = 12;
const PINGRESP = 13;
const DISCONNECT = 14;
const AUTH = 15;

/** Shortest and, where it is fixed, longest remaining length of each type, over all versions. */
const SHORTEST: readonly number[] = [0, 10, 2, 2, 2, 2, 2, 2, 5, 3, 4, 2, 0, 0, 0, 0];
const LONGEST: ReadonlyMap<number, number> = new Map([
  [PINGREQ, 0],
  [PINGRESP, 0],
]);

/** Packet ids have 16 bits; keys above them pair what has no id of its own. */
const RELEASE_PAIRS = 0x1_0000;
const CONNECT_PAIR = 0x2_0000;
const PING_PAIR = 0x2_0001;
const AUTH_PAIR = 0x2_0002;

/** Memory: level of the protocol as CONNECT states it. */
const LEVEL = 'mqtt level';
const LEVEL_5 = 5;
const VERSIONS: ReadonlyMap<number, string> = new Map([
  [3, '3.1'],
  [4, '3.1.1'],
  [LEVEL_5, '5.0'],
]);
/** A bridge sets the topmost bit of the level (mosquitto, and HiveMQ after it). */
const BRIDGE = 0x80;

const MOST_TOPICS = 32;
export const mqtt = defineDissector<Fields>({
  name: 'mqtt',
  title: 'MQTT, with Sparkplug B inside',
  source: 'OASIS MQTT 3.1.1 and 5.0, MQTT 3.1; Eclipse Sparkplug 3.0',
  at: [{ tcp: 1883 }],
  operations: OPERATIONS,
  fields: {
    messageType: 'Type of the control packet: 1 connect, 3 publish, 8 subscribe and so on',
    packetId: 'Pairs an acknowledgement with its packet, where there is one',
    version: 'Version of the protocol that the client asks for',
    clientId: 'Name by which the broker knows the client',
    userName: 'Name of the user who signs in',
    password: 'Whether a password was sent',
    keepAlive: 'Seconds after which a silent client counts as gone',
    topic: 'Topic of what is published',
    qos: 'Delivery: 0 at most once, 1 at least once, 2 exactly once',
    retain: 'Whether the broker keeps the message for later subscribers',
    topics: 'Topic filters subscribed to or given up',
    willTopic: 'Topic that the broker publishes to when the client is gone',
    reasonCode: 'Why the request was refused, or what became of it, where that is not plain success',
    sparkplug: 'Group, message type, node and device that a Sparkplug topic names',
    birth: 'What a Sparkplug birth says of the node or device',
  },

  cut(reader, context) {
    const first = reader.u8();
    let length = 0;
    for (let shift = 0; shift <= 21; shift += 7) {
      if (reader.remaining === 0) {
        return MORE;
      }
      const digit = reader.u8();
      length |= (digit & 0x7f) << shift;
      if (digit < 0x80) {
        const established = first === RESERVED && context.recall(LEVEL) !== undefined;
        return established || plausible(first, length) ? reader.position + length : NOT_MINE;
      }
    }
    return NOT_MINE;
  },

  recognise(reader) {
    const first = reader.u8();
    const type = first >> 4;
    const length = varint(reader);
    if (reader.truncated) {
      // Some brokers send the first byte alone.
      return plausible(first, SHORTEST[type] ?? 0) ? 'weak' : 'no';
    }
    if (length < 0 || !plausible(first, length)) {
      return 'no';
    }
    if (type === CONNECT) {
      return startsConnect(reader) ? 'strong' : 'no';
    }
    return fitsBody(reader, type, length) ? 'weak' : 'no';
  },

  read(reader, context) {
    const first = reader.u8();
    const length = varint(reader);
    if (length < 0) {
      return new Malformed('the remaining length has no end');
    }
    reader.limit(length);
    return readPacket(reader, context, first, length);
  },

  observe({ operation, fields }, context) {
    switch (operation) {
      case OPERATIONS.connect:
        return fields.messageType === CONNECT ? observeConnect(fields) : NOTHING;
      case OPERATIONS.sparkplugBirth:
        // A broker passes births on: only who publishes one speaks about itself.
        return context.fromClient && fields.sparkplug && fields.birth
          ? observeBirth(fields.sparkplug, fields.birth)
          : NOTHING;
      default:
        return NOTHING;
    }
  },
});

/** Section 2.1.3: all but PUBLISH have fixed flags. */
function plausible(first: number, length: number): boolean {
  const type = first >> 4;
  const flags = first & 0xf;
  const fixed = type === PUBREL || type === SUBSCRIBE || type === UNSUBSCRIBE ? 2 : 0;
  const flagsFit = type === PUBLISH || flags === fixed;
  return type !== RESERVED && flagsFit && length >= (SHORTEST[type] ?? 0) && length <= (LONGEST.get(type) ?? length);
}

/** `MQTT` in versions 3.1.1 and 5.0, `MQIsdp` in 3.1, behind its length. */
function startsConnect(reader: Reader): boolean {
  const name = reader.u16be();
  const start = reader.u16be();
  const end = reader.u16be();
  return (name === 4 && start === 0x4d51 && end === 0x5454) || (name === 6 && start === 0x4d51 && end === 0x4973);
}

function fitsBody(reader: Reader, type: number, length: number): boolean {
  switch (type) {
    case CONNACK:
      return reader.peek() <= 1;
    case PUBLISH: {
      const topic = reader.u16be();
      return topic > 0 && topic + 2 <= length && isText(reader, topic);
    }
    case SUBSCRIBE:
    case UNSUBSCRIBE:
    case SUBACK:
    case UNSUBACK:
    case PUBACK:
    case PUBREC:
    case PUBREL:
    case PUBCOMP:
      return reader.u16be() > 0;
    default:
      return true;
  }
}

/** The topic, as far as it is here, holds no control character. */
function isText(reader: Reader, length: number): boolean {
  const end = Math.min(length, reader.remaining, 64);
  for (let at = 0; at < end; at++) {
    if (reader.peek(at) < 0x20) {
      return false;
    }
  }
  return true;
}

function readPacket(reader: Reader, context: Context, first: number, length: number): Reading<Fields> | Malformed {
  const messageType = first >> 4;
  switch (messageType) {
    case CONNECT:
      return readConnect(reader, context);
    case CONNACK:
      return readConnack(reader, context, length);
    case PUBLISH:
      return readPublish(reader, context, first);
    case PUBACK:
    case PUBREC:
    case PUBCOMP:
      return readAcknowledgement(reader, context, messageType);
    case PUBREL: {
      const packetId = reader.u16be();
      const pair = RELEASE_PAIRS + packetId;
      return { direction: 'request', operation: OPERATIONS.release, pair, fields: { messageType, packetId } };
    }
    case SUBSCRIBE:
    case UNSUBSCRIBE:
      return readSubscribe(reader, context, messageType);
    case SUBACK:
    case UNSUBACK:
      return readSuback(reader, context, messageType);
    case PINGREQ:
      return { direction: 'request', operation: OPERATIONS.ping, pair: PING_PAIR, fields: { messageType } };
    case PINGRESP:
      return { direction: 'response', operation: OPERATIONS.ping, pair: PING_PAIR, fields: { messageType } };
    case DISCONNECT:
      return readDisconnect(reader, context);
    case AUTH: {
      const direction: Direction = context.fromClient ? 'request' : 'response';
      return { direction, operation: OPERATIONS.authenticate, pair: AUTH_PAIR, fields: { messageType } };
    }
    default:
      return { direction: 'report', operation: OPERATIONS.reserved, fields: { messageType } };
  }
}

/** Section 3.1. A password's length is no secret kept: only that there was one. */
function readConnect(reader: Reader, context: Context): Reading<Fields> | Malformed {
  if (!startsConnect(reader)) {
    return reader.truncated ? nothingYet(CONNECT, OPERATIONS.connect) : new Malformed('not the name of the protocol');
  }
  reader.seek(reader.position - 6);
  reader.skip(reader.u16be());
  const level = reader.u8() & ~BRIDGE;
  const flags = reader.u8();
  const keepAlive = reader.u16be();
  context.remember(LEVEL, level);
  if (level >= LEVEL_5) {
    skipProperties(reader);
  }
  const clientId = readText(reader);
  let willTopic: string | undefined;
  if (flags & 0x04) {
    if (level >= LEVEL_5) {
      skipProperties(reader);
    }
    willTopic = readText(reader);
    reader.skip(reader.u16be());
  }
  const userName = flags & 0x80 ? readText(reader) : undefined;
  const password = (flags & 0x40) !== 0;
  if (password) {
    reader.skip(reader.u16be());
  }
  const version = VERSIONS.get(level) ?? `level ${level}`;
  return {
    direction: 'request',
    operation: OPERATIONS.connect,
    pair: CONNECT_PAIR,
    proves: true,
    fields: {
      messageType: CONNECT,
      version,
      clientId,
      ...(userName === undefined ? {} : { userName }),
      password,
      keepAlive,
      ...(willTopic === undefined ? {} : { willTopic }),
    },
  };
}

function nothingYet(messageType: number, operation: Operation): Reading<Fields> {
  return { direction: 'request', operation, fields: { messageType } };
}

/** Section 3.2. Without its CONNECT, the length tells the version: only 5.0 has properties. */
function readConnack(reader: Reader, context: Context, length: number): Reading<Fields> {
  reader.skip(1);
  const reasonCode = reader.u8();
  if (context.recall(LEVEL) === undefined && !reader.truncated) {
    context.remember(LEVEL, length > 2 ? LEVEL_5 : 4);
  }
  const common = { direction: 'response' as const, operation: OPERATIONS.connect, pair: CONNECT_PAIR };
  if (reasonCode === 0) {
    return { ...common, fields: { messageType: CONNACK } };
  }
  const refused = CONNECT_REFUSALS.get(reasonCode) ?? reasonOf(reasonCode);
  return { ...common, refused, fields: { messageType: CONNACK, reasonCode } };
}

/** Section 3.3. Both directions publish; a QoS above 0 asks for an acknowledgement. */
function readPublish(reader: Reader, context: Context, first: number): Reading<Fields> {
  const qos = (first >> 1) & 3;
  let topic = readText(reader);
  const packetId = qos > 0 ? reader.u16be() : undefined;
  if (context.recall(LEVEL) === LEVEL_5) {
    topic = resolveTopic(topic, readTopicAlias(reader), context);
  }
  const retain = (first & 1) !== 0;
  const said =
    packetId === undefined
      ? { messageType: PUBLISH, topic, qos, retain }
      : { messageType: PUBLISH, packetId, topic, qos, retain };
  const direction: Direction = packetId === undefined ? 'report' : 'request';
  const asked = packetId === undefined ? {} : { pair: packetId };
  const sparkplug = readTopic(topic);
  if (sparkplug === undefined) {
    return { direction, operation: OPERATIONS.publish, ...asked, fields: said };
  }
  const operation = BY_SPARKPLUG_TYPE.get(sparkplug.type) ?? OPERATIONS.publish;
  const target = isCommand(sparkplug) ? { target: identifyDevice(sparkplug) } : {};
  const fields = { ...said, sparkplug };
  if (operation !== OPERATIONS.sparkplugBirth) {
    return { direction, operation, ...asked, ...target, fields };
  }
  return { direction, operation, ...asked, fields: { ...fields, birth: readBirth(reader) } };
}

/** Section 3.3.2.3.4: an alias stands for the topic that it was first sent with. */
function resolveTopic(topic: string, alias: number, context: Context): string {
  if (alias === 0) {
    return topic;
  }
  // Aliases have 16 bits; those of the two directions are apart.
  const key = (context.fromClient ? 0x1_0000 : 0) + alias;
  if (topic !== '') {
    context.remember(key, topic);
    return topic;
  }
  const remembered = context.recall(key);
  return typeof remembered === 'string' ? remembered : '';
}

/** Sections 3.4 to 3.7: in version 5 a reason may follow. */
function readAcknowledgement(reader: Reader, context: Context, messageType: number): Reading<Fields> {
  const packetId = reader.u16be();
  const reasonCode = reader.remaining > 0 ? reader.u8() : 0;
  const pair = messageType === PUBCOMP ? RELEASE_PAIRS + packetId : packetId;
  const asked = context.question(pair)?.operation;
  const operation = asked ?? (messageType === PUBCOMP ? OPERATIONS.release : OPERATIONS.acknowledge);
  if (reasonCode < REFUSED) {
    return { direction: 'response', operation, pair, fields: { messageType, packetId } };
  }
  const refused = reasonOf(reasonCode);
  return { direction: 'response', operation, pair, refused, fields: { messageType, packetId, reasonCode } };
}

/** Sections 3.8 and 3.10. */
function readSubscribe(reader: Reader, context: Context, messageType: number): Reading<Fields> {
  const packetId = reader.u16be();
  const options = messageType === SUBSCRIBE ? 1 : 0;
  if (hasProperties(reader, context, options)) {
    skipProperties(reader);
  }
  const topics: string[] = [];
  reader.repeatToEnd(() => {
    const topic = readText(reader);
    reader.skip(options);
    if (topics.length < MOST_TOPICS) {
      topics.push(topic);
    }
  });
  const operation = messageType === SUBSCRIBE ? OPERATIONS.subscribe : OPERATIONS.unsubscribe;
  return { direction: 'request', operation, pair: packetId, proves: true, fields: { messageType, packetId, topics } };
}

/** Where the version was not seen: the list of filters fills the packet in one version only. */
function hasProperties(reader: Reader, context: Context, options: number): boolean {
  const level = context.recall(LEVEL);
  if (level !== undefined) {
    return level === LEVEL_5;
  }
  let at = 0;
  while (at < reader.remaining && reader.step()) {
    at += 2 + ((reader.peek(at) << 8) | reader.peek(at + 1)) + options;
  }
  return at !== reader.remaining;
}

/** Sections 3.9 and 3.11: a code for each filter. It is refused when none was granted. */
function readSuback(reader: Reader, context: Context, messageType: number): Reading<Fields> {
  const packetId = reader.u16be();
  const level = context.recall(LEVEL);
  if (level === LEVEL_5 || (level === undefined && reader.remaining > 1 && reader.peek() === 0)) {
    skipProperties(reader);
  }
  let granted = reader.remaining === 0;
  let reasonCode = 0;
  reader.repeatToEnd(() => {
    const code = reader.u8();
    granted ||= code < REFUSED;
    reasonCode = Math.max(reasonCode, code);
  });
  const operation = messageType === SUBACK ? OPERATIONS.subscribe : OPERATIONS.unsubscribe;
  const common = { direction: 'response' as const, operation, pair: packetId };
  if (granted) {
    return { ...common, fields: { messageType, packetId } };
  }
  return { ...common, refused: reasonOf(reasonCode), fields: { messageType, packetId, reasonCode } };
}

function readDisconnect(reader: Reader, context: Context): Reading<Fields> {
  const reasonCode = reader.remaining > 0 ? reader.u8() : 0;
  const direction: Direction = context.fromClient ? 'request' : 'report';
  const fields = reasonCode === 0 ? { messageType: DISCONNECT } : { messageType: DISCONNECT, reasonCode };
  return { direction, operation: OPERATIONS.disconnect, fields };
}

/** Section 1.5.4. */
function readText(reader: Reader): string {
  return reader.text(reader.u16be());
}

function observeConnect({ version, clientId, userName, password }: Fields): readonly Observation[] {
  const observations: Observation[] = [
    { kind: 'service', subject: 'receiver', protection: 'none', version: `MQTT ${version}` },
  ];
  if (clientId) {
    observations.push({ kind: 'identity', subject: 'sender', basis: 'hint', name: clientId });
  }
  const secret = password ? 'sent' : 'none';
  observations.push({ kind: 'credential', scheme: 'MQTT', ...(userName ? { user: userName } : {}), secret });
  return observations;
}
