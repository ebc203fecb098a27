import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { ftp } from './ftp.ts';

const context = new TestConversation().context(true);

describe('ftp', () => {
  it.each([
    { line: 'USER a', effect: 'authenticate' },
    { line: 'pass a', effect: 'authenticate' },
    { line: 'CWD /', effect: 'session' },
    { line: 'SYST', effect: 'discover' },
    { line: 'RETR a', effect: 'read' },
    { line: 'LIST', effect: 'read' },
    { line: 'STOR a', effect: 'write' },
    { line: 'APPE a.fw', effect: 'firmware' },
    { line: 'RNTO a', effect: 'write' },
    { line: 'SITE CHMOD 777 a', effect: 'unknown' },
  ])('reports the effect of $line', ({ line, effect }) => {
    expect(ftp.dissect(bytes(`${line}\r\n`), context)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'request', operation: { effect } }],
    });
  });

  it.each([
    { name: 'no byte', text: '', outcome: 'malformed' },
    { name: 'a command without an end', text: 'USER a', outcome: 'truncated' },
    { name: 'a reply without an end', text: '220 Ready', outcome: 'truncated' },
    { name: 'the first line of several', text: '220-Ready\r\n', outcome: 'truncated' },
    { name: 'several lines', text: '220-Ready\r\n more\r\n220 Go\r\n', outcome: 'message' },
    { name: 'anything else', text: '\u0016\u0003\u0001\n', outcome: 'malformed' },
  ])('calls $name $outcome', ({ text, outcome }) => {
    expect(ftp.dissect(bytes(text), context).outcome).toBe(outcome);
  });

  it.each([
    { name: 'a TLS record', text: '\u0016\u0003\u0001\u0000', length: -1 },
    { name: 'a line without an end', text: 'A'.repeat(5000), length: -1 },
    { name: 'a reply without an end', text: `220-A\n${'B\n'.repeat(9000)}`, length: 16_384 },
    { name: 'two commands', text: 'NOOP\nQUIT\n', length: 5 },
  ])('cuts $name', ({ text, length }) => {
    expect(ftp.cut?.(Reader.of(bytes(text)), context)).toBe(length);
  });

  it('keeps no password', () => {
    expect(JSON.stringify(ftp.dissect(bytes('PASS secret\r\n'), context))).not.toContain('secret');
  });

  it('reads a session', async () => {
    const session = await dissectCapture(ftp, new URL('captures/session.txt', import.meta.url));
    await expect(session).toMatchFileSnapshot('captures/session.golden.json');
  });
});

function bytes(text: string): Uint8Array {
  return hex(Array.from(text, (letter) => letter.charCodeAt(0).toString(16).padStart(2, '0')).join(''));
}
