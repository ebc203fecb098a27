/** What a terminal, an editor or a log line would obey or hide instead of show: controls, direction marks, line ends, fillers. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\u115f\u1160\u3164\uffa0]/gu;

/** Text from outside, with everything that is not plainly visible shown as an escape. One line stays one line. */
export function printable(text: string): string {
  return text.replace(UNSAFE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
