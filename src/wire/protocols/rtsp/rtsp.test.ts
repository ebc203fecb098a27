import { describe, expect, it } from 'vitest';
import { dissectCapture, TestConversation } from '../../../../test/captures.ts';
import { MORE, NOT_MINE } from '../../dissector.ts';
import { Reader } from '../../reader.ts';
import { rtsp } from './rtsp.ts';

const ascii = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const client = () => new TestConversation().context(true);
const answer = (head: string, body = '') =>
  ascii(`RTSP/1.0 200 OK\r\nCSeq: 1\r\n${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);

describe('rtsp', () => {
  it.each([
    { method: 'OPTIONS', effect: 'session' },
    { method: 'DESCRIBE', effect: 'discover' },
    { method: 'SETUP', effect: 'session' },
    { method: 'PLAY', effect: 'read' },
    { method: 'PAUSE', effect: 'session' },
    { method: 'TEARDOWN', effect: 'session' },
    { method: 'ANNOUNCE', effect: 'session' },
    { method: 'RECORD', effect: 'write' },
    { method: 'GET_PARAMETER', effect: 'session' },
    { method: 'SET_PARAMETER', effect: 'configure' },
    { method: 'REDIRECT', effect: 'session' },
    { method: 'PLAY_NOTIFY', effect: 'session' },
    { method: 'X_OTHER', effect: 'unknown' },
  ])('reports the effect of $method', ({ method, effect }) => {
    expect(rtsp.dissect(ascii(`${method} rtsp://a/1 RTSP/2.0\r\nCSeq: 7\r\n\r\n`), client())).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'request', operation: { effect }, pair: 7, target: 'rtsp://a/1' }],
    });
  });

  it.each([
    { name: 'nothing', text: '', outcome: 'truncated' },
    { name: 'half a line', text: 'PLAY rtsp://a', outcome: 'truncated' },
    { name: 'a head without an end', text: 'PLAY * RTSP/1.0\r\nCSeq: 1\r\n', outcome: 'truncated' },
    { name: 'a body one too short', text: 'RTSP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nabc', outcome: 'truncated' },
    {
      name: 'a length beyond all',
      text: `RTSP/1.0 200 OK\r\nContent-Length: ${'9'.repeat(99)}\r\n\r\n`,
      outcome: 'truncated',
    },
    { name: 'no length', text: 'RTSP/1.0 200 OK\r\nContent-Length: x\r\n\r\n', outcome: 'message' },
    { name: 'a frame of media', text: '$\0\0\u0002ab', outcome: 'message' },
    { name: 'a frame of media one too short', text: '$\0\0\u0003ab', outcome: 'truncated' },
    { name: 'an empty frame of media', text: '$\0\0\0', outcome: 'message' },
    { name: 'the largest frame of media', text: '$\0\u00ff\u00ff', outcome: 'truncated' },
    { name: 'HTTP', text: 'GET / HTTP/1.1\r\n\r\n', outcome: 'malformed' },
  ])('calls $name $outcome', ({ text, outcome }) => {
    expect(rtsp.dissect(ascii(text), client()).outcome).toBe(outcome);
  });

  it.each([
    { name: 'a request', text: 'PLAY * RTSP/1.0\r\n\r\n$', length: 19 },
    { name: 'an answer with a body', text: 'RTSP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nabcd$', length: 42 },
    { name: 'an answer whose body has not come', text: 'RTSP/1.0 200 OK\r\ncontent-length:4\r\n\r\n', length: 41 },
    { name: 'a frame of media', text: '$\0\0\u0002ab', length: 6 },
    { name: 'the beginning of one', text: '$\0\0', length: MORE },
    { name: 'the beginning of a method', text: 'PL', length: MORE },
    { name: 'the beginning of an answer', text: 'RT', length: MORE },
    { name: 'a method without an end', text: 'P'.repeat(30), length: NOT_MINE },
    { name: 'a head without an end', text: `PLAY * RTSP/1.0\r\n${'a: b\r\n'.repeat(4000)}`, length: NOT_MINE },
    { name: 'HTTP', text: 'GET / HTTP/1.1\r\n', length: NOT_MINE },
    { name: 'TLS', text: '\u0016\u0003\u0001', length: NOT_MINE },
  ])('cuts $name', ({ text, length }) => {
    expect(rtsp.cut?.(Reader.of(ascii(text)), client())).toBe(length);
  });

  it.each([
    { name: 'a request', text: 'OPTIONS * RTSP/1.0\r\n', likeness: 'strong' },
    { name: 'a request whose line is still open', text: 'DESCRIBE rtsp://a', likeness: 'strong' },
    { name: 'an answer', text: 'RTSP/1.0 200 OK', likeness: 'strong' },
    { name: 'a frame of media', text: '$\0\0\u0008\u0080bcdefgh', likeness: 'weak' },
    { name: 'another dollar', text: '$100 for you', likeness: 'no' },
    { name: 'HTTP', text: 'OPTIONS * HTTP/1.1\r\n', likeness: 'no' },
    { name: 'SIP', text: 'OPTIONS sip:a@b SIP/2.0\r\n', likeness: 'no' },
    { name: 'a word', text: 'PLAY', likeness: 'no' },
  ])('recognises $name: $likeness', ({ text, likeness }) => {
    expect(rtsp.recognise(Reader.of(ascii(text)), client())).toBe(likeness);
  });

  it('counts frames of media until the next message', () => {
    const context = client();
    rtsp.dissect(ascii('$\0\0\u0001a'), context);
    expect(rtsp.dissect(ascii('$\0\0\u0001a'), context)).toMatchObject({ readings: [] });

    expect(rtsp.dissect(answer('Server: a'), context)).toMatchObject({ readings: [{ fields: { mediaFrames: 2 } }] });
    expect(JSON.stringify(rtsp.dissect(answer('Server: a'), context))).not.toContain('mediaFrames');
  });

  it('keeps no password', () => {
    const request = ascii('PLAY rtsp://eve:secret@a/1 RTSP/1.0\r\nAuthorization: Basic ZXZlOnNlY3JldA==\r\n\r\n');
    const dissection = rtsp.dissect(request, client());

    expect(dissection).toMatchObject({ readings: [{ fields: { url: 'rtsp://a/1', user: 'eve' } }] });
    expect(JSON.stringify(dissection)).not.toMatch(/secret|ZXZl/);
  });

  it.each([
    { name: 'video', body: 'v=0\r\nm=audio 0 RTP/AVP 0\r\nm=video 0 RTP/AVP 96\r\n', roles: 1 },
    { name: 'nothing but sound', body: 'v=0\r\ns=m=video\r\nm=audio 0 RTP/AVP 0\r\n', roles: 0 },
  ])('knows a camera by its description: $name', ({ body, roles }) => {
    const context = client();
    const told = [answer('Content-Type: application/sdp', body), answer('Server: a')]
      .flatMap((bytes) => {
        const dissection = rtsp.dissect(bytes, context);
        return dissection.outcome === 'malformed' ? [] : dissection.readings;
      })
      .flatMap((reading) => rtsp.observe?.(reading, context) ?? []);

    expect(told.filter(({ kind }) => kind === 'role')).toHaveLength(roles);
  });

  it.each(['basic', 'digest'])('reads a session with %s sign-in', async (name) => {
    const session = await dissectCapture(rtsp, new URL(`captures/${name}.txt`, import.meta.url));
    await expect(session).toMatchFileSnapshot(`captures/${name}.golden.json`);
  });
});
