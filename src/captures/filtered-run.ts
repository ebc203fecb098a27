import type { Engine } from '../wire/engine.ts';
import type { Listener } from '../wire/listener.ts';
import type { CaptureFilter } from './capture-filter.ts';
import { type LeftOut, PacketFilter } from './packet-filter.ts';
import { ProtocolFilter } from './protocol-filter.ts';
import type { CaptureTarget } from './run-captures.ts';

/** The user's filter around an engine: some packets do not get in, some flows are not told. Without a filter it is not there. */
export class FilteredRun {
  /** What the engine talks to. */
  readonly listener: Listener;
  private readonly filter: CaptureFilter | undefined;
  private readonly byProtocol: ProtocolFilter | undefined;
  private byPacket: PacketFilter | undefined;

  constructor(filter: CaptureFilter | undefined, listener: Listener) {
    this.filter = filter;
    if (filter && filter.restrictions.protocols.size > 0) {
      this.byProtocol = new ProtocolFilter(filter.restrictions.protocols, listener);
    }
    this.listener = this.byProtocol ?? listener;
  }

  /** What the captures go through on their way to the engine. */
  before(engine: CaptureTarget): CaptureTarget {
    this.byPacket = this.filter && new PacketFilter(this.filter, engine);
    return this.byPacket ?? engine;
  }

  /** The engine's counters, with what the user did not want to hear of among the filtered. */
  counters({ counters }: Engine): Engine['counters'] {
    const hidden = this.hiddenPackets;
    return { ...counters, decoded: counters.decoded - hidden, filtered: counters.filtered + hidden };
  }

  /** Packets of flows that speak none of the wanted protocols. */
  get hiddenPackets(): number {
    return this.byProtocol?.hiddenPackets ?? 0;
  }

  get leftOut(): LeftOut | undefined {
    return this.byPacket?.leftOut(this.hiddenPackets);
  }
}
