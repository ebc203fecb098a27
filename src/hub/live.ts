import { Readable } from 'node:stream';
import type { Bus, Topic } from '../platform/bus/bus.ts';

/** Open at one time; one more ends the oldest, whose page then connects anew or was closed long ago. */
const MOST_STREAMS = 200;
/** Milliseconds in which changes are gathered, so that a burst of records is one line to a page. */
const GATHER = 500;
/** Milliseconds between two signs of life; proxies cut what is silent for a minute. */
const HEARTBEAT = 20_000;
/** A reader that has not taken this many bytes does not read. */
const MOST_WAITING = 65_536;

/** Pages that want to hear when something changed, as server-sent events. */
export interface Live {
  /** `mayStill` is asked before each line: who was signed out hears no more. */
  open(mayStill: () => Promise<boolean>): Readable;
  readonly count: number;
  close(): void;
}

export function createLive(bus: Bus, { gather = GATHER, heartbeat = HEARTBEAT } = {}): Live {
  const streams = new Set<LiveStream>();
  const changed = new Set<Topic>();
  let waiting: NodeJS.Timeout | undefined;

  const tell = (line: string) => {
    for (const stream of streams) {
      void stream.tell(line);
    }
  };
  const flush = () => {
    waiting = undefined;
    tell(`event: changed\ndata: ${JSON.stringify({ topics: [...changed].toSorted() })}\n\n`);
    changed.clear();
  };
  const unsubscribe = bus.subscribe((topic) => {
    changed.add(topic);
    waiting ??= setTimeout(flush, gather);
  });
  const beat = setInterval(() => tell(': alive\n\n'), heartbeat);
  beat.unref();

  return {
    open(mayStill) {
      const [oldest] = streams;
      if (oldest !== undefined && streams.size >= MOST_STREAMS) {
        oldest.end();
      }
      const stream = new LiveStream(mayStill, () => streams.delete(stream));
      streams.add(stream);
      return stream.readable;
    },
    get count() {
      return streams.size;
    },
    close() {
      unsubscribe();
      clearInterval(beat);
      clearTimeout(waiting);
      for (const stream of streams) {
        stream.end();
      }
    },
  };
}

class LiveStream {
  readonly readable: Readable;
  readonly #mayStill: () => Promise<boolean>;

  constructor(mayStill: () => Promise<boolean>, closed: () => void) {
    this.#mayStill = mayStill;
    this.readable = new Readable({ read() {} });
    this.readable.on('close', closed);
    this.readable.push('retry: 3000\n\n');
  }

  async tell(line: string): Promise<void> {
    const may = await this.#mayStill().catch(() => false);
    if (!may || this.readable.readableLength > MOST_WAITING) {
      this.end();
    } else if (!this.readable.destroyed && !this.readable.readableEnded) {
      this.readable.push(line);
    }
  }

  end(): void {
    this.readable.destroy();
  }
}
