const ENDINGS = /\.(?:bin|dfu|elf|fwl?|fwu|hex|img|ldr|rom|s19|s28|s37|swu|upd|upg|upx)$/i;
const WORDS = /firmware|(?:^|[^a-z])fw(?:[^a-z]|$)/i;

/** Whether a file that is put on a device looks by its name like firmware. A guess: the contents are not looked at. */
export function looksLikeFirmware(path: string): boolean {
  return ENDINGS.test(path) || WORDS.test(path);
}
