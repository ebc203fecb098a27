import { describe, expect, it } from 'vitest';
import { hex } from '../../test/captures.ts';
import { type End, ethernet, ipv4, tcp, tcpFrame, udpFrame } from '../../test/frames.ts';
import { captureFilterOf } from './capture-filter.ts';
import { momentOf } from './moment.ts';
import { PacketFilter } from './packet-filter.ts';

const SIX = Date.UTC(2026, 2, 2, 6) * 1000;
const MINUTE = 60e6;

describe('a time', () => {
  it.each([
    ['2026-03-02T06:00:00Z', SIX],
    ['2026-03-02T06:00:00', SIX],
    ['2026-03-02 06:00', SIX],
    ['2026-03-02t06:00z', SIX],
    ['2026-03-02', SIX - 360 * MINUTE],
    ['2026-03-02T07:00+01:00', SIX],
    ['2026-03-02T07:00+01', SIX],
    ['2026-03-02T00:30-0530', SIX],
    ['2026-03-02T06:00:00.000007Z', SIX + 7],
    ['2026-03-02T06:00:00,25Z', SIX + 250_000],
    ['2026-03-02T06:00:00.000007500Z', SIX + 7.5],
  ])('%s', (text, at) => {
    expect(momentOf(text)).toEqual({ at });
  });

  it.each([
    ['+90s', 1.5 * MINUTE],
    ['+10m', 10 * MINUTE],
    ['+1h30m', 90 * MINUTE],
    ['+0.5d', 720 * MINUTE],
    ['+0s', 0],
  ])('%s after the first packet', (text, afterStart) => {
    expect(momentOf(text)).toEqual({ afterStart });
  });

  it.each([
    ...[
      '',
      '+',
      '+10',
      '10m',
      '-10m',
      '+10m1h',
      '+10 m',
      '06:00',
      '2026-02-30',
      '2026-13-01',
      '2026-03-02T24:30',
      'now',
    ],
    ...['2026-03-02T06', '2026-03-02T06:61', '2026-03-02T06:00+15:00', '2026-03-02T06:00+01:75', '2026-03-02x'],
  ])('%s is none', (text) => {
    expect(momentOf(text)).toBeUndefined();
  });
});

const PC: End = { mac: 0x001c_0600_0001, address: 0x0a01_0203, port: 50_000 };
const PLC: End = { mac: 0x000e_8c00_0002, address: 0x0a01_0309, port: 502 };
const FRAME = tcpFrame(PC, PLC, 1, 1, 16);
const tagged = (...vlans: readonly number[]) =>
  new Uint8Array([
    ...FRAME.subarray(0, 12),
    ...vlans.flatMap((vlan) => [0x81, 0, vlan >> 8, vlan & 255]),
    ...FRAME.subarray(12),
  ]);
const IPV6 = hex('fd00000000000000 0000000000000001 fd00000000000000 0000000000000002');
const ipv6 = (next: number, payload: Uint8Array) =>
  ethernet(PC, PLC, 0x86dd, new Uint8Array([...hex('60000000'), 0, payload.length, next, 64, ...IPV6, ...payload]));
const LINK_TYPE = { ethernet: 1, raw: 101, cooked: 113, unknown: 147, can: 227 };

/** A filter of these options, and whether it lets a packet through. */
function lets(
  options: { since?: string; until?: string; only?: readonly string[] },
  frame: Uint8Array,
  linkType = LINK_TYPE.ethernet,
) {
  const filter = captureFilterOf(options, ['modbus', 's7comm_plus']);
  if (!filter.ok || !filter.value) {
    throw new Error('this is no filter');
  }
  let packets = 0;
  const target = { beginCapture: () => undefined, passOver: () => undefined, packet: () => packets++ };
  const gate = new PacketFilter(filter.value, target);
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const size = { start: 0, end: frame.length, original: frame.length };
  gate.packet({ bytes: frame, view, ...size, time: SIX, linkType, interfaceId: 0, frame: 1 });
  expect(packets + gate.leftOut(0).packets).toBe(1);
  return packets === 1;
}

describe('--only', () => {
  it.each([
    { only: '10.1.2.3', fits: [FRAME, tagged(20)], not: [ipv6(6, tcp(PC, PLC, 1, 1, 16))] },
    { only: '10.1.3.9', fits: [FRAME], not: [tcpFrame(PC, PC, 1, 1, 16)] },
    { only: 'address:10.1.2.99/24', fits: [FRAME], not: [tcpFrame(PLC, PLC, 1, 1, 16)] },
    { only: '10.1.2.0/31', fits: [], not: [FRAME] },
    { only: '10.1.2.2/31', fits: [FRAME], not: [] },
    { only: '0.0.0.0/0', fits: [FRAME], not: [ipv6(6, hex('00'))] },
    { only: 'fd00::/8', fits: [ipv6(6, hex('00'))], not: [FRAME] },
    { only: 'fd00::2', fits: [ipv6(17, hex('00'))], not: [FRAME] },
    { only: 'fd00::3', fits: [], not: [ipv6(17, hex('00'))] },
    { only: 'fd00:0:0:0:0:0:0:3/127', fits: [ipv6(17, hex('00'))], not: [] },
    {
      only: '00:1c:06:00:00:01',
      fits: [FRAME, ethernet(PLC, PC, 0x8892, hex('8000'))],
      not: [tcpFrame(PLC, PLC, 1, 1, 16)],
    },
    { only: 'mac:00-1C-06', fits: [FRAME], not: [tcpFrame(PLC, PLC, 1, 1, 16)] },
    { only: 'vlan:20', fits: [tagged(20), tagged(0, 20), tagged(30, 20)], not: [FRAME, tagged(21), tagged(0)] },
    { only: 'vlan:20-29', fits: [tagged(20), tagged(29)], not: [tagged(19), tagged(30)] },
    { only: 'VLAN:untagged', fits: [FRAME, tagged(0)], not: [tagged(20)] },
    {
      only: 'port:502',
      fits: [FRAME, udpFrame(PLC, PC, hex('00')), ipv6(6, tcp(PLC, PC, 1, 1, 16))],
      not: [ethernet(PC, PLC, 0x8892, hex('8000'))],
    },
    { only: 'port:503-49999', fits: [], not: [FRAME] },
    {
      only: 'port:502',
      fits: [ipv6(0, new Uint8Array([6, 0, 1, 4, 0, 0, 0, 0, ...tcp(PC, PLC, 1, 1, 16)]))],
      not: [ipv6(58, hex('c35001f6'))],
    },
  ])('$only', ({ only, fits, not }) => {
    expect(fits.map((frame) => lets({ only: [only] }, frame))).toEqual(fits.map(() => true));
    expect(not.map((frame) => lets({ only: [only] }, frame))).toEqual(not.map(() => false));
  });

  it('sees the addresses that ARP is about', () => {
    const arp = ethernet(
      PC,
      { ...PLC, mac: 0xffff_ffff_ffff },
      0x0806,
      hex('0001 0800 06 04 0001 001c06000001 0a010203 000000000000 0a010309'),
    );

    expect(lets({ only: ['10.1.2.3'] }, arp)).toBe(true);
    expect(lets({ only: ['10.1.3.9'] }, arp)).toBe(true);
    expect(lets({ only: ['10.1.4.0/24'] }, arp)).toBe(false);
  });

  it('lets later parts of a datagram through, as their ports stand in the first', () => {
    const part = (fragmentOffset: number) =>
      ethernet(PC, PLC, 0x0800, ipv4(PC, PLC, 17, hex('0001000200080000'), { fragmentOffset }));

    expect(lets({ only: ['port:502'] }, part(0))).toBe(false);
    expect(lets({ only: ['port:502'] }, part(8))).toBe(true);
    expect(lets({ only: ['port:502', '10.9.9.9'] }, part(8))).toBe(false);
  });

  it('reads links without Ethernet, and leaves to the engine what it cannot read', () => {
    expect(lets({ only: ['10.1.2.3'] }, FRAME.subarray(14), LINK_TYPE.raw)).toBe(true);
    expect(lets({ only: ['10.1.2.4'] }, FRAME.subarray(14), LINK_TYPE.raw)).toBe(false);
    const cooked = new Uint8Array([...hex('0000 0001 0006 001c06000001 0000 0800'), ...FRAME.subarray(14)]);
    expect(lets({ only: ['10.1.2.3', '00:1c:06:00:00:01', 'port:502'] }, cooked, LINK_TYPE.cooked)).toBe(true);
    expect(lets({ only: ['10.1.2.3'] }, FRAME, LINK_TYPE.unknown)).toBe(true);
    const heartbeat = hex('00000705 01 000000 05');
    expect(lets({ only: ['10.1.2.3'] }, heartbeat, LINK_TYPE.can)).toBe(false);
    expect(lets({ only: ['port:502'] }, heartbeat, LINK_TYPE.can)).toBe(false);
    expect(lets({ only: ['vlan:untagged'] }, heartbeat, LINK_TYPE.can)).toBe(true);
  });

  it('is not misled by packets that end early', () => {
    for (let length = 0; length < FRAME.length; length++) {
      expect(lets({ only: ['10.1.2.3'] }, FRAME.subarray(0, length))).toBe(length >= 14 + 20);
    }
  });

  it.each([
    { only: ['10.1.2.3', '10.9.9.9'], fits: true },
    { only: ['10.9.9.9', '00:1c:06:00:00:01'], fits: true },
    { only: ['10.1.2.3', 'port:502'], fits: true },
    { only: ['10.1.2.3', 'port:503'], fits: false },
    { only: ['port:503', 'port:502', 'vlan:untagged'], fits: true },
    { only: ['port:503', 'port:502', 'vlan:3'], fits: false },
    { only: ['protocol:modbus'], fits: true },
  ])('$only: one of a kind, each kind', ({ only, fits }) => {
    expect(lets({ only }, FRAME)).toBe(fits);
  });

  it.each([
    ...[
      '',
      '10.1.2',
      '10.1.2.256',
      '10.1.2.3/33',
      '10.1.2.3/',
      '10.1.2.3/x',
      'fd00:::1',
      'fd00::1::2',
      '1:2:3:4:5:6:7:8:9',
    ],
    ...[
      '1:2:3:4:5:6:7::8',
      'fd00::1/129',
      '00:1c:06',
      '00:1c:06:00:00',
      '00:1c-06:00:00:01',
      'mac:00:1c',
      'mac:00:1c:06:00:00:01:02',
    ],
    ...[
      'vlan:0',
      'vlan:4095',
      'vlan:',
      'vlan:29-20',
      'port:0',
      'port:65536',
      'port:http',
      'host:10.1.2.3',
      'vlan:20,21',
    ],
  ])('%s is unclear', (only) => {
    expect(captureFilterOf({ only: [only] }, ['modbus'])).toMatchObject({
      ok: false,
      error: { kind: 'invalid', message: expect.stringMatching(/ is unclear: write an address \(10\.1\.2\.3\)/) },
    });
  });

  it.each([
    { only: 'modbus', says: '--only modbus is unclear: write protocol:modbus' },
    { only: 'S7comm-Plus', says: '--only S7comm-Plus is unclear: write protocol:s7comm_plus' },
    { only: 'protocol:modbas', says: '--only: no protocol modbas; known: modbus, s7comm_plus' },
  ])('$only: $says', ({ only, says }) => {
    expect(captureFilterOf({ only: [only] }, ['modbus', 's7comm_plus'])).toMatchObject({ error: { message: says } });
  });
});

describe('--since and --until', () => {
  it.each([
    { since: '2026-03-02T06:00Z', fits: true },
    { since: '2026-03-02T06:00:00.000001Z', fits: false },
    { until: '2026-03-02T06:00Z', fits: false },
    { until: '2026-03-02T06:00:00.000001Z', fits: true },
    { since: '+0s', until: '+1s', fits: true },
    { since: '+1s', fits: false },
    { since: '2026-03-02', until: '+1s', fits: true },
  ])('$since $until', ({ fits, ...window }) => {
    expect(lets(window, FRAME)).toBe(fits);
  });

  it.each([
    {
      since: '2026-03-02',
      until: '2026-03-02',
      says: '--until 2026-03-02 is not after --since 2026-03-02: no packet would be left',
    },
    { since: '+2m', until: '+60s', says: '--until +60s is not after --since +2m: no packet would be left' },
    {
      since: 'six',
      says: '--since six is no time: write 2026-03-02T06:30:00Z, 2026-03-02 06:30, 2026-03-02 or +1h30m (after the first packet)',
    },
    { until: '10m', says: expect.stringMatching(/^--until 10m is no time: write/) },
  ])('$since $until: $says', ({ says, ...window }) => {
    expect(captureFilterOf(window, [])).toMatchObject({ ok: false, error: { message: says } });
  });
});
