import { describe, expect, it } from 'vitest';
import {
  ALL_LIMITS,
  INVENTORY_LIMITS,
  type InventoryLimitName,
  type InventoryLimits,
} from '../src/inventory/limits.ts';
import { type Carried, defineDissector, defineOperations, MORE } from '../src/wire/dissector.ts';
import { Engine } from '../src/wire/engine.ts';
import { LIMITS, type LimitName, type Limits, mostOf } from '../src/wire/limits.ts';
import { dissectors } from '../src/wire/protocols/index.ts';
import { hex } from './captures.ts';
import {
  ACK,
  bytesOf,
  CLIENT,
  captured,
  type End,
  ethernet,
  ipv4,
  SERVER,
  SYN,
  tcpFrame,
  udp,
  udpFrame,
} from './frames.ts';
import { operation, Scenario } from './scenario.ts';

/** Every limit three times over: far away, reached for real, and simulated. A limit without its worst traffic here fails. */
interface Case<Name extends string, Stage> {
  /** What the traffic reaches; the default it does not. */
  readonly small: number;
  /** Other limits that must be low for this one to be in reach. */
  readonly others?: Partial<Record<Name, number>>;
  play(stage: Stage): void;
}

interface Told {
  readonly limit: string;
  readonly times: number;
}

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const IP_IN_IP = 4;
const UDP = 17;
const SOME = 6;
const OWN_PORT = 9999;
const own: End = { ...SERVER, port: OWN_PORT };
const QUESTION = hex('0001 0000 0006 01 03 0000 0001');
const each = <Made>(make: (number: number) => Made): readonly Made[] =>
  Array.from({ length: SOME }, (_, at) => make(at));

const OPERATIONS = defineOperations({ act: ['act', 'read'] });

/**
 * A protocol for limits that no small golden message reaches. First byte: what to do; second: a number.
 * 1 remembers, 2 lists, 3 is the first part of a message, 4 carries the rest, 5 announces a long message.
 */
const OWN = defineDissector({
  name: 'own',
  title: 'Own',
  source: 'this test',
  at: [{ udp: OWN_PORT }, { tcp: OWN_PORT }, { within: 'own' }],
  operations: OPERATIONS,
  fields: {},
  recognise: (reader) => (reader.u8() <= 5 ? 'weak' : 'no'),
  cut: (reader) => (reader.remaining < 2 ? MORE : reader.peek() === 5 ? 5000 : reader.remaining),
  part(reader) {
    const body = reader.rest();
    return body[0] === 3 ? { key: body[1] ?? 0, head: body.subarray(0, 0), body, first: true, last: false } : undefined;
  },
  read(reader, context) {
    const what = reader.u8();
    const number = reader.u8();
    const carries: Carried[] = [];
    if (what === 1) {
      context.remember(number, number);
    } else if (what === 2) {
      reader.repeat(number, () => reader.skip(1));
    } else if (what === 4) {
      carries.push({ bytes: reader.rest() });
    }
    return { direction: 'report', operation: OPERATIONS.act, fields: {}, ...(carries.length > 0 ? { carries } : {}) };
  },
});

/** Packets a millisecond apart, and long silences. */
class Wire {
  readonly #engine: Engine;
  #time = 1e15;
  #frame = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  send(...frames: readonly Uint8Array[]): this {
    for (const frame of frames) {
      this.#frame++;
      this.#time += 1000;
      this.#engine.packet(captured(frame, this.#frame, this.#time));
    }
    return this;
  }

  silence(seconds: number): this {
    this.#time += seconds * 1e6;
    return this.send(udpFrame({ ...CLIENT, port: 1 }, { ...SERVER, port: 2 }, hex('00')));
  }

  opened(server: End): this {
    return this.send(
      tcpFrame(CLIENT, server, 0, 0, SYN),
      tcpFrame(server, CLIENT, 0, 1, SYN | ACK),
      tcpFrame(CLIENT, server, 1, 1, ACK),
    );
  }
}

const ask = (number: number) =>
  tcpFrame(CLIENT, SERVER, 1 + number * QUESTION.length, 1, ACK, bytesOf([number, 2], QUESTION.subarray(2)));
const tell = (number: number, what: number, ...more: number[]) =>
  udpFrame({ ...CLIENT, port: 50_000 + (what === 1 ? 0 : number) }, own, Uint8Array.of(what, number, ...more));
const behindHole = (number: number) => tcpFrame(CLIENT, SERVER, 1000 + number * 100, 1, ACK, QUESTION);
const fragment = (id: number, fragmentOffset = 0) =>
  ethernet(
    CLIENT,
    SERVER,
    IPV4,
    ipv4(CLIENT, SERVER, UDP, udp(CLIENT, SERVER, QUESTION).slice(0, 16), { id, fragmentOffset, more: true }),
  );
const fromIpv6 = (number: number) =>
  ethernet(
    CLIENT,
    SERVER,
    IPV6,
    bytesOf(
      hex('60000000 0014 11 40'),
      [0xfd00, 2],
      [0, 10],
      [number + 1, 4],
      [0xfd00, 2],
      [0, 13],
      [0xff, 1],
      udp(CLIENT, SERVER, QUESTION),
    ),
  );

function nested(depth: number): Uint8Array {
  const inner = depth === 0 ? udp(CLIENT, SERVER, QUESTION) : nested(depth - 1);
  return ipv4(CLIENT, SERVER, depth === 0 ? UDP : IP_IN_IP, inner);
}

const ENGINE_CASES: Readonly<Record<LimitName, Case<LimitName, Wire>>> = {
  flows: { small: 3, play: (wire) => wire.send(...each((port) => udpFrame({ ...CLIENT, port }, SERVER, hex('00')))) },
  addresses: { small: 3, play: (wire) => wire.send(...each(fromIpv6)) },
  idleTcpSeconds: { small: 20, play: (wire) => wire.opened(SERVER).silence(60) },
  halfOpenTcpSeconds: { small: 5, play: (wire) => wire.send(tcpFrame(CLIENT, SERVER, 0, 0, SYN)).silence(20) },
  idleUdpSeconds: { small: 20, play: (wire) => wire.send(udpFrame(CLIENT, SERVER, QUESTION)).silence(60) },
  idleEthernetSeconds: {
    small: 20,
    play: (wire) => wire.send(ethernet(CLIENT, SERVER, 0x88b5, hex('0102'))).silence(60),
  },
  questions: { small: 3, play: (wire) => wire.send(...each(ask)) },
  questionBytes: { small: 700, play: (wire) => wire.send(...each(ask)) },
  memories: { small: 3, play: (wire) => wire.send(...each((number) => tell(number, 1))) },
  memoriesOfAll: { small: 3, play: (wire) => wire.send(...each((number) => tell(number, 1))) },
  heldBytesPerDirection: { small: 600, play: (wire) => wire.opened(SERVER).send(...each(behindHole)) },
  heldBytes: { small: 600, play: (wire) => wire.opened(SERVER).send(...each(behindHole)) },
  holeSeconds: { small: 1, play: (wire) => wire.opened(SERVER).send(behindHole(0)).silence(3).send(behindHole(1)) },
  messageBytes: {
    small: 1000,
    play: (wire) => wire.opened(own).send(tcpFrame(CLIENT, own, 1, 1, ACK, Uint8Array.of(5, 0, 0))),
  },
  steps: { small: 10, play: (wire) => wire.send(tell(20, 2, ...new Array<number>(20).fill(0))) },
  openMessages: {
    small: 2,
    play: (wire) => wire.send(...each((number) => udpFrame(CLIENT, own, Uint8Array.of(3, number)))),
  },
  fragmentedDatagrams: { small: 3, play: (wire) => wire.send(...each((id) => fragment(id))) },
  fragmentSeconds: { small: 5, play: (wire) => wire.send(fragment(1)).silence(20).send(fragment(2)) },
  fragmentBytes: { small: 40, play: (wire) => wire.send(...each((id) => fragment(id))) },
  fragmentsPerDatagram: { small: 3, play: (wire) => wire.send(...each((at) => fragment(1, at * 32))) },
  tunnelDepth: { small: 1, play: (wire) => wire.send(ethernet(CLIENT, SERVER, IPV4, nested(3))) },
  carriedDepth: { small: 2, play: (wire) => wire.send(tell(0, 4, 4, 0, 4, 0, 4, 0, 1, 0)) },
  recognitionTries: {
    small: 2,
    play: (wire) => wire.send(...each((at) => udpFrame(CLIENT, SERVER, Uint8Array.of(at)))),
  },
};

const READ = operation('read holding registers', 'read');
const server = { mac: '00:1c:06:00:00:01', ip: '192.168.0.1' };
const client = { mac: '00:1b:1b:00:00:07', ip: '192.168.0.7' };
const modbus = { client, server, port: 502, protocol: 'modbus' } as const;
const said = { subject: 'sender', basis: 'identification' } as const;
const strangers = (scenario: Scenario) => {
  for (const number of each((at) => at)) {
    const from = { mac: `02:00:00:00:00:0${number}`, ip: `10.0.0.${number}` };
    scenario.talk({ client: from, server: { ip: '192.168.0.1' }, port: 502, opening: 'silent' }).close();
  }
};
const likes = (scenario: Scenario) => {
  const talk = scenario.talk(modbus);
  each((like) => talk.exchange(READ, { like }));
};

const INVENTORY_CASES: Readonly<Record<InventoryLimitName, Case<InventoryLimitName, Scenario>>> = {
  endpoints: { small: 3, play: strangers },
  newAssetsPerMinute: { small: 3, play: strangers },
  candidates: { small: 2, others: { newAssetsPerMinute: 1 }, play: strangers },
  candidatesAtEnd: { small: 2, others: { newAssetsPerMinute: 1 }, play: strangers },
  valuesPerAttribute: {
    small: 3,
    play: (scenario) => {
      scenario.talk(modbus).tell(...each((at) => ({ kind: 'identity', ...said, name: `name ${at}` }) as const));
    },
  },
  modulesPerAsset: {
    small: 3,
    play: (scenario) => {
      scenario.talk(modbus).tell(...each((slot) => ({ kind: 'module', ...said, slot, product: 'DI' }) as const));
    },
  },
  childrenPerAsset: {
    small: 3,
    play: (scenario) => {
      scenario.talk(modbus).tell(...each((at) => ({ kind: 'behind', ...said, device: `unit ${at}` }) as const));
    },
  },
  servicesPerAsset: {
    small: 3,
    play: (scenario) => {
      each((at) => scenario.talk({ ...modbus, port: 500 + at }).exchange(READ));
    },
  },
  conversations: {
    small: 3,
    play: (scenario) => {
      each((at) => scenario.talk({ ...modbus, port: 500 + at }).exchange(READ));
    },
  },
  strangersConversations: { small: 2, others: { newAssetsPerMinute: 1 }, play: strangers },
  operationsPerConversation: {
    small: 3,
    play: (scenario) => {
      const talk = scenario.talk(modbus);
      each((at) => talk.exchange(operation(`operation ${at}`, 'read')));
    },
  },
  likesPerFlow: { small: 2, play: likes },
  likes: { small: 2, play: likes },
  claims: {
    small: 3,
    play: (scenario) => {
      each((at) => scenario.arp(`02:00:00:00:00:0${at}`, `10.0.0.${at}`));
    },
  },
  facts: {
    small: 3,
    play: (scenario) => {
      const sent = { kind: 'credential', scheme: 'basic', secret: 'sent' } as const;
      scenario.talk(modbus).tell(...each((at) => ({ ...sent, user: `user ${at}` }) as const));
    },
  },
  attempts: { small: 3, play: strangers },
};

function engineRun(name: LimitName, limits: Partial<Limits>, simulatedLimits: readonly LimitName[] = []) {
  const told: Told[] = [];
  const listener = {
    wantsObservations: true,
    limitReached: (limit: LimitName, _time: number, times: number) => void told.push({ limit, times }),
  };
  const engine = new Engine({ dissectors: [...dissectors, OWN], listener, seed: 7, limits, simulatedLimits });
  ENGINE_CASES[name].play(new Wire(engine));
  engine.end();
  const { packets, decoded, filtered, dropped } = engine.counters;
  expect(decoded + filtered + dropped).toBe(packets);
  return { told: told.filter(({ limit }) => limit === name), times: engine.limitsReached.get(name) };
}

function inventoryRun(
  name: InventoryLimitName,
  limits: Partial<InventoryLimits>,
  simulatedLimits: readonly InventoryLimitName[] = [],
) {
  const told: Told[] = [];
  const { others, play } = INVENTORY_CASES[name];
  const scenario = new Scenario({ ...others, ...limits }, undefined, {
    simulatedLimits,
    limitReached: (limit, _time, times) => void told.push({ limit, times }),
  });
  play(scenario);
  const { limits: reached } = scenario.end();
  return { told: told.filter(({ limit }) => limit === name), times: reached.get(name) };
}

describe.each([
  ...(Object.keys(LIMITS) as LimitName[]).map((name) => ({
    name: name as string,
    limit: LIMITS[name],
    small: ENGINE_CASES[name]?.small,
    run: (value: number | undefined, isSimulated = false) =>
      engineRun(name, value === undefined ? {} : { [name]: value }, isSimulated ? [name] : []),
  })),
  ...(Object.keys(INVENTORY_LIMITS) as InventoryLimitName[]).map((name) => ({
    name: name as string,
    limit: INVENTORY_LIMITS[name],
    small: INVENTORY_CASES[name]?.small,
    run: (value: number | undefined, isSimulated = false) =>
      inventoryRun(name, value === undefined ? {} : { [name]: value }, isSimulated ? [name] : []),
  })),
])('the limit $name', ({ limit, small, run }) => {
  it('is not told of while it is far away', () => {
    expect(run(undefined)).toEqual({ told: [], times: undefined });
  });

  it('is told of once, by its name, and counted when it is reached', () => {
    expect(small).toBeLessThan(limit.value);
    const { told, times } = run(small);

    expect(told).toEqual([expect.objectContaining({ times: 1 })]);
    expect(times).toBeGreaterThanOrEqual(1);
  });

  it('is reached once by its switch, whatever is set, and is itself again', () => {
    const { told, times } = run(undefined, true);

    expect(told).toHaveLength(1);
    expect(times).toBe(1);
  });

  it('holds as low as it can be set', () => {
    expect(run(1).times).toBeGreaterThanOrEqual(1);
  });

  it('has a default that may be set', () => {
    expect(limit.value).toBeLessThanOrEqual(mostOf(limit));
  });
});

it('has no name twice', () => {
  expect(Object.keys(ALL_LIMITS)).toHaveLength(Object.keys(LIMITS).length + Object.keys(INVENTORY_LIMITS).length);
});
