import { availableParallelism } from 'node:os';
import { type MessagePort, parentPort, Worker, workerData } from 'node:worker_threads';

/** More threads than this wait for the disk, or for the one that joins their results. */
const MOST_THREADS = 8;
/** Words of one thread that may wait to be heard before it pauses: a slow reader slows the threads down. */
const MOST_UNHEARD = 8;
/** Threads that are told to stop are ahead of each other; all must get the chance to stop at the same place. */
const STOP_AHEAD = 4;
const NEVER = 0x7fff_ffff;

/** Words of the memory that all threads of a crew share: where to stop, then for each thread its breaths and unheard words. */
const STOP_AT = 0;
const FIRST_THREAD = 1;
const WORDS_PER_THREAD = 2;
const breathsOf = (thread: number) => FIRST_THREAD + thread * WORDS_PER_THREAD;
const unheardOf = (thread: number) => FIRST_THREAD + thread * WORDS_PER_THREAD + 1;

/** What a thread is started with. */
interface Order {
  readonly job: string;
  readonly index: number;
  readonly of: number;
  readonly shared: SharedArrayBuffer;
  readonly data: unknown;
}

/** How many threads are worth starting on this machine. */
export function usefulThreads(): number {
  return Math.min(MOST_THREADS, availableParallelism());
}

/** Threads that do the same job, each its share of it, and tell of it in words of their own. */
export class Crew {
  /** Resolves when every thread has ended, rejects with the fault of the first that failed. */
  readonly ended: Promise<void>;
  private readonly control: Int32Array;
  private readonly workers: readonly Worker[];
  private isDismissed = false;

  /** `heard` gets what thread `thread` says, in the order in which it says it. */
  constructor(
    entry: { readonly href: string },
    { job, of, data }: { readonly job: string; readonly of: number; readonly data: unknown },
    heard: (word: unknown, thread: number) => void,
  ) {
    const shared = new SharedArrayBuffer((FIRST_THREAD + of * WORDS_PER_THREAD) * Int32Array.BYTES_PER_ELEMENT);
    this.control = new Int32Array(shared);
    this.control[STOP_AT] = NEVER;
    this.workers = Array.from({ length: of }, (_, index) => {
      const order: Order = { job, index, of, shared, data };
      const worker = new Worker(new URL(entry.href), { workerData: order });
      worker.on('message', (word) => heard(word, index));
      return worker;
    });
    this.ended = Promise.all(this.workers.map((worker) => this.endOf(worker))).then(() => undefined);
  }

  /** All threads stop, and all after the same part of their work. */
  stop(): void {
    let farthest = 0;
    for (let thread = 0; thread < this.workers.length; thread++) {
      farthest = Math.max(farthest, Atomics.load(this.control, breathsOf(thread)));
    }
    Atomics.compareExchange(this.control, STOP_AT, NEVER, farthest + STOP_AHEAD);
  }

  /** A word of this thread was used up. */
  release(thread: number): void {
    Atomics.sub(this.control, unheardOf(thread), 1);
    Atomics.notify(this.control, unheardOf(thread));
  }

  /** Ends what still runs, whatever it is doing; that is no fault. */
  dismiss(): void {
    this.isDismissed = true;
    for (const worker of this.workers) {
      void worker.terminate();
    }
  }

  private endOf(worker: Worker): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (error: unknown) => {
        reject(error);
        // Without one share the work of the others is worth nothing.
        this.dismiss();
      };
      worker.once('error', fail);
      worker.once('exit', (code) => {
        if (code === 0 || this.isDismissed) {
          resolve();
        } else {
          fail(new Error(`a thread ended with status ${code}`));
        }
      });
    });
  }
}

/** The crew as one of its threads sees it. */
export class Member {
  readonly index: number;
  readonly of: number;
  readonly data: unknown;
  private readonly port: MessagePort;
  private readonly control: Int32Array;

  constructor(port: MessagePort, { index, of, shared, data }: Order) {
    this.port = port;
    this.index = index;
    this.of = of;
    this.data = data;
    this.control = new Int32Array(shared);
  }

  /** Says something; `moved` are buffers that go with it and are gone here. */
  say(word: unknown, moved: ArrayBuffer[] = []): void {
    this.port.postMessage(word, moved);
  }

  /** As `say`, but waits while too many words of this thread are not used up yet; the main thread releases each. */
  sayInTurn(word: unknown, moved: ArrayBuffer[]): void {
    const at = unheardOf(this.index);
    for (
      let unheard = Atomics.load(this.control, at);
      unheard >= MOST_UNHEARD;
      unheard = Atomics.load(this.control, at)
    ) {
      Atomics.wait(this.control, at, unheard);
    }
    Atomics.add(this.control, at, 1);
    this.say(word, moved);
  }

  /** To be called after each like part of the work; false once all are to stop here. */
  breathe(): boolean {
    const breaths = Atomics.add(this.control, breathsOf(this.index), 1) + 1;
    return breaths < Atomics.load(this.control, STOP_AT);
  }
}

export type Job = (member: Member) => Promise<void>;

/** In a thread: does the job that it was started for. */
export async function work(jobs: ReadonlyMap<string, Job>): Promise<void> {
  const order = workerData as Order;
  const job = jobs.get(order.job);
  if (!parentPort || !job) {
    throw new Error(`no job ${order.job} for a thread`);
  }
  await job(new Member(parentPort, order));
}
