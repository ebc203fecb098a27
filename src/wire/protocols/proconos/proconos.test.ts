import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { MORE, NOT_MINE } from '../../dissector.ts';
import { Reader } from '../../reader.ts';
import { proconos } from './proconos.ts';

const request = new TestConversation().context(true);
const CONTROL = new Map([
  [1, 'Ade.Remoting.Services.IProConOSControlService'],
  [2, 'Ade.Remoting.Services.IDeviceInfoService'],
]);
const opened = new TestConversation({ recall: (key) => CONTROL.get(Number(String(key).slice('proconos '.length))) });
const OPEN = '01000000 0000 0500 0000 0000 0000 0000 4164652e 00';
const IDENTIFY = 'cc01000b4002000047ee';

describe('proconos', () => {
  it.each([
    { name: 'identify', bytes: IDENTIFY, effect: 'discover' },
    { name: 'read the state', bytes: 'cc01000f 40 07 0000 0000', effect: 'read' },
    { name: 'stop', bytes: 'cc010001 40 07 0000 0000', effect: 'control' },
    { name: 'start', bytes: 'cc010004 40 07 0000 0000', effect: 'control' },
    { name: 'another function', bytes: 'cc010006 40 07 0000 0000', effect: 'unknown' },
    { name: 'open a service', bytes: OPEN, effect: 'session' },
    { name: 'stop by method', bytes: '01000200 0000 0000 0100 0700 0000 0000', effect: 'control' },
    { name: 'start by method', bytes: '01000200 0000 0200 0100 0600 0000 0000 0100', effect: 'control' },
    { name: 'another method', bytes: '01000200 0000 0000 0100 0800 0000 0000', effect: 'unknown' },
    { name: 'read items', bytes: '01000200 0000 0600 0200 0300 0000 0000 01000000 0240', effect: 'read' },
    { name: 'a method of nobody knows whom', bytes: '01000200 0000 0000 0300 0700 0000 0000', effect: 'unknown' },
  ])('reports the effect of $name', ({ bytes, effect }) => {
    expect(proconos.dissect(hex(bytes), opened.context(true))).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'request', operation: { effect } }],
    });
  });

  it.each([
    { name: 'nothing', bytes: '', outcome: 'truncated' },
    { name: 'data one longer than the frame', bytes: 'cc01000f 40 07 0100 0000', outcome: 'truncated' },
    { name: 'the most data', bytes: 'cc01000f 40 07 0040 0000', outcome: 'truncated' },
    { name: 'more than the most', bytes: 'cc01000f 40 07 0140 0000', outcome: 'malformed' },
    { name: 'a body one longer than the frame', bytes: OPEN.replace('0500', '0600'), outcome: 'truncated' },
    { name: 'the longest body', bytes: OPEN.replace('0500', 'ffff'), outcome: 'truncated' },
    { name: 'no body', bytes: '01000000 0000 0000 0000 0000 0000 0000', outcome: 'message' },
    { name: 'items without a number', bytes: '01000200 0000 0300 0200 0300 0000 0000 010000', outcome: 'message' },
    { name: 'another type', bytes: OPEN.replace('01000000', '01000400'), outcome: 'malformed' },
    { name: 'another version', bytes: OPEN.replace('01000000', '04400000'), outcome: 'malformed' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(proconos.dissect(hex(bytes), opened.context(true)).outcome).toBe(outcome);
  });

  it.each([
    { name: 'a mark', bytes: 'cc', length: MORE },
    { name: 'a frame of the older kind', bytes: IDENTIFY, length: 10 },
    { name: 'more data than a frame holds', bytes: 'cc01000f 40 07 0140', length: NOT_MINE },
    { name: 'a part of a header', bytes: '010002', length: MORE },
    { name: 'a header of the newer kind', bytes: '01000200 0000 0600 0200 0300 0000 0000', length: 22 },
    { name: 'another protocol', bytes: '0100 05', length: NOT_MINE },
  ])('cuts $name', ({ bytes, length }) => {
    expect(proconos.cut?.(Reader.of(hex(bytes)), request)).toBe(length);
  });

  it.each([
    { name: 'a right checksum', bytes: IDENTIFY, likeness: 'strong' },
    { name: 'a wrong checksum', bytes: 'cc01000b4002000047ef', likeness: 'no' },
    { name: 'the name of a service', bytes: OPEN, likeness: 'strong' },
    { name: 'another name', bytes: OPEN.replace('2e', '2f'), likeness: 'weak' },
    { name: 'a header that adds up', bytes: '01000100 0000 0000 0000 0000 0000 fdff', likeness: 'strong' },
    { name: 'a call', bytes: '01000200 0000 0000 0300 0700 0000 0000', likeness: 'weak' },
    { name: 'a call with bytes behind it', bytes: '01000200 0000 0000 0300 0700 0000 0000 00', likeness: 'no' },
  ])('finds $name $likeness', ({ bytes, likeness }) => {
    expect(proconos.recognise(Reader.of(hex(bytes)), request)).toBe(likeness);
  });

  it.each(['classic', 'remoting'])('reads a golden capture of the %s framing', async (name) => {
    const session = await dissectCapture(proconos, new URL(`captures/${name}.txt`, import.meta.url));
    await expect(session).toMatchFileSnapshot(`captures/${name}.golden.json`);
  });
});
