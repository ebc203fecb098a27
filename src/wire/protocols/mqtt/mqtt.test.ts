import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { mqtt } from './mqtt.ts';

const text = (value: string) =>
  `${value.length.toString(16).padStart(4, '0')}${Array.from(value, (letter) => letter.charCodeAt(0).toString(16)).join('')}`;
const packet = (first: string, body: string) => {
  const rest = hex(body);
  return Uint8Array.from([...hex(first), rest.length, ...rest]);
};

describe('mqtt', () => {
  it.each([
    { name: 'connect', bytes: packet('10', `${text('MQTT')} 04 02 003c ${text('pump-3')}`), effect: 'authenticate' },
    { name: 'subscribe', bytes: packet('82', `0001 ${text('line/#')} 01`), effect: 'read' },
    { name: 'unsubscribe', bytes: packet('a2', `0002 ${text('line/#')}`), effect: 'session' },
    { name: 'publish', bytes: packet('30', `${text('line/speed')} 3432`), effect: 'report' },
    { name: 'Sparkplug command', bytes: packet('30', text('spBv1.0/G/NCMD/edge')), effect: 'write' },
    { name: 'Sparkplug command', bytes: packet('32', `${text('spBv1.0/G/DCMD/edge/pump')} 0001`), effect: 'write' },
    { name: 'Sparkplug data', bytes: packet('30', text('spBv1.0/G/DDATA/edge/pump')), effect: 'report' },
    { name: 'Sparkplug host state', bytes: packet('31', text('spBv1.0/STATE/scada')), effect: 'report' },
    { name: 'publish', bytes: packet('30', text('spBv1.0/G/OTHER/edge')), effect: 'report' },
    { name: 'ping', bytes: hex('c000'), effect: 'session' },
    { name: 'disconnect', bytes: hex('e000'), effect: 'session' },
    { name: 'authenticate', bytes: hex('f000'), effect: 'authenticate' },
    { name: 'reserved', bytes: hex('0000'), effect: 'unknown' },
  ])('reports the effect of $name', ({ name, bytes, effect }) => {
    expect(mqtt.dissect(bytes, new TestConversation().context(true))).toMatchObject({
      outcome: 'message',
      readings: [{ operation: { name, effect } }],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'a length without end', bytes: '30 ffffffff7f', outcome: 'malformed' },
    { name: 'a maximal length', bytes: '30 ffffff7f 0001 61', outcome: 'truncated' },
    { name: 'a topic beyond the packet', bytes: '30 03 00ff 61', outcome: 'truncated' },
    { name: 'a filter beyond the packet', bytes: '82 06 0001 00ff 61 00', outcome: 'truncated' },
    { name: 'another protocol name', bytes: '10 0a 0004 4d515858 04 02 0000', outcome: 'malformed' },
    { name: 'properties beyond the packet', bytes: '10 0c 0004 4d515454 05 02 0000 7f00', outcome: 'truncated' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(mqtt.dissect(hex(bytes), new TestConversation().context(true)).outcome).toBe(outcome);
  });

  it.each([
    { name: 'a connect', bytes: '10 0e 0004 4d515454', likeness: 'strong' },
    { name: 'a connect of 3.1', bytes: '10 0e 0006 4d514973 6470 03', likeness: 'strong' },
    { name: 'an acknowledgement', bytes: '20 02 00 00', likeness: 'weak' },
    { name: 'the first byte of one', bytes: '20', likeness: 'weak' },
    { name: 'flags that no packet has', bytes: '21 02 00 00', likeness: 'no' },
    { name: 'a topic of control characters', bytes: '30 04 0002 0102', likeness: 'no' },
  ])('recognises $name: $likeness', ({ bytes, likeness }) => {
    expect(mqtt.recognise(Reader.of(hex(bytes)), new TestConversation().context(true))).toBe(likeness);
  });

  it('tells the version of a subscription from its bytes when the connect was not seen', () => {
    const context = new TestConversation().context(true);

    expect(mqtt.dissect(packet('82', `0001 00 ${text('a/b')} 01`), context)).toMatchObject({
      outcome: 'message',
      readings: [{ fields: { topics: ['a/b'] } }],
    });
  });

  it.each(['session', 'sparkplug'])('reads a session: %s', async (name) => {
    const session = await dissectCapture(mqtt, new URL(`captures/${name}.txt`, import.meta.url));
    await expect(session).toMatchFileSnapshot(`captures/${name}.golden.json`);
  });
});
