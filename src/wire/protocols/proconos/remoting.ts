import { type Context, Malformed } from '../../dissector.ts';
import type { Reader } from '../../reader.ts';
import { type Fields, type Message, OPERATIONS } from './fields.ts';

/**
 * The newer framing (port 41100), all little endian: version, type, length of the body, handle of the service, method,
 * and a checksum that may be absent. Services are opened by name and then go by a handle.
 */
export const REMOTING_VERSION = 1;
export const REMOTING_HEADER = 16;

const OPEN = 0;
const OPENED = 1;
const CALL = 2;
const RESULT = 3;

/** `Ade.` */
const NAME_PREFIX = [0x41, 0x64, 0x65, 0x2e];
const ONES = 0xffff;

/** Pairs by what is asked; handle and method make a number below this one. */
const OPENING = 0x1_0000_0000;
/** A controller has a dozen services; more handles than this are not remembered. */
const MOST_SERVICES = 64;

const CONTROL: ReadonlySet<string> = new Set(['IProConOSControlService', 'IProConOSControlService2'].map(inFull));
const DEVICE_INFO: ReadonlySet<string> = new Set(['IDeviceInfoService', 'IDeviceInfoService2'].map(inFull));
const START = 6;
const STOP = 7;
const READ_ITEMS = 3;
const STATE_ITEM = 0x4002;
/** Where the state stands in the answer: behind the number of items and the type of the first. */
const STATE = 24;
const STATES: ReadonlyMap<number, string> = new Map([
  [0, 'on'],
  [3, 'running'],
  [7, 'stopped'],
]);

/** A header starts here, as far as its bytes have come. */
export function mayBeRemoting(reader: Reader): boolean {
  return (
    reader.peek() === REMOTING_VERSION &&
    reader.peek(1) === 0 &&
    reader.peek(2) <= RESULT &&
    reader.peek(3) === 0 &&
    reader.peek(4) === 0 &&
    reader.peek(5) === 0
  );
}

/** Length of the whole frame. */
export function remotingLength(reader: Reader): number {
  return REMOTING_HEADER + word(reader, 6);
}

/** Opens a service by name, or carries a checksum: the words of the header add up to ones. */
export function isMarked(reader: Reader): boolean {
  if (word(reader, 2) === OPEN) {
    for (let at = 0; at < NAME_PREFIX.length; at++) {
      if (reader.peek(REMOTING_HEADER + at) !== NAME_PREFIX[at]) {
        return false;
      }
    }
    return true;
  }
  let sum = 0;
  for (let at = 0; at < REMOTING_HEADER; at += 2) {
    sum += word(reader, at);
  }
  return sum === ONES && word(reader, 2) === OPENED;
}

function word(reader: Reader, at: number): number {
  return reader.peek(at) | (reader.peek(at + 1) << 8);
}

export function readRemoting(reader: Reader, context: Context): Message | Malformed {
  if (!mayBeRemoting(reader)) {
    return new Malformed('not a frame of either kind');
  }
  reader.limit(remotingLength(reader));
  reader.skip(2); // version
  const type = reader.u16le();
  reader.skip(2);
  const length = reader.u16le();
  const service = reader.u16le();
  const method = reader.u16le();
  reader.skip(4); // checksum
  const message =
    type === OPEN || type === OPENED
      ? readOpening(reader, context, { type, service }, length)
      : readCall(reader, context, { type, service, method }, length);
  reader.seek(REMOTING_HEADER + length);
  return message;
}

function readOpening(reader: Reader, context: Context, fields: Fields, length: number): Message {
  const message: Message = {
    direction: fields.type === OPEN ? 'request' : 'response',
    operation: OPERATIONS.open,
    pair: OPENING,
    proves: true,
    fields,
  };
  if (fields.type === OPEN) {
    fields.name = reader.text(length, 'latin-1').trim();
    message.like = fields.name;
    return message;
  }
  const asked = context.question(OPENING)?.fields as Fields | undefined;
  const { service = 0 } = fields;
  // A tool asks for the newest version of a service first: that a controller has an older one is no refusal.
  if (service > 0 && asked?.name !== undefined && service <= MOST_SERVICES) {
    context.remember(keyOf(service), asked.name);
  }
  return message;
}

function readCall(reader: Reader, context: Context, fields: Fields, length: number): Message {
  const { service = 0, method = 0 } = fields;
  const isRequest = fields.type === CALL;
  const pair = service * 0x1_0000 + method;
  const message: Message = {
    direction: isRequest ? 'request' : 'response',
    operation: OPERATIONS.unknown,
    pair,
    like: pair,
    proves: true,
    fields,
  };
  const name = context.recall(keyOf(service));
  if (typeof name !== 'string') {
    return message;
  }
  fields.name = name;
  if (CONTROL.has(name)) {
    readControl(reader, message, isRequest ? length : 0);
  } else if (DEVICE_INFO.has(name) && method === READ_ITEMS) {
    message.operation = OPERATIONS.readItems;
    readItems(reader, context, message, length);
  }
  return message;
}

function inFull(name: string): string {
  return `Ade.Remoting.Services.${name}`;
}

function keyOf(service: number): string {
  return `proconos ${service}`;
}

function readControl(reader: Reader, message: Message, length: number): void {
  const { fields } = message;
  if (fields.method === STOP) {
    message.operation = OPERATIONS.stop;
  } else if (fields.method === START) {
    message.operation = OPERATIONS.start;
    if (length >= 2) {
      fields.startKind = reader.u16le();
    }
  }
}

function readItems(reader: Reader, context: Context, message: Message, length: number): void {
  const { fields, pair = 0 } = message;
  if (message.direction === 'request') {
    if (length >= 6) {
      fields.items = reader.u32le();
      fields.item = reader.u16le();
    }
    return;
  }
  const asked = context.question(pair)?.fields as Fields | undefined;
  if (asked?.item === STATE_ITEM && length > STATE - REMOTING_HEADER) {
    reader.seek(STATE);
    const state = reader.u8();
    fields.state = STATES.get(state) ?? String(state);
  }
}
