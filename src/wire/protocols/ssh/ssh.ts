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
import { known, type Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { md5Text } from '../../stack/md5.ts';
import { sideOf } from '../../stack/side.ts';
import { LONG_TEXT } from '../../text.ts';

interface Fields {
  readonly version?: string;
  readonly software?: string;
  readonly comments?: string;
  readonly messageType?: number;
  readonly keyExchange?: readonly string[];
  readonly hostKeys?: readonly string[];
  readonly ciphers?: readonly string[];
  readonly macs?: readonly string[];
  readonly compression?: readonly string[];
  readonly hassh?: string;
}

/** RFC 4250, section 4.1: what is sent before the keys are in use. */
const OPERATIONS = defineOperations({
  version: ['version exchange', 'session'],
  disconnect: ['disconnect', 'session'],
  ignore: ['ignore or debug', 'session'],
  service: ['service request', 'session'],
  offer: ['key exchange offer', 'session'],
  newKeys: ['new keys', 'session'],
  keyExchange: ['key exchange', 'session'],
  encrypted: ['encrypted session', 'session'],
  unknown: ['unknown message', 'unknown'],
});

/** RFC 4253: section 4.2 (longest banner) and section 6 (packets; implementations must take 35,000 bytes). */
const LONGEST_BANNER = 255;
const LONGEST_PACKET = 35_000;
const PACKET_HEADER = 6;
const SHORTEST_PADDING = 4;
const LF = 10;
const BANNER = [0x53, 0x53, 0x48, 0x2d]; // `SSH-`

const DISCONNECT = 1;
const LAST_TRANSPORT = 4;
const LAST_SERVICE = 7;
const KEXINIT = 20;
const NEWKEYS = 21;
const FIRST_METHOD = 30;
const LAST_METHOD = 49;

/** Memory, by side: what follows is encrypted, and was told to be. */
const ENCRYPTS = ['ssh encrypts 0', 'ssh encrypts 1'] as const;
const TOLD = ['ssh told 0', 'ssh told 1'] as const;

export const ssh = defineDissector<Fields>({
  name: 'ssh',
  title: 'SSH',
  source: 'RFC 4253; HASSH',
  at: [{ tcp: 22 }],
  operations: OPERATIONS,
  fields: {
    version: 'Version of the protocol',
    software: 'Program that speaks, with its version',
    comments: 'What the program adds to that, often the system it came with',
    messageType: 'Number of the message',
    keyExchange: 'Methods of key exchange that are offered, best first',
    hostKeys: 'Kinds of host key that are offered',
    ciphers: 'Ciphers that are offered for what this side sends',
    macs: 'Message authentication codes that are offered for what this side sends',
    compression: 'Compressions that are offered for what this side sends',
    hassh: 'HASSH fingerprint of the offer',
  },

  cut(reader, context) {
    if (context.recall(ENCRYPTS[sideOf(context)]) === true) {
      return reader.remaining;
    }
    switch (startsBanner(reader)) {
      case 'yes':
        return cutBanner(reader);
      case 'perhaps':
        return MORE;
      default:
        return cutPacket(reader);
    }
  },

  recognise(reader) {
    return startsBanner(reader) === 'yes' && isDigit(reader.peek(BANNER.length)) ? 'strong' : 'no';
  },

  read(reader, context) {
    const side = sideOf(context);
    const direction: Direction = context.fromClient ? 'request' : 'response';
    if (context.recall(ENCRYPTS[side]) === true) {
      return readEncrypted(context, side, reader);
    }
    return startsBanner(reader) === 'no' ? readPacket(reader, context, direction) : readBanner(reader, direction);
  },

  observe({ operation, fields }, context) {
    return operation === OPERATIONS.version ? observeBanner(fields, context) : NOTHING;
  },
});

function startsBanner(reader: Reader): 'yes' | 'no' | 'perhaps' {
  for (const [at, byte] of BANNER.entries()) {
    if (at >= reader.remaining) {
      return 'perhaps';
    }
    if (reader.peek(at) !== byte) {
      return 'no';
    }
  }
  return 'yes';
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function cutBanner(reader: Reader): number {
  const end = Math.min(reader.remaining, LONGEST_BANNER);
  for (let at = 0; at < end; at++) {
    if (reader.peek(at) === LF) {
      return at + 1;
    }
  }
  return end < LONGEST_BANNER ? MORE : NOT_MINE;
}

function cutPacket(reader: Reader): number {
  if (reader.remaining < PACKET_HEADER) {
    return reader.peek() === 0 ? MORE : NOT_MINE;
  }
  const length = reader.u32be();
  const padding = reader.u8();
  return packetFits(length, padding, reader.u8()) ? 4 + length : NOT_MINE;
}

function packetFits(length: number, padding: number, type: number): boolean {
  return length <= LONGEST_PACKET && padding >= SHORTEST_PADDING && padding + 2 <= length && type <= LAST_METHOD;
}

function readBanner(reader: Reader, direction: Direction): Reading<Fields> | Malformed {
  let length = 0;
  while (length < reader.remaining && reader.peek(length) !== LF) {
    length++;
  }
  const banner = reader.text(length, 'utf-8', LONGEST_BANNER).trim();
  if (reader.u8() !== LF && !reader.truncated) {
    return new Malformed('banner without end');
  }
  const space = banner.indexOf(' ');
  const names = space < 0 ? banner : banner.slice(0, space);
  const [, version = '', ...software] = names.split('-');
  const comments = space < 0 ? '' : banner.slice(space + 1);
  const fields = { version, software: software.join('-'), ...(comments ? { comments } : {}) };
  return { direction, operation: OPERATIONS.version, fields };
}

function readPacket(reader: Reader, context: Context, direction: Direction): Reading<Fields> | Malformed {
  const length = reader.u32be();
  reader.expect(length);
  const padding = reader.u8();
  const messageType = reader.u8();
  if (!reader.truncated && !packetFits(length, padding, messageType)) {
    return new Malformed('not the header of a packet');
  }
  if (messageType === NEWKEYS && !reader.truncated) {
    context.remember(ENCRYPTS[sideOf(context)], true);
  }
  const operation = operationOf(messageType);
  if (messageType !== KEXINIT) {
    return { direction, operation, fields: { messageType } };
  }
  return { direction, operation, fields: { messageType, ...readOffer(reader, context.fromClient) } };
}

function operationOf(messageType: number): Operation {
  if (messageType === KEXINIT) {
    return OPERATIONS.offer;
  }
  if (messageType === NEWKEYS) {
    return OPERATIONS.newKeys;
  }
  if (messageType === DISCONNECT) {
    return OPERATIONS.disconnect;
  }
  if (messageType >= FIRST_METHOD) {
    return OPERATIONS.keyExchange;
  }
  if (messageType >= DISCONNECT && messageType <= LAST_TRANSPORT) {
    return OPERATIONS.ignore;
  }
  return messageType > LAST_TRANSPORT && messageType <= LAST_SERVICE ? OPERATIONS.service : OPERATIONS.unknown;
}

/** RFC 4253, section 7.1: ten lists of names, in pairs for the two directions. HASSH takes those of its own one. */
function readOffer(reader: Reader, fromClient: boolean): Partial<Fields> {
  reader.skip(16); // cookie
  const own = fromClient ? 0 : 1;
  const keyExchange = readNames(reader);
  const hostKeys = readNames(reader);
  const ciphers = [readNames(reader), readNames(reader)][own] ?? '';
  const macs = [readNames(reader), readNames(reader)][own] ?? '';
  const compression = [readNames(reader), readNames(reader)][own] ?? '';
  const hassh = [keyExchange, ciphers, macs, compression].join(';');
  return {
    keyExchange: keyExchange.split(','),
    hostKeys: hostKeys.split(','),
    ciphers: ciphers.split(','),
    macs: macs.split(','),
    compression: compression.split(','),
    ...(reader.truncated ? {} : { hassh: md5Text(Uint8Array.from(hassh, (letter) => letter.charCodeAt(0))) }),
  };
}

function readNames(reader: Reader): string {
  const length = reader.u32be();
  reader.expect(length);
  return reader.text(length, 'latin-1', LONG_TEXT);
}

const NO_READING: readonly Reading<Fields>[] = [];

function readEncrypted(context: Context, side: 0 | 1, reader: Reader): Reading<Fields> | readonly Reading<Fields>[] {
  if (context.recall(TOLD[side]) === true || reader.remaining === 0) {
    return NO_READING;
  }
  context.remember(TOLD[side], true);
  return { direction: 'report', operation: OPERATIONS.encrypted, fields: {} };
}

/** Programs that only one maker's devices have. */
const MAKERS: readonly (readonly [start: string, vendor: string])[] = [
  ['Cisco-', 'Cisco'],
  ['ROSSSH', 'MikroTik'],
  ['HUAWEI-', 'Huawei'],
  ['Comware-', 'H3C'],
  ['NetScreen', 'Juniper'],
];
const SYSTEM = /Ubuntu|Debian|Raspbian|FreeBSD|NetBSD|Windows/i;

function observeBanner({ version, software = '', comments }: Fields, context: Context): readonly Observation[] {
  const observations: Observation[] = [];
  if (!context.fromClient) {
    const banner = comments ? `${software} ${comments}` : software;
    observations.push({
      kind: 'service',
      subject: 'sender',
      protection: 'encrypted',
      version: `SSH ${version}`,
      banner,
    });
  }
  const vendor = MAKERS.find(([start]) => software.startsWith(start))?.[1];
  const identity = known({ vendor, os: SYSTEM.exec(`${software} ${comments ?? ''}`)?.[0] });
  if (identity.vendor !== undefined || identity.os !== undefined) {
    observations.push({ kind: 'identity', subject: 'sender', basis: 'banner', ...identity });
  }
  return observations;
}
