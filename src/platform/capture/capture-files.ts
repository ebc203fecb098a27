import { closeSync, createReadStream, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { stdin } from 'node:process';
import { PassThrough, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { fail } from '../../kit/failure.ts';
import { ok, type Result } from '../../kit/result.ts';
import type { CaptureBytes, CaptureSource, CaptureUnreadable } from '../../wire/capture/source.ts';

const GZIP = [0x1f, 0x8b];

/** A capture by its path, packed or not; `-` is standard input. */
export function captureFile(path: string): CaptureSource {
  if (path === '-') {
    return { path, size: undefined, rewindable: false, open: () => openStream(path, stdin, undefined) };
  }
  return {
    path,
    size: sizeOf(path),
    rewindable: isRegular(path),
    open: () => openPath(path),
  };
}

async function openPath(path: string): Promise<Result<CaptureBytes, CaptureUnreadable>> {
  let stats: Stats;
  try {
    stats = statSync(path);
  } catch (error) {
    return unreadable(path, error);
  }
  if (stats.isDirectory()) {
    return fail('invalid', 'capture.unreadable', 'this is a folder; name the captures in it');
  }
  try {
    const file = openSync(path, 'r');
    const isPacked = fstatSync(file).isFile() && isGzip(file);
    if (!fstatSync(file).isFile() || isPacked) {
      closeSync(file);
      return await openStream(path, createReadStream(path), isPacked);
    }
    return ok(new FileBytes(file));
  } catch (error) {
    return unreadable(path, error);
  }
}

function isGzip(file: number): boolean {
  const head = new Uint8Array(2);
  return readSync(file, head, 0, 2, 0) === 2 && head[0] === GZIP[0] && head[1] === GZIP[1];
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}

function isRegular(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EACCES', 'you may not read this file'],
  ['EPERM', 'you may not read this file'],
  ['EISDIR', 'this is a folder; name the captures in it'],
]);

function unreadable(_path: string, error: unknown): Result<never, CaptureUnreadable> {
  return fail('invalid', 'capture.unreadable', reasonOf(error));
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return REASONS.get(code) ?? `it cannot be read (${code || String(error)})`;
}

/** A plain file: read without a turn of the event loop. */
class FileBytes implements CaptureBytes {
  consumed = 0;
  failure: string | undefined;
  private readonly file: number;

  constructor(file: number) {
    this.file = file;
  }

  read(into: Uint8Array, at: number): number {
    try {
      const got = readSync(this.file, into, at, into.length - at, null);
      this.consumed += got;
      return got;
    } catch (error) {
      this.failure = reasonOf(error);
      return 0;
    }
  }

  close(): void {
    closeSync(this.file);
  }
}

async function openStream(
  _path: string,
  input: Readable,
  packed: boolean | undefined,
): Promise<Result<CaptureBytes, CaptureUnreadable>> {
  const bytes = new StreamBytes(input);
  await bytes.begin(packed);
  return ok(bytes);
}

/** A pipe or a packed file: chunks are copied as they come. */
class StreamBytes implements CaptureBytes {
  consumed = 0;
  failure: string | undefined;
  private readonly input: Readable;
  private chunks: AsyncIterator<Uint8Array> | undefined;
  private chunk = new Uint8Array(0);

  constructor(input: Readable) {
    this.input = input;
  }

  /** `packed` undefined: the first bytes tell. */
  async begin(packed: boolean | undefined): Promise<void> {
    const counted = new PassThrough({ highWaterMark: 1024 * 1024 });
    this.input.on('data', (chunk: Uint8Array) => {
      this.consumed += chunk.length;
    });
    this.input.on('error', (error) => counted.destroy(error));
    this.input.pipe(counted);
    let isPacked = packed;
    if (isPacked === undefined) {
      const first = await firstBytes(counted);
      isPacked = first[0] === GZIP[0] && first[1] === GZIP[1];
    }
    const output: Readable = isPacked ? counted.pipe(createGunzip()) : counted;
    if (isPacked) {
      counted.on('error', (error) => output.destroy(error));
    }
    this.chunks = output[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  }

  async read(into: Uint8Array, at: number): Promise<number> {
    if (this.chunk.length === 0) {
      try {
        const next = await this.chunks?.next();
        if (!next || next.done) {
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

  close(): void {
    this.input.destroy();
  }
}

/** Looks at the first bytes of a stream and puts them back. */
function firstBytes(stream: Readable): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const look = () => {
      const chunk = stream.read() as Uint8Array | null;
      if (chunk === null) {
        stream.once('readable', look);
        return;
      }
      stream.unshift(chunk);
      resolve(chunk);
    };
    stream.once('end', () => resolve(new Uint8Array(0)));
    stream.once('error', () => resolve(new Uint8Array(0)));
    stream.once('readable', look);
  });
}
