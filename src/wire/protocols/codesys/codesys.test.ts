import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, packetsIn, TestConversation } from '../../../../test/captures.ts';
import { type Context, MORE, NOT_MINE, type Reading } from '../../dissector.ts';
import { Reader } from '../../reader.ts';
import { codesys } from './codesys.ts';

const conversation = new TestConversation();
const request = conversation.context(true);
const response = conversation.context(false);
const own = new TestConversation({ transport: 'udp', sourcePort: 1743 }).context(true);
const datagram = new TestConversation({ transport: 'udp' }).context(true);

/** A number of the wire, low byte first. */
function low(value: number, bytes: number): string {
  return Array.from({ length: bytes }, (_, at) =>
    (Math.floor(value / 256 ** at) % 256).toString(16).padStart(2, '0'),
  ).join('');
}

/** A datagram of the router without hops, addressed in one word each as on UDP. */
function routed(to: string, payload: string): string {
  return `c5 6b 40 ${to} 00 11 0105 010a 0000 ${payload}`;
}

/** The same behind the block driver of TCP, its length changed by so much. */
function block(to: string, payload: string, more = 0): string {
  const bytes = routed(to, payload);
  return `000117e8 ${low(8 + hex(bytes).length + more, 4)} ${bytes}`;
}

function channel(service: string, more = 0): string {
  return `01 81 7100 01000000 00000000 ${low(hex(service).length + more, 4)} 00000000 ${service}`;
}

function service(group: number, number: number, tags = '', more = 0): string {
  return `55cd 1000 ${low(group, 2)} ${low(number, 2)} 11000000 ${low(hex(tags).length + more, 4)} 00000000 ${tags}`;
}

function ask(group: number, number: number, tags = ''): string {
  return block('40', channel(service(group, number, tags)));
}

function only(bytes: string, context: Context): Reading {
  const dissection = codesys.dissect(hex(bytes), context);
  const reading = dissection.outcome === 'message' ? dissection.readings[0] : undefined;
  if (!reading) {
    throw new Error(`${bytes} is ${dissection.outcome}`);
  }
  return reading;
}

/** Every service of the catalogue, by its group. */
const SERVICES = [
  { effect: 'discover', group: 1, services: [1] },
  { effect: 'authenticate', group: 1, services: [2, 8] },
  { effect: 'session', group: 1, services: [3, 5, 10] },
  { effect: 'control', group: 1, services: [4, 6] },
  { effect: 'read', group: 1, services: [7] },
  { effect: 'configure', group: 1, services: [9] },
  { effect: 'unknown', group: 1, services: [0, 11] },
  { effect: 'session', group: 2, services: [1, 2] },
  { effect: 'program', group: 2, services: [3, 4, 5, 6, 7, 8, 0x23, 0x26, 0x27, 0x30, 0x34] },
  { effect: 'control', group: 2, services: [0x10, 0x11, 0x12, 0x13, 0x15, 0x19, 0x22, 0x24, 0x36] },
  { effect: 'read', group: 2, services: [0x14, 0x16, 0x17, 0x18, 0x21, 0x25, 0x28, 0x29, 0x31, 0x33, 0x35, 0x38] },
  { effect: 'write', group: 2, services: [0x20, 0x37] },
  { effect: 'unknown', group: 2, services: [9, 0x32, 0x39, 0x40] },
  { effect: 'read', group: 3, services: [1] },
  { effect: 'write', group: 3, services: [2] },
  { effect: 'read', group: 5, services: [1, 2, 3] },
  { effect: 'read', group: 8, services: [1, 0x0c] },
  { effect: 'program', group: 8, services: [2, 3, 4, 5, 6, 7, 0x0e, 0x0f, 0x10, 0x11, 0x12] },
  { effect: 'session', group: 8, services: [8, 9] },
  { effect: 'unknown', group: 8, services: [0x0a, 0x0b, 0x0d] },
  { effect: 'session', group: 9, services: [1, 2, 0x0b] },
  { effect: 'read', group: 9, services: [3, 5, 0x0a] },
  { effect: 'write', group: 9, services: [4, 6] },
  { effect: 'discover', group: 9, services: [7, 8, 9] },
  { effect: 'unknown', group: 0x11, services: [1, 2] },
  { effect: 'unknown', group: 0x13, services: [1, 2] },
  { effect: 'read', group: 0x1b, services: [1] },
  { effect: 'write', group: 0x1b, services: [2] },
  { effect: 'configure', group: 0x22, services: [1, 3, 4, 7] },
  { effect: 'read', group: 0x22, services: [2, 5, 6, 9] },
];

describe('codesys', () => {
  it.each(SERVICES)('reports services of group $group with the effect $effect', ({ effect, group, services }) => {
    for (const number of services) {
      expect(only(ask(group, number), request)).toMatchObject({
        direction: 'request',
        operation: { effect },
        proves: true,
        fields: { channel: 0x71, group, service: number },
      });
      expect(only(ask(group + 0x80, number), response)).toMatchObject({
        direction: 'response',
        operation: { effect },
        fields: { group, service: number },
      });
    }
  });

  it.each([
    { name: 'an address announced to all', bytes: 'c5 0b 40 01 00 10 0105', effect: 'session', direction: 'request' },
    { name: 'an address announced', bytes: block('01', '00'), effect: 'session', direction: 'request' },
    { name: 'an address taken note of', bytes: block('02', '00'), effect: 'session', direction: 'response' },
    {
      name: 'a question for nodes',
      bytes: block('03', '02c2 0004 01000000'),
      effect: 'discover',
      direction: 'request',
    },
    {
      name: 'another identification',
      bytes: block('04', '80c2 0005 01000000 00'),
      effect: 'discover',
      direction: 'response',
    },
    { name: 'an acknowledgement', bytes: block('40', '02 80 7100 01000000'), effect: 'session', direction: 'report' },
    { name: 'a sign of life', bytes: block('40', '03 00 7100'), effect: 'session', direction: 'report' },
    {
      name: 'a question for channels',
      bytes: block('40', 'c2 00 0101 00000000'),
      effect: 'session',
      direction: 'request',
    },
    {
      name: 'a part whose beginning was not seen',
      bytes: block('40', '01 80 7100 02000000 00000000 01'),
      effect: 'session',
      direction: 'report',
    },
    {
      name: 'a channel closed',
      bytes: block('40', 'c4 00 0101 00000000 7100 0000'),
      effect: 'session',
      direction: 'report',
    },
    {
      name: 'a channel message that we do not know',
      bytes: block('40', '09 00 000000000000'),
      effect: 'unknown',
      direction: 'request',
    },
    { name: 'a secured message', bytes: block('40', channel('5775 1000')), effect: 'unknown', direction: 'request' },
    { name: 'the other byte order', bytes: block('40', channel('cd55 0010')), effect: 'unknown', direction: 'request' },
    { name: 'a receiver that we do not know', bytes: block('05', '00'), effect: 'unknown', direction: 'request' },
    { name: 'generation 2 asked what it is', bytes: 'bbbb 01000000 01', effect: 'discover', direction: 'request' },
    {
      name: 'generation 2 asked for anything else',
      bytes: 'bbbb 01000000 92',
      effect: 'unknown',
      direction: 'request',
    },
  ])('reports the effect of $name', ({ bytes, effect, direction }) => {
    expect(only(bytes, request)).toMatchObject({ direction, operation: { effect } });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'malformed' },
    { name: 'another mark', bytes: `000117e9${'00'.repeat(20)}`, outcome: 'malformed' },
    { name: 'a router that is none', bytes: block('40', '03 00 7100').replace('c5', 'c4'), outcome: 'malformed' },
    { name: 'a header of two words', bytes: block('40', '03 00 7100').replace('6b', '6a'), outcome: 'malformed' },
    {
      name: 'addresses beyond the end',
      bytes: block('40', '03 00 7100').replace('00 11', '00 ff'),
      outcome: 'truncated',
    },
    { name: 'a block that is one byte short', bytes: block('40', '03 00 7100', 1), outcome: 'truncated' },
    { name: 'a length that lacks the last byte', bytes: block('40', '03 00 7100', -1), outcome: 'truncated' },
    { name: 'a length that lacks everything', bytes: block('40', '03 00 7100', -18), outcome: 'malformed' },
    { name: 'the largest length', bytes: block('40', '03 00 7100', 0xffff_0000), outcome: 'truncated' },
    {
      name: 'more content than bytes',
      bytes: block('40', channel(service(9, 3, '01 01 00', 1))),
      outcome: 'truncated',
    },
    { name: 'a message longer than its block', bytes: block('40', channel(service(9, 3), 1)), outcome: 'truncated' },
    { name: 'a message that lacks its header', bytes: block('40', channel(service(9, 3), -20)), outcome: 'truncated' },
    {
      name: 'a header that is too short',
      bytes: block('40', channel(service(9, 3).replace('1000', '0b00'))),
      outcome: 'malformed',
    },
    {
      name: 'the longest header',
      bytes: block('40', channel(service(9, 3).replace('1000', 'ffff'))),
      outcome: 'truncated',
    },
    { name: 'a tag longer than what holds it', bytes: ask(1, 2, '10 05 41'), outcome: 'truncated' },
    { name: 'a tag number without end', bytes: ask(1, 2, 'ff'.repeat(40)), outcome: 'truncated' },
    {
      name: 'tags in tags without end',
      bytes: ask(1, 2, '8101 3e 8101 3b 8101 38 8101 35 8101 32 8101 2f'),
      outcome: 'truncated',
    },
    {
      name: 'names longer than the message',
      bytes: block('04', `80c2 0004 01000000 ${'ff'.repeat(40)}`),
      outcome: 'truncated',
    },
    { name: 'half an acknowledgement', bytes: block('40', '02 80 7100 0100'), outcome: 'truncated' },
    { name: 'generation 2 cut short', bytes: 'bbbb 02000000 01', outcome: 'truncated' },
    { name: 'generation 2 without a length', bytes: 'bbbb 00000000', outcome: 'malformed' },
    { name: 'generation 2 of any length', bytes: 'bbbb 01000001 01', outcome: 'malformed' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(codesys.dissect(hex(bytes), request).outcome).toBe(outcome);
  });

  it('skips tags that stand too deep', () => {
    const deep = '8101 0e 8101 0b 8101 08 8101 05 8101 02 10 00';

    expect(only(ask(1, 2, `${deep} 22 04 02000000`), request).fields).toMatchObject({ cryptType: 2 });
    expect(only(ask(1, 2, deep), request).fields).not.toHaveProperty('user');
  });

  it.each([
    {
      name: 'in clear for who knows how',
      tags: '22 04 01000000 8101 04 10 02 6162',
      credential: { user: 'ab', secret: 'sent' },
    },
    {
      name: 'behind a public key',
      tags: '22 04 02000000 8101 04 10 02 6162',
      credential: { user: 'ab', secret: 'protected' },
    },
    { name: 'by nobody', tags: '22 04 01000000 8101 02 10 00', credential: { secret: 'none' } },
    { name: 'in no way yet', tags: '22 04 01000000', credential: undefined },
  ])('tells of a login $name', ({ tags, credential }) => {
    const observations = codesys.observe?.(only(ask(1, 2, tags), request), request);

    expect(observations).toEqual(
      credential ? [{ kind: 'credential', scheme: 'CODESYS device login', ...credential }] : [],
    );
  });

  it('refuses only who gave a name', () => {
    for (const { tags, refused } of [
      { tags: '22 04 01000000', refused: undefined },
      { tags: '22 04 01000000 8101 04 10 02 6162', refused: 'result 25' },
    ]) {
      const login = new TestConversation();
      login.ask([only(ask(1, 2, tags), login.context(true))]);

      expect(only(ask(0x81, 2, '8201 04 20 02 1900'), login.context(false)).refused).toBe(refused);
    }
  });

  it('says the same over UDP', async () => {
    const packets = await packetsIn(new URL('captures/', import.meta.url));
    const routedOnly = packets.filter(({ bytes }) => bytes[0] === 0);
    for (const { bytes, fromClient } of routedOnly) {
      const context = new TestConversation().context(fromClient);
      const over = new TestConversation({ transport: 'udp' }).context(fromClient);

      expect(codesys.dissect(bytes.subarray(8), over)).toEqual(codesys.dissect(bytes, context));
      expect(codesys.cut?.(Reader.of(bytes.subarray(8)), over)).toBe(bytes.length - 8);
    }
    expect(routedOnly.length).toBeGreaterThan(100);
  });

  it('joins the blocks of a message, and passes over one that is sent again', () => {
    const text = service(2, 5, '10 04 01020304').replaceAll(' ', '');
    const pieces = [text.slice(0, 20), text.slice(20, 40), text.slice(40)];
    const context = new TestConversation().context(true);
    const first = `01 81 7100 07000000 00000000 ${low(hex(text).length, 4)} 00000000 ${pieces[0]}`;
    const part = (payload: string) => codesys.part?.(Reader.of(hex(block('40', payload))), context);

    expect(part(first)).toMatchObject({ first: true, last: false });
    expect(part(`01 80 7100 08000000 00000000 ${pieces[1]}`)).toMatchObject({ first: false, last: false });
    expect(part(`01 80 7100 08000000 00000000 ${pieces[1]}`)).toBeUndefined();
    expect(part('01 80 7100 09000000 00000000')).toBeUndefined();
    const last = part(`01 80 7100 09000000 00000000 ${pieces[2]}`);

    expect(last).toMatchObject({ first: false, last: true, body: hex(pieces[2] ?? '') });
    const whole = Uint8Array.of(...(last?.head ?? []), ...hex(text));
    expect(codesys.dissect(whole, context)).toMatchObject({
      outcome: 'message',
      readings: [{ operation: { effect: 'program' }, fields: { block: 9, group: 2, service: 5 } }],
    });
    expect(part(`01 80 7100 0a000000 00000000 00`)).toBeUndefined();
    part(first);
    expect(part(`01 80 7100 09000000 00000000 ${pieces[2]}`)).toMatchObject({ abort: true });
    expect(part(`01 80 7100 08000000 00000000 ${pieces[1]}`)).toBeUndefined();
  });

  it.each([
    { name: 'half a header', bytes: '000117e8 1600', length: MORE },
    { name: 'a whole header', bytes: '000117e8 16000000', length: 22 },
    { name: 'the longest block', bytes: '000117e8 00000100', length: 0x1_0000 },
    { name: 'a longer one', bytes: '000117e8 01000100', length: NOT_MINE },
    { name: 'a length below the headers', bytes: '000117e8 0d000000', length: NOT_MINE },
    { name: 'another mark', bytes: '000117e9 16000000', length: NOT_MINE },
    { name: 'another protocol', bytes: '16 03 01', length: NOT_MINE },
    { name: 'a datagram in a stream', bytes: routed('40', '03 00 7100'), length: NOT_MINE },
    { name: 'generation 2', bytes: 'bbbb 01000000', length: 7 },
    { name: 'generation 2 of the other byte order', bytes: 'bbbb 00000001', length: 7 },
    { name: 'half a header of generation 2', bytes: 'bbbb 0100', length: MORE },
    { name: 'half a mark of generation 2', bytes: 'bb 01', length: NOT_MINE },
    { name: 'generation 2 without a length', bytes: 'bbbb 00000000', length: NOT_MINE },
    { name: 'generation 2 of any length', bytes: 'bbbb 01000001 01', length: NOT_MINE },
  ])('cuts $name', ({ bytes, length }) => {
    expect(codesys.cut?.(Reader.of(hex(bytes)), request)).toBe(length);
  });

  it.each([
    { name: 'a block', bytes: block('40', '03 00 7100'), context: request, likeness: 'strong' },
    { name: 'a block for nobody', bytes: block('99', '03 00 7100'), context: request, likeness: 'no' },
    { name: 'half a block', bytes: '000117e8 16000000 c5', context: request, likeness: 'no' },
    { name: 'a question for nodes', bytes: routed('03', '02c2 0004 01000000'), context: datagram, likeness: 'strong' },
    { name: 'another question', bytes: routed('03', '04c2 0004 01000000'), context: datagram, likeness: 'no' },
    { name: 'an identification', bytes: routed('04', '80c2 0004 01000000'), context: datagram, likeness: 'strong' },
    {
      name: 'an identification that is a question',
      bytes: routed('03', '80c2 0004 01000000'),
      context: datagram,
      likeness: 'no',
    },
    { name: 'a channel', bytes: routed('40', '03 00 7100'), context: datagram, likeness: 'weak' },
    { name: 'no channel', bytes: routed('40', '04 00 7100'), context: datagram, likeness: 'no' },
    { name: 'an address on its port', bytes: 'c5 0b 40 01 00 10 0105', context: own, likeness: 'weak' },
    { name: 'an address cut short', bytes: 'c5 0b 40 01 00 10 01', context: own, likeness: 'no' },
    { name: 'an address on any port', bytes: routed('01', '00'), context: datagram, likeness: 'no' },
    { name: 'another mark', bytes: routed('40', '03 00 7100').replace('c5', 'c6'), context: datagram, likeness: 'no' },
    { name: 'generation 2', bytes: 'bbbb 01000000 01', context: request, likeness: 'weak' },
    { name: 'generation 2 in a datagram', bytes: 'bbbb 01000000 01', context: datagram, likeness: 'no' },
    { name: 'nothing but its header', bytes: 'bbbb 01000000', context: request, likeness: 'no' },
  ])('finds $name $likeness', ({ bytes, context, likeness }) => {
    expect(codesys.recognise(Reader.of(hex(bytes)), context)).toBe(likeness);
  });

  it('takes an address that is announced to all for a report', () => {
    const toAll = new TestConversation({ transport: 'udp', toMany: true }).context(true);

    expect(only('c5 0b 40 01 00 10 0105', toAll).direction).toBe('report');
  });

  it('reads the longer header of a broadcast', () => {
    const broadcast = 'c5 7c 40 03 00 10 1234 010a 0000 02c2 0004 01000000';

    expect(only(broadcast, datagram)).toMatchObject({
      operation: { effect: 'discover' },
      fields: { subcommand: 0xc202 },
    });
  });

  it.each(['session', 'generation-2'])('reads %s', async (name) => {
    const session = await dissectCapture(codesys, new URL(`captures/${name}.txt`, import.meta.url));
    await expect(session).toMatchFileSnapshot(`captures/${name}.golden.json`);
  });
});
