import type { Micros } from '../kit/time.ts';
import type { LimitName } from '../wire/limits.ts';
import type { Flow, Listener, Message, Question, Side } from '../wire/listener.ts';

/** IP in IP, IPv6 in IP, GRE: what is inside is a flow of its own, and its packets are counted there. */
const TUNNELS: ReadonlySet<number> = new Set([4, 41, 47]);

/** What the listener behind the filter keeps of a flow. */
interface Kept {
  data: unknown;
}

/**
 * Lets a listener hear of the flows alone that speak one of some protocols. Which one a flow speaks is known with its first
 * message: the flow is opened to the listener then, and one that never gets there is not heard of at all.
 */
export class ProtocolFilter implements Listener {
  readonly wantsObservations: boolean;
  readonly wantsQuoted: boolean;
  /** Packets of the flows that were kept from the listener. */
  hiddenPackets = 0;
  private readonly protocols: ReadonlySet<string>;
  private readonly listener: Listener;

  constructor(protocols: ReadonlySet<string>, listener: Listener) {
    this.protocols = protocols;
    this.listener = listener;
    this.wantsObservations = listener.wantsObservations;
    this.wantsQuoted = listener.wantsQuoted === true;
  }

  flowAnswered(flow: Flow): void {
    this.tell(flow, () => this.listener.flowAnswered?.(flow));
  }

  senderChanged(flow: Flow, side: Side): void {
    this.tell(flow, () => this.listener.senderChanged?.(flow, side));
  }

  message(message: Message): void {
    const { flow, dissector } = message;
    if (flow.data === undefined) {
      if (!this.protocols.has(dissector.name)) {
        return;
      }
      flow.data = { data: undefined } satisfies Kept;
      this.tell(flow, () => {
        this.listener.flowOpened?.(flow);
        if (flow.answered) {
          this.listener.flowAnswered?.(flow);
        }
      });
    }
    this.tell(flow, () => this.listener.message?.(message));
  }

  unanswered(flow: Flow, question: Question): void {
    this.tell(flow, () => this.listener.unanswered?.(flow, question));
  }

  gap(flow: Flow, side: Side, bytes: number): void {
    this.tell(flow, () => this.listener.gap?.(flow, side, bytes));
  }

  ambiguous(flow: Flow, side: Side, frame: number): void {
    this.tell(flow, () => this.listener.ambiguous?.(flow, side, frame));
  }

  flowClosed(flow: Flow): void {
    if (flow.data === undefined) {
      const isTunnel = flow.transport === 'ip' && TUNNELS.has(flow.carrier);
      this.hiddenPackets += isTunnel ? 0 : flow.packets(0) + flow.packets(1);
      return;
    }
    this.tell(flow, () => this.listener.flowClosed?.(flow));
  }

  limitReached(limit: LimitName, time: Micros, times: number): void {
    this.listener.limitReached?.(limit, time, times);
  }

  /** The listener finds its own record of the flow where it left it. */
  private tell(flow: Flow, tell: () => void): void {
    const kept = flow.data as Kept | undefined;
    if (kept === undefined) {
      return;
    }
    flow.data = kept.data;
    tell();
    kept.data = flow.data;
    flow.data = kept;
  }
}
