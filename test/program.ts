import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OWN_NODE = join(ROOT, 'node_modules/.bin/node');
const NODE = existsSync(OWN_NODE) ? OWN_NODE : execPath;

/** Milliseconds between two looks at a screen. */
const LOOK = 10;

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  /** The current folder of the program. */
  readonly folder: string;
  /** Added to our own environment. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

/** The program as a user runs it, still running. */
export interface Program {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Writes to its standard input; resolves once it has room again. */
  write(bytes: Uint8Array): Promise<void>;
}

export function startKeyway(args: readonly string[], { folder, environment = {} }: ProgramOptions): Program {
  const child = spawn(NODE, [join(ROOT, 'bin/keyway.js'), ...args], {
    cwd: folder,
    env: { ...env, ...environment },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // It may end before it has read everything.
  child.stdin.on('error', () => undefined);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject).on('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
  return {
    process: child,
    ended,
    write: (bytes) => new Promise((resolve) => child.stdin.write(bytes, () => resolve())),
  };
}

export interface TerminalProgram {
  readonly ended: Promise<Ended>;
  /** Resolves once this stands on the screen, or once the program has ended. */
  shows(pattern: RegExp): Promise<void>;
  type(text: string): void;
}

/** The program on a terminal of its own, as `script` makes one; both its outputs are what the screen got. */
export function startInTerminal(args: readonly string[], { folder }: ProgramOptions): TerminalProgram {
  const command = [NODE, join(ROOT, 'bin/keyway.js'), ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qec', `stty cols 100; exec ${command}`, '/dev/null'], { cwd: folder });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject).on('close', (status, signal) => resolve({ status, signal, stdout, stderr: '' }));
  });
  return {
    ended,
    async shows(pattern) {
      let over = false;
      void ended.then(() => {
        over = true;
      });
      while (!over && !pattern.test(stdout)) {
        await sleep(LOOK);
      }
    },
    type: (text) => child.stdin.write(text),
  };
}

/** Runs it to its end. */
export async function runKeyway(
  args: readonly string[],
  options: ProgramOptions,
  input: Uint8Array | readonly Uint8Array[] = [],
): Promise<Ended> {
  const program = startKeyway(args, options);
  for (const chunk of input instanceof Uint8Array ? [input] : input) {
    void program.write(chunk);
  }
  program.process.stdin?.end();
  return program.ended;
}
