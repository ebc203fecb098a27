import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { pnRt } from './pn-rt.ts';

const context = new TestConversation({ transport: 'ethernet' }).context(true);
/** Endpoints, then type and window of an alarm frame. */
const ALARM = 'fe01 0001 0002 11 11 0000 ffff';

describe('pn_rt', () => {
  it.each([
    { name: 'cyclic data', bytes: '8001 000000 1234 35 00', effect: 'report' },
    { name: 'cyclic data', bytes: '0100 000000 1234 35 00', effect: 'report' },
    { name: 'cyclic data', bytes: 'fbff 000000 1234 35 00', effect: 'report' },
    {
      name: 'alarm',
      bytes: `${ALARM} 001a 0002 0016 0100 0003 00000000 0001 0001 00000301 00000001 0800`,
      effect: 'report',
    },
    {
      name: 'alarm',
      bytes: `${ALARM} 001a 0001 0016 0100 0003 00000000 0001 0001 00000301 00000001 0800`,
      effect: 'report',
    },
    {
      name: 'alarm acknowledgement',
      bytes: `${ALARM} 0016 8002 0012 0100 0003 00000000 0001 0001 0800 00000000`,
      effect: 'report',
    },
    { name: 'alarm transport', bytes: 'fc01 0001 0002 13 01 ffff 0000 0000', effect: 'report' },
    { name: 'alarm transport', bytes: `${ALARM} 0006 7777 0002 0100`, effect: 'report' },
    { name: 'abort connection', bytes: 'fe01 0001 0002 14 01 ffff fffe 0004 cf81fd05', effect: 'session' },
    { name: 'fragment', bytes: 'ff80 00', effect: 'report' },
    { name: 'remote service', bytes: 'fe02 00', effect: 'unknown' },
    { name: 'unknown frame', bytes: 'fd00 00', effect: 'unknown' },
  ])('reads $name', ({ name, bytes, effect }) => {
    expect(pnRt.dissect(hex(bytes), context)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'report', operation: { name, effect } }],
    });
  });

  it.each([
    { name: 'no frame id', bytes: '80', outcome: 'truncated' },
    { name: 'cyclic data without a status', bytes: '8001 3500', outcome: 'truncated' },
    { name: 'an alarm one byte too short', bytes: `${ALARM} 0006 7777 0002 01`, outcome: 'truncated' },
    { name: 'an alarm block larger than the alarm', bytes: `${ALARM} 0006 0002 ffff 0100`, outcome: 'truncated' },
    { name: 'an alarm without a block', bytes: `${ALARM} 0000`, outcome: 'truncated' },
    { name: 'an alarm of the largest length', bytes: `${ALARM} ffff 0002 0016 0100`, outcome: 'truncated' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(pnRt.dissect(hex(bytes), context).outcome).toBe(outcome);
  });

  it('leaves discovery to its own protocol, and datagrams that no real-time class uses', () => {
    const udp = new TestConversation({ transport: 'udp', destinationPort: 34962 }).context(true);
    const elsewhere = new TestConversation({ transport: 'udp', destinationPort: 47808 }).context(true);
    const likeness = (bytes: string, where = context) => pnRt.recognise(Reader.of(hex(bytes)), where);

    expect(['8001', 'fefb', 'fefc', 'feff', '0081', 'ff43', 'ff44', '80'].map((bytes) => likeness(bytes))).toEqual([
      'strong',
      'strong',
      'no',
      'no',
      'strong',
      'strong',
      'strong',
      'no',
    ]);
    expect(['c001', '0400'].map((bytes) => likeness(bytes, udp))).toEqual(['weak', 'no']);
    expect(likeness('810a', elsewhere)).toBe('no');
  });

  it('is the envelope of clock synchronisation, which says nothing itself', () => {
    expect(pnRt.dissect(hex('ff40 0000'), context)).toMatchObject({
      outcome: 'message',
      readings: [{ envelope: true, fields: { frameId: 0xff40 }, carries: [{ from: 0, length: 4 }] }],
    });
  });

  it('reads a cell', async () => {
    const session = await dissectCapture(pnRt, new URL('captures/cell.txt', import.meta.url), {
      transport: 'ethernet',
    });
    await expect(session).toMatchFileSnapshot('captures/cell.golden.json');
  });
});
