import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type End, operation, Scenario } from '../../test/scenario.ts';
import type { Identity, IdentityObservation } from '../wire/observation.ts';
import type { Analysis } from './analysis.ts';

const READ = operation('read holding registers', 'read');
const plc: End = { mac: '00:1c:06:00:00:01', ip: '192.168.0.1' };
const hmi: End = { mac: '00:1b:1b:00:00:07', ip: '192.168.0.7' };
const modbus = { port: 502, protocol: 'modbus' } as const;

function says(identity: Identity): IdentityObservation {
  return { kind: 'identity', subject: 'sender', basis: 'identification', ...identity };
}

/** Interfaces of all assets, as short text. */
function shown({ assets }: Analysis): string[] {
  return assets.map(({ interfaces, parent, behind }) =>
    parent !== undefined
      ? `${behind} of ${parent}`
      : interfaces
          .map(({ mac, addresses, vlan }) => `${mac ?? '-'} ${addresses.join(',')}${vlan ? ` vlan ${vlan}` : ''}`)
          .join(' + '),
  );
}

describe('who is an asset', () => {
  it('is whoever was seen sending, never who was only asked', () => {
    const scenario = new Scenario();
    scenario.arp('00:1b:1b:00:00:07', '192.168.0.7');
    scenario.talk({ client: hmi, server: { ip: '192.168.0.99' }, opening: 'silent', ...modbus });

    const analysis = scenario.end();

    expect(shown(analysis)).toEqual(['00:1b:1b:00:00:07 192.168.0.7']);
    expect([...analysis.conversations].at(-1)).toMatchObject({
      client: 'a1',
      server: undefined,
      target: '192.168.0.99',
    });
  });

  it('invents no asset from any destination', () => {
    const end = fc.record({ mac: fc.constantFrom('02:00:00:00:00:01', '02:00:00:00:00:02'), ip: fc.ipV4() });
    fc.assert(
      fc.property(fc.array(fc.tuple(end, fc.ipV4()), { maxLength: 20 }), (talks) => {
        const scenario = new Scenario();
        const senders = new Set(talks.map(([client]) => client.ip));
        for (const [client, ip] of talks) {
          scenario.talk({ client, server: { ip }, opening: 'silent', port: 80 });
        }
        const addresses = scenario
          .end()
          .assets.flatMap(({ interfaces }) => interfaces.flatMap((each) => each.addresses));
        expect(addresses.filter((address) => !senders.has(address))).toEqual([]);
      }),
    );
  });

  it.each([
    {
      name: 'a device that changes its address by ARP',
      play(scenario: Scenario) {
        scenario.arp('00:1c:06:00:00:01', '192.168.0.1');
        scenario.talk({ client: hmi, server: plc, ...modbus }).exchange(READ, { times: 3 });
        scenario.wait(5).arp('00:1c:06:00:00:01', '192.168.0.5', 'probe');
        scenario.arp('00:1c:06:00:00:01', '192.168.0.5', 'announcement');
      },
      assets: ['00:1c:06:00:00:01 192.168.0.1,192.168.0.5', '00:1b:1b:00:00:07 192.168.0.7'],
    },
    {
      name: 'hosts behind a router, whose MAC is not theirs',
      play(scenario: Scenario) {
        const router = '00:00:5e:11:11:11';
        for (const ip of ['10.1.0.5', '10.1.0.6']) {
          scenario.talk({ client: hmi, server: { mac: router, ip, ttl: 63 }, ...modbus }).exchange(READ);
        }
      },
      assets: ['00:1b:1b:00:00:07 192.168.0.7', '- 10.1.0.5', '- 10.1.0.6'],
    },
    {
      name: 'a single host behind a router',
      play(scenario: Scenario) {
        scenario
          .talk({ client: hmi, server: { mac: '00:00:5e:11:11:11', ip: '10.1.0.5', ttl: 125 }, ...modbus })
          .exchange(READ);
      },
      assets: ['00:1b:1b:00:00:07 192.168.0.7', '- 10.1.0.5'],
    },
    {
      name: 'a router that speaks for itself, and a host behind it',
      play(scenario: Scenario) {
        scenario.arp('00:00:5e:11:11:11', '192.168.0.254', 'reply');
        scenario
          .talk({ client: hmi, server: { mac: '00:00:5e:11:11:11', ip: '10.1.0.5', ttl: 63 }, ...modbus })
          .exchange(READ);
      },
      assets: ['00:00:5e:11:11:11 192.168.0.254', '00:1b:1b:00:00:07 192.168.0.7', '- 10.1.0.5'],
    },
    {
      name: 'many devices that share one MAC',
      play(scenario: Scenario) {
        for (const ip of ['10.0.0.1', '10.0.0.2', '10.0.0.3']) {
          scenario.talk({ client: hmi, server: { mac: '00:11:22:33:44:55', ip }, ...modbus }).exchange(READ);
        }
      },
      assets: ['00:1b:1b:00:00:07 192.168.0.7', '- 10.0.0.1', '- 10.0.0.2', '- 10.0.0.3'],
    },
    {
      name: 'one device with two interfaces and one serial number',
      play(scenario: Scenario) {
        for (const [mac, ip] of [
          ['00:1c:06:00:00:01', '192.168.0.1'],
          ['00:1c:06:00:00:02', '10.0.0.1'],
        ]) {
          scenario
            .talk({ client: hmi, server: { mac: mac ?? '', ip: ip ?? '' }, ...modbus })
            .tell(says({ serial: 'S C-X4U421302009' }));
        }
      },
      assets: ['00:1b:1b:00:00:07 192.168.0.7', '00:1c:06:00:00:01 192.168.0.1 + 00:1c:06:00:00:02 10.0.0.1'],
    },
    {
      name: 'ports of a switch that announce one chassis',
      play(scenario: Scenario) {
        for (const port of ['c9', 'cd']) {
          scenario.announce(`00:0e:8c:ef:75:${port}`, 'lldp', {
            kind: 'neighbour',
            subject: 'sender',
            chassis: '00:0e:8c:ef:75:c5',
            port,
          });
        }
      },
      assets: ['00:0e:8c:ef:75:c9  + 00:0e:8c:ef:75:cd '],
    },
    {
      name: 'neighbouring MACs alone: two devices',
      play(scenario: Scenario) {
        scenario.arp('00:0e:8c:ef:75:c9', '10.0.0.1');
        scenario.arp('00:0e:8c:ef:75:ca', '10.0.0.2');
      },
      assets: ['00:0e:8c:ef:75:c9 10.0.0.1', '00:0e:8c:ef:75:ca 10.0.0.2'],
    },
    {
      name: 'the same private address in two VLANs',
      play(scenario: Scenario) {
        scenario.talk({ client: hmi, server: plc, vlan: 10, ...modbus }).exchange(READ);
        scenario
          .talk({
            client: { ...hmi, mac: '00:1b:1b:00:00:08' },
            server: { ...plc, mac: '00:1c:06:00:00:09' },
            vlan: 20,
            ...modbus,
          })
          .exchange(READ);
      },
      assets: [
        '00:1b:1b:00:00:07 192.168.0.7 vlan 10',
        '00:1c:06:00:00:01 192.168.0.1 vlan 10',
        '00:1b:1b:00:00:08 192.168.0.7 vlan 20',
        '00:1c:06:00:00:09 192.168.0.1 vlan 20',
      ],
    },
    {
      name: 'a frame that an EtherCAT slave sends back',
      play(scenario: Scenario) {
        for (const mac of ['00:50:b6:00:00:01', '02:50:b6:00:00:01']) {
          const server = { mac: '01:01:05:01:00:00' };
          scenario.talk({
            client: { mac },
            server,
            transport: 'ethernet',
            carrier: 0x88a4,
            protocol: 'ethercat',
            toMany: true,
          });
        }
      },
      assets: ['00:50:b6:00:00:01 '],
    },
    {
      name: 'the zero MAC of a loopback',
      play(scenario: Scenario) {
        const [client, server] = [
          { mac: '00:00:00:00:00:00', ip: '127.0.0.1' },
          { mac: '00:00:00:00:00:00', ip: '127.0.0.1' },
        ];
        scenario.talk({ client, server, ...modbus }).exchange(READ);
      },
      assets: ['- 127.0.0.1'],
    },
    {
      name: 'a host before it has an address',
      play(scenario: Scenario) {
        const client = { mac: '00:1b:1b:00:00:07', ip: '0.0.0.0' };
        scenario.talk({ client, server: { ip: '255.255.255.255' }, transport: 'udp', port: 67, toMany: true });
        scenario.wait(1).arp('00:1b:1b:00:00:07', '169.254.1.1');
        scenario.wait(1).arp('00:1b:1b:00:00:07', '192.168.0.7');
      },
      assets: ['00:1b:1b:00:00:07 192.168.0.7,169.254.1.1'],
    },
    {
      name: 'a virtual router, which belongs to the real one',
      play(scenario: Scenario) {
        scenario.arp('00:1c:0f:00:00:01', '10.0.0.2');
        const client = { mac: '00:00:5e:00:01:07', ip: '10.0.0.2', ttl: 255 };
        scenario.talk({ client, server: { ip: '224.0.0.18' }, transport: 'ip', carrier: 112, toMany: true });
        scenario.arp('00:00:5e:00:01:07', '10.0.0.1', 'reply');
      },
      assets: ['00:1c:0f:00:00:01 10.0.0.2 + 00:00:5e:00:01:07 10.0.0.2,10.0.0.1'],
    },
    {
      name: 'units behind a gateway that answered',
      play(scenario: Scenario) {
        scenario
          .talk({ client: hmi, server: plc, ...modbus })
          .tell({ kind: 'behind', subject: 'sender', device: 'unit 3', basis: 'identification', product: 'Meter' })
          .tell({ kind: 'behind', subject: 'sender', device: 'unit 4', basis: 'identification' });
      },
      assets: ['00:1b:1b:00:00:07 192.168.0.7', '00:1c:06:00:00:01 192.168.0.1', 'unit 3 of a2', 'unit 4 of a2'],
    },
    {
      name: 'the one unit of a device that is no gateway',
      play(scenario: Scenario) {
        scenario
          .talk({ client: hmi, server: plc, ...modbus })
          .tell({ kind: 'behind', subject: 'sender', device: 'unit 1', basis: 'identification', product: 'Meter' });
      },
      assets: ['00:1b:1b:00:00:07 192.168.0.7', '00:1c:06:00:00:01 192.168.0.1'],
    },
  ])('$name', ({ play, assets }) => {
    const scenario = new Scenario();
    play(scenario);

    expect(shown(scenario.end())).toEqual(assets);
  });

  it('waits with senders that come in a flood, and says so', () => {
    const scenario = new Scenario({ newAssetsPerMinute: 3 });
    for (let number = 1; number <= 20; number++) {
      const client = { mac: '00:de:ad:00:00:01', ip: `10.9.0.${number}` };
      scenario.talk({ client, server: { ip: '192.168.0.1' }, transport: 'udp', port: 502 });
    }
    const answered = { mac: '00:1b:1b:00:00:07', ip: '192.168.0.7' };
    scenario.talk({ client: answered, server: plc, ...modbus }).exchange(READ);

    const { assets, findings, limits } = scenario.end();

    expect(assets.filter(({ interfaces }) => interfaces[0]?.addresses[0]?.startsWith('10.9'))).toHaveLength(0);
    expect(assets.filter(({ interfaces }) => interfaces[0]?.addresses[0]?.startsWith('192.168'))).toHaveLength(2);
    expect(findings.find(({ code }) => code === 'scan.spoofed-sources')).toMatchObject({ count: 20 });
    expect(limits.get('newAssetsPerMinute')).toBeGreaterThan(0);
  });
});

describe('what is known of an asset', () => {
  it('believes the surest, then the newest, and keeps the others', () => {
    const scenario = new Scenario();
    const talk = scenario.talk({ client: hmi, server: plc, ...modbus });
    talk.tell({ kind: 'identity', subject: 'sender', basis: 'banner', firmware: 'V9' });
    talk.tell(says({ vendor: 'Siemens', firmware: 'V3.2.6' }));
    talk.tell({ kind: 'identity', subject: 'sender', basis: 'hint', os: 'Linux' });

    const [, asset] = scenario.end().assets;

    expect(asset).toMatchObject({ vendor: 'Siemens', firmware: 'V3.2.6' });
    expect(asset?.os).toBeUndefined();
    expect(asset?.evidence.filter(({ attribute }) => attribute === 'firmware').map(({ value }) => value)).toEqual([
      'V3.2.6',
      'V9',
    ]);
  });

  it('takes a maker of automation devices from the MAC, others only for the interface', () => {
    const makers = (mac: string) =>
      mac.startsWith('00:1c:06') ? { vendor: 'Siemens', automation: true } : { vendor: 'Intel', automation: false };
    const scenario = new Scenario({}, makers);
    scenario.talk({ client: hmi, server: plc, ...modbus }).exchange(READ);

    const [client, server] = scenario.end().assets;

    expect([client?.vendor, client?.interfaces[0]?.vendor]).toEqual([undefined, 'Intel']);
    expect([server?.vendor, server?.interfaces[0]?.vendor]).toEqual(['Siemens', 'Siemens']);
  });

  it('counts a service only where somebody answered', () => {
    const scenario = new Scenario();
    scenario.talk({ client: hmi, server: plc, ...modbus }).exchange(READ);
    scenario.talk({ client: hmi, server: plc, port: 80, opening: 'rejected' });

    expect(scenario.end().assets.at(-1)?.services).toEqual([{ protocol: 'modbus', transport: 'tcp', port: 502 }]);
  });
});

describe('roles', () => {
  const write = operation('write single register', 'write');
  const download = operation('request download', 'program');
  const many = [1, 2, 3, 4, 5].map((number) => ({ mac: `00:1c:06:00:01:0${number}`, ip: `192.168.0.10${number}` }));

  it.each([
    {
      name: 'a polled server is a controller, at level 1',
      play: (scenario: Scenario) => scenario.talk({ client: hmi, server: plc, ...modbus }).exchange(READ),
      roles: ['unknown', 'plc'],
      levels: [undefined, 1],
    },
    {
      name: 'whoever reads and writes it is an operator panel',
      play: (scenario: Scenario) =>
        scenario
          .talk({ client: hmi, server: plc, ...modbus })
          .exchange(READ)
          .exchange(write),
      roles: ['hmi', 'plc'],
      levels: [2, 1],
    },
    {
      name: 'whoever writes its program is an engineering station',
      play: (scenario: Scenario) =>
        scenario.talk({ client: hmi, server: plc, port: 102, protocol: 's7comm' }).exchange(download),
      roles: ['engineering', 'plc'],
      levels: [2, 1],
    },
    {
      name: 'whoever polls five and writes is a control system',
      play(scenario: Scenario) {
        for (const server of many) {
          scenario
            .talk({ client: hmi, server, ...modbus })
            .exchange(READ)
            .exchange(write);
        }
      },
      roles: ['scada', 'plc', 'plc', 'plc', 'plc', 'plc'],
      levels: [2, 1, 1, 1, 1, 1],
    },
    {
      name: 'what a device declares counts more than what it does',
      play(scenario: Scenario) {
        const role = {
          kind: 'role',
          subject: 'sender',
          role: 'io',
          reason: 'PROFINET device',
          basis: 'announcement',
        } as const;
        scenario
          .talk({ client: hmi, server: plc, ...modbus })
          .exchange(READ)
          .tell(role);
      },
      roles: ['unknown', 'io'],
      levels: [undefined, 1],
    },
    {
      name: 'a fail-safe order number makes a safety controller',
      play(scenario: Scenario) {
        const talk = scenario.talk({ client: hmi, server: plc, port: 102, protocol: 's7comm' }).exchange(READ);
        talk.tell(says({ orderNumber: '6ES7 315-2FJ14-0AB0' }));
      },
      roles: ['unknown', 'safety'],
      levels: [undefined, 1],
    },
    {
      name: 'a refused request shows no controller',
      play: (scenario: Scenario) =>
        scenario.talk({ client: hmi, server: plc, port: 8080, protocol: 'http' }).exchange(READ, { refused: 'no' }),
      roles: ['unknown', 'server'],
      levels: [undefined, undefined],
    },
  ])('$name', ({ play, roles, levels }) => {
    const scenario = new Scenario();
    play(scenario);
    const { assets } = scenario.end();

    expect(assets.map(({ role }) => role)).toEqual(roles);
    expect(assets.map(({ purdueLevel }) => purdueLevel)).toEqual(levels);
    expect(assets.every(({ role, roleReason }) => (role === 'unknown') === (roleReason === undefined))).toBe(true);
  });
});
