import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { execPath } from 'node:process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** The programs that may open an interface for us; each is started with these arguments and no others. */
export const CAPTURE_PROGRAMS = ['tcpdump', 'dumpcap'] as const;
export type CaptureProgram = (typeof CAPTURE_PROGRAMS)[number];

/** What is listened to: an interface, or for a trial a capture that is read instead. */
export type Listened = { readonly interface: string } | { readonly file: string };

/** Kernel buffer for packets that wait, in KiB and MiB. */
const BUFFER_KIB = 32_768;
const BUFFER_MIB = 32;
/** Bytes of heap of the decoder, in MiB. */
const DECODER_HEAP = 512;
const FOLDERS = ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/local/bin', '/opt/homebrew/bin'];

/** An interface by its name alone: it is an argument of another program. */
export function isInterfaceName(name: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.:@-]{0,62}$/u.test(name);
}

/** The first of them that is installed. */
export function findCaptureProgram(wanted?: CaptureProgram): CaptureProgram | undefined {
  return CAPTURE_PROGRAMS.find((name) => (wanted === undefined || wanted === name) && pathOf(name) !== undefined);
}

export interface LiveCapture {
  readonly capture: ChildProcess;
  readonly decoder: ChildProcess;
  /** Both have ended. */
  readonly ended: Promise<void>;
  /** Asks the capturing program to end; the decoder then tells what it has. */
  stop(): void;
  /** Ends both, whatever they are doing. */
  kill(): void;
}

export interface LiveOptions {
  readonly program: CaptureProgram;
  readonly listened: Listened;
  /** Where the decoder begins, and the folder of the program, the only one that it may read. */
  readonly entry: URL;
  readonly root: URL;
  readonly order: unknown;
  /** Called for each line that the decoder says, in order. */
  heard(line: string): void;
  /** Called for each line that either says to standard error. */
  complained(line: string): void;
}

/**
 * Starts a capturing program, and a decoder that reads what it writes. The decoder is a process that may read the files of this
 * program and no others, writes none, and starts nothing: what a packet makes it do ends there.
 */
export function startLiveCapture(options: LiveOptions): LiveCapture {
  const path = pathOf(options.program) ?? options.program;
  const capture = spawn(path, captureArguments(options.program, options.listened), {
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: false,
  });
  const decoder = spawn(execPath, decoderArguments(options), {
    stdio: [capture.stdout, 'pipe', 'pipe'],
    shell: false,
    env: {},
  });
  // The decoder reads it: it would not see the end while we hold it open too.
  capture.stdout.destroy();
  linesOf(decoder.stdout, options.heard);
  linesOf(decoder.stderr, options.complained);
  linesOf(capture.stderr, options.complained);
  capture.on('error', (error) => {
    options.complained(`${options.program}: ${error.message}`);
    decoder.kill('SIGKILL');
  });
  const ended = Promise.all([closed(capture), closed(decoder)]).then(() => undefined);
  void closed(decoder).then(() => capture.kill('SIGKILL'));
  return {
    capture,
    decoder,
    ended,
    stop: () => capture.kill('SIGTERM'),
    kill() {
      capture.kill('SIGKILL');
      decoder.kill('SIGKILL');
    },
  };
}

export function decoderArguments({ entry, root, order }: Pick<LiveOptions, 'entry' | 'root' | 'order'>): string[] {
  return [
    '--permission',
    `--allow-fs-read=${fileURLToPath(root)}`,
    `--max-old-space-size=${DECODER_HEAP}`,
    '--disable-warning=ExperimentalWarning',
    fileURLToPath(entry),
    JSON.stringify(order),
  ];
}

function captureArguments(program: CaptureProgram, listened: Listened): string[] {
  if ('file' in listened) {
    return program === 'tcpdump' ? ['-r', listened.file, '-U', '-w', '-'] : ['-i', '-', '-q', '-w', '-'];
  }
  return program === 'tcpdump'
    ? ['-i', listened.interface, '-n', '-U', '-w', '-', '--immediate-mode', '-B', String(BUFFER_KIB)]
    : ['-i', listened.interface, '-q', '-w', '-', '-B', String(BUFFER_MIB)];
}

function pathOf(program: CaptureProgram): string | undefined {
  return FOLDERS.map((folder) => `${folder}/${program}`).find((path) => existsSync(path));
}

function closed(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  });
}

function linesOf(stream: Readable | null, heard: (line: string) => void): void {
  if (stream !== null) {
    createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', heard);
  }
}
