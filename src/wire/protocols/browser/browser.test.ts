import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { browser } from './browser.ts';

const context = new TestConversation({ transport: 'udp', destinationPort: 138, toMany: true }).context(true);

const word = (value: number) =>
  hex(`${(value & 255).toString(16).padStart(2, '0')} ${(value >> 8).toString(16).padStart(2, '0')}`);
const text = (value: string) => [...value].map((letter) => letter.charCodeAt(0));
/** `A` with spaces, then the suffix 0. */
const NAME = hex(`20 4542 ${'4341'.repeat(14)} 4141 00`);

/** MS-MAIL, section 2.2.1: a write to a mailslot, in a datagram of RFC 1002. */
function datagram(
  payload: readonly number[],
  { mailslot = '\\MAILSLOT\\BROWSE', announced = payload.length } = {},
): Uint8Array {
  const name = [...text(mailslot), 0];
  const dataOffset = 32 + 1 + 34 + 2 + name.length;
  const smb = [
    ...hex(`ff534d42 25 ${'00'.repeat(27)} 11 0000`),
    ...word(payload.length),
    ...hex('0000 0000 00 00 0000 e8030000 0000 0000 0000'),
    ...word(announced),
    ...word(dataOffset),
    ...hex('03 00 0100 0000 0200'),
    ...word(name.length + payload.length),
    ...name,
    ...payload,
  ];
  const rest = [...NAME, ...NAME, ...smb];
  return Uint8Array.from([...hex('11 02 0001 c0000214 008a'), rest.length >> 8, rest.length & 255, 0, 0, ...rest]);
}

function announcement(command: number, serverType: string): readonly number[] {
  return [
    command,
    0,
    ...hex('80fc0a00'),
    ...text('HMI-7'.padEnd(16, '\0')),
    10,
    0,
    ...hex(serverType),
    ...hex('0f01 55aa'),
    ...text('Line 2'),
    0,
  ];
}

describe('browser', () => {
  it.each([
    { name: 'a host announcement', payload: announcement(1, '03100000'), effect: 'report' },
    { name: 'a request for announcements', payload: [2, 0, ...text('HMI-7'), 0], effect: 'discover' },
    {
      name: 'an election',
      payload: [8, 1, ...hex('00000000 00000000 00000000'), ...text('HMI-7'), 0],
      effect: 'session',
    },
    { name: 'a request for backups', payload: [9, 1, 0, 0, 0, 0], effect: 'discover' },
    { name: 'a list of backups', payload: [10, 1, 0, 0, 0, 0, ...text('HMI-7'), 0], effect: 'discover' },
    { name: 'a promotion', payload: [11, ...text('HMI-7'), 0], effect: 'session' },
    { name: 'a domain announcement', payload: announcement(12, '00100080'), effect: 'report' },
    { name: 'a master announcement', payload: [13, ...text('HMI-7'), 0], effect: 'report' },
    { name: 'a reset', payload: [14, 1], effect: 'control' },
    { name: 'a local master announcement', payload: announcement(15, '03100400'), effect: 'report' },
    { name: 'a command we do not know', payload: [77], effect: 'unknown' },
  ])('reads $name', ({ payload, effect }) => {
    expect(browser.dissect(datagram(payload), context)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'report', operation: { effect }, fields: { command: payload[0] } }],
    });
  });

  it.each([
    { name: 'an NT workstation', serverType: '03100000', os: 'Windows NT 10.0', role: 'workstation' },
    { name: 'a domain controller', serverType: '0b800000', os: 'Windows NT 10.0', role: 'server' },
    { name: 'Samba', serverType: '039a8100', os: undefined, role: 'server' },
    { name: 'a machine that says nothing', serverType: '00000000', os: 'Windows NT 10.0', role: undefined },
  ])('knows $name', ({ serverType, os, role }) => {
    const dissection = browser.dissect(datagram(announcement(1, serverType)), context);
    const [reading] = dissection.outcome === 'malformed' ? [] : dissection.readings;
    const observations = reading ? browser.observe?.(reading, context) : undefined;

    expect(observations?.[0]).toEqual({
      kind: 'identity',
      subject: 'sender',
      basis: 'announcement',
      name: 'HMI-7',
      ...(os ? { os } : {}),
    });
    expect(observations?.slice(1).map((said) => 'role' in said && said.role)).toEqual(role ? [role] : []);
  });

  it('asks for a name before it believes', () => {
    const bytes = datagram([2, 0]);

    expect(browser.recognise(Reader.of(bytes), context)).toBe('weak');
    expect(browser.recognise(Reader.of(bytes.with(14, 0x21)), context)).toBe('no');
  });

  it('bears with a length that counts the header', () => {
    const bytes = datagram(announcement(1, '03100000'));

    expect(browser.dissect(bytes.with(11, (bytes[11] ?? 0) + 14), context).outcome).toBe('message');
    expect(browser.dissect(bytes.with(11, (bytes[11] ?? 0) + 13), context).outcome).toBe('truncated');
  });

  it.each([
    { name: 'no byte', bytes: hex(''), outcome: 'truncated' },
    { name: 'data longer than the datagram', bytes: datagram([2, 0], { announced: 0xffff }), outcome: 'truncated' },
    {
      name: 'an announcement cut short',
      bytes: datagram(announcement(1, '03100000').slice(0, 20)),
      outcome: 'truncated',
    },
    {
      name: 'another mailslot',
      bytes: datagram([7, 0, 1], { mailslot: '\\MAILSLOT\\NET\\NETLOGON' }),
      outcome: 'message',
    },
    { name: 'an error', bytes: hex('13 00 0001 c0000214 008a 82'), outcome: 'message' },
    { name: 'a query', bytes: Uint8Array.from([...hex('14 00 0001 c0000214 008a'), ...NAME]), outcome: 'message' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(browser.dissect(bytes, context).outcome).toBe(outcome);
  });

  it('reads the announcements of a work group', async () => {
    const session = await dissectCapture(browser, new URL('captures/announcements.txt', import.meta.url), {
      transport: 'udp',
    });
    await expect(session).toMatchFileSnapshot('captures/announcements.golden.json');
  });
});
