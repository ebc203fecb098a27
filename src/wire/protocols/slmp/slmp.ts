import {
  type Context,
  defineDissector,
  Malformed,
  MORE,
  NOT_MINE,
  NOTHING,
  type Operation,
  type PairKey,
  type Place,
  type Reading,
} from '../../dissector.ts';
import { known, type Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { deviceName, ON_DEMAND, OPERATIONS, operationOf, refusalOf } from './commands.ts';

interface Fields {
  readonly frame: string;
  readonly serial?: number;
  readonly network: number;
  readonly station: number;
  readonly module: number;
  readonly multidrop: number;
  readonly command?: number;
  readonly subcommand?: number;
  readonly device?: string;
  readonly address?: number;
  readonly count?: number;
  readonly endCode?: number;
  readonly model?: string;
  readonly modelCode?: number;
}

/** The ports of the manuals' examples; a port is whatever was configured. */
const PORTS: readonly number[] = [5000, 5001, 5002, 5003, 5004, 5005, 5006, 5007, 5008, 5009, 5010];

/** First byte of the subheader of 3E and 4E frames, in requests; an answer sets the high bit. */
const FRAME_3E = 0x50;
const FRAME_4E = 0x54;
const ANSWER = 0x80;
/** In ASCII every byte is two digits: the subheader starts with the digits of its first byte. */
const ASCII_REQUEST = 0x35;
const ASCII_ANSWER = 0x44;

export const slmp = defineDissector<Fields>({
  name: 'slmp',
  title: 'SLMP (MC protocol, 3E and 4E frames)',
  source: 'CLPA BAP-C2006ENG-001; Mitsubishi Electric SH-080008',
  at: PORTS.flatMap((port): Place[] => [{ tcp: port }, { udp: port }]),
  operations: OPERATIONS,
  fields: {
    frame: '3E or 4E, binary or ASCII',
    serial: 'Pairs an answer with its request, in 4E frames',
    network: 'Number of the network that is meant; 0 is the connected station',
    station: 'Number of the station in the network; 255 is the connected station',
    module: 'Number of the module that is meant; 1023 is the CPU',
    multidrop: 'Station behind a serial module; 0 is none',
    command: 'What is asked, in a request only',
    subcommand: 'How the data is written, in a request only',
    device: 'Kind of device that is read or written: D, M, X, Y and so on',
    address: 'Number of the first device',
    count: 'How many devices are read or written',
    endCode: 'Result, in an answer only; 0 is success',
    model: 'Type name of the controller',
    modelCode: 'Number of the type',
  },

  cut: cutFrame,

  recognise(reader) {
    const total = cutFrame(reader);
    if (total === MORE || total === NOT_MINE || reader.length < total) {
      return 'no';
    }
    reader.seek(0);
    const frame = frameAt(reader);
    const header = readHeader(reader, frame);
    if (isAnswer(frame)) {
      return isOwn(header) ? 'weak' : 'no';
    }
    word(reader, frame.ascii); // how long the controller may take
    const command = word(reader, frame.ascii);
    const known = operationOf(command) !== OPERATIONS.unknown;
    return known ? (isOwn(header) ? 'strong' : 'weak') : 'no';
  },

  read(reader, context) {
    const frame = frameAt(reader);
    const header = readHeader(reader, frame);
    if (!reader.truncated && !isSubheader(frame)) {
      return new Malformed('no subheader of a 3E or 4E frame');
    }
    reader.limit(header.length);
    return isAnswer(frame) ? readAnswer(reader, frame, header, context) : readRequest(reader, frame, header);
  },

  observe(reading, context) {
    const { direction, fields, operation, refused } = reading;
    if (direction !== 'response') {
      return operation === OPERATIONS.unlock
        ? [{ kind: 'credential', scheme: 'SLMP remote password', secret: 'sent' }]
        : NOTHING;
    }
    return refused === undefined ? observeAnswer(fields, operation, context) : NOTHING;
  },
});

interface Frame {
  /** First byte of the subheader, as a number also where it is written in digits. */
  readonly subheader: number;
  readonly ascii: boolean;
  /** The second byte is always 0. */
  readonly zero: boolean;
}

function frameAt(reader: Reader): Frame {
  const first = reader.peek(0);
  if (first === ASCII_REQUEST || first === ASCII_ANSWER) {
    const subheader = digit(first) * 16 + digit(reader.peek(1));
    const zero = reader.peek(2) === 0x30 && reader.peek(3) === 0x30;
    return { subheader, ascii: true, zero };
  }
  return { subheader: first, ascii: false, zero: reader.peek(1) === 0 };
}

function isSubheader({ subheader, zero }: Frame): boolean {
  const kind = subheader & ~ANSWER;
  return zero && (kind === FRAME_3E || kind === FRAME_4E);
}

function isAnswer({ subheader }: Frame): boolean {
  return (subheader & ANSWER) !== 0;
}

function hasSerial({ subheader }: Frame): boolean {
  return (subheader & ~ANSWER) === FRAME_4E;
}

interface Header {
  readonly serial: number;
  readonly network: number;
  readonly station: number;
  readonly module: number;
  readonly multidrop: number;
  readonly length: number;
}

function readHeader(reader: Reader, frame: Frame): Header {
  const { ascii } = frame;
  word(reader, ascii);
  const serial = hasSerial(frame) ? word(reader, ascii) : 0;
  if (hasSerial(frame)) {
    word(reader, ascii); // always 0
  }
  const network = byte(reader, ascii);
  const station = byte(reader, ascii);
  const module = word(reader, ascii);
  const multidrop = byte(reader, ascii);
  return { serial, network, station, module, multidrop, length: word(reader, ascii) };
}

/** The connected station itself: the usual case, and in its seven bytes a mark. */
function isOwn({ network, station, module, multidrop }: Header): boolean {
  return network === 0 && station === 0xff && module === 0x3ff && multidrop === 0;
}

/** Bytes up to the length field, that included; twice as many in ASCII. */
const HEADER_3E = 9;
const HEADER_4E = 13;
/** A request has a timer, a command and a subcommand; an answer an end code. */
const SHORTEST_REQUEST = 6;
const SHORTEST_ANSWER = 2;
const LONGEST = 8192;

function cutFrame(reader: Reader): number {
  const frame = frameAt(reader);
  const scale = frame.ascii ? 2 : 1;
  if (reader.remaining < 2 * scale) {
    return reader.remaining === 0 || canStart(reader.peek(0)) ? MORE : NOT_MINE;
  }
  if (!isSubheader(frame)) {
    return NOT_MINE;
  }
  const header = (hasSerial(frame) ? HEADER_4E : HEADER_3E) * scale;
  if (reader.remaining < header) {
    return MORE;
  }
  reader.skip(header - 2 * scale);
  const length = word(reader, frame.ascii);
  const shortest = isAnswer(frame) ? SHORTEST_ANSWER : SHORTEST_REQUEST;
  return length < shortest * scale || length > LONGEST ? NOT_MINE : header + length;
}

function canStart(first: number): boolean {
  const kind = first & ~ANSWER;
  return kind === FRAME_3E || kind === FRAME_4E || first === ASCII_REQUEST || first === ASCII_ANSWER;
}

function frameName(frame: Frame): string {
  return `${hasSerial(frame) ? '4E' : '3E'} ${frame.ascii ? 'ASCII' : 'binary'}`;
}

/** 3E frames have nothing to pair by but their order: a client waits for its answer. */
function pairOf(frame: Frame, header: Header): PairKey {
  return hasSerial(frame) ? header.serial : -1;
}

function base(frame: Frame, header: Header): Fields {
  const { serial, network, station, module, multidrop } = header;
  const name = frameName(frame);
  return hasSerial(frame)
    ? { frame: name, serial, network, station, module, multidrop }
    : { frame: name, network, station, module, multidrop };
}

function targetOf(header: Header): { readonly target?: string } {
  return header.network === 0 && header.station === 0xff
    ? {}
    : { target: `network ${header.network} station ${header.station}` };
}

function readRequest(reader: Reader, frame: Frame, header: Header): Reading<Fields> {
  word(reader, frame.ascii); // how long the controller may take
  const command = word(reader, frame.ascii);
  const subcommand = word(reader, frame.ascii);
  const operation = operationOf(command);
  const said = frame.ascii ? {} : readDevices(reader, command, subcommand);
  const fields = { ...base(frame, header), command, subcommand, ...said };
  if (command === ON_DEMAND) {
    return { direction: 'report', operation, fields };
  }
  const like = said.address === undefined ? {} : { like: command * 0x100000000 + said.address };
  const pair = pairOf(frame, header);
  return { direction: 'request', operation, pair, ...like, ...targetOf(header), proves: true, fields };
}

const DEVICE_READ = 0x0401;
const DEVICE_WRITE = 0x1401;

type Devices = Pick<Fields, 'device' | 'address' | 'count'>;

/** Subcommands 0000 and 0001 write a device in 4 bytes, 0002 and 0003 in 6; others have more before it. */
function readDevices(reader: Reader, command: number, subcommand: number): Devices {
  if ((command !== DEVICE_READ && command !== DEVICE_WRITE) || subcommand > 3) {
    return {};
  }
  const wide = subcommand >= 2;
  const address = wide ? reader.u32le() : reader.u24le();
  const code = wide ? reader.u16le() : reader.u8();
  return { device: deviceName(code), address, count: reader.u16le() };
}

function readAnswer(reader: Reader, frame: Frame, header: Header, context: Context): Reading<Fields> {
  const endCode = word(reader, frame.ascii);
  const pair = pairOf(frame, header);
  const operation = context.question(pair)?.operation ?? OPERATIONS.unknown;
  const refused = refusalOf(endCode);
  const fields: Fields = { ...base(frame, header), endCode };
  if (refused !== undefined) {
    return { direction: 'response', operation, pair, refused, fields };
  }
  const said = operation === OPERATIONS.readTypeName ? readTypeName(reader, frame) : {};
  return { direction: 'response', operation, pair, fields: { ...fields, ...said } };
}

const TYPE_NAME = 16;

function readTypeName(reader: Reader, frame: Frame): Pick<Fields, 'model' | 'modelCode'> {
  const model = reader.text(TYPE_NAME, 'latin-1').trim();
  return { model, modelCode: word(reader, frame.ascii) };
}

/** Numbers are little-endian in binary, digits from the high one in ASCII. */
function byte(reader: Reader, ascii: boolean): number {
  return ascii ? digit(reader.u8()) * 16 + digit(reader.u8()) : reader.u8();
}

function word(reader: Reader, ascii: boolean): number {
  return ascii ? byte(reader, true) * 256 + byte(reader, true) : reader.u16le();
}

/** Value of a hex digit; 0 where it is none. */
function digit(code: number): number {
  if (code >= 0x30 && code <= 0x39) {
    return code - 0x30;
  }
  return code >= 0x41 && code <= 0x46 ? code - 0x37 : 0;
}

const SERVER = 'slmp.server';

function observeAnswer(fields: Fields, operation: Operation, context: Context): readonly Observation[] {
  const { model, network, station } = fields;
  const own = network === 0 && station === 0xff;
  if (model) {
    const product = known({ product: model });
    return own
      ? [
          { kind: 'identity', subject: 'sender', basis: 'identification', ...product },
          {
            kind: 'role',
            subject: 'sender',
            role: 'plc',
            reason: `identifies itself as ${model}`,
            basis: 'identification',
          },
        ]
      : [
          {
            kind: 'behind',
            subject: 'sender',
            device: `network ${network} station ${station}`,
            basis: 'identification',
            ...product,
          },
        ];
  }
  const { effect } = operation;
  if ((effect !== 'read' && effect !== 'write' && effect !== 'control') || context.recall(SERVER) === true) {
    return NOTHING;
  }
  context.remember(SERVER, true);
  return [{ kind: 'role', subject: 'sender', role: 'plc', reason: 'answers SLMP', basis: 'behaviour' }];
}
