import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { dhcp } from './dhcp.ts';

const context = new TestConversation({ transport: 'udp', destinationPort: 67 }).context(true);
const COOKIE = '63825363';

/** The fixed part for a client with the MAC address 02:00:00:00:00:0a, then `rest`. */
function message(operation: number, rest: string, { serverName = '' } = {}): Uint8Array {
  const name = serverName.padEnd(128, '0');
  return hex(
    `0${operation} 01 06 00 12345678 0000 0000 ${'00'.repeat(16)} 02000000000a ${'00'.repeat(10)} ${name} ${'00'.repeat(128)} ${rest}`,
  );
}

describe('dhcp', () => {
  it.each([
    { name: 'a discover', operation: 1, type: '01', effect: 'configure', direction: 'request' },
    { name: 'an offer', operation: 2, type: '02', effect: 'configure', direction: 'response' },
    { name: 'a request', operation: 1, type: '03', effect: 'configure', direction: 'request' },
    { name: 'a decline', operation: 1, type: '04', effect: 'configure', direction: 'request' },
    { name: 'an acknowledgement', operation: 2, type: '05', effect: 'configure', direction: 'response' },
    { name: 'a refusal', operation: 2, type: '06', effect: 'configure', direction: 'response' },
    { name: 'a release', operation: 1, type: '07', effect: 'configure', direction: 'request' },
    { name: 'an inform', operation: 1, type: '08', effect: 'configure', direction: 'request' },
    { name: 'a forced renewal', operation: 2, type: '09', effect: 'configure', direction: 'response' },
    { name: 'a lease query', operation: 1, type: '0a', effect: 'discover', direction: 'request' },
    { name: 'a lease answer', operation: 2, type: '0d', effect: 'discover', direction: 'response' },
    { name: 'a type we do not know', operation: 1, type: 'c8', effect: 'unknown', direction: 'request' },
  ])('reads $name', ({ operation, type, effect, direction }) => {
    expect(dhcp.dissect(message(operation, `${COOKIE} 3501${type} ff`), context)).toMatchObject({
      outcome: 'message',
      readings: [
        { direction, operation: { effect }, fields: { transactionId: 0x12345678, clientMac: '02:00:00:00:00:0a' } },
      ],
    });
  });

  it.each([
    { name: 'no byte', bytes: hex(''), outcome: 'truncated' },
    { name: 'no options', bytes: message(1, ''), outcome: 'truncated' },
    { name: 'options without an end', bytes: message(1, `${COOKIE} 350101`), outcome: 'truncated' },
    { name: 'an option longer than the message', bytes: message(1, `${COOKIE} 0cff 61 ff`), outcome: 'truncated' },
    { name: 'a message type of no length', bytes: message(1, `${COOKIE} 3500 ff`), outcome: 'message' },
    { name: 'a plain BOOTP request', bytes: message(1, '00'.repeat(64)), outcome: 'message' },
    { name: 'a third operation', bytes: message(3, `${COOKIE} ff`), outcome: 'malformed' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(dhcp.dissect(bytes, context).outcome).toBe(outcome);
  });

  it('finds options where the server’s name would stand', () => {
    const bytes = message(1, `${COOKIE} 340102 ff`, { serverName: '350103 0c04 68 6d 69 37 ff'.replaceAll(' ', '') });

    expect(dhcp.dissect(bytes, context)).toMatchObject({
      readings: [{ fields: { messageType: 3, hostName: 'hmi7' } }],
    });
  });

  it('knows the client’s full name in both forms', () => {
    for (const name of ['5108 010000 686d692e61', '5109 050000 03686d69 0161']) {
      const bytes = message(1, `${COOKIE} ${name} ff`);
      expect(dhcp.dissect(bytes, context)).toMatchObject({ readings: [{ fields: { fullName: 'hmi.a' } }] });
    }
  });

  it('is sure of the cookie only, and on its own ports', () => {
    const elsewhere = new TestConversation({ transport: 'udp', destinationPort: 4989 }).context(true);

    expect(dhcp.recognise(Reader.of(message(1, `${COOKIE} ff`)), elsewhere)).toBe('no');
    expect(dhcp.recognise(Reader.of(message(1, `${COOKIE} ff`)), context)).toBe('strong');
    expect(dhcp.recognise(Reader.of(message(1, '00'.repeat(64))), context)).toBe('weak');
    expect(dhcp.recognise(Reader.of(message(1, '').subarray(0, 100)), context)).toBe('no');
  });

  it('reads a lease, its renewal through a relay, and a refusal', async () => {
    const session = await dissectCapture(dhcp, new URL('captures/lease.txt', import.meta.url), { transport: 'udp' });
    await expect(session).toMatchFileSnapshot('captures/lease.golden.json');
  });
});
