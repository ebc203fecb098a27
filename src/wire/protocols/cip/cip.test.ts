import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import type { Reading } from '../../dissector.ts';
import { cip } from './cip.ts';

const conversation = new TestConversation();
const request = conversation.context(true);
const response = conversation.context(false);

/** The encapsulation around a message: its pair key, or its connection and sequence count. */
function envelope(fields: object, direction: Reading['direction'] = 'request', pair?: number): Reading {
  const operation = { name: 'send', effect: 'session' } as const;
  return { direction, operation, fields, ...(pair === undefined ? {} : { pair }) };
}

function readings(bytes: string, context = request): readonly Reading[] {
  const dissection = cip.dissect(hex(bytes), context);
  return dissection.outcome === 'malformed' ? [] : dissection.readings;
}

describe('cip', () => {
  it.each([
    { name: 'identity of the device', bytes: '01 02 2001 2401', effect: 'discover' },
    { name: 'attributes of a class', bytes: '03 02 2069 2401 0100 0100', effect: 'read' },
    { name: 'one attribute', bytes: '0e 03 20f5 2401 3005', effect: 'read' },
    { name: 'a setting', bytes: '10 03 20f5 2401 3005', effect: 'configure' },
    { name: 'a list of settings', bytes: '04 02 2068 2401', effect: 'configure' },
    { name: 'all settings', bytes: '02 02 20f6 2401', effect: 'configure' },
    { name: 'output data', bytes: '10 03 2004 2464 3003 0100', effect: 'write' },
    { name: 'the clock', bytes: '04 02 208b 2401', effect: 'configure' },
    { name: 'a reset', bytes: '05 02 2001 2401', effect: 'control' },
    { name: 'a start', bytes: '06 02 208e 2401', effect: 'control' },
    { name: 'a stop', bytes: '07 02 208e 2401', effect: 'control' },
    { name: 'a new object', bytes: '08 02 2068 2400', effect: 'program' },
    { name: 'a deletion', bytes: '09 02 2068 2401', effect: 'program' },
    { name: 'a tag read', bytes: '4c 02 91024142 0100', effect: 'read' },
    { name: 'a tag read in parts', bytes: '52 02 91024142 0100 00000000', effect: 'read' },
    { name: 'a tag written', bytes: '4d 02 91024142 c400 0100 00000000', effect: 'write' },
    { name: 'bits of a tag', bytes: '4e 02 91024142 0400', effect: 'write' },
    { name: 'a tag written in parts', bytes: '53 02 91024142 c400 0100 00000000', effect: 'write' },
    { name: 'tags by their instance', bytes: '4d 03 206b 2500 0a0c', effect: 'write' },
    { name: 'the names of the tags', bytes: '55 03 206b 2500 0000', effect: 'discover' },
    { name: 'a connection closed', bytes: '4e 02 2006 2401 0a05 0400 0100 22f51300 00 00', effect: 'session' },
    { name: 'firmware', bytes: '4b 02 20a1 2401', effect: 'firmware' },
    { name: 'firmware data', bytes: '4d 02 20a1 2401 00', effect: 'firmware' },
    { name: 'the end of firmware', bytes: '51 02 20a1 2401', effect: 'firmware' },
    { name: 'a file', bytes: '4c 02 2037 2401', effect: 'program' },
    { name: 'a service of the maker', bytes: '4f 02 2068 2401', effect: 'unknown' },
    { name: 'a service nobody defined', bytes: '2f 02 2068 2401', effect: 'unknown' },
  ])('reports the effect of $name', ({ bytes, effect }) => {
    expect(cip.dissect(hex(bytes), request)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'request', operation: { effect } }],
    });
  });

  it.each([
    {
      name: 'wide numbers',
      bytes: '0e 07 2100 3412 2600 78563412 3100 0102',
      fields: { classId: 0x1234, instance: 0x12345678, attribute: 0x201 },
    },
    {
      name: 'a name with members and indices',
      bytes: '4c 08 9103414243 00 2802 910558595a5a5a00',
      fields: { tag: 'ABC[2].XYZZZ' },
    },
    { name: 'a short name', bytes: '4c 02 63414243', fields: { tag: 'ABC' } },
    {
      name: 'a key before the object',
      bytes: '0e 07 3404 0100 0c00 a600 85 01 2004 2406',
      fields: { classId: 4, instance: 6 },
    },
  ])('reads a path with $name', ({ bytes, fields }) => {
    expect(readings(bytes)[0]?.fields).toMatchObject(fields);
  });

  it.each([
    { name: 'nothing', bytes: '', outcome: 'truncated' },
    { name: 'a path cut short', bytes: '01 02 2001 24', outcome: 'truncated' },
    { name: 'a path of 510 bytes that is not here', bytes: '01 ff 2001 2401', outcome: 'truncated' },
    { name: 'a segment that runs over the path', bytes: '4c 02 91f04142 00', outcome: 'truncated' },
    { name: 'an answer cut short', bytes: '81 00 00', outcome: 'truncated' },
    { name: 'additional status that is not here', bytes: '81 00 01 02 0000', outcome: 'truncated' },
    { name: 'a service behind the end', bytes: '0a 02 2002 2401 0100 ffff', outcome: 'malformed' },
    {
      name: 'services in the wrong order',
      bytes: '0a 02 2002 2401 0200 0c00 0600 0102 2001 2401 0102 2001 2401',
      outcome: 'malformed',
    },
    { name: 'a service inside the list of offsets', bytes: '0a 02 2002 2401 0100 0000', outcome: 'malformed' },
    { name: 'too many services', bytes: '0a 02 2002 2401 ffff 0000', outcome: 'malformed' },
    { name: 'a list cut short', bytes: '0a 02 2002 2401 0200 0600', outcome: 'truncated' },
    { name: 'an embedded service cut short', bytes: '0a 02 2002 2401 0100 0400 01 02 2001', outcome: 'truncated' },
    { name: 'an unconnected message that is not here', bytes: '52 02 2006 2401 0a05 ffff 0102', outcome: 'truncated' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(cip.dissect(hex(bytes), request).outcome).toBe(outcome);
  });

  it('refuses envelopes in envelopes without end', () => {
    const nested = (depth: number): string =>
      depth === 0 ? '170220012401' : `0a022002240101000400${nested(depth - 1)}`;

    expect(cip.dissect(hex(nested(4)), request).outcome).toBe('message');
    expect(cip.dissect(hex(nested(20)), request)).toEqual({
      outcome: 'malformed',
      reason: 'envelopes nested too deep',
    });
  });

  it('gives the envelope first, then what it holds, each with a key of its own', () => {
    const context = { ...request, parent: envelope({}, 'request', 9) };
    const services = '0a 02 2002 2401 0200 0600 0c00 01 02 2001 2401 05 02 2001 2401';

    expect(readings(services, context)).toMatchObject([
      { operation: { name: 'multiple service packet' }, pair: -10, fields: { services: 2 } },
      { operation: { name: 'read identity' }, pair: '-10/0' },
      { operation: { name: 'reset' }, pair: '-10/1' },
    ]);
  });

  it('pairs the bare answer of an unconnected send with the message inside', () => {
    const context = { ...request, parent: envelope({}, 'request', 9) };
    const [send, inside] = readings('52 02 2006 2401 0a05 0600 05 02 2001 2401 01 00 0103', context);

    expect(send).not.toHaveProperty('pair');
    expect(inside).toMatchObject({ pair: -10, target: 'slot 3', operation: { effect: 'control' } });
  });

  it('pairs connected messages by sequence, and by connection once its opening was seen', () => {
    const talk = new TestConversation();
    const ask = { ...talk.context(true), parent: envelope({ connectionId: 0x7c0b01, sequence: 5 }) };
    const answer = { ...talk.context(false), parent: envelope({ connectionId: 0x99, sequence: 5 }, 'response') };
    expect(readings('01 02 2001 2401', ask)[0]?.pair).toBe(5);

    readings('d4 00 00 00 010b7c00 99000000 0300 4d00 efcdab00 80841e00 80841e00 00 00', talk.context(false));
    expect(readings('01 02 2001 2401', ask)[0]?.pair).toBe(0x7c0b01 * 0x10000 + 5);
    expect(readings('81 00 05 00', answer)[0]).toMatchObject({
      pair: 0x7c0b01 * 0x10000 + 5,
      refused: 'path destination unknown',
    });
  });

  it.each([
    { name: 'success', bytes: '8e 00 00 00', refused: undefined },
    { name: 'a part of the data', bytes: 'cc 00 06 00 c400', refused: undefined },
    { name: 'a code of the standard', bytes: '8e 00 14 00', refused: 'attribute not supported' },
    { name: 'a code nobody defined', bytes: '8e 00 f0 00', refused: 'general status 240' },
  ])('understands $name', ({ bytes, refused }) => {
    expect(readings(bytes, response)[0]?.refused).toBe(refused);
  });

  const OPEN = '54 02 2006 2401 0a05 00000000 01000000 0300 4d00 efcdab00 00 000000 80841e00 0042 80841e00 0042 00';
  const OPENED = 'd4 00 00 00 01000000 02000000 0300 4d00 efcdab00 80841e00 80841e00 00 00';

  it.each([
    {
      name: 'a connection with a safety segment',
      ask: `${OPEN} 07 2004 2401 2c64 5003 000000000000`,
      roles: ['safety', 'safety'],
    },
    { name: 'a connection without one', ask: `${OPEN} 03 2004 2401 2c64`, roles: ['plc'] },
    { name: 'the safety supervisor', ask: '0e 03 2039 2401 300b', answer: '8e 00 00 00 02', roles: ['safety'] },
    { name: 'a safety validator', ask: '0e 03 203a 2401 3001', answer: '8e 00 00 00 02', roles: ['safety'] },
    { name: 'a safety output', ask: '0e 03 203c 2401 3003', answer: '8e 00 00 00 01', roles: ['safety'] },
    { name: 'a safety supervisor that is not there', ask: '0e 03 2039 2401 300b', answer: '8e 00 05 00', roles: [] },
    { name: 'another object', ask: '0e 03 2038 2401 3001', answer: '8e 00 00 00 02', roles: [] },
    { name: 'the next object', ask: '0e 03 2040 2401 3001', answer: '8e 00 00 00 02', roles: [] },
  ])('tells by $name which party is a safety device', ({ ask, answer = OPENED, roles }) => {
    const talk = new TestConversation();
    talk.ask(readings(ask, { ...talk.context(true), parent: envelope({}, 'request', 9) }));
    const context = { ...talk.context(false), parent: envelope({}, 'response', 9) };
    const [reading] = readings(answer, context);
    const observed = reading ? (cip.observe?.(reading, context) ?? []) : [];

    expect(observed.flatMap((one) => (one.kind === 'role' ? [one.role] : []))).toEqual(roles);
  });

  it('reads services', async () => {
    const parent = envelope({}, 'request', 1);
    const session = await dissectCapture(cip, new URL('captures/services.txt', import.meta.url), { parent });
    await expect(session).toMatchFileSnapshot('captures/services.golden.json');
  });
});
