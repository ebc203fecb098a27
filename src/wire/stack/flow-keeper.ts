import type { Micros } from '../../kit/time.ts';
import type { LimitName, Limits } from '../limits.ts';
import { AddressKind, FlowState, type FlowTable } from './flow-table.ts';

/** A connection that both sides closed, or that was reset, is kept this long for what is still under way. */
const AFTER_CLOSE: Micros = 10e6;
const EMERGENCY_IDLE: Micros = 10e6;
const EVICTION_PROBES = 32;
/** Every so many packets (a power of two), as many flows are looked at; in an emergency several times as many. */
const PACKETS_PER_SWEEP = 16;
const EMERGENCY_SWEEP = 8;
/** After so long without, even one packet is enough. */
const SWEEP_PAUSE: Micros = 1e6;
const SWEEP_ROUND: Micros = 30e6;
/** So long after a flood, flows that nobody answered are still given little time. */
const AFTER_FLOOD: Micros = 300e6;
const TCP = 6;

export interface FlowEnds {
  /** The flow ends; its record is still readable during the call. */
  closed(record: number): void;
  limitReached(limit: LimitName): void;
}

/** How long flows live: the silent ones end, and in a flood those that nobody answered end first. */
export class FlowKeeper {
  private readonly flows: FlowTable;
  private readonly limits: Limits;
  private readonly sink: FlowEnds;
  /** No flow is over sooner. */
  private readonly leastPatience: Micros;
  private time: Micros = 0;
  private packets = 0;
  private hand = 0;
  private emergency = false;
  private floodedUntil: Micros = Number.NEGATIVE_INFINITY;
  private sweptAt: Micros = 0;

  constructor(flows: FlowTable, limits: Limits, sink: FlowEnds) {
    this.flows = flows;
    this.limits = limits;
    this.sink = sink;
    const { idleTcpSeconds, halfOpenTcpSeconds, idleUdpSeconds, idleEthernetSeconds } = limits;
    const idle = Math.min(idleTcpSeconds, halfOpenTcpSeconds, idleUdpSeconds, idleEthernetSeconds) * 1e6;
    this.leastPatience = Math.min(AFTER_CLOSE, EMERGENCY_IDLE, idle);
  }

  /**
   * The flow was silent for so long that it is over, whether it was swept away yet or not: the same packets make the same flows,
   * however often flows are looked at.
   */
  isOver(record: number, time: Micros): boolean {
    const silent = time - this.flows.lastSeen(record);
    return silent > this.leastPatience && silent > this.patience(record, time);
  }

  /** To be called once per packet. */
  sweep(time: Micros): void {
    this.time = time;
    this.packets++;
    if ((this.packets & (PACKETS_PER_SWEEP - 1)) === 0 || time - this.sweptAt > SWEEP_PAUSE) {
      this.sweepOn();
    }
  }

  /** Before a flow is added. */
  makeRoom(): void {
    if (this.flows.count >= this.limits.flows) {
      this.sink.limitReached('flows');
      this.evict();
    }
  }

  closeAll(): void {
    for (let record = 0; record < this.flows.used; record++) {
      if (this.flows.isAlive(record)) {
        this.close(record);
      }
    }
  }

  close(record: number): void {
    this.sink.closed(record);
    this.flows.remove(record);
  }

  /**
   * Looks at the next flows in turn and ends those that fell silent, so that memory follows the living ones: as many as packets
   * came, and all of them at least every `SWEEP_ROUND`, however few came.
   */
  private sweepOn(): void {
    const { flows, limits, time } = this;
    if (flows.count > limits.flows * 0.9) {
      this.emergency = true;
    } else if (flows.count < limits.flows * 0.7) {
      this.emergency = false;
    }
    if (this.emergency) {
      this.floodedUntil = time + AFTER_FLOOD;
    }
    const elapsed = Math.max(0, Math.min(time - this.sweptAt, SWEEP_ROUND));
    const share = Math.ceil((flows.used * elapsed) / SWEEP_ROUND);
    const least = this.emergency ? PACKETS_PER_SWEEP * EMERGENCY_SWEEP : PACKETS_PER_SWEEP;
    this.sweptAt = time;
    for (let look = Math.min(flows.used, Math.max(least, share)); look > 0; look--) {
      if (this.hand >= flows.used) {
        this.hand = 0;
      }
      const record = this.hand++;
      if (flows.isAlive(record) && this.isOver(record, time)) {
        this.close(record);
      }
    }
  }

  /** How long this flow may be silent. */
  private patience(record: number, time: Micros): Micros {
    const { flows, limits } = this;
    const state = flows.state(record);
    if (time < this.floodedUntil && (state & FlowState.answered) === 0) {
      return EMERGENCY_IDLE;
    }
    const kind = flows.kind(record);
    const isIp = kind >>> 16 === AddressKind.ipv4 || kind >>> 16 === AddressKind.ipv6;
    if (!isIp) {
      return limits.idleEthernetSeconds * 1e6;
    }
    if ((kind & 0xffff) !== TCP) {
      return limits.idleUdpSeconds * 1e6;
    }
    const bothClosed = FlowState.finA | FlowState.finB;
    if ((state & FlowState.reset) !== 0 || (state & bothClosed) === bothClosed) {
      return AFTER_CLOSE;
    }
    const halfOpen = (state & FlowState.syn) !== 0 && (state & FlowState.answered) === 0;
    return (halfOpen ? limits.halfOpenTcpSeconds : limits.idleTcpSeconds) * 1e6;
  }

  /** Makes room for one: among the next flows in turn, the longest silent unanswered one, else the longest silent one. */
  private evict(): void {
    const { flows } = this;
    let victim = -1;
    let victimAnswered = true;
    for (let probe = 0; probe < EVICTION_PROBES; probe++) {
      this.hand = this.hand >= flows.used ? 0 : this.hand;
      const record = this.hand++;
      if (!flows.isAlive(record)) {
        continue;
      }
      const answered = (flows.state(record) & FlowState.answered) !== 0;
      const better =
        victim < 0 ||
        (victimAnswered && !answered) ||
        (victimAnswered === answered && flows.lastSeen(record) < flows.lastSeen(victim));
      if (better) {
        victim = record;
        victimAnswered = answered;
      }
    }
    if (victim >= 0) {
      this.close(victim);
    }
  }
}
