import { describe, expect, it } from 'vitest';
import { type End, operation, Scenario } from '../../test/scenario.ts';
import { toAnalysisJson } from './report.ts';

const READ = operation('read holding registers', 'read');
const WRITE = operation('write single register', 'write');
const DATA = operation('cyclic data', 'report');
const plc: End = { mac: '00:1c:06:00:00:01', ip: '192.168.0.1' };
const hmi: End = { mac: '00:1b:1b:00:00:07', ip: '192.168.0.7' };
const modbus = { client: hmi, server: plc, port: 502, protocol: 'modbus' } as const;

const RUN = {
  version: '0.1.0',
  captures: [
    { path: 'plant.pcap', packets: 3, bytes: 300, firstSeen: 0, lastSeen: 1, lost: 0, damage: undefined, filters: [] },
  ],
  counters: { packets: 3, decoded: 3, filtered: 0, dropped: 0, truncated: 0, malformed: 0, duplicates: 0 },
  leftOut: undefined,
  stopped: false,
  limits: new Map(),
};

describe('conversations', () => {
  it('join all flows between the same parties', () => {
    const scenario = new Scenario();
    scenario.talk(modbus).exchange(READ, { times: 3 }).exchange(WRITE, { refused: 'illegal function' });
    scenario.talk(modbus).exchange(READ);

    expect([...scenario.end().conversations]).toMatchObject([
      {
        client: 'a1',
        server: 'a2',
        transport: 'tcp',
        port: 502,
        protocol: 'modbus',
        flows: 2,
        operations: [
          { name: 'read holding registers', effect: 'read', count: 4, errors: 0 },
          { name: 'write single register', effect: 'write', count: 1, errors: 1 },
        ],
        timing: { requests: 5, unanswered: 0 },
      },
    ]);
  });

  it('tell response times and the period of the question that is asked most', () => {
    const scenario = new Scenario();
    const talk = scenario.talk(modbus).exchange(READ, { like: 1, times: 50, everyMs: 100, tookMs: 4 });
    talk.exchange(READ, { like: 2, times: 3, everyMs: 700, tookMs: 12 });

    expect([...scenario.end().conversations][0]?.timing).toEqual({
      requests: 53,
      unanswered: 0,
      response: { p50: expect.closeTo(4000, -2), p99: 12_000, p999: 12_000, max: 12_000 },
      period: { p50: expect.closeTo(100_000, -3), jitterP99: expect.any(Number) },
    });
  });

  it('tell the period of reports, side by side, and not across a gap', () => {
    const scenario = new Scenario();
    const talk = scenario.talk({ ...modbus, transport: 'udp', port: 2222, protocol: 'cip_io' });
    for (let cycle = 0; cycle < 20; cycle++) {
      scenario.wait(0.01);
      talk.report(DATA, { side: 0 }).report(DATA, { side: 1 });
    }
    talk.lose();
    scenario.wait(60);
    talk.report(DATA).report(DATA, { side: 1 });

    expect([...scenario.end().conversations][0]?.timing?.period).toEqual({
      p50: expect.closeTo(10_000, -2),
      jitterP99: expect.closeTo(0, -1),
    });
  });

  it('say whom nobody answered', () => {
    const scenario = new Scenario();
    scenario
      .talk({
        client: hmi,
        server: { ip: '192.168.0.255' },
        transport: 'udp',
        port: 137,
        protocol: 'nbns',
        toMany: true,
      })
      .ask(READ);

    expect([...scenario.end().conversations][0]).toMatchObject({
      client: 'a1',
      server: undefined,
      target: '192.168.0.255',
    });
  });

  it('count the answers to all of the one who sends them', () => {
    const scenario = new Scenario();
    const talk = scenario.talk({
      ...modbus,
      client: { ip: '255.255.255.255' },
      transport: 'udp',
      port: 5560,
      toMany: true,
      opening: 'silent',
    });
    talk.report(DATA, { side: 1 });

    expect([...scenario.end().conversations].at(-1)).toMatchObject({ port: 5560 });
  });

  it('stay within their limits, and say so', () => {
    const scenario = new Scenario({ conversations: 2, operationsPerConversation: 3, likesPerFlow: 4 });
    for (let port = 1; port <= 5; port++) {
      const talk = scenario.talk({ ...modbus, port });
      for (let like = 0; like < 9; like++) {
        talk.exchange(operation(`operation ${like}`, 'read'), { like: 0 });
        talk.exchange(READ, { like });
      }
    }
    const { conversations, limits } = scenario.end();

    expect(conversations).toHaveLength(2);
    expect([...conversations][0]?.operations).toHaveLength(3);
    expect([...limits.keys()].sort()).toEqual(['conversations', 'likesPerFlow', 'operationsPerConversation']);
  });
});

describe('the report', () => {
  function play(): string {
    const scenario = new Scenario();
    scenario.arp('00:1c:06:00:00:01', '192.168.0.1');
    scenario
      .talk(modbus)
      .tell({ kind: 'identity', subject: 'sender', basis: 'identification', vendor: 'Siemens', serial: 'S C-1001' })
      .tell({ kind: 'module', subject: 'sender', basis: 'identification', slot: 3, product: 'DI 32' })
      .exchange(READ, { times: 30 })
      .exchange(WRITE);
    return JSON.stringify(toAnalysisJson(scenario.end(), RUN), undefined, 2);
  }

  it('has the shape that users rely on, and null for what is unknown', async () => {
    await expect(play()).toMatchFileSnapshot('report.golden.json');
  });

  it('is the same bytes for the same input', () => {
    expect(play()).toBe(play());
  });
});

describe('zones', () => {
  it('puts a controller with its field devices and its panel into a cell, and gives reasons', () => {
    const scenario = new Scenario();
    const io = { mac: '00:0e:f0:00:00:05', ip: '192.168.0.5' };
    const role = { kind: 'role', subject: 'sender', basis: 'announcement', reason: 'PROFINET device' } as const;
    scenario
      .talk({ client: plc, server: io, transport: 'udp', port: 34_964, protocol: 'pn_cm' })
      .exchange(READ)
      .tell({ ...role, role: 'io' });
    scenario.talk(modbus).exchange(READ).exchange(WRITE);
    scenario.announce('00:0e:8c:ef:75:c9', 'lldp', { ...role, role: 'switch' });
    const { zones } = scenario.end();

    expect(zones.map(({ name, assets }) => [name, assets.length])).toEqual([
      ['Cell 1', 3],
      ['Network and time', 1],
    ]);
    expect(zones[0]?.reasons).toHaveLength(2);
  });

  it('leaves controllers together that nothing tells apart', () => {
    const scenario = new Scenario();
    for (const number of [1, 2, 3, 4, 5, 6]) {
      const server = { mac: `00:1c:06:00:00:0${number}`, ip: `192.168.0.${number}` };
      scenario
        .talk({ ...modbus, server })
        .exchange(READ)
        .exchange(WRITE);
    }

    expect(scenario.end().zones.map(({ name, assets }) => [name, assets.length])).toEqual([
      ['Operations in 192.168.0.0/24', 1],
      ['Controllers in 192.168.0.0/24', 6],
    ]);
  });
});
