import { describe, expect, it } from 'vitest';
import { dissectCapture, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { ssdp } from './ssdp.ts';

const context = new TestConversation({ transport: 'udp', toMany: true }).context(true);

function text(...lines: readonly string[]): Uint8Array {
  return Uint8Array.from([...lines, '', ''].join('\r\n'), (letter) => letter.charCodeAt(0));
}

function observed(bytes: Uint8Array) {
  const fresh = new TestConversation({ transport: 'udp' }).context(true);
  const dissection = ssdp.dissect(bytes, fresh);
  const [reading] = dissection.outcome === 'malformed' ? [] : dissection.readings;
  return reading ? (ssdp.observe?.(reading, fresh) ?? []) : [];
}

describe('ssdp', () => {
  it.each([
    { name: 'a search', lines: ['M-SEARCH * HTTP/1.1', 'ST: ssdp:all'], direction: 'request', effect: 'discover' },
    { name: 'an answer', lines: ['HTTP/1.1 200 OK', 'ST: upnp:rootdevice'], direction: 'response', effect: 'discover' },
    { name: 'an announcement', lines: ['NOTIFY * HTTP/1.1', 'NTS: ssdp:alive'], direction: 'report', effect: 'report' },
    { name: 'an update', lines: ['NOTIFY * HTTP/1.1', 'NTS: ssdp:update'], direction: 'report', effect: 'report' },
    { name: 'a farewell', lines: ['NOTIFY * HTTP/1.1', 'NTS: ssdp:byebye'], direction: 'report', effect: 'report' },
    {
      name: 'another notification',
      lines: ['NOTIFY * HTTP/1.1', 'NTS: upnp:else'],
      direction: 'report',
      effect: 'unknown',
    },
  ])('reads $name', ({ lines, direction, effect }) => {
    expect(ssdp.recognise(Reader.of(text(...lines)), context)).toBe(direction === 'response' ? 'weak' : 'strong');
    expect(ssdp.dissect(text(...lines), context)).toMatchObject({
      outcome: 'message',
      readings: [{ direction, operation: { effect } }],
    });
  });

  it.each([
    { name: 'no byte', bytes: text().subarray(4), outcome: 'truncated' },
    {
      name: 'a message without its empty line',
      bytes: text('NOTIFY * HTTP/1.1', 'NTS: ssdp:alive').subarray(0, -2),
      outcome: 'truncated',
    },
    { name: 'another method', bytes: text('GET / HTTP/1.1'), outcome: 'malformed' },
    { name: 'lines without a colon', bytes: text('M-SEARCH * HTTP/1.1', 'nothing', ':', 'ST'), outcome: 'message' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(ssdp.dissect(bytes, context).outcome).toBe(outcome);
  });

  it.each([
    { server: 'Linux/5.4 UPnP/1.0 AcmePanel/2.1', identity: { os: 'Linux 5.4', product: 'AcmePanel 2.1' } },
    { server: 'VxWorks 6.9, UPnP/1.1, Acme Gateway/3', identity: { os: 'VxWorks 6.9', product: 'Acme Gateway 3' } },
    { server: 'Acme', identity: { product: 'Acme' } },
  ])('understands "$server"', ({ server, identity }) => {
    expect(observed(text('HTTP/1.1 200 OK', `SERVER: ${server}`))).toEqual([
      { kind: 'identity', subject: 'sender', basis: 'discovery', ...identity },
    ]);
  });

  it('makes nothing of a server that names nothing', () => {
    expect(observed(text('HTTP/1.1 200 OK', 'SERVER: UPnP/1.0'))).toEqual([]);
  });

  it('reads a search and what answers', async () => {
    const session = await dissectCapture(ssdp, new URL('captures/search.txt', import.meta.url), { transport: 'udp' });
    await expect(session).toMatchFileSnapshot('captures/search.golden.json');
  });
});
