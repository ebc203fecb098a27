import type { Micros } from '../kit/time.ts';
import type { Flow, Side } from '../wire/listener.ts';
import type { ToldFlow } from './flow-record.ts';

/** A flow since something was last told of it: its packets and bytes are those that came since. */
export class FlowPart implements Flow {
  readonly #flow: Flow;
  readonly #told: ToldFlow;

  constructor(flow: Flow, told: ToldFlow) {
    this.#flow = flow;
    this.#told = told;
  }

  get transport() {
    return this.#flow.transport;
  }

  get carrier() {
    return this.#flow.carrier;
  }

  get vlan() {
    return this.#flow.vlan;
  }

  get capturedAt() {
    return this.#flow.capturedAt;
  }

  /** Its first packet came after this. */
  get firstSeen(): Micros {
    return this.#told.lastSeen;
  }

  get lastSeen(): Micros {
    return this.#flow.lastSeen;
  }

  get firstFrame() {
    return this.#flow.firstFrame;
  }

  get client() {
    return this.#flow.client;
  }

  get clientRule() {
    return this.#flow.clientRule;
  }

  get toMany() {
    return this.#flow.toMany;
  }

  get answered() {
    return this.#flow.answered;
  }

  get tcp() {
    return this.#flow.tcp;
  }

  get protocol() {
    return this.#flow.protocol;
  }

  get data(): unknown {
    return this.#flow.data;
  }

  address(side: Side): string {
    return this.#flow.address(side);
  }

  mac(side: Side): string | undefined {
    return this.#flow.mac(side);
  }

  port(side: Side): number {
    return this.#flow.port(side);
  }

  packets(side: Side): number {
    return this.#flow.packets(side) - this.#told.packets[side];
  }

  bytes(side: Side): number {
    return this.#flow.bytes(side) - this.#told.bytes[side];
  }

  ttl(side: Side): number {
    return this.#flow.ttl(side);
  }
}
