import { describe, expect, it } from 'vitest';
import { dissectCapture, TestConversation } from '../../../../test/captures.ts';
import { MORE, NOT_MINE } from '../../dissector.ts';
import { Reader } from '../../reader.ts';
import { http } from './http.ts';

const ascii = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const client = () => new TestConversation().context(true);

/** Cuts and reads a stream of one side, as the engine does; gives the lengths of its PDUs. */
function lengths(stream: string, context = client()): readonly number[] {
  const bytes = ascii(stream);
  const found: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    const length = http.cut?.(Reader.of(bytes.subarray(at)), context) ?? NOT_MINE;
    found.push(length);
    if (length <= 0) {
      break;
    }
    http.dissect(bytes.subarray(at, at + length), context);
    at += length;
  }
  return found;
}

describe('http', () => {
  it.each([
    { request: 'GET / HTTP/1.1', operation: 'GET', effect: 'read' },
    { request: 'POST /cmd HTTP/1.1', operation: 'POST', effect: 'write' },
    { request: 'PUT /tag/7 HTTP/1.1', operation: 'PUT', effect: 'write' },
    { request: 'DELETE /tag/7 HTTP/1.1', operation: 'DELETE', effect: 'write' },
    { request: 'POST /cgi/firmware_update HTTP/1.1', operation: 'upload firmware', effect: 'firmware' },
    { request: 'GET /firmware HTTP/1.1', operation: 'GET', effect: 'read' },
    { request: 'POST /login.cgi HTTP/1.1', operation: 'log in', effect: 'authenticate' },
    { request: 'OPTIONS * HTTP/1.1', operation: 'OPTIONS', effect: 'discover' },
  ])('reports the effect of $request', ({ request, operation, effect }) => {
    expect(http.dissect(ascii(`${request}\r\n\r\n`), client())).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'request', operation: { name: operation, effect } }],
    });
  });

  it.each([
    { name: 'a request', text: 'GET /a?b HTTP/1.1\r\n', likeness: 'strong' },
    { name: 'a request whose line is still open', text: 'GET /a?b', likeness: 'strong' },
    { name: 'an answer', text: 'HTTP/1.0 200 OK\r\n', likeness: 'strong' },
    { name: 'RTSP', text: 'OPTIONS * RTSP/1.0\r\n', likeness: 'no' },
    { name: 'SIP', text: 'OPTIONS sip:a@b SIP/2.0\r\n', likeness: 'no' },
    { name: 'a word', text: 'GETTING', likeness: 'no' },
  ])('recognises $name: $likeness', ({ text, likeness }) => {
    expect(http.recognise(Reader.of(ascii(text)), client())).toBe(likeness);
  });

  it.each([
    {
      name: 'a body of known length',
      stream: 'PUT / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n\r\n',
      cut: [40, 18],
    },
    { name: 'a body that has not come', stream: 'PUT / HTTP/1.1\r\nContent-Length: 3\r\n\r\nab', cut: [40] },
    { name: 'a long body', stream: `PUT / HTTP/1.1\r\nContent-Length: 70000\r\n\r\n${'a'.repeat(9)}`, cut: [41, 9] },
    { name: 'a length of zero', stream: 'PUT / HTTP/1.1\r\nContent-Length: 0\r\n\r\n', cut: [37] },
    {
      name: 'a length beyond all numbers',
      stream: `PUT / HTTP/1.1\r\nContent-Length: ${'9'.repeat(40)}\r\n\r\nab`,
      cut: [76, 2],
    },
    {
      name: 'chunks',
      stream: 'PUT / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3;x=1\r\nabc\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n',
      cut: [46, 7, 5, 3, 2, 18],
    },
    {
      name: 'a chunk without length',
      stream: 'PUT / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nxyz',
      cut: [46, NOT_MINE],
    },
    { name: 'an answer until the end', stream: 'HTTP/1.0 200 OK\r\n\r\nabc', cut: [19, 3] },
    {
      name: 'an answer without a body',
      stream: 'HTTP/1.1 304 Not\r\nContent-Length: 9\r\n\r\nHTTP/1.1 204 N\r\n\r\n',
      cut: [39, 18],
    },
    {
      name: 'another protocol after the head',
      stream: 'HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nabc',
      cut: [38, NOT_MINE],
    },
    { name: 'half a head', stream: 'GET / HTTP/1.1\r\nHost: a\r\n', cut: [MORE] },
    {
      name: 'a head where a lost body should go on',
      stream: 'PUT / HTTP/1.1\r\nContent-Length: 70000\r\n\r\nGET / HTTP/1.1\r\n\r\n',
      cut: [41, 18],
    },
  ])('cuts $name', ({ stream, cut }) => {
    expect(lengths(stream)).toEqual(cut);
  });

  it('knows that an answer to HEAD has no body', () => {
    const conversation = new TestConversation({ sourcePort: 1, destinationPort: 2 });
    http.dissect(ascii('HEAD / HTTP/1.1\r\n\r\n'), conversation.context(true));
    const answer = ascii('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n');

    expect(http.cut?.(Reader.of(answer), conversation.context(false))).toBe(answer.length);
  });

  it.each([
    { name: 'XML', head: 'Content-Type: text/xml; charset=utf-8', carries: [{ key: 'xml', length: 4 }] },
    { name: 'a kind of XML', head: 'Content-Type: application/soap+xml', carries: [{ key: 'xml', length: 4 }] },
    { name: 'a page', head: 'Content-Type: text/html', carries: [] },
    { name: 'packed XML', head: 'Content-Type: text/xml\r\nContent-Encoding: gzip', carries: [] },
  ])('hands on $name', ({ head, carries }) => {
    const answer = ascii(`HTTP/1.1 200 OK\r\n${head}\r\nContent-Length: 4\r\n\r\n<a/>`);
    const from = answer.length - 4;

    const dissection = http.dissect(answer, new TestConversation().context(false));
    const readings = dissection.outcome === 'message' ? dissection.readings : [];

    expect(readings.flatMap((reading) => reading.carries ?? [])).toEqual(carries.map((one) => ({ ...one, from })));
  });

  it('tells the title of a page that comes in pieces', () => {
    const context = new TestConversation().context(false);
    http.dissect(ascii('HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n'), context);

    expect(http.dissect(ascii('<html><title>Drive 7</title>'), context)).toMatchObject({
      readings: [{ fields: { title: 'Drive 7' } }],
    });
    expect(http.dissect(ascii('<title>Other</title>'), context)).toMatchObject({ readings: [] });
  });

  it('reads a session', async () => {
    const session = await dissectCapture(http, new URL('captures/session.txt', import.meta.url));
    await expect(session).toMatchFileSnapshot('captures/session.golden.json');
  });
});
