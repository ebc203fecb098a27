/** Bytes from hex digits; white space only helps the eye. */
export function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(/\s+/g, ''), 'hex'));
}

export function text(value: string): Uint8Array {
  return new Uint8Array(Buffer.from(value, 'latin1'));
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** One part for each number from 0. */
export function repeated(times: number, part: (number: number) => Uint8Array): Uint8Array {
  return joined(...Array.from({ length: times }, (_, number) => part(number)));
}

export function u16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value);
}

export function u24(value: number): Uint8Array {
  return Uint8Array.of(value >> 16, value >> 8, value);
}

export function u32(value: number): Uint8Array {
  return Uint8Array.of(value >> 24, value >> 16, value >> 8, value);
}

export function u16le(value: number): Uint8Array {
  return u16(value).toReversed();
}

export function u32le(value: number): Uint8Array {
  return u32(value).toReversed();
}
