import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { ospf } from './ospf.ts';

const conversation = () => new TestConversation({ transport: 'ip', toMany: true }).context(true);
const header2 = (type: string, length: string) => `02 ${type} ${length} c6336401 00000000 0000 0000 0000000000000000`;
const header3 = (type: string, length: string) => `03 ${type} ${length} c6336401 00000007 0000 02 00`;
const HELLO_2 = 'ffffff00 000a 12 01 00000028 c0000201 c0000202';
const STATE = '0e10 02 01 c6336402 c6336403 80000001 0000 0018 00000000';

describe('ospf', () => {
  it.each([
    { name: 'a hello', bytes: `${header2('01', '0030')} ${HELLO_2} c6336402`, operation: 'hello', effect: 'report' },
    { name: 'a description', bytes: `${header2('02', '0020')} 05dc 02 07 0000002a`, operation: 'describe database' },
    {
      name: 'a request',
      bytes: `${header2('03', '0024')} 00000001 c6336402 c6336403`,
      operation: 'request link state',
    },
    { name: 'an update', bytes: `${header2('04', '0034')} 00000001 ${STATE}`, operation: 'update link state' },
    { name: 'an acknowledgement', bytes: header2('05', '0018'), operation: 'acknowledge link state' },
    { name: 'a type we do not know', bytes: header2('06', '0018'), operation: 'unknown type', effect: 'unknown' },
    { name: 'what version 3 says', bytes: header3('05', '0010'), operation: 'acknowledge link state' },
    { name: 'a digest behind it', bytes: `${header2('05', '0018')} 0011`, operation: 'acknowledge link state' },
  ])('reads $name', ({ bytes, operation, effect = 'report' }) => {
    expect(ospf.dissect(hex(bytes), conversation())).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'report', operation: { name: operation, effect }, fields: { routerId: '198.51.100.1' } }],
    });
  });

  it('reads which link states come, and that one is withdrawn', () => {
    expect(ospf.dissect(hex(`${header2('04', '0034')} 00000001 ${STATE}`), conversation())).toMatchObject({
      readings: [
        { fields: { count: 1, advertisements: [{ type: 1, id: '198.51.100.2', router: '198.51.100.3', age: 3600 }] } },
      ],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'another version', bytes: `04${header2('01', '0018').slice(2)}`, outcome: 'malformed' },
    { name: 'length 0', bytes: header2('05', '0000'), outcome: 'malformed' },
    { name: 'a length one too small for its header', bytes: header2('05', '0017'), outcome: 'malformed' },
    { name: 'a length one too large', bytes: header2('05', '0019'), outcome: 'truncated' },
    { name: 'the largest length', bytes: header2('05', 'ffff'), outcome: 'truncated' },
    { name: 'a hello that its length cuts', bytes: `${header2('01', '002b')} ${HELLO_2}`, outcome: 'truncated' },
    { name: 'more link states than bytes', bytes: `${header2('04', '0034')} ffffffff ${STATE}`, outcome: 'truncated' },
    {
      name: 'a link state that is too long',
      bytes: `${header2('04', '0030')} 00000001 ${STATE.slice(0, -9)}`,
      outcome: 'truncated',
    },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(ospf.dissect(hex(bytes), conversation()).outcome).toBe(outcome);
  });

  it('is recognised by version, type and length', () => {
    const like = (bytes: string) => ospf.recognise(Reader.of(hex(bytes)), conversation());

    expect(like(header2('05', '0018'))).toBe('strong');
    expect(like(header2('06', '0018'))).toBe('no');
    expect(like(header2('05', '0019'))).toBe('no');
    expect(like(header3('05', '000f'))).toBe('no');
  });

  it.each(['version-2', 'version-3'])('reads two routers that meet, %s', async (name) => {
    const session = await dissectCapture(ospf, new URL(`captures/${name}.txt`, import.meta.url), { transport: 'ip' });
    await expect(session).toMatchFileSnapshot(`captures/${name}.golden.json`);
  });
});
