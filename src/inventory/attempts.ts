import type { Micros } from '../kit/time.ts';
import type { Flow, Side } from '../wire/listener.ts';
import type { Endpoint } from './endpoint.ts';
import type { LimitCounter } from './limits.ts';

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

interface Window {
  readonly start: number;
  readonly hosts: Set<string>;
  readonly ports: Map<string, Set<number>>;
  tried: number;
  failed: number;
  frame: number;
}

interface Watched {
  readonly source: Endpoint;
  /** All attempts of the run together: a scan may be slow. */
  readonly whole: Window;
  readonly windows: Window[];
  /** The window with most hosts, and the one with most ports, of those that are over. */
  hosts: Window | undefined;
  ports: Window | undefined;
}

const HALF_WINDOW = 30_000_000;
const WINDOWS = 16;
const TRIES_OF_A_STRANGER = 5;
const MOST_HOSTS = 256;
const MOST_PORTS = 256;

/** Looks at connections when they end: windows of a minute, each beginning half a minute after the last. */
export class AttemptWatch {
  readonly #sources: Map<string, Watched> = new Map();
  readonly #limits: LimitCounter;

  constructor(limits: LimitCounter) {
    this.#limits = limits;
  }

  note(flow: Flow, client: Endpoint | undefined): void {
    if (client === undefined || flow.toMany || (flow.transport !== 'tcp' && flow.transport !== 'udp')) {
      return;
    }
    if (flow.transport === 'tcp' && !flow.tcp.syn) {
      return;
    }
    // In a flood of invented senders each tries once or twice; that is no scan, and watching them all costs memory.
    if (client.candidate && client.sightings < TRIES_OF_A_STRANGER) {
      return;
    }
    const failed = flow.transport === 'tcp' ? !flow.tcp.synAck : !flow.answered;
    const watched = this.#watched(client, failed);
    if (watched !== undefined) {
      const at = Math.floor(flow.firstSeen / HALF_WINDOW);
      const server: Side = flow.client === 0 ? 1 : 0;
      add(watched.whole, flow, server, failed);
      for (const start of [at - 1, at]) {
        add(windowOf(watched, start), flow, server, failed);
      }
    }
  }

  /** The busiest minutes of each source that failed often. */
  *values(): IterableIterator<{ readonly hosts: Attempts; readonly ports: Attempts; readonly whole: Attempts }> {
    for (const watched of this.#sources.values()) {
      for (const window of watched.windows.splice(0)) {
        retire(watched, window);
      }
      if (watched.hosts !== undefined && watched.ports !== undefined) {
        const { source, hosts, ports, whole } = watched;
        yield { hosts: told(source, hosts), ports: told(source, ports), whole: told(source, whole) };
      }
    }
  }

  #watched(client: Endpoint, failed: boolean): Watched | undefined {
    const known = this.#sources.get(client.key);
    if (known !== undefined || !failed || !this.#limits.allows('attempts', this.#sources.size)) {
      return known;
    }
    const watched: Watched = { source: client, whole: newWindow(0), windows: [], hosts: undefined, ports: undefined };
    this.#sources.set(client.key, watched);
    return watched;
  }
}

function windowOf(watched: Watched, start: number): Window {
  const known = watched.windows.find((window) => window.start === start);
  if (known !== undefined) {
    return known;
  }
  const window = newWindow(start);
  watched.windows.push(window);
  if (watched.windows.length > WINDOWS) {
    const oldest = watched.windows.reduce((a, b) => (a.start <= b.start ? a : b));
    watched.windows.splice(watched.windows.indexOf(oldest), 1);
    retire(watched, oldest);
  }
  return window;
}

function newWindow(start: number): Window {
  return { start, hosts: new Set(), ports: new Map(), tried: 0, failed: 0, frame: 0 };
}

function add(window: Window, flow: Flow, server: Side, failed: boolean): void {
  window.tried++;
  if (!failed) {
    return;
  }
  window.failed++;
  window.frame ||= flow.firstFrame;
  const host = flow.address(server);
  if (window.hosts.size < MOST_HOSTS) {
    window.hosts.add(host);
  }
  let ports = window.ports.get(host);
  if (ports === undefined && window.ports.size < MOST_HOSTS) {
    ports = new Set();
    window.ports.set(host, ports);
  }
  if (ports !== undefined && ports.size < MOST_PORTS) {
    ports.add(flow.port(server));
  }
}

const FEW_FAILED = 0.5;

/** A window in which most tries worked is ordinary work and is forgotten. */
function retire(watched: Watched, window: Window): void {
  if (window.failed < window.tried * FEW_FAILED || window.failed === 0) {
    return;
  }
  if (watched.hosts === undefined || window.hosts.size > watched.hosts.hosts.size) {
    watched.hosts = window;
  }
  if (watched.ports === undefined || mostPorts(window)[1] > mostPorts(watched.ports)[1]) {
    watched.ports = window;
  }
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
  return { source, start: window.start * HALF_WINDOW, hosts, ports, portsOf, tried, failed, frame };
}
