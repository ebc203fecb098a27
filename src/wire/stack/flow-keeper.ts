import type { Micros } from '../../kit/time.ts';
import type { LimitName, Limits } from '../limits.ts';
import type { Side } from '../listener.ts';
import { AddressKind, FlowState, type FlowTable } from './flow-table.ts';
import { IpProtocol } from './header-numbers.ts';

/** A connection that both sides closed, or that was reset, is kept this long for what is still under way. */
const AFTER_CLOSE: Micros = 10e6;
const EMERGENCY_IDLE: Micros = 10e6;
/**
 * In a crowd, a flow whose opener has sent one packet only is given no more than this. It is more than the 30 s and 60 s between
 * the announcements of stations that nobody answers, and with one round of the sweep a flood is gone within two minutes.
 */
const CROWD_IDLE: Micros = 70e6;
/** A plant has fewer flows at once than this part of the limit; a flood has more. */
const CROWD_SHARE = 0.1;
const EVICTION_PROBES = 32;
/** Every so many packets (a power of two), as many flows are looked at; in an emergency several times as many. */
const PACKETS_PER_SWEEP = 16;
const EMERGENCY_SWEEP = 8;
/** After so long without, even one packet is enough. */
const SWEEP_PAUSE: Micros = 1e6;
const SWEEP_ROUND: Micros = 30e6;
/** So long after a flood or a crowd, flows that it may have left behind are still given little time. */
const AFTER_FLOOD: Micros = 300e6;

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
  private crowdedUntil: Micros = Number.NEGATIVE_INFINITY;
  private sweptAt: Micros = 0;
  /** There were so many flows at once that their number decided when some of them ended. */
  wasCrowded = false;

  constructor(flows: FlowTable, limits: Limits, sink: FlowEnds) {
    this.flows = flows;
    this.limits = limits;
    this.sink = sink;
    const { idleTcpSeconds, halfOpenTcpSeconds, idleUdpSeconds, idleEthernetSeconds } = limits;
    const idle = Math.min(idleTcpSeconds, halfOpenTcpSeconds, idleUdpSeconds, idleEthernetSeconds) * 1e6;
    this.leastPatience = Math.min(AFTER_CLOSE, EMERGENCY_IDLE, idle);
  }

  /**
   * Ends the flow if it was silent for so long that it is over, whether it was swept away yet or not: the same packets make the
   * same flows, however often flows are looked at.
   */
  endIfOver(record: number, time: Micros): boolean {
    const silent = time - this.flows.lastSeen(record);
    return silent > this.leastPatience && this.endIfSilent(record, time, silent);
  }

  private endIfSilent(record: number, time: Micros, silent: Micros): boolean {
    const limit = this.idleLimit(record);
    const isIdle = limit !== undefined && silent > this.limits[limit] * 1e6;
    if (!isIdle && silent <= (limit === undefined ? AFTER_CLOSE : this.hurriedPatience(record, time))) {
      return false;
    }
    if (isIdle) {
      this.sink.limitReached(limit);
    }
    this.close(record);
    return true;
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
      if (this.flows.isAlive(record) && !this.endIfOver(record, this.time)) {
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
      if (!this.emergency) {
        this.sink.limitReached('flows');
      }
      this.emergency = true;
    } else if (flows.count < limits.flows * 0.7) {
      this.emergency = false;
    }
    if (this.emergency) {
      this.floodedUntil = time + AFTER_FLOOD;
    }
    if (flows.count > limits.flows * CROWD_SHARE) {
      this.wasCrowded = true;
      this.crowdedUntil = time + AFTER_FLOOD;
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
      if (flows.isAlive(record)) {
        this.endIfOver(record, time);
      }
    }
  }

  /** How long a flow may be silent where there may be a flood. */
  private hurriedPatience(record: number, time: Micros): Micros {
    if (time < this.floodedUntil && this.isStranger(record)) {
      return EMERGENCY_IDLE;
    }
    if (time < this.crowdedUntil && this.flows.packets(record, this.openerOf(record)) <= 1) {
      return CROWD_IDLE;
    }
    return Number.POSITIVE_INFINITY;
  }

  /** Nobody answered it; or its handshake was answered and not completed, as an invented sender cannot. */
  private isStranger(record: number): boolean {
    const state = this.flows.state(record);
    return (
      (state & FlowState.answered) === 0 || ((state & FlowState.syn) !== 0 && (state & FlowState.established) === 0)
    );
  }

  private openerOf(record: number): Side {
    return (this.flows.state(record) & FlowState.openedByB) === 0 ? 0 : 1;
  }

  /** The limit on this flow's silence; a connection that is over has none, as it ends anyway. */
  private idleLimit(record: number): LimitName | undefined {
    const { flows } = this;
    const state = flows.state(record);
    const kind = flows.kind(record);
    const isIp = kind >>> 16 === AddressKind.ipv4 || kind >>> 16 === AddressKind.ipv6;
    if (!isIp) {
      return 'idleEthernetSeconds';
    }
    if ((kind & 0xffff) !== IpProtocol.tcp) {
      return 'idleUdpSeconds';
    }
    if ((state & FlowState.reset) !== 0 || (state & FlowState.fin) === FlowState.fin) {
      return undefined;
    }
    return (state & FlowState.syn) !== 0 && this.isStranger(record) ? 'halfOpenTcpSeconds' : 'idleTcpSeconds';
  }

  /** Makes room for one: among the next flows in turn, the longest silent unanswered one, else the longest silent one. */
  private evict(): void {
    const { flows } = this;
    let victim = -1;
    let victimIsStranger = false;
    for (let probe = 0; probe < EVICTION_PROBES; probe++) {
      this.hand = this.hand >= flows.used ? 0 : this.hand;
      const record = this.hand++;
      if (!flows.isAlive(record)) {
        continue;
      }
      const isStranger = this.isStranger(record);
      const better =
        victim < 0 ||
        (!victimIsStranger && isStranger) ||
        (victimIsStranger === isStranger && flows.lastSeen(record) < flows.lastSeen(victim));
      if (better) {
        victim = record;
        victimIsStranger = isStranger;
      }
    }
    if (victim >= 0) {
      this.close(victim);
    }
  }
}
