const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\u115f\u1160\u3164\uffa0]|\u034f|\u17b4|\u17b5/gu;
/** More marks on one letter than any script needs: they would cover the neighbours. */
const PILED_MARKS = /(\p{M}{4})\p{M}+/gu;

/** Text of a device as a person can judge it: what is not seen, or turns the direction of reading, is written as its number. */
export function shown(text: string): string {
  return text.replaceAll(INVISIBLE, escaped).replaceAll(PILED_MARKS, '$1\\…');
}

/** Cut to `most` characters, an ellipsis included. */
export function shownCut(text: string, most: number): string {
  const characters = Array.from(shown(text));
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : characters.join('');
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x100) {
    return `\\x${hex.padStart(2, '0')}`;
  }
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`;
}
