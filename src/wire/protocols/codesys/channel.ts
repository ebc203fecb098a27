import type { Context, Malformed, Part } from '../../dissector.ts';
import type { Reader } from '../../reader.ts';
import type { Fields, Message } from './fields.ts';
import { readService } from './service.ts';
import { OPERATIONS } from './services.ts';

/** Whom a datagram of the router is for. */
export const CHANNELS = 64;

const BLOCK = 0x01;
const ACKNOWLEDGEMENT = 0x02;
const KEEP_ALIVE = 0x03;
const OPENED = 0x83;
const INFORMATION = 0xc2;
const OPEN = 0xc3;
const CLOSE = 0xc4;

const FROM_CLIENT = 0x80;
const FIRST = 0x01;
/** Type, flags, channel, number of the block, number of the acknowledged one; the first one has length and checksum too. */
const BLOCK_HEADER = 12;
const FIRST_HEADER = 20;
/** Number of the request that opens a channel, apart from those of the services. */
const OPEN_PAIR = 2 ** 51;
/** Longest message that a channel can carry; a length beyond it is none. */
const LONGEST = 0x1000_0000;

const CHANNEL_TYPES: ReadonlySet<number> = new Set([
  BLOCK,
  ACKNOWLEDGEMENT,
  KEEP_ALIVE,
  OPENED,
  INFORMATION,
  OPEN,
  CLOSE,
]);

export function isChannelType(type: number): boolean {
  return CHANNEL_TYPES.has(type);
}

const NO_BYTES = new Uint8Array(0);

/** A message of several blocks: the first one states its length, the others have nothing but their number. */
export function partOf(reader: Reader, start: number, at: number, context: Context): Part | undefined {
  reader.seek(at);
  if (reader.u8() !== BLOCK) {
    return undefined;
  }
  const flags = reader.u8();
  const channel = reader.u16le();
  const block = reader.u32le();
  const key = channel * 2 + (flags & FROM_CLIENT ? 1 : 0);
  reader.skip(4);
  if (flags & FIRST) {
    const total = reader.u32le();
    reader.skip(4);
    const here = reader.remaining;
    if (total <= here || total > LONGEST) {
      return undefined;
    }
    context.remember(key, [block + 1, total - here, total]);
    return { key, head: NO_BYTES, body: reader.rest(), first: true, last: false };
  }
  const [expected, missing, total] = openBlocks(context, key);
  if (expected === undefined || missing === undefined || total === undefined || block < expected) {
    return undefined;
  }
  const body = reader.rest();
  if (body.length === 0) {
    return undefined;
  }
  if (block > expected) {
    context.remember(key, false);
    return { key, head: NO_BYTES, body, first: false, last: false, abort: true };
  }
  const left = missing - body.length;
  if (left > 0) {
    context.remember(key, [block + 1, left, total]);
    return { key, head: NO_BYTES, body, first: false, last: false };
  }
  context.remember(key, false);
  return { key, head: headOfWhole(reader, start, at, total), body, first: false, last: true };
}

function openBlocks(context: Context, key: number): readonly number[] {
  const open = context.recall(key);
  return Array.isArray(open) ? open : [];
}

/** The header of one block that holds the whole message, behind the router's; no block driver, whose length would be another. */
function headOfWhole(reader: Reader, start: number, at: number, total: number): Uint8Array {
  const head = new Uint8Array(at - start + FIRST_HEADER);
  reader.seek(start);
  head.set(reader.take(at - start + BLOCK_HEADER));
  const view = new DataView(head.buffer);
  view.setUint8(at - start + 1, view.getUint8(at - start + 1) | FIRST);
  view.setUint32(at - start + BLOCK_HEADER, total, true);
  return head;
}

export function readChannel(reader: Reader, context: Context): Message | Malformed {
  const channelType = reader.u8();
  const flags = reader.u8();
  switch (channelType) {
    case BLOCK:
      return readBlock(reader, flags, context);
    case ACKNOWLEDGEMENT: {
      const fields: Fields = {
        generation: 3,
        routed: CHANNELS,
        channelType,
        channel: reader.u16le(),
        block: reader.u32le(),
      };
      return { direction: 'report', operation: OPERATIONS.acknowledge, fields };
    }
    case KEEP_ALIVE: {
      const fields: Fields = { generation: 3, routed: CHANNELS, channelType, channel: reader.u16le() };
      return { direction: 'report', operation: OPERATIONS.keepAlive, fields };
    }
    default:
      return readManagement(reader, channelType, context);
  }
}

/** Version and checksum, then what the type has. */
function readManagement(reader: Reader, channelType: number, context: Context): Message {
  const fields: Fields = { generation: 3, routed: CHANNELS, channelType };
  reader.skip(6);
  switch (channelType) {
    case OPEN: {
      const pair = OPEN_PAIR + reader.u32le();
      reader.skip(4); // size of the buffer
      reader.rest();
      return { direction: 'request', operation: OPERATIONS.openChannel, fields, pair, proves: true };
    }
    case OPENED: {
      const pair = OPEN_PAIR + reader.u32le();
      const reason = reader.u16le();
      fields.channel = reader.u16le();
      fields.reason = reason;
      reader.skip(4); // size of the buffer
      reader.rest();
      const message: Message = { direction: 'response', operation: OPERATIONS.openChannel, fields, pair };
      if (reason !== 0) {
        message.refused = `reason ${reason}`;
      }
      return message;
    }
    case CLOSE:
      fields.channel = reader.u16le();
      fields.reason = reader.u16le();
      reader.rest();
      return { direction: 'report', operation: OPERATIONS.closeChannel, fields };
    default: {
      const isInformation = channelType === INFORMATION;
      reader.rest();
      const direction = isInformation || context.fromClient ? 'request' : 'response';
      return { direction, operation: isInformation ? OPERATIONS.channelInfo : OPERATIONS.unknown, fields };
    }
  }
}

function readBlock(reader: Reader, flags: number, context: Context): Message | Malformed {
  const channel = reader.u16le();
  const block = reader.u32le();
  reader.skip(4); // what is acknowledged
  const fields: Fields = { generation: 3, routed: CHANNELS, channelType: BLOCK, channel, block };
  if ((flags & FIRST) === 0) {
    reader.expect(1);
    reader.rest();
    return { direction: 'report', operation: OPERATIONS.block, fields };
  }
  const total = reader.u32le();
  reader.skip(4); // checksum
  reader.limit(total);
  return readService(reader, fields, (flags & FROM_CLIENT) !== 0, context);
}
