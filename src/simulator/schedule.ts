import type { Micros } from '../kit/time.ts';

/** What an actor does, written as a story: it sends, then yields how many microseconds it waits, then goes on. */
export type Script<Outcome = void> = Generator<number, Outcome, void>;

interface Task<Label> {
  readonly script: Script;
  readonly order: number;
  readonly label: Label | undefined;
  time: Micros;
}

/** Runs the scripts of all actors in the order of time: a binary heap, earliest first, ties in order of their start. */
export class Schedule<Label> {
  now: Micros;
  /** Label of the script that runs now; scripts that it starts inherit it. */
  label: Label | undefined;
  private readonly heap: Task<Label>[] = [];
  private started = 0;

  constructor(now: Micros) {
    this.now = now;
  }

  start(script: Script, at: Micros = this.now, label: Label | undefined = this.label): void {
    this.started++;
    this.heap.push({ script, order: this.started, label, time: Math.max(this.now, at) });
    this.rise(this.heap.length - 1);
  }

  /** Like `start`, for what would happen anyway. */
  startUnlabelled(script: Script, at: Micros = this.now): void {
    const { label } = this;
    this.label = undefined;
    this.start(script, at);
    this.label = label;
  }

  /** Runs the earliest script up to its next wait; false when no script is due before `end`. */
  step(end: Micros): boolean {
    const task = this.heap[0];
    if (!task || task.time >= end) {
      return false;
    }
    this.now = task.time;
    this.label = task.label;
    // Whatever it starts now is due later or in a later turn: the running task stays on top.
    const { done, value } = task.script.next();
    this.label = undefined;
    if (done) {
      this.removeFirst();
      return true;
    }
    task.time += Math.max(1, Math.round(value));
    this.sink(0);
    return true;
  }

  private removeFirst(): void {
    const last = this.heap.pop();
    if (last && this.heap.length > 0) {
      this.heap[0] = last;
      this.sink(0);
    }
  }

  private rise(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.swapIfEarlier(at, parent)) {
        return;
      }
      at = parent;
    }
  }

  private sink(from: number): void {
    let at = from;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      const child = right < this.heap.length && this.earlier(right, left) ? right : left;
      if (child >= this.heap.length || !this.swapIfEarlier(child, at)) {
        return;
      }
      at = child;
    }
  }

  private swapIfEarlier(child: number, parent: number): boolean {
    const lower = this.heap[child];
    const upper = this.heap[parent];
    if (!lower || !upper || !this.earlier(child, parent)) {
      return false;
    }
    this.heap[child] = upper;
    this.heap[parent] = lower;
    return true;
  }

  private earlier(one: number, other: number): boolean {
    const a = this.heap[one];
    const b = this.heap[other];
    return a !== undefined && b !== undefined && (a.time < b.time || (a.time === b.time && a.order < b.order));
  }
}
