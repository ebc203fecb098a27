import type { Micros } from '../kit/time.ts';
import { ipv4Text } from '../wire/format.ts';
import type { Flow, Side } from '../wire/listener.ts';
import { ipv4Number } from './address.ts';
import type { EndpointList } from './conversation-table.ts';
import type { Endpoint } from './endpoint.ts';
import type { LimitCounter } from './limits.ts';
import { mixed, RowIndex, Rows, type RowsState } from './rows.ts';
import type { Texts } from './texts.ts';

/** How many hosts and ports one source tried within a minute, and how many of the tries came to nothing. */
export interface Attempts {
  readonly source: Endpoint;
  readonly start: Micros;
  readonly hosts: ReadonlySet<string>;
  /** Ports of the host with most of them. */
  readonly ports: number;
  readonly portsOf: string;
  readonly tried: number;
  readonly failed: number;
  readonly frame: number;
}

const HALF_MINUTE = 30_000_000;
/** As many as a field holds; whatever a capture says is later (the year 6053) falls into this one. */
const LAST_SLOT = 0xffff_ffff;
const TRIES_OF_A_STRANGER = 5;
const MOST_HOSTS = 256;
const MOST_PORTS = 256;

const SOURCE = 0;
const SLOT = 1;
/** Of tries: all, and those that failed. */
const TRIED = 2;
const FAILED = 3;
/** Of failures: the host as IPv4 address or number of its text, which of the two and the port. */
const HOST = 2;
const PORT = 3;
const IS_TEXT = 0x1_0000;
const FIELDS = 4;
const FRAME = 0;

/**
 * Looks at connections when they end: how many each source tried in each half minute, and where it failed. Scans are
 * told from that at the end, in windows of a minute, each beginning half a minute after the last.
 */
export class AttemptWatch {
  readonly #tries = new Rows(0, FIELDS);
  readonly #failures = new Rows(1, FIELDS);
  readonly #triesIndex = new RowIndex();
  readonly #failuresIndex = new RowIndex();
  readonly #limits: LimitCounter;
  readonly #texts: Texts;
  readonly #seed: number;

  constructor(limits: LimitCounter, texts: Texts, seed: number) {
    this.#limits = limits;
    this.#texts = texts;
    this.#seed = seed;
  }

  note(flow: Flow, client: Endpoint | undefined): void {
    if (client === undefined || flow.toMany || (flow.transport !== 'tcp' && flow.transport !== 'udp')) {
      return;
    }
    if (flow.transport === 'tcp' && !flow.tcp.syn) {
      return;
    }
    const failed = flow.transport === 'tcp' ? !flow.tcp.synAck : !flow.answered;
    const slot = Math.min(LAST_SLOT, Math.max(0, Math.floor(flow.firstSeen / HALF_MINUTE)));
    this.#try(client.index, slot, 1, Number(failed));
    if (failed) {
      const server: Side = flow.client === 0 ? 1 : 0;
      const address = flow.address(server);
      const number = ipv4Number(address);
      const host = number ?? this.#texts.of(address);
      this.#fail([client.index, slot, host, flow.port(server) | (number === undefined ? IS_TEXT : 0)], flow.firstFrame);
    }
  }

  /** Takes in what another thread saw; `indexOf` says which endpoint of ours is meant. */
  absorb(state: AttemptState, texts: Texts, indexOf: (index: number) => number): void {
    const tries = Rows.of(state.tries, 0, FIELDS);
    for (let row = 0; row < tries.size; row++) {
      const source = indexOf(tries.narrow(row, SOURCE));
      this.#try(source, tries.narrow(row, SLOT), tries.narrow(row, TRIED), tries.narrow(row, FAILED));
    }
    const failures = Rows.of(state.failures, 1, FIELDS);
    for (let row = 0; row < failures.size; row++) {
      const port = failures.narrow(row, PORT);
      const theirs = failures.narrow(row, HOST);
      const host = (port & IS_TEXT) === 0 ? theirs : this.#texts.of(texts.at(theirs));
      const key = [indexOf(failures.narrow(row, SOURCE)), failures.narrow(row, SLOT), host, port];
      this.#fail(key, failures.wide(row, FRAME));
    }
  }

  /** The busiest minutes of each source that failed often, in the order of the sources. */
  *values(
    endpoints: EndpointList,
  ): IterableIterator<{ readonly hosts: Attempts; readonly ports: Attempts; readonly whole: Attempts }> {
    for (const { source, tries, failures } of this.#bySource(endpoints)) {
      if (source.candidate && source.packets < TRIES_OF_A_STRANGER) {
        continue;
      }
      const { hosts, ports } = busiestOf(tries, failures);
      if (hosts !== undefined && ports !== undefined) {
        const whole = windowOf(0, tries, failures);
        yield { hosts: told(source, hosts), ports: told(source, ports), whole: told(source, whole) };
      }
    }
  }

  state(): AttemptState {
    return { tries: this.#tries.state(), failures: this.#failures.state() };
  }

  #try(source: number, slot: number, tried: number, failed: number): void {
    const rows = this.#tries;
    const hashOf = (row: number) => mixed(mixed(this.#seed, rows.narrow(row, SOURCE)), rows.narrow(row, SLOT));
    const index = this.#triesIndex;
    let place = index.slotOf(mixed(mixed(this.#seed, source), slot));
    let row = index.at(place);
    while (row >= 0 && (rows.narrow(row, SOURCE) !== source || rows.narrow(row, SLOT) !== slot)) {
      place = index.next(place);
      row = index.at(place);
    }
    if (row < 0) {
      if (!this.#limits.allows('attempts', rows.size)) {
        return;
      }
      row = rows.add();
      rows.setNarrow(row, SOURCE, source);
      rows.setNarrow(row, SLOT, slot);
      index.add(row, place, hashOf);
    }
    rows.setNarrow(row, TRIED, rows.narrow(row, TRIED) + tried);
    rows.setNarrow(row, FAILED, rows.narrow(row, FAILED) + failed);
  }

  #fail(key: readonly number[], frame: number): void {
    const rows = this.#failures;
    const index = this.#failuresIndex;
    let place = index.slotOf(this.#hash(key));
    let row = index.at(place);
    while (row >= 0 && key.some((value, field) => rows.narrow(row, field) !== value)) {
      place = index.next(place);
      row = index.at(place);
    }
    if (row >= 0) {
      rows.setWide(row, FRAME, Math.min(rows.wide(row, FRAME), frame));
      return;
    }
    if (!this.#limits.allows('attempts', rows.size)) {
      return;
    }
    row = rows.add();
    for (const [field, value] of key.entries()) {
      rows.setNarrow(row, field, value);
    }
    rows.setWide(row, FRAME, frame);
    index.add(row, place, (kept) => this.#hash(KEY_FIELDS.map((field) => rows.narrow(kept, field))));
  }

  #hash(key: readonly number[]): number {
    return key.reduce(mixed, this.#seed);
  }

  *#bySource(endpoints: EndpointList) {
    const tries = new Map<number, Try[]>();
    const failures = new Map<number, Failure[]>();
    for (let row = 0; row < this.#failures.size; row++) {
      const rows = this.#failures;
      const port = rows.narrow(row, PORT);
      const host = rows.narrow(row, HOST);
      at(failures, rows.narrow(row, SOURCE)).push({
        slot: rows.narrow(row, SLOT),
        host: (port & IS_TEXT) === 0 ? ipv4Text(host) : this.#texts.at(host),
        port: port & (IS_TEXT - 1),
        frame: rows.wide(row, FRAME),
      });
    }
    for (let row = 0; row < this.#tries.size; row++) {
      const rows = this.#tries;
      const source = rows.narrow(row, SOURCE);
      if (failures.has(source)) {
        const counts = { tried: rows.narrow(row, TRIED), failed: rows.narrow(row, FAILED) };
        at(tries, source).push({ slot: rows.narrow(row, SLOT), ...counts });
      }
    }
    const sources = [...failures].flatMap(([index, failed]) => {
      const source = endpoints.byIndex(index);
      return source === undefined ? [] : [{ source, tries: tries.get(index) ?? [], failures: failed }];
    });
    for (const each of sources.sort((a, b) => a.source.order - b.source.order)) {
      each.tries.sort((a, b) => a.slot - b.slot);
      each.failures.sort((a, b) => a.slot - b.slot || a.frame - b.frame || compare(a.host, b.host) || a.port - b.port);
      yield each;
    }
  }
}

const KEY_FIELDS = [SOURCE, SLOT, HOST, PORT] as const;

export interface AttemptState {
  readonly tries: RowsState;
  readonly failures: RowsState;
}

interface Try {
  readonly slot: number;
  readonly tried: number;
  readonly failed: number;
}

interface Failure {
  readonly slot: number;
  readonly host: string;
  readonly port: number;
  readonly frame: number;
}

interface Window {
  readonly start: number;
  readonly hosts: Set<string>;
  readonly ports: Map<string, Set<number>>;
  readonly tried: number;
  readonly failed: number;
  readonly frame: number;
}

function at<T>(table: Map<number, T[]>, key: number): T[] {
  const known = table.get(key) ?? [];
  table.set(key, known);
  return known;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

const FEW_FAILED = 0.5;

/** The window with most hosts, and the one with most ports. One in which most tries worked is ordinary work. */
function busiestOf(tries: readonly Try[], failures: readonly Failure[]) {
  let hosts: Window | undefined;
  let ports: Window | undefined;
  const starts = [...new Set(tries.flatMap(({ slot, failed }) => (failed > 0 ? [slot - 1, slot] : [])))];
  const triesIn = new Sliding(tries);
  const failuresIn = new Sliding(failures);
  for (const start of starts) {
    const window = windowOf(start, triesIn.window(start), failuresIn.window(start));
    if (window.failed < window.tried * FEW_FAILED || window.failed === 0) {
      continue;
    }
    hosts = hosts === undefined || window.hosts.size > hosts.hosts.size ? window : hosts;
    ports = ports === undefined || mostPorts(window)[1] > mostPorts(ports)[1] ? window : ports;
  }
  return { hosts, ports };
}

/** What of a list lies in two half minutes; it only moves on. */
class Sliding<T extends { readonly slot: number }> {
  readonly #list: readonly T[];
  #from = 0;
  #to = 0;

  constructor(list: readonly T[]) {
    this.#list = list;
  }

  window(start: number): readonly T[] {
    this.#from = this.#pass(this.#from, start);
    this.#to = this.#pass(this.#to, start + 2);
    return this.#list.slice(this.#from, this.#to);
  }

  /** The first place from `at` on whose slot is not before. */
  #pass(at: number, slot: number): number {
    let next = at;
    while (next < this.#list.length && (this.#list[next] as T).slot < slot) {
      next++;
    }
    return next;
  }
}

function windowOf(start: number, tries: readonly Try[], failures: readonly Failure[]): Window {
  const hosts = new Set<string>();
  const ports = new Map<string, Set<number>>();
  let frame = Number.POSITIVE_INFINITY;
  for (const failure of failures) {
    frame = Math.min(frame, failure.frame);
    if (hosts.size < MOST_HOSTS) {
      hosts.add(failure.host);
    }
    const known = ports.get(failure.host) ?? (ports.size < MOST_HOSTS ? new Set<number>() : undefined);
    if (known !== undefined && known.size < MOST_PORTS) {
      ports.set(failure.host, known.add(failure.port));
    }
  }
  return {
    start,
    hosts,
    ports,
    tried: tries.reduce((sum, { tried }) => sum + tried, 0),
    failed: tries.reduce((sum, { failed }) => sum + failed, 0),
    frame: Number.isFinite(frame) ? frame : 0,
  };
}

function mostPorts(window: Window): readonly [host: string, ports: number] {
  let most: readonly [string, number] = ['', 0];
  for (const [host, ports] of window.ports) {
    if (ports.size > most[1]) {
      most = [host, ports.size];
    }
  }
  return most;
}

function told(source: Endpoint, window: Window): Attempts {
  const [portsOf, ports] = mostPorts(window);
  const { hosts, tried, failed, frame } = window;
  return { source, start: window.start * HALF_MINUTE, hosts, ports, portsOf, tried, failed, frame };
}
