import type { Reader } from '../../reader.ts';
import { type Path, readPath } from './path.ts';

/** A connection as its parties describe it (CIP volume 1, section 3-5.5). Times in microseconds. */
export interface Connection {
  readonly serial: number;
  readonly vendorId: number;
  /** Serial number of the originator. */
  readonly originator: number;
  readonly transportClass?: number;
  readonly otId?: number;
  readonly toId?: number;
  readonly otInterval?: number;
  readonly toInterval?: number;
  readonly timeout?: number;
}

/** Section 3-5.5.1.5: codes 0 to 7 stand for 4, 8, … 512 intervals. */
const MOST_TIMEOUT_CODES = 7;

export function readForwardOpen(reader: Reader, large: boolean, path: Path): Connection {
  reader.skip(2); // priority, time-out of this request
  const otId = reader.u32le();
  const toId = reader.u32le();
  const serial = reader.u16le();
  const vendorId = reader.u16le();
  const originator = reader.u32le();
  const multiplier = 4 << Math.min(reader.u8(), MOST_TIMEOUT_CODES);
  reader.skip(3);
  const otInterval = reader.u32le();
  reader.skip(large ? 4 : 2);
  const toInterval = reader.u32le();
  reader.skip(large ? 4 : 2);
  const transportClass = reader.u8() & 0x0f;
  readPath(reader, reader.u8(), path);
  const timeout = toInterval * multiplier;
  return { serial, vendorId, originator, transportClass, otId, toId, otInterval, toInterval, timeout };
}

/** The target chooses one of the ids and may round the intervals. */
export function readForwardOpenAnswer(reader: Reader, asked: Connection | undefined): Connection {
  const otId = reader.u32le();
  const toId = reader.u32le();
  const serial = reader.u16le();
  const vendorId = reader.u16le();
  const originator = reader.u32le();
  const otInterval = reader.u32le();
  const toInterval = reader.u32le();
  const words = reader.u8();
  reader.skip(1 + words * 2);
  const multiplier = asked?.timeout && asked.toInterval ? asked.timeout / asked.toInterval : 0;
  return {
    serial,
    vendorId,
    originator,
    ...(asked?.transportClass === undefined ? {} : { transportClass: asked.transportClass }),
    otId,
    toId,
    otInterval,
    toInterval,
    ...(multiplier > 0 ? { timeout: toInterval * multiplier } : {}),
  };
}
