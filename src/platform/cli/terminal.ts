import type { Progress, Terminal } from './command.ts';
import { printable } from './printable.ts';
import { ProgressLine } from './progress-line.ts';

/** Milliseconds between two drawings of the bar. */
const REDRAW = 100;
/** Of a terminal that does not say how wide it is. */
const USUAL_COLUMNS = 80;

/** The process's own terminal. Everything to standard error goes through here, so that a bar never cuts a line in two. */
export class ProcessTerminal implements Terminal {
  readonly isInteractive = process.stderr.isTTY === true;
  readonly hasColour = process.stdout.hasColors?.() === true;
  readonly columns = process.stdout.columns ?? 100;
  private readonly quiet: boolean;
  private readonly line = new ProgressLine(Date.now());
  private drawn = 0;
  private hasBar = false;
  private stopped = false;
  private readonly stops: (() => void)[] = [];

  constructor(quiet: boolean) {
    this.quiet = quiet;
    const stop = () => {
      // From here on a signal does what it does to any program: it ends at once.
      process.off('SIGINT', stop).off('SIGTERM', stop);
      this.stop();
    };
    process.on('SIGINT', stop).on('SIGTERM', stop);
    // A reader that went away (`| head`) is no fault.
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') {
        process.exit(0);
      }
      throw error;
    });
  }

  onStop(stop: () => void): void {
    if (this.stopped) {
      stop();
    } else {
      this.stops.push(stop);
    }
  }

  private stop(): void {
    this.stopped = true;
    if (this.isInteractive) {
      this.note('keyway: stopping; once more ends it at once, without a result');
    }
    for (const stop of this.stops) {
      stop();
    }
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

  progress(progress: Progress): void {
    const now = Date.now();
    if (this.quiet || !this.isInteractive || now - this.drawn < REDRAW) {
      return;
    }
    this.drawn = now;
    this.hasBar = true;
    // One column stays free: a full line would move the cursor to the next.
    const text = this.line.text(progress, now, (process.stderr.columns ?? USUAL_COLUMNS) - 1);
    process.stderr.write(`\r\x1b[K${text}`);
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
