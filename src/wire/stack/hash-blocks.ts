/** The message with a one bit, zeros and its length in bits behind it, to whole blocks of 64 bytes (RFC 1321, FIPS 180-4). */
export function padBlocks(bytes: Uint8Array, littleEndian: boolean): DataView {
  const padded = new Uint8Array(((bytes.length + 8) >> 6) * 64 + 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n, littleEndian);
  return view;
}
