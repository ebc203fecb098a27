import type { Failure } from '../kit/failure.ts';
import type { Result } from '../kit/result.ts';
import type { Terminal } from '../platform/cli/command.ts';
import { TextBlocks } from '../platform/cli/text-blocks.ts';
import { Crew, type Job, type Member } from '../platform/threads/crew.ts';
import type { CaptureSource } from '../wire/capture/source.ts';
import type { Dissector } from '../wire/dissector.ts';
import { Engine } from '../wire/engine.ts';
import { LIMITS, type LimitName, type Limits } from '../wire/limits.ts';
import type { CaptureFilter } from './capture-filter.ts';
import { createLineWriter } from './decode-lines.ts';
import { limitNotes } from './limit-options.ts';
import { type LineBlock, LineMerge } from './line-block.ts';
import { PacketFilter } from './packet-filter.ts';
import { progressOf } from './remarks.ts';
import { type RunResult, runCaptures } from './run-captures.ts';
import { type RunWord, runShare } from './share-run.ts';

export const DECODE_JOB = 'decode';

/** What is to be decoded, of which captures, and within which limits. */
export interface Decoding {
  readonly paths: readonly string[];
  readonly seed: number;
  readonly wanted: ReadonlySet<string> | undefined;
  readonly filter: CaptureFilter | undefined;
  readonly limits: Partial<Limits>;
  readonly simulatedLimits: readonly LimitName[];
}

type DecodeWord =
  | RunWord
  | { readonly kind: 'lines'; readonly block: LineBlock }
  | {
      readonly kind: 'done';
      readonly ran: Result<RunResult, Failure>;
      readonly unreadLinkTypes: ReadonlyMap<number, number>;
    };

export interface CaptureParts {
  readonly dissectors: readonly Dissector[];
  openCapture(path: string): CaptureSource;
}

/** Decodes one share of the traffic. */
export function decodeJob({ dissectors, openCapture }: CaptureParts): Job {
  return async (member: Member) => {
    const { paths, seed, wanted, filter, limits } = member.data as Decoding;
    const { index, of } = member;
    const say = (word: DecodeWord) => member.say(word);
    const lines = new LineBlocks(({ bytes, frames, ends, through }) => {
      const block: LineBlock = { bytes, frames, ends, through };
      member.sayInTurn({ kind: 'lines', block } satisfies DecodeWord, [
        bytes.buffer as ArrayBuffer,
        frames.buffer as ArrayBuffer,
        ends.buffer as ArrayBuffer,
      ]);
    });
    const writer = createLineWriter((line, frame) => lines.add(line, frame), wanted);
    const listener = {
      ...writer.listener,
      limitReached: (name: LimitName, time: number, times: number) => say({ kind: 'limit', name, time, times }),
    };
    const engine = new Engine({ dissectors, listener, seed, limits, share: { index, of } });
    writer.follow(engine);
    const target = filter ? new PacketFilter(filter, engine) : engine;
    const speaker = { index, say, breathe: () => member.breathe() };
    const ran = await runShare(paths.map(openCapture), target, speaker, () => {
      writer.settle();
      lines.send(engine.settledFrame);
    });
    engine.end();
    writer.finish();
    lines.send(Number.POSITIVE_INFINITY);
    say({ kind: 'done', ran, unreadLinkTypes: engine.unreadLinkTypes });
  };
}

/** How a run of decoding went; its lines are printed. */
export interface Decoded {
  readonly ran: Result<RunResult, Failure>;
  readonly unreadLinkTypes: ReadonlyMap<number, number>;
}

/** Decodes in this thread. */
export async function decodeAlone(
  { dissectors, openCapture }: CaptureParts,
  { paths, seed, wanted, filter, limits, simulatedLimits }: Decoding,
  terminal: Terminal,
): Promise<Decoded> {
  const blocks = new TextBlocks();
  const lines = createLineWriter((line) => blocks.add(line), wanted);
  const listener = { ...lines.listener, limitReached: limitNotes(terminal, LIMITS) };
  const engine = new Engine({ dissectors, listener, seed, limits, simulatedLimits });
  lines.follow(engine);
  const sources = paths.map(openCapture);
  const flush = async (all: boolean) => {
    for (const block of blocks.take(all)) {
      await terminal.print(block);
    }
  };
  const ran = await runCaptures(sources, filter ? new PacketFilter(filter, engine) : engine, {
    async breathe(state) {
      await flush(false);
      terminal.progress(progressOf('decoding', state, sources));
      await terminal.breathe();
      return true;
    },
    onStop: (stop) => terminal.onStop(stop),
  });
  engine.end();
  lines.finish();
  await flush(true);
  return { ran, unreadLinkTypes: engine.unreadLinkTypes };
}

/** Decodes in `of` threads, and prints the lines as one would have written them. */
export async function decodeTogether(
  { openCapture }: CaptureParts,
  decoding: Decoding,
  terminal: Terminal,
  { entry, of }: { readonly entry: { readonly href: string }; readonly of: number },
): Promise<Decoded> {
  const sources = decoding.paths.map(openCapture);
  const noteLimit = limitNotes(terminal, LIMITS);
  const output = new TextBlocks();
  const usedUp: number[] = [];
  const merge = new LineMerge(
    of,
    (bytes) => output.addBytes(bytes),
    (share) => usedUp.push(share),
  );
  let decoded: Decoded | undefined;
  let printing: Promise<void> = Promise.resolve();
  const crew = new Crew(entry, { job: DECODE_JOB, of, data: decoding }, (heard, thread) => {
    const word = heard as DecodeWord;
    switch (word.kind) {
      case 'lines':
        merge.add(thread, word.block);
        printing = printing.then(print);
        return;
      case 'state':
        terminal.progress(progressOf('decoding', word.state, sources));
        return;
      case 'limit':
        noteLimit(word.name, word.time, word.times);
        return;
      default:
        decoded = thread === 0 ? word : decoded;
    }
  });
  const print = async () => {
    for (const block of output.take(false)) {
      await terminal.print(block);
    }
    // A thread goes on once what it sent is on its way: a slow reader slows all down.
    for (const thread of usedUp.splice(0)) {
      crew.release(thread);
    }
  };
  terminal.onStop(() => crew.stop());
  await crew.ended;
  await printing;
  for (const block of output.take(true)) {
    await terminal.print(block);
  }
  if (!decoded) {
    throw new Error('the first thread ended without a word');
  }
  return decoded;
}

/** Lines on their way out of a thread, as bytes with an index. */
class LineBlocks {
  private readonly text = new TextBlocks();
  private frames: number[] = [];
  private ends: number[] = [];
  private readonly write: (block: LineBlock) => void;

  constructor(write: (block: LineBlock) => void) {
    this.write = write;
  }

  add(line: string, frame: number): void {
    this.text.add(line);
    if (this.text.hasFull) {
      // The line began another block; more lines of its frame may follow.
      const [bytes = new Uint8Array(0)] = this.text.take(false);
      this.seal(bytes, frame - 1);
    }
    this.frames.push(frame);
    this.ends.push(this.text.filled);
  }

  /** Sends what there is; no line of this frame or an earlier one will follow. */
  send(through: number): void {
    const [bytes = new Uint8Array(0)] = this.text.take(true);
    this.seal(bytes, through);
  }

  private seal(bytes: Uint8Array, through: number): void {
    const frames = Uint32Array.from(this.frames);
    const ends = Uint32Array.from(this.ends);
    this.frames = [];
    this.ends = [];
    this.write({ bytes, frames, ends, through });
  }
}
