/** What a spreadsheet takes for a formula when a cell begins with it, in either width; also behind a semicolon, which parts cells in many countries. */
const FORMULA = /(^|;\s*)('*[=+\-@\uff0b\uff0d\uff1d\uff20])/g;
const GUARDED = /(^|;\s*)'('*[=+\-@\uff0b\uff0d\uff1d\uff20])/g;

/** Puts an apostrophe in front of what a spreadsheet would run; in front of apostrophes there too, so that `unguarded` finds its own. */
export function guarded(text: string): string {
  return text.replace(FORMULA, "$1'$2");
}

/** Takes away what `guarded` put there. */
export function unguarded(text: string): string {
  return text.replace(GUARDED, '$1$2');
}

/** Makes room for the escapes of `printable`: a text that looks like one is one itself afterwards. */
export function withoutEscapes(text: string): string {
  return text.replaceAll('\\u{', '\\u{5c}u{');
}

/** Reads the escapes of `printable` back. */
export function unescaped(text: string): string {
  return text.replaceAll(/\\u\{([\da-f]{1,6})\}/g, (whole, hex: string) => {
    const code = Number.parseInt(hex, 16);
    return code > 0x10ffff ? whole : String.fromCodePoint(code);
  });
}
