import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { ja4 } from './fingerprint.ts';
import { tls } from './tls.ts';

const record = (body: string, type = '16') => {
  const bytes = hex(body);
  return Uint8Array.from([...hex(`${type}0303`), bytes.length >> 8, bytes.length & 0xff, ...bytes]);
};
const server = () => new TestConversation().context(false);

describe('tls', () => {
  it.each([
    { name: 'a client hello', bytes: '16 0301 0060 01 00005c 0303', likeness: 'strong' },
    { name: 'application data', bytes: '17 0303 0020 aabbcc', likeness: 'strong' },
    { name: 'application data before something else', bytes: '17 0303 0001 aa 4745540000', likeness: 'no' },
    { name: 'an unknown type', bytes: '19 0303 0001 00', likeness: 'no' },
    { name: 'an unknown version', bytes: '16 0305 0001 00', likeness: 'no' },
    { name: 'a record that is too long', bytes: '16 0303 ffff 01', likeness: 'no' },
    { name: 'an empty handshake record', bytes: '16 0303 0000 16', likeness: 'no' },
  ])('recognises $name: $likeness', ({ bytes, likeness }) => {
    expect(tls.recognise(Reader.of(hex(bytes)), server())).toBe(likeness);
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'a length beyond the bytes', bytes: '16 0303 0010 0e000000', outcome: 'truncated' },
    { name: 'a message beyond the record', bytes: '16 0303 0005 0b 0000ff 00', outcome: 'truncated' },
    { name: 'a maximal length', bytes: '16 0303 ffff 0e000000', outcome: 'malformed' },
    { name: 'a chain beyond its message', bytes: '16 0303 000a 0b 000006 ffffff ffffff', outcome: 'truncated' },
    {
      name: 'an extension beyond its hello',
      bytes: `16 0303 002e 02 00002a 0303 ${'00'.repeat(32)} 00 c02f 00 0004 002b ffff`,
      outcome: 'truncated',
    },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(tls.dissect(hex(bytes), server()).outcome).toBe(outcome);
  });

  it('lists each handshake message of a record', () => {
    expect(tls.dissect(record('0d000000 0e000000'), server())).toMatchObject({
      readings: [{ operation: { name: 'certificate request' } }, { operation: { name: 'server hello done' } }],
    });
  });

  it('tells application data once for each side', () => {
    const conversation = new TestConversation();
    const data = record('00', '17');
    const told = [true, false, true, false].map((fromClient) => {
      const dissection = tls.dissect(data, conversation.context(fromClient));
      return dissection.outcome === 'message' ? dissection.readings.length : -1;
    });

    expect(told).toEqual([1, 1, 0, 0]);
  });

  it.each([
    { name: 'inside a message', cut: 20 },
    { name: 'inside the header of a message', cut: 2 },
  ])('joins a handshake message that is cut $name', ({ cut }) => {
    const context = server();
    const message = `14000018${'ab'.repeat(24)}0e000000`;
    const part = (bytes: Uint8Array) => tls.part?.(Reader.of(bytes), context);

    expect(part(record(message.slice(0, cut * 2)))).toMatchObject({ first: true, last: false });
    expect(part(record(message.slice(cut * 2)))).toMatchObject({ first: false, last: true });
    expect(part(record('0e000000'))).toBeUndefined();
  });

  it('takes a refused greeting for the answer to it', () => {
    const conversation = new TestConversation();
    const hello = `0303 ${'00'.repeat(32)} 00 0002 c02f 01 00`;
    const asked = tls.dissect(record(`01 000029 ${hello}`), conversation.context(true));
    conversation.ask(asked.outcome === 'message' ? asked.readings : []);

    expect(tls.dissect(record('0228', '15'), conversation.context(false))).toMatchObject({
      readings: [{ direction: 'response', operation: { name: 'client hello' }, refused: 'handshake failure' }],
    });
  });

  it('computes the JA4 that its description gives as the example', () => {
    const list = (text: string) => text.split(',').map((digits) => Number.parseInt(digits, 16));
    const hello = {
      version: 0x0303,
      versions: [0x2a2a, 0x0304, 0x0303],
      ciphers: list('2a2a,1301,1302,1303,c02b,c02f,c02c,c030,cca9,cca8,c013,c014,009c,009d,002f,0035'),
      extensions: list('2a2a,0000,0017,ff01,000a,000b,0023,0010,0005,000d,0012,0033,002d,002b,001b,0015,4469,3a3a'),
      groups: [],
      pointFormats: [],
      signatures: list('0403,0804,0401,0503,0805,0501,0806,0601'),
      alpn: ['h2', 'http/1.1'],
      serverName: 'example.org',
    };

    expect(ja4(hello)).toBe('t13d1516h2_8daaf6152771_e5627efa2ab1');
  });

  it.each(['tls-1.2', 'tls-1.3'])('reads a session: %s', async (name) => {
    const session = await dissectCapture(tls, new URL(`captures/${name}.txt`, import.meta.url));
    await expect(session).toMatchFileSnapshot(`captures/${name}.golden.json`);
  });
});
