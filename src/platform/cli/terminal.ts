import type { Terminal } from './command.ts';
import { printable } from './printable.ts';

const BAR = 28;
/** Milliseconds between two drawings of the bar. */
const REDRAW = 100;

/** The process's own terminal. Everything to standard error goes through here, so that a bar never cuts a line in two. */
export class ProcessTerminal implements Terminal {
  readonly isInteractive = process.stderr.isTTY === true;
  readonly hasColour = process.stdout.hasColors?.() === true;
  readonly columns = process.stdout.columns ?? 100;
  private readonly quiet: boolean;
  private readonly begun = Date.now();
  private drawn = 0;
  private hasBar = false;
  private stopped = false;

  constructor(quiet: boolean) {
    this.quiet = quiet;
    process.once('SIGINT', () => this.stop());
    process.once('SIGTERM', () => this.stop());
    // A reader that went away (`| head`) is no fault.
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') {
        process.exit(0);
      }
      throw error;
    });
  }

  /** A pipe whose writer is silent would keep us waiting: it ends here. A second signal ends the program at once. */
  private stop(): void {
    this.stopped = true;
    process.stdin.destroy();
  }

  print(text: string | Uint8Array): Promise<void> {
    this.clearBar();
    return new Promise((resolve) => {
      if (process.stdout.write(text)) {
        resolve();
      } else {
        process.stdout.once('drain', resolve);
      }
    });
  }

  note(line: string): void {
    if (!this.quiet) {
      this.warn(printable(line));
    }
  }

  /** As `note`, but said even when quiet: the reason of a failure. */
  warn(line: string): void {
    this.clearBar();
    process.stderr.write(`${line}\n`);
  }

  progress(label: string, share: number | undefined): void {
    const now = Date.now();
    if (this.quiet || !this.isInteractive || now - this.drawn < REDRAW) {
      return;
    }
    this.drawn = now;
    this.hasBar = true;
    process.stderr.write(`\r\x1b[K${share === undefined ? label : barOf(label, share, now - this.begun)}`);
  }

  async breathe(): Promise<boolean> {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    return !this.stopped;
  }

  finish(): void {
    this.clearBar();
  }

  private clearBar(): void {
    if (this.hasBar) {
      process.stderr.write('\r\x1b[K');
      this.hasBar = false;
    }
  }
}

function barOf(label: string, share: number, elapsed: number): string {
  const full = Math.round(Math.min(1, share) * BAR);
  const left = share > 0.01 ? ` · ${durationOf((elapsed / share) * (1 - share))} left` : '';
  return `${label} ${'█'.repeat(full)}${'░'.repeat(BAR - full)} ${Math.floor(Math.min(1, share) * 100)} %${left}`;
}

function durationOf(milliseconds: number): string {
  const seconds = Math.max(1, Math.round(milliseconds / 1000));
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
