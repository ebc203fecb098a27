/**
 * Text from the wire. Everything a device says about itself may have been written by an attacker: NUL is dropped,
 * broken bytes become U+FFFD, length is cut and the cut shown, form is NFC. Control and bidi characters stay; outputs show them escaped.
 */

/** Most characters kept of a name, version or serial number. */
export const IDENTITY_TEXT = 256;
/** Most characters kept of any other text. */
export const LONG_TEXT = 1024;

/** Ends a text that went on: nobody is to take it for the whole. */
const CUT = '…';

/** At most so many characters, the last of which tells where some are missing. */
export function cutText(text: string, limit: number): string {
  return text.length > limit ? text.slice(0, limit - CUT.length) + CUT : text;
}

export type Charset = 'utf-8' | 'latin-1' | 'utf-16le' | 'utf-16be';

export function fromWire(bytes: Uint8Array, charset: Charset, limit: number): string {
  let text = '';
  let plain = true;
  const end = bytes.length;
  let at = 0;
  while (at < end && text.length < limit) {
    const first = byte(bytes, at);
    let code = first;
    let used = 1;
    if (charset === 'utf-16le' || charset === 'utf-16be') {
      code = charset === 'utf-16le' ? first | (byte(bytes, at + 1) << 8) : (first << 8) | byte(bytes, at + 1);
      used = 2;
    } else if (charset === 'utf-8' && first >= 0x80) {
      used = utf8Length(bytes, at, end);
      code = used === 0 ? REPLACEMENT : utf8Code(bytes, at, used);
      used ||= 1;
    }
    at += used;
    if (code !== 0) {
      plain &&= code < 0x80;
      text += code > 0xffff ? String.fromCodePoint(code) : String.fromCharCode(code);
    }
  }
  if (at < end && goesOn(bytes, at)) {
    text = text.slice(0, limit - CUT.length) + CUT;
    plain = false;
  }
  return plain ? text : text.toWellFormed().normalize('NFC');
}

/** A field of fixed width is filled up with NUL: that is no text. */
function goesOn(bytes: Uint8Array, from: number): boolean {
  return bytes.subarray(from).some((each) => each !== 0);
}

const REPLACEMENT = 0xfffd;

/** Length of the valid UTF-8 sequence that starts here (RFC 3629), 0 where there is none. */
function utf8Length(bytes: Uint8Array, at: number, end: number): number {
  const first = byte(bytes, at);
  const length =
    first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
  if (length === 0 || at + length > end) {
    return 0;
  }
  for (let next = 1; next < length; next++) {
    if ((byte(bytes, at + next) & 0xc0) !== 0x80) {
      return 0;
    }
  }
  const code = utf8Code(bytes, at, length);
  const least = length === 3 ? 0x800 : 0x10000;
  return (length > 2 && code < least) || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0 : length;
}

function utf8Code(bytes: Uint8Array, at: number, length: number): number {
  let code = byte(bytes, at) & (0xff >> (length + 1));
  for (let next = 1; next < length; next++) {
    code = (code << 6) | (byte(bytes, at + next) & 0x3f);
  }
  return code;
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}
