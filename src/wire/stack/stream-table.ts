/**
 * What is known of each direction of a TCP connection as long as nothing waits: a cache line of numbers a direction, both
 * directions side by side, so that a segment in order touches no object.
 */

/** Words of 32 bits per direction. */
const STRIDE = 16;
const FLAGS = 0;
const NEXT = 1;
const ACKNOWLEDGED = 2;
const RECENT = 3;
/** Segments whose hash is kept, to notice a retransmission with other bytes; each is sequence, length and hash. */
const REMEMBERED = 4;
const WORDS_REMEMBERED = 3;
/** Where in FLAGS stands which of them is overwritten next. */
const RECENT_AT = 8;
const FIRST_CONNECTIONS = 256;

export const StreamFlag = {
  /** Payload of this direction was seen. */
  begun: 1,
  /** NEXT is known. */
  started: 1 << 1,
  /** ACKNOWLEDGED is known. */
  acknowledged: 1 << 2,
  /** Segments wait behind a hole. */
  waiting: 1 << 3,
  /** The next byte is believed to start a PDU. */
  synchronised: 1 << 4,
  /** A PDU was cut here before. */
  hasCut: 1 << 5,
  /** A PDU is unfinished. */
  unfinished: 1 << 6,
} as const;

/** Directions have numbers: `connection * 2 + side`. */
export class StreamTable {
  private words = new Int32Array(FIRST_CONNECTIONS * 2 * STRIDE);
  private readonly free: number[] = [];
  private used = 0;

  /** Makes room for a connection and returns its number. */
  open(): number {
    const connection = this.free.pop() ?? this.used++;
    const at = connection * 2 * STRIDE;
    if (at >= this.words.length) {
      const larger = new Int32Array(this.words.length * 2);
      larger.set(this.words);
      this.words = larger;
    }
    this.words.fill(0, at, at + 2 * STRIDE);
    return connection;
  }

  close(connection: number): void {
    this.free.push(connection);
  }

  has(direction: number, flag: number): boolean {
    return ((this.words[direction * STRIDE + FLAGS] as number) & flag) !== 0;
  }

  set(direction: number, flag: number): void {
    const at = direction * STRIDE + FLAGS;
    this.words[at] = (this.words[at] as number) | flag;
  }

  clear(direction: number, flag: number): void {
    const at = direction * STRIDE + FLAGS;
    this.words[at] = (this.words[at] as number) & ~flag;
  }

  /** The sequence number that comes next, as a signed word. */
  next(direction: number): number {
    return this.words[direction * STRIDE + NEXT] as number;
  }

  setNext(direction: number, sequence: number): void {
    this.words[direction * STRIDE + NEXT] = sequence;
  }

  /** Everything before this sequence number was received, as the peer says; a signed word. */
  acknowledged(direction: number): number {
    return this.words[direction * STRIDE + ACKNOWLEDGED] as number;
  }

  setAcknowledged(direction: number, sequence: number): void {
    this.words[direction * STRIDE + ACKNOWLEDGED] = sequence;
  }

  remember(direction: number, sequence: number, length: number, hash: number): void {
    const { words } = this;
    const flags = words[direction * STRIDE + FLAGS] as number;
    const place = (flags >> RECENT_AT) & (REMEMBERED - 1);
    const at = direction * STRIDE + RECENT + place * WORDS_REMEMBERED;
    words[at] = sequence;
    words[at + 1] = length;
    words[at + 2] = hash;
    const next = (place + 1) & (REMEMBERED - 1);
    words[direction * STRIDE + FLAGS] = (flags & ~((REMEMBERED - 1) << RECENT_AT)) | (next << RECENT_AT);
  }

  /** The same place was sent before, in a segment of that length, with other bytes. */
  contradicts(direction: number, sequence: number, length: number, hash: number): boolean {
    const { words } = this;
    const from = direction * STRIDE + RECENT;
    for (let at = from; at < from + REMEMBERED * WORDS_REMEMBERED; at += WORDS_REMEMBERED) {
      if (words[at] === (sequence | 0) && words[at + 1] === length && length > 0 && words[at + 2] !== hash) {
        return true;
      }
    }
    return false;
  }
}
