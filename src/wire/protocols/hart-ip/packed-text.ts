/** HCF_SPEC-183, packed ASCII: four characters of six bits in three bytes; `@` to `_`, then space to `?`. Trimmed. */
export function packedText(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at + 2 < bytes.length; at += 3) {
    const three = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    for (let shift = 18; shift >= 0; shift -= 6) {
      const six = (three >> shift) & 0x3f;
      text += String.fromCharCode(six < 0x20 ? six + 0x40 : six);
    }
  }
  // A tag that was never written is all zero, which reads as `@`.
  return text.replace(/^@+$/, '').trim();
}
