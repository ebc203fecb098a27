import type { Progress } from './command.ts';

const WIDEST_BAR = 28;
const NARROWEST_BAR = 8;
/** Below this share nobody can say how long it will take. */
const ENOUGH_TO_TELL = 0.01;
/** Milliseconds over which a rate is taken, at least. */
const RATE_SPAN = 1000;

interface Mark {
  readonly time: number;
  readonly count: number;
}

/** Words a progress as one line: a bar, the time left, how many a second, where it is. What does not fit is left away. */
export class ProgressLine {
  private readonly begun: number;
  private before: Mark;
  private last: Mark;

  /** Times are milliseconds of one clock. */
  constructor(begun: number) {
    this.begun = begun;
    this.before = { time: begun, count: 0 };
    this.last = this.before;
  }

  text(progress: Progress, now: number, columns: number): string {
    const { label, share, count, unit = '', at } = progress;
    const facts: string[] = [];
    if (share === undefined && count !== undefined) {
      facts.push(`${count.toLocaleString('en')} ${unit}`);
    }
    if (share !== undefined && share > ENOUGH_TO_TELL) {
      const elapsed = now - this.begun;
      facts.push(`${durationOf((elapsed / share) * (1 - Math.min(1, share)))} left`);
    }
    if (count !== undefined) {
      facts.push(`${Math.round(this.perSecond(count, now)).toLocaleString('en')} ${unit}/s`);
    }
    if (at !== undefined) {
      facts.push(`at ${at}`);
    }
    const done = share === undefined ? undefined : Math.min(1, share);
    const percent = done === undefined ? '' : ` ${Math.floor(done * 100)} %`;
    const least = label.length + percent.length + (done === undefined ? 0 : NARROWEST_BAR + 1);
    while (least + textOf(facts).length > columns && facts.length > 0) {
      facts.pop();
    }
    const room = columns - label.length - percent.length - textOf(facts).length - 1;
    const bar = done === undefined ? '' : ` ${barOf(done, Math.max(NARROWEST_BAR, Math.min(WIDEST_BAR, room)))}`;
    return `${label}${bar}${percent}${textOf(facts)}`;
  }

  /** Over the last second or two, so that a capture that is still being written shows what comes in now. */
  private perSecond(count: number, now: number): number {
    if (now - this.last.time >= RATE_SPAN) {
      this.before = this.last;
      this.last = { time: now, count };
    }
    const { time, count: earlier } = this.before;
    return now > time ? ((count - earlier) / (now - time)) * 1000 : 0;
  }
}

function textOf(facts: readonly string[]): string {
  return facts.map((fact) => ` · ${fact}`).join('');
}

function barOf(done: number, width: number): string {
  const full = Math.round(done * width);
  return '█'.repeat(full) + '░'.repeat(width - full);
}

function durationOf(milliseconds: number): string {
  const seconds = Math.max(1, Math.round(milliseconds / 1000));
  if (seconds < 90) {
    return `${seconds} s`;
  }
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
