import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { adsDiscovery } from './ads-discovery.ts';

const context = new TestConversation({ transport: 'udp' }).context(true);
/** Header up to the service, then the sender, then the number of tags. */
const START = '03661471 00000000';
const SENDER = '050102030101 1027';

describe('ads_discovery', () => {
  it.each([
    { name: 'identify', bytes: `${START} 01000000 ${SENDER} 00000000`, effect: 'discover' },
    { name: 'add route', bytes: `${START} 06000000 ${SENDER} 00000000`, effect: 'configure' },
    { name: 'delete route', bytes: `${START} 07000000 ${SENDER} 00000000`, effect: 'configure' },
    { name: 'a service nobody defined', bytes: `${START} 63000000 ${SENDER} 00000000`, effect: 'unknown' },
  ])('reports the effect of $name', ({ bytes, effect }) => {
    expect(adsDiscovery.dissect(hex(bytes), context)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'request', operation: { effect } }],
    });
  });

  it.each([
    { password: '0a00 6e6f74206b6570740000', secret: 'sent' },
    { password: '0200 3100', secret: 'default' },
    { password: '0100 00', secret: 'none' },
  ])('says that a password was $secret, never which', ({ password, secret }) => {
    const dissection = adsDiscovery.dissect(hex(`${START} 06000000 ${SENDER} 01000000 0200 ${password}`), context);

    expect(dissection).toMatchObject({ outcome: 'message', readings: [{ fields: { secret } }] });
    expect(JSON.stringify(dissection)).not.toContain('not kept');
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'half a header', bytes: `${START} 0100`, outcome: 'truncated' },
    { name: 'tags that are not here', bytes: `${START} 01000000 ${SENDER} ffffffff`, outcome: 'truncated' },
    { name: 'a tag cut short', bytes: `${START} 01000000 ${SENDER} 01000000 0500 ffff 41`, outcome: 'truncated' },
    { name: 'another protocol', bytes: '474554202f20485454502f312e310d0a', outcome: 'malformed' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(adsDiscovery.dissect(hex(bytes), context).outcome).toBe(outcome);
  });

  it('is known by its first bytes', () => {
    expect(adsDiscovery.recognise(Reader.of(hex(`${START} 01000000 ${SENDER} 00000000`)), context)).toBe('strong');
    expect(adsDiscovery.recognise(Reader.of(hex('00'.repeat(24))), context)).toBe('no');
  });

  it('reads a discovery', async () => {
    const session = await dissectCapture(adsDiscovery, new URL('captures/discovery.txt', import.meta.url));
    await expect(session).toMatchFileSnapshot('captures/discovery.golden.json');
  });
});
