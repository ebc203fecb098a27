/** Bytes of one block: large enough that a write to the system costs little beside what is in it. */
const BLOCK = 1024 * 1024;
/** UTF-8 takes at most three bytes for each of JavaScript's characters. */
const MOST_BYTES = 3;

/**
 * Text on its way out, as UTF-8 in blocks. Each piece becomes bytes at once: millions of short strings that wait for one long
 * string to be made of them keep the garbage collector busier than all the rest.
 */
export class TextBlocks {
  private readonly full: Uint8Array[] = [];
  private block = Buffer.allocUnsafe(BLOCK);
  private used = 0;

  add(text: string): void {
    if (text.length * MOST_BYTES > this.block.length - this.used) {
      this.close(text.length * MOST_BYTES);
    }
    this.used += this.block.write(text, this.used, 'utf8');
  }

  /** Text that is bytes already. */
  addBytes(bytes: Uint8Array): void {
    if (bytes.length > this.block.length - this.used) {
      this.close(bytes.length);
    }
    this.block.set(bytes, this.used);
    this.used += bytes.length;
  }

  /** A block is full and waits to be taken. */
  get hasFull(): boolean {
    return this.full.length > 0;
  }

  /** Bytes in the block that is being filled. */
  get filled(): number {
    return this.used;
  }

  /** The blocks that are full; with `all`, also the one that is not. */
  take(all: boolean): readonly Uint8Array[] {
    if (all) {
      this.close(0);
    }
    return this.full.splice(0);
  }

  private close(needed: number): void {
    if (this.used > 0) {
      this.full.push(this.block.subarray(0, this.used));
    }
    this.block = Buffer.allocUnsafe(Math.max(BLOCK, needed));
    this.used = 0;
  }
}
