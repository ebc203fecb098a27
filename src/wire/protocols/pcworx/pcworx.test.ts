import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { MORE, NOT_MINE } from '../../dissector.ts';
import { Reader } from '../../reader.ts';
import { pcworx } from './pcworx.ts';

const context = new TestConversation().context(true);
const OPEN = '0101 001a 0001 0000 0000 0003 000c 4942455448 30314e305f4d 00';
const SEND = (code: string) => `0105 0016 0001 0000 0000 003d 00000000 0004 ${code} 0000`;

describe('pcworx', () => {
  it.each([
    { name: 'open', bytes: OPEN, effect: 'session' },
    { name: 'close', bytes: '0102 000c 0001 0000 0000 003d', effect: 'session' },
    { name: 'fetch', bytes: '0106 000e 0001 0000 0000 003d 0400', effect: 'session' },
    { name: 'identify', bytes: SEND('0295'), effect: 'discover' },
    { name: 'read the version', bytes: SEND('032a'), effect: 'discover' },
    { name: 'read an error', bytes: SEND('0316'), effect: 'read' },
    { name: 'read diagnosis', bytes: SEND('032b'), effect: 'read' },
    { name: 'read a value', bytes: SEND('0351'), effect: 'read' },
    { name: 'set a value', bytes: SEND('0750'), effect: 'configure' },
    { name: 'create a configuration', bytes: SEND('0710'), effect: 'configure' },
    { name: 'activate', bytes: SEND('0711'), effect: 'control' },
    { name: 'deactivate', bytes: SEND('0712'), effect: 'control' },
    { name: 'start', bytes: SEND('0701'), effect: 'control' },
    { name: 'stop', bytes: SEND('0702'), effect: 'control' },
    { name: 'alarm stop', bytes: SEND('1303'), effect: 'control' },
    { name: 'confirm', bytes: SEND('0760'), effect: 'control' },
    { name: 'reset', bytes: SEND('0956'), effect: 'control' },
    { name: 'another service of the firmware', bytes: SEND('02b0'), effect: 'unknown' },
    { name: 'another service of the driver', bytes: '0103 000c 0001 0000 0000 003d', effect: 'unknown' },
  ])('reports the effect of $name', ({ bytes, effect }) => {
    expect(pcworx.dissect(hex(bytes), context)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'request', operation: { effect } }],
    });
  });

  it.each([
    { name: 'nothing', bytes: '', outcome: 'truncated' },
    { name: 'length 0', bytes: '0102 0000 0001 0000 0000 003d', outcome: 'malformed' },
    { name: 'a length below the header', bytes: '0102 000b 0001 0000 0000 003d', outcome: 'malformed' },
    { name: 'a length one too large', bytes: '0102 000d 0001 0000 0000 003d', outcome: 'truncated' },
    { name: 'the largest length', bytes: '0102 ffff 0001 0000 0000 003d', outcome: 'truncated' },
    { name: 'a name beyond the message', bytes: OPEN.replace('000c', '000d'), outcome: 'truncated' },
    { name: 'a message beyond the frame', bytes: SEND('0295').replace('0004', '0005'), outcome: 'truncated' },
    { name: 'words beyond the message', bytes: `${SEND('0295').slice(0, -4)}0001`, outcome: 'truncated' },
    { name: 'a message of nothing', bytes: SEND('0295').replace('0004', '0000'), outcome: 'message' },
    { name: 'a response that is all header', bytes: '8106 000c 0001 0001 0000 0000', outcome: 'message' },
    { name: 'another kind', bytes: '0205 0012', outcome: 'malformed' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(pcworx.dissect(hex(bytes), context).outcome).toBe(outcome);
  });

  it.each([
    { name: 'too few bytes', bytes: '8106 00', length: MORE },
    { name: 'the beginning of one', bytes: '8106 00b0 0001', length: 176 },
    { name: 'length 0', bytes: '8106 0000 0001', length: NOT_MINE },
    { name: 'another protocol', bytes: '16 03 01', length: NOT_MINE },
    { name: 'service 0', bytes: '0100 0000', length: NOT_MINE },
  ])('cuts $name', ({ bytes, length }) => {
    expect(pcworx.cut?.(Reader.of(hex(bytes)), context)).toBe(length);
  });

  it.each([
    { name: 'the opening', bytes: OPEN, likeness: 'strong' },
    { name: 'a message whose lengths agree', bytes: SEND('0295'), likeness: 'strong' },
    { name: 'a message whose lengths differ', bytes: SEND('0295').replace('0004', '0006'), likeness: 'weak' },
    { name: 'a fetch', bytes: '0106 000e 0001 0000 0000 003d 0400', likeness: 'weak' },
    { name: 'a part of one', bytes: '0106 000e 0001 0000 0000 003d', likeness: 'no' },
    { name: 'an unknown service', bytes: '0109 000c 0001 0000 0000 003d', likeness: 'no' },
  ])('finds $name $likeness', ({ bytes, likeness }) => {
    expect(pcworx.recognise(Reader.of(hex(bytes)), context)).toBe(likeness);
  });

  it('reads a golden capture', async () => {
    const mailbox = await dissectCapture(pcworx, new URL('captures/mailbox.txt', import.meta.url));
    await expect(mailbox).toMatchFileSnapshot('captures/mailbox.golden.json');
  });
});
