import type { Micros } from '../kit/time.ts';
import type { Transport } from './dissector.ts';
import { ipv4Text, ipv6Text, macText } from './format.ts';
import type { ClientRule, Flow, Side, TcpState } from './listener.ts';
import type { Session } from './session.ts';
import { stationText } from './stack/bus-frame.ts';
import { AddressKind, FlowState } from './stack/flow-table.ts';
import type { NetworkStack } from './stack/network.ts';

const TCP = 6;
const UDP = 17;
/** Address texts that are kept: the same few thousand are asked for again and again. */
const MOST_TEXTS = 65_536;
const RULES: readonly ClientRule[] = ['handshake', 'protocol', 'port', 'first'];

/** A flow as listeners see it: points at one record of the flow table at a time, and holds nothing itself. */
export class FlowWindow implements Flow {
  record = 0;
  private readonly stack: NetworkStack;
  private readonly sessions: readonly (Session | undefined)[];
  private readonly attachments: unknown[] = [];
  private readonly ipv4Texts = new TextCache(ipv4Text);
  private readonly macTexts = new TextCache(macOf);

  constructor(stack: NetworkStack, sessions: readonly (Session | undefined)[]) {
    this.stack = stack;
    this.sessions = sessions;
  }

  at(record: number): this {
    this.record = record;
    return this;
  }

  get data(): unknown {
    return this.attachments[this.record];
  }

  set data(data: unknown) {
    this.attachments[this.record] = data;
  }

  get transport(): Transport {
    const kind = this.stack.flows.kind(this.record);
    if (!isIp(kind >>> 16)) {
      return kind >>> 16 === AddressKind.station ? 'bus' : 'ethernet';
    }
    const protocol = kind & 0xffff;
    return protocol === TCP ? 'tcp' : protocol === UDP ? 'udp' : 'ip';
  }

  get carrier(): number {
    return this.stack.flows.kind(this.record) & 0xffff;
  }

  get vlan(): number | undefined {
    return this.stack.flows.scope(this.record) || undefined;
  }

  get capturedAt(): number {
    return this.stack.capturedAt;
  }

  get firstSeen(): Micros {
    return this.stack.flows.firstSeen(this.record);
  }

  get lastSeen(): Micros {
    return this.stack.flows.lastSeen(this.record);
  }

  get firstFrame(): number {
    return this.stack.flows.firstFrame(this.record);
  }

  get client(): Side {
    return this.has(FlowState.clientIsB) ? 1 : 0;
  }

  get clientRule(): ClientRule {
    const state = this.stack.flows.state(this.record);
    return RULES[(state >>> 22) & 3] ?? 'first';
  }

  /** A surer rule overrules a weaker one; the same rule again may, as later proof. */
  setClient(side: Side, rule: ClientRule): void {
    const { flows } = this.stack;
    const rank = RULES.indexOf(rule);
    const state = flows.state(this.record);
    if (rank > ((state >>> 22) & 3)) {
      return;
    }
    const cleared = state & ~(FlowState.clientIsB | FlowState.ruleLow | FlowState.ruleHigh);
    flows.setState(this.record, cleared | (side === 1 ? FlowState.clientIsB : 0) | (rank << 22));
  }

  get toMany(): boolean {
    return this.has(FlowState.toMany);
  }

  get answered(): boolean {
    return this.has(FlowState.answered);
  }

  get tcp(): TcpState {
    return {
      syn: this.has(FlowState.syn),
      synAck: this.has(FlowState.synAck),
      established: this.has(FlowState.established),
      fin: this.has(FlowState.fin),
      reset: this.has(FlowState.reset),
    };
  }

  get protocol(): string | undefined {
    return this.sessions[this.record]?.named?.name;
  }

  address(side: Side): string {
    const { flows, addresses } = this.stack;
    const low = flows.addressLow(this.record, side);
    switch (flows.kind(this.record) >>> 16) {
      case AddressKind.ipv4:
        return this.ipv4Texts.of(low);
      case AddressKind.ipv6:
        return ipv6Text(addresses.bytesOf(low));
      case AddressKind.station:
        return stationText(flows.addressHigh(this.record, side), low);
      default:
        return this.macTexts.of(flows.addressHigh(this.record, side) * 0x1_0000_0000 + low);
    }
  }

  mac(side: Side): string | undefined {
    if (!this.has(side === 0 ? FlowState.macA : FlowState.macB)) {
      return undefined;
    }
    const { flows } = this.stack;
    return this.macTexts.of(flows.macHigh(this.record, side) * 0x1_0000_0000 + flows.macLow(this.record, side));
  }

  port(side: Side): number {
    return this.stack.flows.port(this.record, side);
  }

  packets(side: Side): number {
    return this.stack.flows.packets(this.record, side);
  }

  bytes(side: Side): number {
    return this.stack.flows.bytes(this.record, side);
  }

  ttl(side: Side): number {
    return (this.stack.flows.state(this.record) >>> (side * 8)) & 0xff;
  }

  private has(flag: number): boolean {
    return (this.stack.flows.state(this.record) & flag) !== 0;
  }
}

function isIp(addressKind: number): boolean {
  return addressKind === AddressKind.ipv4 || addressKind === AddressKind.ipv6;
}

/** `address` is the MAC as a number of 48 bits. */
function macOf(address: number): string {
  const high = Math.floor(address / 0x1_0000_0000);
  const low = address >>> 0;
  return macText(Uint8Array.of(high >>> 8, high, low >>> 24, low >>> 16, low >>> 8, low));
}

/** Texts by number, made once; when too many are kept, all are forgotten. */
class TextCache {
  private readonly texts = new Map<number, string>();
  private readonly make: (value: number) => string;

  constructor(make: (value: number) => string) {
    this.make = make;
  }

  of(value: number): string {
    let text = this.texts.get(value);
    if (text === undefined) {
      text = this.make(value);
      if (this.texts.size >= MOST_TEXTS) {
        this.texts.clear();
      }
      this.texts.set(value, text);
    }
    return text;
  }
}
