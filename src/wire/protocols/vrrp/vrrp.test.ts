import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { vrrp } from './vrrp.ts';

const context = new TestConversation({ transport: 'ip', toMany: true }).context(true);
const NO_PASSWORD = '0000000000000000';

describe('vrrp', () => {
  it.each([
    {
      name: 'version 2',
      bytes: `21 07 64 01 00 01 0000 c00002fe ${NO_PASSWORD}`,
      operation: 'advertise virtual router',
      fields: { virtualRouter: 7, priority: 100, interval: 100, addresses: ['192.0.2.254'] },
    },
    {
      name: 'version 3',
      bytes: '31 08 ff 02 00 64 0000 c00002fd c00002fc',
      operation: 'advertise virtual router',
      fields: { priority: 255, interval: 100, addresses: ['192.0.2.253', '192.0.2.252'] },
    },
    {
      name: 'version 3 for IPv6',
      bytes: '31 09 64 01 00 64 0000 fe80000000000000 0000000000000009',
      operation: 'advertise virtual router',
      fields: { addresses: ['fe80::9'] },
    },
    {
      name: 'a master that leaves',
      bytes: '31 08 00 01 00 64 0000 c00002fd',
      operation: 'give up virtual router',
      fields: { priority: 0 },
    },
    { name: 'a type we do not know', bytes: '32 08', operation: 'unknown type', fields: { type: 2 } },
  ])('reads $name', ({ bytes, operation, fields }) => {
    expect(vrrp.dissect(hex(bytes), context)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'report', operation: { name: operation }, fields }],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'another version', bytes: '41 07 64 00 00 01 0000', outcome: 'malformed' },
    { name: 'an address too few', bytes: '31 08 64 02 00 64 0000 c00002fd', outcome: 'truncated' },
    { name: 'the most addresses', bytes: '31 08 64 ff 00 64 0000 c00002fd', outcome: 'truncated' },
    { name: 'no address', bytes: '31 08 64 00 00 64 0000', outcome: 'message' },
    { name: 'half an IPv6 address', bytes: '31 09 64 01 00 64 0000 fe80000000000000', outcome: 'truncated' },
    { name: 'version 2 without its last bytes', bytes: '21 07 64 01 00 01 0000 c00002fe 00', outcome: 'truncated' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(vrrp.dissect(hex(bytes), context).outcome).toBe(outcome);
  });

  it('is recognised by version and type', () => {
    expect(vrrp.recognise(Reader.of(hex('31 08 64 01 00 64 0000 c00002fd')), context)).toBe('strong');
    expect(vrrp.recognise(Reader.of(hex('32 08 64 01 00 64 0000 c00002fd')), context)).toBe('no');
  });

  it('reads virtual routers and a virtual host', async () => {
    const session = await dissectCapture(vrrp, new URL('captures/routers.txt', import.meta.url), { transport: 'ip' });
    await expect(session).toMatchFileSnapshot('captures/routers.golden.json');
  });
});
