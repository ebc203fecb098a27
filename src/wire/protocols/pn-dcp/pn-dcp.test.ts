import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { pnDcp } from './pn-dcp.ts';

const conversation = new TestConversation({ transport: 'ethernet' });
const context = conversation.context(true);
/** Frame id, service, type, xid, delay. */
const SET = 'fefd 04 00 00000001 0000';
const SET_ANSWER = 'fefd 04 01 00000001 0000';

describe('pn_dcp', () => {
  it.each([
    { name: 'get', bytes: 'fefd 03 00 00000001 0000 0002 02 02', effect: 'discover' },
    { name: 'identify', bytes: 'fefe 05 00 00000001 0001 0004 ff ff 0000', effect: 'discover' },
    { name: 'set station name', bytes: `${SET} 0008 02 02 0003 0001 61 00`, effect: 'configure' },
    { name: 'set IP address', bytes: `${SET} 0012 01 02 000e 0001 c0a80001 ffffff00 c0a80001`, effect: 'configure' },
    { name: 'set', bytes: `${SET} 0006 05 02 0002 0001`, effect: 'configure' },
    { name: 'signal', bytes: `${SET} 0008 05 03 0004 0000 0100`, effect: 'control' },
    { name: 'reset to factory settings', bytes: `${SET} 0006 05 05 0002 0000`, effect: 'control' },
    { name: 'reset to factory settings', bytes: `${SET} 000e 02 02 0004 0001 6162 05 06 0002 0002`, effect: 'control' },
    { name: 'unknown service', bytes: 'fefd 07 00 00000001 0000 0000', effect: 'unknown' },
  ])('reads a request to $name', ({ name, bytes, effect }) => {
    expect(pnDcp.dissect(hex(bytes), context)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'request', operation: { name, effect } }],
    });
  });

  it.each([
    { name: 'an accepted set', bytes: `${SET_ANSWER} 0008 05 04 0003 02 02 00 00`, refused: undefined },
    { name: 'a refused set', bytes: `${SET_ANSWER} 0008 05 04 0003 02 02 06 00`, refused: 'not possible in operation' },
    { name: 'an error we do not know', bytes: `${SET_ANSWER} 0008 05 04 0003 02 02 63 00`, refused: 'error 99' },
    { name: 'an unsupported service', bytes: 'fefd 04 05 00000001 0000 0000', refused: 'service not supported' },
  ])('reads $name', ({ bytes, refused }) => {
    const dissection = pnDcp.dissect(hex(bytes), context);

    expect(dissection).toMatchObject({ outcome: 'message', readings: [{ direction: 'response' }] });
    expect(dissection.outcome === 'message' && dissection.readings[0]?.refused).toBe(refused);
  });

  it.each([
    { name: 'a data length one too large', bytes: `${SET} 0009 02 02 0003 0001 61 00`, outcome: 'truncated' },
    { name: 'a data length without the padding', bytes: `${SET} 0007 02 02 0003 0001 61 00`, outcome: 'message' },
    { name: 'a data length one too small', bytes: `${SET} 0006 02 02 0003 0001 61 00`, outcome: 'truncated' },
    { name: 'a data length of zero', bytes: `${SET} 0000 02 02`, outcome: 'message' },
    { name: 'the largest data length', bytes: `${SET} ffff 02 02 0003 0001 61 00`, outcome: 'truncated' },
    { name: 'the largest block', bytes: `${SET} 0008 02 02 ffff 0001 61 00`, outcome: 'truncated' },
    { name: 'an empty block', bytes: `${SET} 0004 02 02 0000`, outcome: 'message' },
    { name: 'an address that is too short', bytes: `${SET} 0008 01 02 0004 0001 c0a8`, outcome: 'message' },
    {
      name: 'more blocks than a frame holds',
      bytes: `fefd 03 00 00000001 0000 0802 ${'0101 '.repeat(1025)}`,
      outcome: 'malformed',
    },
    { name: 'the frame id of cyclic data', bytes: '8000 04 00 00000001 0000 0000', outcome: 'malformed' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(pnDcp.dissect(hex(bytes), context).outcome).toBe(outcome);
  });

  it('leaves the frames of other real-time protocols alone', () => {
    const likeness = ['fefb', 'fefc', 'fefd', 'fefe', 'feff', 'ff00'].map((bytes) =>
      pnDcp.recognise(Reader.of(hex(bytes)), context),
    );
    expect(likeness).toEqual(['no', 'strong', 'strong', 'strong', 'strong', 'no']);
  });

  it('reads a commissioning', async () => {
    const session = await dissectCapture(pnDcp, new URL('captures/commissioning.txt', import.meta.url), {
      transport: 'ethernet',
    });
    await expect(session).toMatchFileSnapshot('captures/commissioning.golden.json');
  });
});
