import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { macVendors, type VendorOfMac } from './mac-vendors.ts';

/**
 * The IEEE registry of MAC prefixes, from the package `oui-data`. Parsing its 5.6 MB takes longer than all other work
 * at start, so the file is read when the first address is asked for, and searched as it lies: one entry a line, blocks
 * of prefixes of equal length, each in order.
 */
export function registryVendors(): VendorOfMac {
  let registry: Registry | undefined;
  return macVendors((prefix) => {
    registry ??= new Registry(readFileSync(createRequire(import.meta.url).resolve('oui-data')));
    return registry.find(prefix);
  });
}

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;

class Registry {
  readonly #file: Buffer;

  constructor(file: Buffer) {
    this.#file = file;
  }

  /** Halves the file until one line is left. */
  find(prefix: string): string | undefined {
    let from = this.#file.indexOf(NEWLINE) + 1;
    let end = this.#file.length;
    while (from < end) {
      const start = this.#lineAt(from + ((end - from) >> 1), from);
      const next = this.#file.indexOf(NEWLINE, start) + 1 || this.#file.length;
      const key = this.#keyAt(start);
      if (key === prefix) {
        return this.#valueAt(start, next);
      }
      // The brace that closes the file has no key, and lies behind everything.
      if (key !== undefined && standsBefore(key, prefix)) {
        from = next;
      } else {
        end = start;
      }
    }
    return undefined;
  }

  #lineAt(position: number, from: number): number {
    return Math.max(from, this.#file.lastIndexOf(NEWLINE, position - 1) + 1);
  }

  #keyAt(start: number): string | undefined {
    const open = start + 1;
    const close = this.#file.indexOf(QUOTE, open + 1);
    return this.#file[open] === QUOTE && close > 0 ? this.#file.toString('latin1', open + 1, close) : undefined;
  }

  /** `"…",` at the end of the line; the last line has no comma. */
  #valueAt(start: number, next: number): string {
    const open = this.#file.indexOf(QUOTE, this.#file.indexOf(QUOTE, start + 2) + 1);
    const last = next - 2;
    return JSON.parse(this.#file.toString('utf8', open, this.#file[last] === COMMA ? last : last + 1)) as string;
  }
}

/** Shorter prefixes come first in the file. */
function standsBefore(key: string, prefix: string): boolean {
  return key.length === prefix.length ? key < prefix : key.length < prefix.length;
}
