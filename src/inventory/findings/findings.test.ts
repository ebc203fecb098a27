import { describe, expect, it } from 'vitest';
import { type End, operation, Scenario } from '../../../test/scenario.ts';
import type { Observation } from '../../wire/observation.ts';
import type { CaptureCoverage } from '../heard.ts';

const READ = operation('read holding registers', 'read');
const WRITE = operation('write single register', 'write');
const HOST = operation('announce host', 'report');
const STOP = operation('stop PLC', 'control');
const plc: End = { mac: '00:1c:06:00:00:01', ip: '192.168.0.1' };
const other: End = { mac: '00:1c:06:00:00:02', ip: '192.168.0.2' };
const hmi: End = { mac: '00:1b:1b:00:00:07', ip: '192.168.0.7' };
const laptop: End = { mac: '00:1b:1b:00:00:08', ip: '192.168.0.8' };
const outside: End = { mac: '00:00:5e:11:11:11', ip: '198.51.44.7', ttl: 50 };
const office: End = { mac: '00:00:5e:11:11:11', ip: '10.4.0.9', ttl: 127 };

const modbus = { client: hmi, server: plc, port: 502, protocol: 'modbus' } as const;
const s7 = { client: hmi, server: plc, port: 102, protocol: 's7comm' } as const;
const https = { port: 443, protocol: 'tls' } as const;

function role(name: 'workstation' | 'safety'): Observation {
  return { kind: 'role', subject: 'sender', role: name, reason: 'says so', basis: 'announcement' };
}

function identity(more: Partial<Observation>): Observation {
  return { kind: 'identity', subject: 'sender', basis: 'identification', ...more } as Observation;
}

function service(more: Partial<Observation>): Observation {
  return { kind: 'service', subject: 'sender', ...more } as Observation;
}

interface Case {
  readonly code: string;
  readonly severity?: string;
  fires(scenario: Scenario): unknown;
  misses(scenario: Scenario): unknown;
}

/** For every code one story that it tells, and one that is nearly the same. */
const CASES: readonly Case[] = [
  ...(
    [
      ['engineering.stop', STOP, 'high'],
      ['engineering.start', operation('start program', 'control'), 'high'],
      ['engineering.reset', operation('memory reset', 'control'), 'high'],
      ['engineering.mode', operation('set mode', 'control'), 'high'],
      ['engineering.force', operation('force variables', 'write'), 'high'],
      ['engineering.download', operation('request download', 'program'), 'high'],
      ['engineering.upload', operation('start upload', 'program'), 'medium'],
      ['engineering.delete', operation('delete block', 'program'), 'high'],
      ['engineering.firmware', operation('update firmware', 'firmware'), 'high'],
      ['engineering.configure', operation('set clock', 'configure'), 'medium'],
    ] as const
  ).map(([code, done, severity]) => ({
    code,
    severity,
    fires: (scenario: Scenario) => scenario.talk(s7).exchange(done),
    misses: (scenario: Scenario) => scenario.talk(s7).exchange(READ),
  })),
  {
    code: 'engineering.password-refused',
    severity: 'medium',
    fires: (scenario) =>
      scenario.talk(s7).exchange(operation('send password', 'authenticate'), { times: 3, refused: 'wrong' }),
    misses: (scenario) =>
      scenario.talk(s7).exchange(operation('send password', 'authenticate'), { times: 2, refused: 'wrong' }),
  },
  {
    code: 'cleartext.engineering',
    severity: 'medium',
    fires: (scenario) => scenario.talk(s7).exchange(operation('request download', 'program')),
    misses: (scenario) =>
      scenario.talk({ ...s7, port: 4840, protocol: 'opcua' }).exchange(operation('add nodes', 'configure')),
  },
  {
    code: 'cleartext.credentials',
    severity: 'high',
    fires: (scenario) =>
      scenario
        .talk({ ...s7, port: 21, protocol: 'ftp' })
        .tell({ kind: 'credential', scheme: 'FTP', user: 'admin', secret: 'sent' }),
    misses: (scenario) =>
      scenario
        .talk({ ...s7, port: 21, protocol: 'ftp' })
        .tell({ kind: 'credential', scheme: 'FTP', user: 'anonymous', secret: 'none' }),
  },
  {
    code: 'opcua.security-none',
    severity: 'low',
    fires: (scenario) =>
      scenario
        .talk({ ...s7, port: 4840, protocol: 'opcua' })
        .tell(service({ protection: 'none' }))
        .exchange(operation('write', 'write')),
    misses: (scenario) =>
      scenario
        .talk({ ...s7, port: 4840, protocol: 'opcua' })
        .tell(service({ protection: 'encrypted' }))
        .exchange(operation('write', 'write')),
  },
  {
    code: 'it-ot.bypass',
    severity: 'medium',
    fires(scenario) {
      scenario
        .talk({ ...modbus, client: office })
        .exchange(READ)
        .report(HOST, { observations: [role('workstation')] });
      scenario.talk({ client: office, server: outside, ...https });
      scenario.talk(modbus).exchange(READ);
    },
    misses(scenario) {
      scenario
        .talk({ ...modbus, client: laptop })
        .exchange(READ)
        .report(HOST, { observations: [role('workstation')] });
      scenario.talk({ client: laptop, server: outside, ...https });
    },
  },
  {
    code: 'internet.contact',
    severity: 'high',
    fires: (scenario) => scenario.talk({ ...modbus, client: outside }).exchange(READ),
    misses: (scenario) => scenario.talk({ ...modbus, client: outside, opening: 'silent' }),
  },
  {
    code: 'internet.stray-address',
    severity: 'low',
    fires(scenario) {
      scenario.talk(modbus).exchange(READ);
      const client = { mac: '00:21:91:06:f1:66', ip: '208.73.217.142' };
      scenario.talk({ client, server: { ip: '239.255.255.100' }, transport: 'ip', carrier: 2, toMany: true });
    },
    misses(scenario) {
      scenario.talk(modbus).exchange(READ);
      const client = { mac: '00:21:91:06:f1:66', ip: '192.168.0.66' };
      scenario.talk({ client, server: { ip: '239.255.255.100' }, transport: 'ip', carrier: 2, toMany: true });
    },
  },
  {
    code: 'remote-access.tool',
    severity: 'high',
    fires: (scenario) =>
      scenario
        .talk({ client: hmi, server: outside, ...https })
        .tell(service({ requestedName: 'router4.teamviewer.com' })),
    misses: (scenario) =>
      scenario
        .talk({ client: hmi, server: outside, ...https })
        .tell(service({ requestedName: 'notteamviewer.com.example' })),
  },
  ...(
    [
      ['exposed.rdp', 3389, 'rdp'],
      ['exposed.smb', 445, 'smb'],
      ['exposed.engineering-port', 102, 's7comm'],
    ] as const
  ).map(([code, port, protocol]) => ({
    code,
    fires: (scenario: Scenario) => scenario.talk({ client: outside, server: plc, port, protocol }).exchange(READ),
    misses: (scenario: Scenario) => scenario.talk({ client: hmi, server: plc, port, protocol }).exchange(READ),
  })),
  {
    code: 'master.second',
    severity: 'medium',
    fires(scenario) {
      scenario.talk(modbus).exchange(WRITE);
      scenario.talk({ ...modbus, client: laptop }).exchange(WRITE);
    },
    misses(scenario) {
      scenario.talk(modbus).exchange(WRITE);
      scenario.talk({ ...modbus, client: laptop }).exchange(WRITE, { refused: 'illegal function' });
    },
  },
  {
    code: 'master.second',
    fires(scenario) {
      scenario.talk(modbus).exchange(READ, { times: 400 });
      scenario.talk({ ...modbus, client: laptop }).exchange(WRITE);
    },
    misses(scenario) {
      scenario.talk({ ...modbus, client: laptop }).exchange(WRITE);
      scenario.talk(modbus).exchange(READ, { times: 400 });
    },
  },
  {
    code: 'process.write-to-safety',
    severity: 'critical',
    fires: (scenario) => scenario.talk(modbus).tell(role('safety')).exchange(WRITE),
    misses: (scenario) => scenario.talk(modbus).tell(role('safety')).exchange(READ),
  },
  ...(
    [
      ['legacy.telnet', 23, 'telnet', []],
      ['legacy.ftp', 21, 'ftp', []],
      ['legacy.smb1', 445, 'smb', [service({ version: 'SMB 1' })]],
      ['legacy.http-admin', 80, 'http', [{ kind: 'credential', scheme: 'HTTP basic', secret: 'sent' }]],
      ['legacy.snmp-default-community', 161, 'snmp', [{ kind: 'credential', scheme: 'SNMP', secret: 'default' }]],
      ['legacy.tls-old', 443, 'tls', [service({ version: 'TLS 1.0' })]],
      ['legacy.vnc-open', 5900, 'vnc', [service({ protection: 'none' })]],
    ] as const
  ).map(([code, port, protocol, said]) => ({
    code,
    severity: 'medium',
    fires: (scenario: Scenario) =>
      scenario
        .talk({ client: hmi, server: plc, port, protocol })
        .exchange(READ)
        .tell(...said),
    misses: (scenario: Scenario) =>
      scenario.talk({ client: hmi, server: plc, port: 8443, protocol: 'tls' }).tell(service({ version: 'TLS 1.3' })),
  })),
  {
    code: 'address.duplicate',
    severity: 'high',
    fires(scenario) {
      scenario.arp('00:1c:06:00:00:01', '192.168.0.1');
      scenario.wait(5).arp('00:1c:06:00:00:02', '192.168.0.1');
      scenario.wait(5).arp('00:1c:06:00:00:01', '192.168.0.1');
    },
    misses(scenario) {
      scenario.arp('00:1c:06:00:00:01', '192.168.0.1');
      scenario.wait(5).arp('00:1c:06:00:00:02', '192.168.0.1');
    },
  },
  {
    code: 'asset.replaced',
    severity: 'info',
    fires(scenario) {
      scenario.arp('00:1c:06:00:00:01', '192.168.0.1');
      scenario.wait(5).arp('00:1c:06:00:00:02', '192.168.0.1');
    },
    misses(scenario) {
      scenario.arp('00:1c:06:00:00:01', '192.168.0.1');
      scenario.wait(5).arp('00:1c:06:00:00:02', '192.168.0.2');
    },
  },
  {
    code: 'address.impersonation',
    severity: 'critical',
    fires(scenario) {
      scenario.talk(modbus).exchange(READ, { times: 3 });
      scenario.arp('00:de:ad:00:00:01', '192.168.0.1', 'reply');
      scenario.arp('00:de:ad:00:00:01', '192.168.0.7', 'reply');
      scenario.talk(modbus).exchange(READ, { times: 3 });
    },
    misses(scenario) {
      scenario.talk(modbus).exchange(READ, { times: 3 });
      scenario.arp('00:de:ad:00:00:01', '192.168.0.1', 'reply');
      scenario.talk(modbus).exchange(READ, { times: 3 });
    },
  },
  {
    code: 'name.duplicate',
    severity: 'medium',
    fires(scenario) {
      scenario.announce('00:1c:06:00:00:01', 'pn_dcp', identity({ name: 'drive-1', basis: 'announcement' }));
      scenario.announce('00:1c:06:00:01:02', 'pn_dcp', identity({ name: 'drive-1', basis: 'announcement' }));
    },
    misses(scenario) {
      scenario.announce('00:1c:06:00:00:01', 'pn_dcp', identity({ name: 'drive-1', basis: 'announcement' }));
      scenario.announce('00:1c:06:00:01:02', 'pn_dcp', identity({ name: 'drive-2', basis: 'announcement' }));
    },
  },
  {
    code: 'dhcp.second-server',
    severity: 'medium',
    fires(scenario) {
      for (const server of [plc, other]) {
        scenario
          .talk({
            client: server,
            server: { ip: '255.255.255.255' },
            transport: 'udp',
            port: 68,
            protocol: 'dhcp',
            toMany: true,
          })
          .ask(operation('offer', 'configure'));
      }
    },
    misses(scenario) {
      scenario
        .talk({
          client: plc,
          server: { ip: '255.255.255.255' },
          transport: 'udp',
          port: 68,
          protocol: 'dhcp',
          toMany: true,
        })
        .ask(operation('offer', 'configure'));
      scenario
        .talk({
          client: other,
          server: { ip: '255.255.255.255' },
          transport: 'udp',
          port: 67,
          protocol: 'dhcp',
          toMany: true,
        })
        .ask(operation('discover', 'configure'));
    },
  },
  {
    code: 'identity.conflict',
    severity: 'medium',
    fires: (scenario) =>
      scenario
        .talk(s7)
        .tell(identity({ serial: 'S C-1001' }))
        .tell(identity({ serial: 'S C-2002' })),
    misses: (scenario) =>
      scenario
        .talk(s7)
        .tell(identity({ serial: 'S C-1001' }))
        .tell(identity({ serial: 'S C 1001' })),
  },
  {
    code: 'address.changed',
    severity: 'info',
    fires(scenario) {
      scenario.arp('00:1c:06:00:00:01', '192.168.0.1');
      scenario.wait(5).arp('00:1c:06:00:00:01', '192.168.0.5', 'announcement');
    },
    misses(scenario) {
      scenario.arp('00:1c:06:00:00:01', '192.168.0.1');
      scenario.wait(5).arp('00:1c:06:00:00:01', '192.168.0.1', 'announcement');
    },
  },
  {
    code: 'scan.hosts',
    severity: 'medium',
    fires(scenario) {
      for (let host = 1; host <= 5; host++) {
        scenario.talk({ client: laptop, server: { ip: `192.168.0.${host}` }, port: 502, opening: 'silent' });
      }
    },
    misses(scenario) {
      for (let host = 1; host <= 4; host++) {
        scenario.talk({ client: laptop, server: { ip: `192.168.0.${host}` }, port: 502, opening: 'silent' });
      }
    },
  },
  {
    code: 'scan.ports',
    severity: 'medium',
    fires(scenario) {
      for (let port = 1; port <= 10; port++) {
        scenario.talk({ client: laptop, server: plc, port, opening: 'rejected' });
      }
    },
    misses(scenario) {
      for (let port = 1; port <= 10; port++) {
        scenario.talk({ client: laptop, server: plc, port, opening: port < 4 ? 'accepted' : 'rejected' });
      }
    },
  },
  {
    code: 'scan.functions',
    severity: 'medium',
    fires(scenario) {
      const talk = scenario.talk(modbus);
      for (let code = 0; code < 6; code++) {
        talk.exchange(operation(`function ${code}`, 'unknown'), { refused: 'illegal function' });
      }
    },
    misses(scenario) {
      const talk = scenario.talk(modbus);
      for (let code = 0; code < 6; code++) {
        talk.exchange(operation(`function ${code}`, 'unknown'), code < 4 ? { refused: 'illegal function' } : {});
      }
    },
  },
  {
    code: 'scan.registers',
    severity: 'medium',
    fires(scenario) {
      const talk = scenario.talk(modbus);
      for (let like = 0; like < 60; like++) {
        talk.exchange(READ, { like, refused: 'illegal data address' });
      }
    },
    misses(scenario) {
      const talk = scenario.talk(modbus);
      for (let asked = 0; asked < 180; asked++) {
        talk.exchange(READ, { like: asked % 60 });
      }
    },
  },
  {
    code: 'scan.identity',
    severity: 'low',
    fires(scenario) {
      const talk = scenario.talk(s7);
      for (let like = 0; like < 20; like++) {
        talk.exchange(operation('read system status list', 'discover'), { like });
      }
    },
    misses: (scenario) =>
      scenario.talk(s7).exchange(operation('read system status list', 'discover'), { like: 1, times: 20 }),
  },
  {
    code: 'malformed.traffic',
    severity: 'medium',
    fires: (scenario) => scenario.talk(modbus).exchange(READ).malformed(3),
    misses: (scenario) => scenario.talk(modbus).exchange(READ).malformed(2),
  },
  {
    code: 'evasion.overlap',
    severity: 'high',
    fires: (scenario) => scenario.talk(modbus).exchange(READ).overlap(),
    misses: (scenario) => scenario.talk(modbus).exchange(READ),
  },
  {
    code: 'flood.requests',
    severity: 'high',
    fires: (scenario) =>
      scenario.talk(modbus).exchange(READ, { times: 60 }).exchange(READ, { times: 400, everyMs: 5, tookMs: 2 }),
    misses: (scenario) =>
      scenario
        .talk(modbus)
        .exchange(READ, { times: 60, everyMs: 50 })
        .exchange(READ, { times: 400, everyMs: 8, tookMs: 2 }),
  },
  {
    code: 'polling.unanswered',
    severity: 'low',
    fires: (scenario) => scenario.talk(modbus).exchange(READ, { times: 30 }).silence(READ, 3),
    misses: (scenario) => scenario.talk(modbus).exchange(READ, { times: 100 }).silence(READ, 3),
  },
  {
    code: 'polling.refused',
    severity: 'medium',
    fires: (scenario) => scenario.talk(modbus).exchange(READ, { times: 30, refused: 'illegal data address' }),
    misses: (scenario) => scenario.talk(modbus).exchange(READ, { times: 10, refused: 'illegal data address' }),
  },
  {
    code: 'clock.disagreement',
    severity: 'low',
    fires(scenario) {
      for (let times = 0; times < 3; times++) {
        scenario.talk(s7).tell({ kind: 'clock', stated: scenario.now - 60_000_000, source: 'clock' });
      }
    },
    misses(scenario) {
      for (let times = 0; times < 3; times++) {
        scenario.talk(s7).tell({ kind: 'clock', stated: scenario.now - 60_000, source: 'clock' });
      }
    },
  },
  {
    code: 'redundancy.degraded',
    severity: 'medium',
    fires(scenario) {
      for (let times = 0; times < 4; times++) {
        scenario.announce('00:0e:8c:00:00:01', 'stp').report(operation('announce topology change', 'report'));
      }
    },
    misses(scenario) {
      for (let times = 0; times < 3; times++) {
        scenario.announce('00:0e:8c:00:00:01', 'stp').report(operation('announce topology change', 'report'));
      }
    },
  },
  {
    code: 'coverage.one-sided',
    severity: 'info',
    fires: (scenario) =>
      scenario
        .talk({ ...modbus, opening: 'one-sided' })
        .ask(READ)
        .ask(READ),
    misses: (scenario) => scenario.talk({ ...modbus, opening: 'midstream' }).exchange(READ),
  },
  {
    code: 'coverage.lost-packets',
    severity: 'info',
    fires: (scenario) => scenario.talk(modbus).exchange(READ).lose(),
    misses: (scenario) => scenario.talk(modbus).exchange(READ),
  },
  {
    code: 'coverage.encrypted',
    severity: 'info',
    fires: (scenario) => scenario.talk({ client: hmi, server: other, ...https }),
    misses: (scenario) => scenario.talk(modbus).exchange(READ),
  },
];

describe.each(CASES)('$code', ({ code, severity, fires, misses }) => {
  it('fires', () => {
    const scenario = new Scenario();
    fires(scenario);
    const { findings, assets } = scenario.end();
    const found = findings.filter((finding) => finding.code === code);

    expect(found.length).toBeGreaterThan(0);
    for (const finding of found) {
      const known = new Set(assets.map(({ id }) => id));
      expect(finding.severity).toBe(severity ?? finding.severity);
      expect(finding.assets.filter((id) => !known.has(id))).toEqual([]);
      expect(finding.explanation).toMatch(/harmless|means that listening|captur/);
      expect(finding.filter).toMatch(FILTER);
      expect(finding.frames.every((frame) => frame > 0)).toBe(true);
    }
  });

  it('does not fire for what is nearly the same', () => {
    const scenario = new Scenario();
    misses(scenario);

    expect(scenario.end().findings.filter((finding) => finding.code === code)).toEqual([]);
  });
});

/** Names of fields, numbers, addresses and operators: nothing from the wire can end a string here. */
const FILTER = /^[a-z0-9_.: =!<>&|()]+$/;

it('counts tries of one half minute together, however late a capture says that it is', () => {
  const scenario = new Scenario({ attempts: 5 });
  scenario.now = 4e17;
  for (let times = 0; times < 2; times++) {
    for (let host = 1; host <= 5; host++) {
      scenario.talk({ client: laptop, server: { ip: `192.168.0.${host}` }, port: 502, opening: 'silent' });
    }
  }
  const { findings, limits } = scenario.end();

  expect(findings.map(({ code }) => code)).toContain('scan.hosts');
  expect([...limits]).toEqual([]);
});

it('tells what the captures themselves lack', () => {
  const nothing = { lost: 0, withFilter: 0, passedOver: 0, leftOut: undefined, stopped: false };
  const codes = (lacks: Partial<CaptureCoverage>) => {
    const scenario = new Scenario();
    scenario.talk(modbus).exchange(READ);
    return scenario.end({ ...nothing, ...lacks }).findings.map(({ code }) => code);
  };
  const leftOut = (packets: number) => ({ packets, since: undefined, until: undefined, only: ['vlan:20'] });

  expect(codes({ leftOut: leftOut(0) })).toEqual([]);
  expect(codes({ lost: 5 })).toEqual(['coverage.lost-packets']);
  expect(codes({ withFilter: 1, passedOver: 7 })).toEqual(['coverage.filtered']);
  expect(codes({ leftOut: leftOut(1) })).toEqual(['coverage.filtered']);
  expect(codes({ stopped: true })).toEqual(['coverage.stopped']);
});

it('lets no name from the wire into a filter, whoever sends it', () => {
  const scenario = new Scenario();
  const hostile = '" || frame || "</script><img src=x onerror=alert(1)>';
  const talk = scenario.talk(s7).tell(identity({ name: hostile, product: hostile, serial: hostile }));
  talk.exchange(STOP).exchange(operation('request download', 'program'));
  talk.tell({ kind: 'credential', scheme: hostile, user: hostile, secret: 'sent' });
  scenario.announce('00:1c:06:00:00:01', 'pn_dcp', identity({ name: hostile }));
  scenario.announce('00:1c:06:00:01:02', 'pn_dcp', identity({ name: hostile }));
  const { findings } = scenario.end();

  expect(findings.length).toBeGreaterThan(3);
  expect(findings.filter(({ filter }) => !FILTER.test(filter))).toEqual([]);
});

it('weighs what comes from outside or touches safety more, and what was refused less', () => {
  const severities = [outside, hmi].flatMap((client) =>
    [undefined, 'not permitted'].map((refused) => {
      const scenario = new Scenario();
      scenario.talk({ ...s7, client }).exchange(STOP, refused === undefined ? {} : { refused });
      return scenario.end().findings.find(({ code }) => code === 'engineering.stop')?.severity;
    }),
  );

  expect(severities).toEqual(['critical', 'high', 'high', 'medium']);
});
