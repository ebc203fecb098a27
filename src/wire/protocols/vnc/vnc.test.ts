import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { NOT_MINE } from '../../dissector.ts';
import { Reader } from '../../reader.ts';
import { vnc } from './vnc.ts';

const VERSION_3 = '524642203030332e3030330a';
const VERSION_7 = '524642203030332e3030370a';
const VERSION_8 = '524642203030332e3030380a';
const INIT = `0400 0300 ${'00'.repeat(16)} 00000005 48 4d 49 2d 32`;

/** Cuts and reads a dialogue, `O` the client; gives what each message says. */
function talk(lines: readonly string[]): readonly unknown[] {
  const conversation = new TestConversation({ sourcePort: 5900, destinationPort: 5900 });
  return lines.map((line) => {
    const context = conversation.context(line.startsWith('O'));
    const bytes = hex(line.slice(1));
    const length = vnc.cut?.(Reader.of(bytes), context) ?? NOT_MINE;
    if (length !== bytes.length) {
      return length;
    }
    const dissection = vnc.dissect(bytes, context);
    if (dissection.outcome !== 'message') {
      return dissection.outcome;
    }
    const [reading] = dissection.readings;
    const observations = reading ? (vnc.observe?.(reading, context) ?? []) : [];
    return reading ? [reading.operation.name, reading.fields, ...observations.map(({ kind }) => kind)] : [];
  });
}

describe('vnc', () => {
  it('reads a session with a password', () => {
    const lines = [`I${VERSION_8}`, `O${VERSION_8}`, 'I020210', 'O02', `I${'ab'.repeat(16)}`, `O${'cd'.repeat(16)}`];

    expect(talk([...lines, 'I00000000', 'O01', `I${INIT}`, 'O04010000', 'O04', 'I0000'])).toEqual([
      ['protocol version', { version: '3.8' }, 'service'],
      ['protocol version', { version: '3.8' }],
      ['security types', { securityTypes: ['VNC', 'Tight'] }],
      ['security type', { securityType: 'VNC' }],
      ['security type', {}],
      ['authentication', {}],
      ['authentication', { result: 0 }],
      ['client init', {}],
      ['server init', { width: 1024, height: 768, desktopName: 'HMI-2' }, 'service', 'credential', 'identity'],
      ['remote control', {}],
      [],
      ['screen', {}],
    ]);
  });

  it('knows that version 3.7 has no result without a password', () => {
    const last = talk([`I${VERSION_8}`, `O${VERSION_7}`, 'I0101', 'O01', 'O01', `I${INIT}`]).at(-1);

    expect(last).toContain('server init');
  });

  it('reads what a server of version 3.3 decides', () => {
    expect(talk([`I${VERSION_3}`, `O${VERSION_3}`, 'I00000001', 'O01']).slice(2)).toEqual([
      ['security types', { securityType: 'none' }],
      ['client init', {}],
    ]);
  });

  it.each([
    { name: 'a refusal', lines: ['I00 00000004 62757379'], last: ['security types', { reason: 'busy' }] },
    { name: 'a refusal beyond all bounds', lines: ['I00 ffffffff 62757379'], last: NOT_MINE },
    { name: 'a list that has not come', lines: ['I05 01'], last: 6 },
    { name: 'an offer from the client', lines: ['O01 01'], last: NOT_MINE },
    { name: 'a type that hides what follows', lines: ['I01 13', 'O13', 'I00ff'], last: [] },
    {
      name: 'a sign-in that failed',
      lines: ['I01 01', 'O01', 'I00000001 00000002 6e6f'],
      last: ['authentication', { result: 1, reason: 'no' }],
    },
  ])('reads $name', ({ lines, last }) => {
    expect(talk([`I${VERSION_8}`, `O${VERSION_8}`, ...lines]).at(-1)).toEqual(last);
  });

  it.each([
    { name: 'a version', bytes: VERSION_8, likeness: 'strong' },
    { name: 'a version without its end', bytes: '524642203030332e30303800', likeness: 'no' },
    { name: 'the start of one', bytes: '52464220', likeness: 'strong' },
    { name: 'less', bytes: '524642', likeness: 'no' },
  ])('recognises $name: $likeness', ({ bytes, likeness }) => {
    expect(vnc.recognise(Reader.of(hex(bytes)), new TestConversation().context(false))).toBe(likeness);
  });

  it('reads versions', async () => {
    const session = await dissectCapture(vnc, new URL('captures/version.txt', import.meta.url));
    await expect(session).toMatchFileSnapshot('captures/version.golden.json');
  });
});
