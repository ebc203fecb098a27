import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { MORE, NOT_MINE } from '../../dissector.ts';
import { hexText } from '../../format.ts';
import { Reader } from '../../reader.ts';
import { tds } from './tds.ts';

const context = new TestConversation().context(true);
const browser = new TestConversation({ transport: 'udp', destinationPort: 1434 }).context(false);

const ascii = (text: string) => hexText(new TextEncoder().encode(text));
const instances = ascii(
  'ServerName;SQL-01;InstanceName;MES;IsClustered;No;Version;15.0.2000.5;tcp;49172;;' +
    'ServerName;SQL-01;InstanceName;LAB;IsClustered;No;Version;11.0.1.1;np;x;;',
);

describe('tds', () => {
  it.each([
    { type: '01', name: 'SQL batch', effect: 'unknown' },
    { type: '02', name: 'log in', effect: 'authenticate' },
    { type: '03', name: 'call procedure', effect: 'unknown' },
    { type: '06', name: 'cancel', effect: 'session' },
    { type: '07', name: 'bulk load', effect: 'write' },
    { type: '08', name: 'log in', effect: 'authenticate' },
    { type: '0e', name: 'manage transaction', effect: 'session' },
    { type: '10', name: 'log in', effect: 'authenticate' },
    { type: '11', name: 'log in', effect: 'authenticate' },
    { type: '12', name: 'agree on version and encryption', effect: 'session' },
  ])('reads a packet of type $type', ({ type, name, effect }) => {
    const body = type === '12' ? 'ff' : '00'.repeat(94);
    const length = (body.length / 2 + 8).toString(16).padStart(4, '0');

    expect(tds.dissect(hex(`${type} 01 ${length} 0000 01 00 ${body}`), context)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'request', operation: { name, effect } }],
    });
  });

  it.each([
    { name: 'a length one too large', bytes: '01 01 000b 0000 01 00 6100', outcome: 'truncated' },
    { name: 'the largest length', bytes: '01 01 ffff 0000 01 00 6100', outcome: 'truncated' },
    { name: 'a login longer than its packet', bytes: '10 01 000c 0000 01 00 ff000000', outcome: 'truncated' },
    { name: 'options without an end', bytes: '12 01 000d 0000 01 00 00 0006 0006', outcome: 'truncated' },
    { name: 'an option outside the packet', bytes: '12 01 000e 0000 01 00 00 ffff ffff ff', outcome: 'message' },
    { name: 'a token larger than the packet', bytes: '04 01 000b 0000 01 00 aa ffff', outcome: 'truncated' },
    { name: 'another type', bytes: '05 01 0008 0000 01 00', outcome: 'malformed' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(tds.dissect(hex(bytes), context).outcome).toBe(outcome);
  });

  it('never keeps a password, and tells that one was sent', async () => {
    const session = await dissectCapture(tds, new URL('captures/logins.txt', import.meta.url));

    expect(session).toContain('"secret": "sent"');
    expect(session).not.toContain('****');
  });

  it('cuts bare TLS records only after both sides could agree on them', () => {
    const record = hex('17 03 03 0002 0000');
    const fresh = new TestConversation().context(true);
    const agreed = new TestConversation({ recall: () => true }).context(true);

    expect(tds.cut?.(Reader.of(record.subarray(0, 4)), fresh)).toBe(MORE);
    expect(tds.cut?.(Reader.of(hex('17 03 03 0003 000000')), fresh)).toBe(NOT_MINE);
    expect(tds.cut?.(Reader.of(hex('17 03 03 0003 000000')), agreed)).toBe(8);
    expect(tds.dissect(hex('17 03 03 0003 000000'), agreed)).toMatchObject({
      readings: [{ operation: { name: 'encrypted message' } }],
    });
    expect(tds.dissect(record.subarray(0, 6), agreed).outcome).toBe('truncated');
  });

  it('knows a session by how it begins, elsewhere than on its port too', () => {
    const begin = hex('12 01 000e 0000 01 00 00 0006 0006 ff');
    const on = (port: number) => new TestConversation({ destinationPort: port }).context(true);

    expect(tds.recognise(Reader.of(begin), on(49172))).toBe('strong');
    expect(tds.recognise(Reader.of(hex('01 01 000a 0000 01 00 6100')), on(1433))).toBe('weak');
    expect(tds.recognise(Reader.of(hex('03 00 0016 11e0 00 00 0001')), on(102))).toBe('no');
  });

  it.each([
    { name: 'everybody', bytes: '02', fields: {} },
    { name: 'one server', bytes: '03', fields: {} },
    { name: 'an instance', bytes: '04 4d455300', fields: { instance: 'MES' } },
    { name: "the administrator's port", bytes: '0f 01 4d455300', fields: { instance: 'MES' } },
  ])('reads what is asked of $name', ({ bytes, fields }) => {
    expect(tds.recognise(Reader.of(hex(bytes)), browser)).toBe('weak');
    expect(tds.dissect(hex(bytes), browser)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'request', operation: { effect: 'discover' }, fields }],
    });
  });

  it('reads the instances that the browser service lists', () => {
    const bytes = hex(`05 ${(instances.length / 2).toString(16)}00 ${instances}`);
    const dissection = tds.dissect(bytes, browser);
    const [reading] = dissection.outcome === 'message' ? dissection.readings : [];

    expect(tds.recognise(Reader.of(bytes), browser)).toBe('strong');
    expect(reading?.fields).toEqual({
      type: 5,
      instances: [
        { server: 'SQL-01', instance: 'MES', version: '15.0.2000.5', port: 49172 },
        { server: 'SQL-01', instance: 'LAB', version: '11.0.1.1' },
      ],
    });
    expect(reading && tds.observe?.(reading, browser)).toMatchObject([
      { kind: 'identity', name: 'SQL-01' },
      { kind: 'role', role: 'server' },
      { kind: 'service', port: 49172 },
    ]);
    expect(tds.dissect(bytes.subarray(0, -1), browser).outcome).toBe('truncated');
  });

  it('reads sessions', async () => {
    const session = await dissectCapture(tds, new URL('captures/logins.txt', import.meta.url));
    await expect(session).toMatchFileSnapshot('captures/logins.golden.json');
  });
});
