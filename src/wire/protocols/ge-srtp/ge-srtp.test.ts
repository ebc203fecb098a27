import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { type Context, MORE, NOT_MINE, type Reading } from '../../dissector.ts';
import { Reader } from '../../reader.ts';
import { geSrtp } from './ge-srtp.ts';

const conversation = new TestConversation();
const request = conversation.context(true);
const response = conversation.context(false);

const CONTROLLER = '10 0e 00 00';
const CLIENT = '00 00 34 00';

function head(type: string, length: string, messageType: string, body: string): string {
  return `${type} 00 0100 ${length} ${'00'.repeat(11)} 01 ${'00'.repeat(12)} fc ${messageType} ${body}`;
}

function short(service: string): string {
  return head('02', '0000', 'c0', `00000000 ${CONTROLLER} 01 01 ${service} 0000 00ff ff00 ffff`);
}

function long(service: string, text: string, length: string): string {
  return head('02', length, '80', `00000000 ${CONTROLLER} 01 01 0000 00000000 01 01 ${service} ${text}`);
}

function answer(messageType: string, length: string, body: string): string {
  return head('03', length, messageType, `${CONTROLLER} ${CLIENT} 01 01 ${body} ff02 3400 1c00`);
}

function only(bytes: string, context: Context): Reading {
  const dissection = geSrtp.dissect(hex(bytes), context);
  const reading = dissection.outcome === 'message' ? dissection.readings[0] : undefined;
  if (!reading) {
    throw new Error(`${bytes} is ${dissection.outcome}`);
  }
  return reading;
}

const READ = '04 08 6300 0500';
const DONE = answer('d4', '0000', '00 00 000000000000');

/** Every service of the catalogue. */
const SERVICES = [
  { effect: 'read', codes: ['00', '04', '05', '06', '25', '38'] },
  { effect: 'write', codes: ['07', '08', '09', '44'] },
  { effect: 'control', codes: ['23', '39'] },
  { effect: 'program', codes: ['3f', '40'] },
  { effect: 'configure', codes: ['22', '24'] },
  { effect: 'authenticate', codes: ['21'] },
  { effect: 'discover', codes: ['03', '43'] },
  { effect: 'session', codes: ['20'] },
  { effect: 'unknown', codes: ['01', '02', '0a', '4f', 'ff'] },
];

describe('ge_srtp', () => {
  it.each(SERVICES.flatMap(({ effect, codes }) => codes.map((code) => ({ effect, code }))))(
    'reports the effect of service $code',
    ({ effect, code }) => {
      const service = Number.parseInt(code, 16);
      for (const bytes of [short(`${code} 00 0000 0000`), long(`${code} 00 0000 0000`, '0a', '0100')]) {
        expect(geSrtp.dissect(hex(bytes), request)).toMatchObject({
          outcome: 'message',
          readings: [{ direction: 'request', operation: { effect }, pair: 1, proves: true, fields: { service } }],
        });
      }
    },
  );

  it('takes a connection being opened for a session', () => {
    expect(geSrtp.dissect(hex('00'.repeat(56)), request)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'request', operation: { effect: 'session' } }],
    });
  });

  it.each([
    { name: 'registers', bytes: short(READ), target: '%R', offset: 99, count: 5 },
    { name: 'inputs', bytes: short('04 46 0000 0800'), target: '%I', offset: 0, count: 8 },
    { name: 'the last element', bytes: short('07 4c ffff ffff'), target: '%M', offset: 65_535, count: 65_535 },
    {
      name: 'text behind the head',
      bytes: long('07 0c 0100 0100', '0a00', '0200'),
      target: '%AQ',
      offset: 1,
      count: 1,
    },
    { name: 'no memory that we know', bytes: short('04 99 0100 0100'), target: undefined, offset: 1, count: 1 },
  ])('aims at $name', ({ bytes, target, offset, count }) => {
    const reading = only(bytes, request);

    expect(reading.fields).toMatchObject({ offset, count });
    expect(reading.target).toBe(target);
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'a head cut short', bytes: DONE.slice(0, -3), outcome: 'truncated' },
    {
      name: 'text that is one byte short',
      bytes: `${answer('94', '0300', '0000 00000000 0101')}0102`,
      outcome: 'truncated',
    },
    {
      name: 'text that is one byte longer',
      bytes: `${answer('94', '0100', '0000 00000000 0101')}0102`,
      outcome: 'message',
    },
    { name: 'the largest length', bytes: `${answer('94', 'ffff', '0000 00000000 0101')}01`, outcome: 'truncated' },
    { name: 'another type', bytes: `04${'00'.repeat(55)}`, outcome: 'malformed' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(geSrtp.dissect(hex(bytes), response).outcome).toBe(outcome);
  });

  it.each([
    { name: 'done', bytes: DONE, refused: undefined },
    {
      name: 'without right',
      bytes: answer('d1', '0000', '02 04 000000000000'),
      refused: 'insufficient privilege, minor status 4',
    },
    { name: 'for no reason that we know', bytes: answer('d1', '0000', 'b2 00 000000000000'), refused: 'status 178' },
    { name: 'without a reason', bytes: answer('d1', '0000', '00 00 000000000000'), refused: 'status 0' },
    {
      name: 'in an answer of the usual type',
      bytes: answer('d4', '0000', '01 00 000000000000'),
      refused: 'illegal service request',
    },
  ])('says why it was not carried out: $name', ({ bytes, refused }) => {
    expect(only(bytes, response).refused).toBe(refused);
  });

  it.each([
    { name: 'too few bytes', bytes: '02 00 0100 0000 00', length: MORE },
    { name: 'a head', bytes: short(READ), length: 56 },
    { name: 'a head and its text', bytes: '03 00 0100 f003 0000', length: 1064 },
    { name: 'the longest message', bytes: '03 00 0100 ffff 0000', length: 65_591 },
    { name: 'a longer one', bytes: '03 00 0100 ffff 0100', length: NOT_MINE },
    { name: 'another protocol', bytes: '16 03 01', length: NOT_MINE },
  ])('cuts $name', ({ bytes, length }) => {
    expect(geSrtp.cut?.(Reader.of(hex(bytes)), request)).toBe(length);
  });

  it.each([
    { name: 'a request', bytes: short(READ), likeness: 'strong' },
    { name: 'a request with text', bytes: long('07 08 0000 0100', '0a00', '0200'), likeness: 'strong' },
    { name: 'an answer', bytes: DONE, likeness: 'strong' },
    { name: 'a connection being opened', bytes: '00'.repeat(56), likeness: 'weak' },
    { name: 'its answer', bytes: `01${'00'.repeat(7)}0f${'00'.repeat(47)}`, likeness: 'weak' },
    { name: 'half a head', bytes: short(READ).slice(0, 40), likeness: 'no' },
    { name: 'an answer from the client', bytes: DONE.replace(/^03/, '02'), likeness: 'no' },
    { name: 'another mailbox', bytes: short(READ).replace(CONTROLLER, '10 0f 00 00'), likeness: 'no' },
    { name: 'packet 0', bytes: short(READ).replace('01 01 04', '00 01 04'), likeness: 'no' },
    { name: 'a packet beyond the last', bytes: short(READ).replace('01 01 04', '02 01 04'), likeness: 'no' },
  ])('finds $name $likeness', ({ bytes, likeness }) => {
    expect(geSrtp.recognise(Reader.of(hex(bytes)), request)).toBe(likeness);
  });

  it('reads a golden capture', async () => {
    const session = await dissectCapture(geSrtp, new URL('captures/session.txt', import.meta.url));
    await expect(session).toMatchFileSnapshot('captures/session.golden.json');
  });
});
