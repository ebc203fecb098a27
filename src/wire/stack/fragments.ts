import type { Micros } from '../../kit/time.ts';
import type { LimitName, Limits } from '../limits.ts';
import { ArrivalList, type Listed } from './arrival-list.ts';

/** Longest IP datagram. */
const LONGEST = 65_535;
const UNLISTED = { isListed: false, before: undefined, after: undefined };

interface Waiting extends Listed<Waiting> {
  readonly key: string;
  readonly since: Micros;
  readonly parts: { readonly offset: number; readonly bytes: Uint8Array }[];
  total: number | undefined;
  have: number;
  /** The same place came twice with different bytes. */
  isAmbiguous: boolean;
}

/** Puts fragmented IP datagrams together (RFC 791, RFC 8200 section 4.5). Where fragments overlap, the first bytes count. */
export class Fragments {
  private readonly limits: Limits;
  private readonly tell: (limit: LimitName) => void;
  private readonly waiting = new Map<string, Waiting>();
  private readonly arrivals = new ArrivalList<Waiting>();
  private bytes = 0;
  /** Fragments of the datagram that was completed last contradict each other. */
  isAmbiguous = false;

  constructor(limits: Limits, tell: (limit: LimitName) => void) {
    this.limits = limits;
    this.tell = tell;
  }

  /** The whole datagram once it is complete; `full` where an older datagram had to go for this one. */
  add(
    key: string,
    offset: number,
    more: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
    time: Micros,
  ): Uint8Array | 'waiting' | 'malformed' | 'full' {
    let datagram = this.waiting.get(key);
    if (offset + end - start > LONGEST) {
      if (datagram) {
        this.forget(datagram);
      }
      return 'malformed';
    }
    if (datagram && this.isOverdue(datagram, time)) {
      this.expire(datagram);
      datagram = undefined;
    }
    let full = false;
    if (!datagram) {
      full = this.makeRoom(time);
      datagram = { ...UNLISTED, key, since: time, parts: [], total: undefined, have: 0, isAmbiguous: false };
      this.waiting.set(key, datagram);
      this.arrivals.enter(datagram);
    }
    if (datagram.parts.length >= this.limits.fragmentsPerDatagram) {
      this.tell('fragmentsPerDatagram');
      this.forget(datagram);
      return 'malformed';
    }
    const twin = datagram.parts.find((part) => part.offset === offset);
    if (twin) {
      datagram.isAmbiguous ||= differs(twin.bytes, bytes.subarray(start, end));
    } else {
      datagram.parts.push({ offset, bytes: bytes.slice(start, end) });
      datagram.have += end - start;
      this.bytes += end - start;
    }
    if (!more) {
      datagram.total = offset + end - start;
    }
    if (datagram.total === undefined || datagram.have < datagram.total) {
      return full ? 'full' : 'waiting';
    }
    const whole = join(datagram, datagram.total);
    if (!whole) {
      return full ? 'full' : 'waiting';
    }
    this.forget(datagram);
    this.isAmbiguous = datagram.isAmbiguous;
    return whole;
  }

  private forget(datagram: Waiting): void {
    this.bytes -= datagram.have;
    this.waiting.delete(datagram.key);
    this.arrivals.leave(datagram);
  }

  private isOverdue(datagram: Waiting, time: Micros): boolean {
    return time - datagram.since > this.limits.fragmentSeconds * 1e6;
  }

  private expire(datagram: Waiting): void {
    this.tell('fragmentSeconds');
    this.forget(datagram);
  }

  /** Drops what waited too long, and the oldest datagram if that is not enough; true if one was lost. */
  private makeRoom(time: Micros): boolean {
    let { first } = this.arrivals;
    while (first && this.isOverdue(first, time)) {
      this.expire(first);
      first = this.arrivals.first;
    }
    const full = this.waiting.size >= this.limits.fragmentedDatagrams ? 'fragmentedDatagrams' : 'fragmentBytes';
    if (!first || (full === 'fragmentBytes' && this.bytes < this.limits.fragmentBytes)) {
      return false;
    }
    this.tell(full);
    this.forget(first);
    return true;
  }
}

/** `undefined` while a hole is left. */
function join(datagram: Waiting, total: number): Uint8Array | undefined {
  const whole = new Uint8Array(total);
  let filled = 0;
  for (const { offset, bytes } of datagram.parts.toSorted((a, b) => a.offset - b.offset)) {
    if (offset > filled) {
      return undefined;
    }
    datagram.isAmbiguous ||= differs(whole.subarray(offset, filled), bytes);
    const fresh = bytes.subarray(filled - offset, total - offset);
    whole.set(fresh, filled);
    filled += fresh.length;
  }
  return filled >= total ? whole : undefined;
}

/** Whether two contents of the same place differ as far as both go. */
function differs(one: Uint8Array, other: Uint8Array): boolean {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at++) {
    if (one[at] !== other[at]) {
      return true;
    }
  }
  return false;
}
