/** What a terminal or a log line would obey instead of show: C0, DEL, C1, bidi marks and overrides, zero-width, line separators. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that must not get through.
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;

/** Text from outside, with everything that is not plainly visible shown as an escape. One line stays one line. */
export function printable(text: string): string {
  return text.replace(UNSAFE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
