import { closeSync, constants, createReadStream, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { Socket } from 'node:net';
import { stdin } from 'node:process';
import { PassThrough, type Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { fail } from '../../kit/failure.ts';
import { ok, type Result } from '../../kit/result.ts';
import type { CaptureBytes, CaptureSource, CaptureUnreadable } from '../../wire/capture/source.ts';

const GZIP = [0x1f, 0x8b];

/** A capture by its path, packed or not; `-` is standard input. */
export function captureFile(path: string): CaptureSource {
  if (path === '-') {
    return { path, size: undefined, rewindable: false, open: async () => ok(new StreamBytes(stdin, undefined)) };
  }
  const stats = statSync(path, { throwIfNoEntry: false });
  return {
    path,
    size: stats?.isFile() ? stats.size : undefined,
    rewindable: stats?.isFile() ?? false,
    open: () => openPath(path),
  };
}

async function openPath(path: string): Promise<Result<CaptureBytes, CaptureUnreadable>> {
  let stats: Stats;
  try {
    stats = statSync(path);
  } catch (error) {
    // A shell that finds nothing hands the pattern on as it stands.
    return /[*?]/.test(path) && isMissing(error)
      ? fail('invalid', 'capture.unreadable', 'no file fits this pattern')
      : unreadable(error);
  }
  if (stats.isDirectory()) {
    return fail('invalid', 'capture.unreadable', 'this is a folder; name the captures in it');
  }
  try {
    // Without waiting: opening a named pipe lasts until somebody writes into it, and no signal would get through.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const opened = fstatSync(file);
    if (!opened.isFile()) {
      // A pipe is opened once: whoever writes into it would not survive a reader that goes away.
      const stream = opened.isFIFO() ? new Socket({ fd: file, writable: false }) : createReadStream(path, { fd: file });
      return ok(new StreamBytes(stream, undefined));
    }
    return ok(isGzip(file) ? new StreamBytes(createReadStream(path, { fd: file }), true) : new FileBytes(file));
  } catch (error) {
    return unreadable(error);
  }
}

function isGzip(file: number): boolean {
  const head = new Uint8Array(GZIP.length);
  return readSync(file, head, 0, head.length, 0) === head.length && startsAsGzip(head);
}

function startsAsGzip(bytes: Uint8Array): boolean {
  return bytes[0] === GZIP[0] && bytes[1] === GZIP[1];
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EACCES', 'you may not read this file'],
  ['EPERM', 'you may not read this file'],
  ['EISDIR', 'this is a folder; name the captures in it'],
]);

function unreadable(error: unknown): Result<never, CaptureUnreadable> {
  return fail('invalid', 'capture.unreadable', reasonOf(error));
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return REASONS.get(code) ?? `it cannot be read (${code || String(error)})`;
}

/** A plain file: read without a turn of the event loop. */
class FileBytes implements CaptureBytes {
  consumed = 0;
  failure: string | undefined;
  cut = false;
  private interrupted = false;
  private readonly file: number;

  constructor(file: number) {
    this.file = file;
  }

  read(into: Uint8Array, at: number): number {
    try {
      const got = readSync(this.file, into, at, into.length - at, null);
      this.cut = this.interrupted && got > 0;
      if (this.cut) {
        return 0;
      }
      this.consumed += got;
      return got;
    } catch (error) {
      this.failure = reasonOf(error);
      return 0;
    }
  }

  interrupt(): void {
    this.interrupted = true;
  }

  close(): void {
    closeSync(this.file);
  }
}

/** Milliseconds that whoever writes into a pipe has to end it: `tcpdump` hands over what it holds when it is stopped. */
const GRACE = 300;

/** A pipe or a packed file: chunks are copied as they come. */
class StreamBytes implements CaptureBytes {
  consumed = 0;
  failure: string | undefined;
  cut = false;
  private readonly input: Readable;
  private readonly counted = new PassThrough({ highWaterMark: 1024 * 1024 });
  /** Undefined: the first bytes tell. */
  private readonly packed: boolean | undefined;
  private chunks: AsyncIterator<Uint8Array> | undefined;
  private chunk = new Uint8Array(0);

  constructor(input: Readable, packed: boolean | undefined) {
    this.input = input;
    this.packed = packed;
    input.on('data', (chunk: Uint8Array) => {
      this.consumed += chunk.length;
    });
    input.on('error', (error) => this.counted.destroy(error));
    input.pipe(this.counted);
  }

  private async begin(): Promise<AsyncIterator<Uint8Array>> {
    const { counted, packed } = this;
    const first = packed === undefined ? await firstBytes(counted) : new Uint8Array(0);
    let output: Readable = counted;
    if (packed ?? startsAsGzip(first)) {
      const held = new TrailerLast();
      const unpacked = createGunzip();
      held.write(first);
      counted.on('error', (error) => unpacked.destroy(error));
      output = counted.pipe(held).pipe(unpacked);
    } else {
      this.chunk = first;
    }
    return output[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  }

  async read(into: Uint8Array, at: number): Promise<number> {
    this.chunks ??= await this.begin();
    if (this.chunk.length === 0) {
      try {
        const next = await this.chunks.next();
        if (next.done) {
          return 0;
        }
        this.chunk = new Uint8Array(next.value);
      } catch (error) {
        this.failure =
          error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
            ? 'the archive is damaged or cut short'
            : reasonOf(error);
        return 0;
      }
    }
    const taken = this.chunk.subarray(0, into.length - at);
    into.set(taken, at);
    this.chunk = this.chunk.subarray(taken.length);
    return taken.length;
  }

  interrupt(): void {
    if (this.input.readableEnded) {
      return;
    }
    const waiting = setTimeout(() => {
      this.cut = true;
      this.input.destroy();
      this.counted.end();
    }, GRACE);
    this.input.once('end', () => clearTimeout(waiting));
  }

  close(): void {
    this.input.destroy();
  }
}

/** Checksum and length at the end of an archive (RFC 1952 2.3.1). */
const TRAILER = 8;

/** Hands on the trailer by itself: where it is wrong, unpacking fails without losing the content that came before. */
class TrailerLast extends Transform {
  #held: Uint8Array = new Uint8Array(0);

  override _transform(chunk: Uint8Array, _encoding: string, done: () => void): void {
    const all = joined(this.#held, chunk);
    const content = Math.max(0, all.length - TRAILER);
    this.#held = all.subarray(content);
    this.push(all.subarray(0, content));
    done();
  }

  override _flush(done: () => void): void {
    this.push(this.#held);
    done();
  }
}

/** Takes the first bytes off a stream; fewer than the magic has where the stream ends before. */
function firstBytes(stream: Readable): Promise<Uint8Array<ArrayBuffer>> {
  return new Promise((resolve) => {
    let seen = new Uint8Array(0);
    const look = () => {
      const chunk = stream.read() as Uint8Array | null;
      if (chunk !== null) {
        seen = joined(seen, chunk);
      }
      if (seen.length < GZIP.length) {
        stream.once('readable', look);
      } else {
        resolve(seen);
      }
    };
    stream.once('end', () => resolve(seen));
    stream.once('error', () => resolve(seen));
    stream.once('readable', look);
  });
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
