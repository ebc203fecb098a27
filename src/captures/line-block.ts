/** Lines of one share of the traffic, in order of their frames, as bytes. */
export interface LineBlock {
  readonly bytes: Uint8Array;
  /** Of each line, its frame and where it ends in `bytes`. */
  readonly frames: Uint32Array;
  readonly ends: Uint32Array;
  /** No line of this frame or an earlier one will follow. */
  readonly through: number;
}

/** The blocks of one share that wait. */
interface Queue {
  readonly blocks: LineBlock[];
  through: number;
  /** Next line of the first block, and where it starts. */
  line: number;
  start: number;
}

/** Joins the lines of several shares into the order that one engine would have written. */
export class LineMerge {
  private readonly queues: readonly Queue[];
  private readonly write: (bytes: Uint8Array) => void;
  private readonly usedUp: (share: number) => void;

  /** `write` gets whole lines, as a window onto a block; `usedUp` tells that one more block of a share is done with. */
  constructor(shares: number, write: (bytes: Uint8Array) => void, usedUp: (share: number) => void) {
    this.queues = Array.from({ length: shares }, () => ({ blocks: [], through: 0, line: 0, start: 0 }));
    this.write = write;
    this.usedUp = usedUp;
  }

  add(share: number, block: LineBlock): void {
    const queue = this.queues[share] as Queue;
    queue.blocks.push(block);
    queue.through = block.through;
    this.skipEmpty(queue, share);
    this.advance();
  }

  /** Writes whatever no other share can still come before. */
  private advance(): void {
    const horizon = Math.min(...this.queues.map(({ through }) => through));
    for (;;) {
      const share = this.nextShare();
      const queue = this.queues[share];
      if (!queue?.blocks.length || frameOf(queue) > horizon) {
        return;
      }
      this.writeRun(queue, share, Math.min(horizon, this.nextFrameBeside(share)));
    }
  }

  /** The share with the earliest line; where two have lines of one frame, the first of them. */
  private nextShare(): number {
    let next = 0;
    for (let share = 1; share < this.queues.length; share++) {
      if (frameOf(this.queues[share] as Queue) < frameOf(this.queues[next] as Queue)) {
        next = share;
      }
    }
    return next;
  }

  private nextFrameBeside(share: number): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const [other, queue] of this.queues.entries()) {
      if (other !== share) {
        earliest = Math.min(earliest, frameOf(queue));
      }
    }
    return earliest;
  }

  /** Writes the lines of this share's first block up to that frame. */
  private writeRun(queue: Queue, share: number, last: number): void {
    const block = queue.blocks[0] as LineBlock;
    const { frames, ends } = block;
    const from = queue.start;
    do {
      queue.start = ends[queue.line] as number;
      queue.line++;
    } while (queue.line < frames.length && (frames[queue.line] as number) <= last);
    this.write(block.bytes.subarray(from, queue.start));
    this.skipEmpty(queue, share);
  }

  /** A block whose lines are all written makes room for the next. */
  private skipEmpty(queue: Queue, share: number): void {
    for (let [block] = queue.blocks; block && queue.line >= block.frames.length; [block] = queue.blocks) {
      queue.blocks.shift();
      queue.line = 0;
      queue.start = 0;
      this.usedUp(share);
    }
  }
}

/** Frame of the next line of a share. */
function frameOf({ blocks, line }: Queue): number {
  return blocks[0]?.frames[line] ?? Number.POSITIVE_INFINITY;
}
