import type { Micros } from '../../kit/time.ts';
import { ByteWriter } from '../frames/bytes.ts';

/** RFC 5905. */
const CLIENT = 3;
const SERVER = 4;
const VERSION = 4;
/** Seconds from 1900 to 1970. */
const ERA = 2_208_988_800;

export function ntpRequest(time: Micros): Uint8Array {
  return new ByteWriter(48)
    .u8((VERSION << 3) | CLIENT)
    .u8(0)
    .u8(6)
    .u8(0xe9)
    .zeros(36)
    .raw(stamp(time))
    .finish();
}

/** `asked` is the client's transmit time, which the answer repeats; the clock is fed by satellite. */
export function ntpResponse(asked: Micros, received: Micros, sent: Micros): Uint8Array {
  return new ByteWriter(48)
    .u8((VERSION << 3) | SERVER)
    .u8(1)
    .u8(6)
    .u8(0xe9)
    .u32be(0)
    .u32be(0x0000_0008)
    .ascii('GPS\0')
    .raw(stamp(received - 7_000_000))
    .raw(stamp(asked))
    .raw(stamp(received))
    .raw(stamp(sent))
    .finish();
}

function stamp(time: Micros): Uint8Array {
  const seconds = Math.floor(time / 1_000_000);
  const fraction = Math.floor(((time - seconds * 1_000_000) / 1_000_000) * 2 ** 32);
  return new ByteWriter(8)
    .u32be((seconds + ERA) % 2 ** 32)
    .u32be(fraction)
    .finish();
}
