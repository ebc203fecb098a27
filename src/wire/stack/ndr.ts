import { uuidText } from '../format.ts';
import type { Reader } from '../reader.ts';
import { LONG_TEXT } from '../text.ts';
import { fileTime } from './ntlmssp.ts';

/** Most items of one list that a reading keeps. */
export const MOST_ITEMS = 1024;
const UUID = 16;

/**
 * Reads what a call carries (C706, chapter 14: network data representation) front to back: each number stands at a multiple of
 * its size, counted from the first byte of the data. Data that breaks a rule counts as truncated: no more of it can be trusted.
 */
export class Ndr {
  readonly reader: Reader;
  readonly littleEndian: boolean;
  /** Some of the data was left unread. */
  hasLeft = false;

  constructor(reader: Reader, littleEndian: boolean) {
    this.reader = reader;
    this.littleEndian = littleEndian;
  }

  /** What comes next cannot be what was announced. */
  break(): void {
    this.reader.truncated = true;
  }

  /** What follows is not read: it tells nothing, or nobody knows where it begins. */
  leave(): void {
    this.hasLeft = true;
    this.reader.rest();
  }

  /** Passes over the padding before a number of that size. */
  align(size: number): void {
    const past = this.reader.position % size;
    if (past !== 0) {
      this.reader.skip(size - past);
    }
  }

  u8(): number {
    return this.reader.u8();
  }

  u16(): number {
    this.align(2);
    return this.littleEndian ? this.reader.u16le() : this.reader.u16be();
  }

  u32(): number {
    this.align(4);
    return this.littleEndian ? this.reader.u32le() : this.reader.u32be();
  }

  u64(): bigint {
    this.align(8);
    return this.littleEndian ? this.reader.u64le() : this.reader.u64be();
  }

  f32(): number {
    this.align(4);
    return this.littleEndian ? this.reader.f32le() : this.reader.f32be();
  }

  f64(): number {
    this.align(8);
    return this.littleEndian ? this.reader.f64le() : this.reader.f64be();
  }

  /** A structure that begins with a number of four bytes. */
  uuid(): string {
    this.align(4);
    return uuidText(this.reader.take(UUID), this.littleEndian);
  }

  /** Two halves of 100 ns since 1601 (MS-DTYP, section 2.3.3), as microseconds since 1970; undefined where it is not set. */
  fileTime(): number | undefined {
    const low = this.u32();
    const high = this.u32();
    return low === 0 && high === 0 ? undefined : fileTime((BigInt(high) << 32n) | BigInt(low));
  }

  /** A pointer that may be null: what it points at follows later (section 14.3.12). */
  pointer(): boolean {
    return this.u32() !== 0;
  }

  /** The next number, which is read again: the size of an array that nothing else says. */
  u32Ahead(): number {
    const number = this.u32();
    this.reader.skip(this.reader.truncated ? 0 : -4);
    return number;
  }

  /** The size before an array, which must be what another parameter said. */
  array(count: number): void {
    if (this.u32() !== count) {
      this.break();
    }
  }

  /** The numbers of an array of that size; of a long one only the first. */
  numbers(count: number): readonly number[] {
    const numbers: number[] = [];
    this.array(count);
    this.repeat(count, () => {
      const number = this.u32();
      if (numbers.length < MOST_ITEMS) {
        numbers.push(number);
      }
    });
    return numbers;
  }

  /** Text in 16-bit characters with its size, its start and its length, and a zero at its end (section 14.3.4.2). */
  text(limit = LONG_TEXT): string {
    const size = this.u32();
    const start = this.u32();
    const length = this.u32();
    if (start !== 0 || length > size) {
      this.break();
    }
    this.reader.expect(length * 2);
    return this.reader.truncated
      ? ''
      : this.reader.text(length * 2, this.littleEndian ? 'utf-16le' : 'utf-16be', limit);
  }

  /** An array of pointers to texts, then the texts; of a long one only the first. */
  texts(count: number): readonly string[] {
    const present: boolean[] = [];
    this.array(count);
    this.repeat(count, () => present.push(this.pointer()));
    return this.pointedTexts(present);
  }

  pointedTexts(present: readonly boolean[]): readonly string[] {
    const texts: string[] = [];
    for (const there of present) {
      const text = there ? this.text() : '';
      if (texts.length < MOST_ITEMS && !this.reader.truncated) {
        texts.push(text);
      }
    }
    return texts;
  }

  /** Once per announced item, and no more once a rule is broken. */
  repeat(count: number, read: (index: number) => void): void {
    this.reader.repeat(count, (index) => {
      if (this.reader.truncated) {
        this.reader.rest();
        return;
      }
      read(index);
    });
  }
}
