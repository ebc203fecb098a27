import type { Micros } from '../kit/time.ts';
import type { Transport } from '../wire/dissector.ts';
import { ipv4Text } from '../wire/format.ts';
import type { ClientRule, Flow, Side } from '../wire/listener.ts';
import { ipv4Number } from './address.ts';
import { type Endpoint, isMutual } from './endpoint.ts';
import { type Exchange, type Names, ownExchange, readExchange, writeExchange } from './exchange.ts';
import type { LimitCounter } from './limits.ts';
import { Packs, PackWriter } from './packing.ts';
import { mixed, RowIndex, Rows, type RowsState } from './rows.ts';

/** Which side of a flow asks, and at whose port the service is. */
export interface Sides {
  readonly client: Side;
  readonly service: Side;
}

/** `undefined`: no endpoint, its address is only a target. */
export interface Ends {
  readonly client: Endpoint | undefined;
  readonly server: Endpoint | undefined;
}

const FIRST_SEEN = 0;
const LAST_SEEN = 1;
const BYTES = 2;
const FIRST_FRAME = 3;
const CLIENT_PACKETS = 4;
const SERVER_PACKETS = 5;
const WIDE_FIELDS = 6;
const CLIENT = 0;
const SERVER = 1;
const KIND = 2;
/** VLAN (0: none) and port. */
const PLACE = 3;
/** Number of the protocol's name and 1; 0: none. */
const PROTOCOL = 4;
const FLOWS = 5;
const OPENED = 6;
const REJECTED = 7;
const SILENT = 8;
/** Where the exchange is packed, and 1; 0: there is none. */
const EXCHANGE = 9;
const NARROW_FIELDS = 10;
const UNPACKED = 0xffff_ffff;

/** Three bits are enough for their numbers. */
const TRANSPORT_NUMBERS: Readonly<Record<Transport, number>> = { tcp: 0, udp: 1, ethernet: 2, ip: 3, bus: 4 };
const TRANSPORTS = Object.keys(TRANSPORT_NUMBERS) as readonly Transport[];
const RULES: readonly ClientRule[] = ['handshake', 'protocol', 'port', 'first'];

/** Bits of the kind: transport, carrier, how the ends are told, then what may change from flow to flow. */
const CARRIER_SHIFT = 3;
const CLIENT_SHIFT = 19;
const SERVER_SHIFT = 21;
const KEY_BITS = 0x7f_ffff;
const RULE_SHIFT = 23;
const TO_MANY = 1 << 25;
const ONE_SIDED = 1 << 26;
const ANSWERED = 1 << 27;

/** How an end is told: as an endpoint by its index, as an IPv4 address, as a text by its number. */
const AS_ENDPOINT = 0;
const AS_IPV4 = 1;
const AS_TEXT = 2;

/** Exchanges that are kept ready to be added to; beyond that they are packed. */
const MOST_UNPACKED = 4096;

/**
 * Everything that is kept of conversations. A scan makes a million of them with a packet each: each is a row of numbers,
 * and what messages told is packed into bytes once the flow is over.
 */
export class ConversationTable {
  readonly #rows = new Rows(WIDE_FIELDS, NARROW_FIELDS);
  readonly #index = new RowIndex();
  #packs = new Packs();
  readonly #unpacked: Map<number, Exchange> = new Map();
  readonly #writer = new PackWriter();
  readonly #limits: LimitCounter;
  readonly #names: Names;
  readonly #endpoints: EndpointList;
  readonly #seed: number;

  constructor(limits: LimitCounter, names: Names, endpoints: EndpointList, seed: number) {
    this.#limits = limits;
    this.#names = names;
    this.#endpoints = endpoints;
    this.#seed = seed;
  }

  get size(): number {
    return this.#rows.size;
  }

  /** So few that what is read of them may be kept. */
  get isSmall(): boolean {
    return this.size <= MOST_UNPACKED;
  }

  /** Adds a flow that is over, or what came of it since its last part was added, with what its messages told. */
  add(flow: Flow, sides: Sides, ends: Ends, exchange: Exchange | undefined, isFirst = true): void {
    const { client, service } = sides;
    const server: Side = client === 0 ? 1 : 0;
    const { transport } = flow;
    const from = this.#placeOf(flow, client, ends.client);
    const to = this.#placeOf(flow, server, ends.server);
    const key: Key = {
      client: from.value,
      server: to.value,
      kind:
        TRANSPORT_NUMBERS[transport] |
        ((flow.carrier & 0xffff) << CARRIER_SHIFT) |
        (from.as << CLIENT_SHIFT) |
        (to.as << SERVER_SHIFT),
      place: (((flow.vlan ?? 0) << 16) | flow.port(service)) >>> 0,
      protocol: flow.protocol === undefined ? 0 : this.#names.texts.of(flow.protocol) + 1,
    };
    const row = this.#rowOf(key);
    if (row < 0) {
      return;
    }
    const rows = this.#rows;
    rows.setNarrow(row, FLOWS, rows.narrow(row, FLOWS) + Number(isFirst));
    rows.setWide(row, CLIENT_PACKETS, rows.wide(row, CLIENT_PACKETS) + flow.packets(client));
    rows.setWide(row, SERVER_PACKETS, rows.wide(row, SERVER_PACKETS) + flow.packets(server));
    rows.setWide(row, BYTES, rows.wide(row, BYTES) + flow.bytes(0) + flow.bytes(1));
    this.#widen(row, flow.firstSeen, flow.lastSeen, flow.firstFrame);
    let flags = (flow.toMany ? TO_MANY : 0) | (isMutual(flow) ? ANSWERED : 0);
    if (transport === 'tcp') {
      flags |= isFirst ? this.#connection(row, flow) : flow.answered ? 0 : ONE_SIDED;
    }
    this.#join(row, flags, RULES.indexOf(flow.clientRule));
    if (exchange !== undefined) {
      this.#exchange(row, exchange);
    }
  }

  /** Rows in the order in which they began. */
  inOrder(): Uint32Array {
    const rows = this.#rows;
    const order = Uint32Array.from({ length: rows.size }, (_, row) => row);
    return order.sort(
      (a, b) =>
        rows.wide(a, FIRST_SEEN) - rows.wide(b, FIRST_SEEN) ||
        rows.wide(a, FIRST_FRAME) - rows.wide(b, FIRST_FRAME) ||
        (this.#textKey(a) < this.#textKey(b) ? -1 : 1),
    );
  }

  /** Adds one conversation to another: the same parties, seen at other addresses of theirs. */
  merge(row: number, other: number): void {
    // Whether it goes to all is a matter of the address, and the first one stays.
    this.#sum(row, this.#rows, other, this.#rows.narrow(other, KIND) & (ONE_SIDED | ANSWERED));
    const exchange = this.exchange(other, 'all');
    if (exchange !== undefined) {
      this.#exchange(row, exchange);
    }
  }

  /** Takes in all conversations of another table; `indexOf` says which endpoint of this one is meant. */
  absorb({ rows: state, packs }: ConversationTableState, names: Names, indexOf: (index: number) => number): void {
    const rows = Rows.of(state, WIDE_FIELDS, NARROW_FIELDS);
    const theirPacks = Packs.of(packs);
    const textOf = (id: number) => this.#names.texts.of(names.texts.at(id));
    for (let from = 0; from < rows.size; from++) {
      const kind = rows.narrow(from, KIND);
      const end = (field: number, shift: number) => {
        const value = rows.narrow(from, field);
        const as = (kind >>> shift) & 3;
        return as === AS_ENDPOINT ? indexOf(value) : as === AS_TEXT ? textOf(value) : value;
      };
      const protocol = rows.narrow(from, PROTOCOL);
      const row = this.#rowOf({
        client: end(CLIENT, CLIENT_SHIFT),
        server: end(SERVER, SERVER_SHIFT),
        kind: kind & KEY_BITS,
        place: rows.narrow(from, PLACE),
        protocol: protocol === 0 ? 0 : textOf(protocol - 1) + 1,
      });
      if (row < 0) {
        continue;
      }
      this.#sum(row, rows, from, kind & (TO_MANY | ONE_SIDED | ANSWERED));
      const at = rows.narrow(from, EXCHANGE);
      if (at > 0) {
        this.#exchange(row, ownExchange(readExchange(theirPacks.at(at - 1), names), this.#names));
      }
    }
  }

  #sum(row: number, theirs: Rows, from: number, flags: number): void {
    const rows = this.#rows;
    for (const field of [FLOWS, OPENED, REJECTED, SILENT]) {
      rows.setNarrow(row, field, rows.narrow(row, field) + theirs.narrow(from, field));
    }
    for (const field of [BYTES, CLIENT_PACKETS, SERVER_PACKETS]) {
      rows.setWide(row, field, rows.wide(row, field) + theirs.wide(from, field));
    }
    this.#widen(row, theirs.wide(from, FIRST_SEEN), theirs.wide(from, LAST_SEEN), theirs.wide(from, FIRST_FRAME));
    this.#join(row, flags, (theirs.narrow(from, KIND) >>> RULE_SHIFT) & 3);
  }

  /** What messages told; with `counts`, perhaps without times of answers and periods. */
  exchange(row: number, part: 'all' | 'counts'): Exchange | undefined {
    const at = this.#rows.narrow(row, EXCHANGE);
    if (at === 0) {
      return undefined;
    }
    if (at === UNPACKED) {
      return this.#unpacked.get(row);
    }
    const exchange = readExchange(this.#packs.at(at - 1), this.#names, this.isSmall ? 'all' : part);
    if (this.isSmall) {
      this.#rows.setNarrow(row, EXCHANGE, UNPACKED);
      this.#unpacked.set(row, exchange);
    }
    return exchange;
  }

  client(row: number): Endpoint | undefined {
    return this.#endpoint(row, CLIENT, CLIENT_SHIFT);
  }

  server(row: number): Endpoint | undefined {
    return this.#endpoint(row, SERVER, SERVER_SHIFT);
  }

  clientAddress(row: number): string {
    return this.#address(row, CLIENT, CLIENT_SHIFT);
  }

  target(row: number): string {
    return this.#address(row, SERVER, SERVER_SHIFT);
  }

  wide(row: number, field: 'firstSeen' | 'lastSeen' | 'bytes' | 'firstFrame' | 'clientPackets' | 'serverPackets') {
    return this.#rows.wide(row, WIDE_PLACES[field]);
  }

  narrow(row: number, field: 'flows' | 'opened' | 'rejected' | 'silent'): number {
    return this.#rows.narrow(row, NARROW_PLACES[field]);
  }

  transport(row: number): Transport {
    return TRANSPORTS[this.#rows.narrow(row, KIND) & 7] ?? 'ip';
  }

  carrier(row: number): number {
    return (this.#rows.narrow(row, KIND) >>> CARRIER_SHIFT) & 0xffff;
  }

  clientRule(row: number): ClientRule {
    return RULES[(this.#rows.narrow(row, KIND) >>> RULE_SHIFT) & 3] ?? 'first';
  }

  toMany(row: number): boolean {
    return (this.#rows.narrow(row, KIND) & TO_MANY) !== 0;
  }

  oneSided(row: number): boolean {
    return (this.#rows.narrow(row, KIND) & ONE_SIDED) !== 0;
  }

  answered(row: number): boolean {
    return (this.#rows.narrow(row, KIND) & ANSWERED) !== 0;
  }

  vlan(row: number): number | undefined {
    return this.#rows.narrow(row, PLACE) >>> 16 || undefined;
  }

  port(row: number): number {
    return this.#rows.narrow(row, PLACE) & 0xffff;
  }

  protocol(row: number): string | undefined {
    const protocol = this.#rows.narrow(row, PROTOCOL);
    return protocol === 0 ? undefined : this.#names.texts.at(protocol - 1);
  }

  state(): ConversationTableState {
    this.#pack();
    return { rows: this.#rows.state(), packs: this.#packs.state() };
  }

  /** The row of a key, made if it is new; -1 where there is no room. */
  #rowOf(key: Key): number {
    const rows = this.#rows;
    let slot = this.#index.slotOf(this.#hash(key));
    for (let row = this.#index.at(slot); row >= 0; row = this.#index.at(slot)) {
      if (
        rows.narrow(row, CLIENT) === key.client &&
        rows.narrow(row, SERVER) === key.server &&
        rows.narrow(row, PLACE) === key.place &&
        rows.narrow(row, PROTOCOL) === key.protocol &&
        (rows.narrow(row, KIND) & KEY_BITS) === key.kind
      ) {
        return row;
      }
      slot = this.#index.next(slot);
    }
    if (!this.#limits.allows('conversations', rows.size)) {
      return -1;
    }
    const row = rows.add();
    rows.setNarrow(row, CLIENT, key.client);
    rows.setNarrow(row, SERVER, key.server);
    rows.setNarrow(row, KIND, key.kind | ((RULES.length - 1) << RULE_SHIFT));
    rows.setNarrow(row, PLACE, key.place);
    rows.setNarrow(row, PROTOCOL, key.protocol);
    rows.setWide(row, FIRST_SEEN, Number.POSITIVE_INFINITY);
    rows.setWide(row, LAST_SEEN, Number.NEGATIVE_INFINITY);
    rows.setWide(row, FIRST_FRAME, Number.POSITIVE_INFINITY);
    this.#index.add(row, slot, (kept) => this.#hashOf(kept));
    return row;
  }

  #hashOf(row: number): number {
    const rows = this.#rows;
    return this.#hash({
      client: rows.narrow(row, CLIENT),
      server: rows.narrow(row, SERVER),
      kind: rows.narrow(row, KIND) & KEY_BITS,
      place: rows.narrow(row, PLACE),
      protocol: rows.narrow(row, PROTOCOL),
    });
  }

  #hash({ client, server, kind, place, protocol }: Key): number {
    return mixed(mixed(mixed(mixed(mixed(this.#seed, client), server), kind), place), protocol);
  }

  #placeOf(flow: Flow, side: Side, end: Endpoint | undefined): { readonly as: number; readonly value: number } {
    if (end !== undefined) {
      return { as: AS_ENDPOINT, value: end.index };
    }
    const address = flow.address(side);
    const number = ipv4Number(address);
    return number === undefined
      ? { as: AS_TEXT, value: this.#names.texts.of(address) }
      : { as: AS_IPV4, value: number };
  }

  #endpoint(row: number, field: number, shift: number): Endpoint | undefined {
    const as = (this.#rows.narrow(row, KIND) >>> shift) & 3;
    return as === AS_ENDPOINT ? this.#endpoints.byIndex(this.#rows.narrow(row, field)) : undefined;
  }

  #address(row: number, field: number, shift: number): string {
    const value = this.#rows.narrow(row, field);
    switch ((this.#rows.narrow(row, KIND) >>> shift) & 3) {
      case AS_IPV4:
        return ipv4Text(value);
      case AS_TEXT:
        return this.#names.texts.at(value);
      default: {
        const endpoint = this.#endpoints.byIndex(value);
        return endpoint?.address ?? endpoint?.mac ?? '';
      }
    }
  }

  /** Two conversations may begin in one frame: a tunnel's, and what it carries. */
  #textKey(row: number): string {
    const place = `${this.clientAddress(row)}|${this.target(row)}|${this.client(row)?.key}|${this.server(row)?.key}`;
    return `${place}|${this.#rows.narrow(row, KIND) & KEY_BITS}|${this.#rows.narrow(row, PLACE)}|${this.protocol(row)}`;
  }

  #widen(row: number, firstSeen: Micros, lastSeen: Micros, firstFrame: number): void {
    const rows = this.#rows;
    rows.setWide(row, FIRST_SEEN, Math.min(rows.wide(row, FIRST_SEEN), firstSeen));
    rows.setWide(row, LAST_SEEN, Math.max(rows.wide(row, LAST_SEEN), lastSeen));
    rows.setWide(row, FIRST_FRAME, Math.min(rows.wide(row, FIRST_FRAME), firstFrame));
  }

  /** The surest rule counts. */
  #join(row: number, flags: number, rule: number): void {
    const kind = this.#rows.narrow(row, KIND);
    const surest = Math.min((kind >>> RULE_SHIFT) & 3, rule);
    this.#rows.setNarrow(row, KIND, (kind & ~(3 << RULE_SHIFT)) | (surest << RULE_SHIFT) | flags);
  }

  #connection(row: number, flow: Flow): number {
    const { syn, synAck, reset } = flow.tcp;
    const rows = this.#rows;
    if (synAck) {
      rows.setNarrow(row, OPENED, rows.narrow(row, OPENED) + 1);
    } else if (syn && flow.answered && reset) {
      rows.setNarrow(row, REJECTED, rows.narrow(row, REJECTED) + 1);
    } else if (syn && !flow.answered) {
      rows.setNarrow(row, SILENT, rows.narrow(row, SILENT) + 1);
    } else if (!flow.answered) {
      return ONE_SIDED;
    }
    return 0;
  }

  #exchange(row: number, more: Exchange): void {
    const at = this.#rows.narrow(row, EXCHANGE);
    if (at === 0) {
      this.#rows.setNarrow(row, EXCHANGE, this.#write(more));
      return;
    }
    let exchange = this.#unpacked.get(row);
    if (exchange === undefined) {
      const reader = this.#packs.at(at - 1);
      const start = reader.position;
      exchange = readExchange(reader, this.#names);
      this.#packs.forget(reader.position - start);
      this.#rows.setNarrow(row, EXCHANGE, UNPACKED);
      this.#unpacked.set(row, exchange);
    }
    exchange.add(more, this.#limits);
    if (this.#unpacked.size > MOST_UNPACKED) {
      this.#pack();
    }
  }

  #write(exchange: Exchange): number {
    writeExchange(exchange, this.#writer, this.#names);
    return this.#packs.add(this.#writer.take()) + 1;
  }

  #pack(): void {
    for (const [row, exchange] of this.#unpacked) {
      this.#rows.setNarrow(row, EXCHANGE, this.#write(exchange));
    }
    this.#unpacked.clear();
    if (!this.#packs.isWasteful) {
      return;
    }
    const before = this.#packs;
    this.#packs = new Packs();
    for (let row = 0; row < this.#rows.size; row++) {
      const at = this.#rows.narrow(row, EXCHANGE);
      if (at !== 0) {
        this.#rows.setNarrow(row, EXCHANGE, this.#write(readExchange(before.at(at - 1), this.#names)));
      }
    }
  }
}

interface Key {
  readonly client: number;
  readonly server: number;
  readonly kind: number;
  readonly place: number;
  readonly protocol: number;
}

/** Endpoints by number. */
export interface EndpointList {
  byIndex(index: number): Endpoint | undefined;
}

export interface ConversationTableState {
  readonly rows: RowsState;
  readonly packs: readonly Uint8Array[];
}

const WIDE_PLACES = {
  firstSeen: FIRST_SEEN,
  lastSeen: LAST_SEEN,
  bytes: BYTES,
  firstFrame: FIRST_FRAME,
  clientPackets: CLIENT_PACKETS,
  serverPackets: SERVER_PACKETS,
} as const;

const NARROW_PLACES = { flows: FLOWS, opened: OPENED, rejected: REJECTED, silent: SILENT } as const;
