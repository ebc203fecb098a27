import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { ldap } from './ldap.ts';

const context = new TestConversation().context(true);
const UNBIND = '30 05 020101 4200';
const SEARCH = '30 0c 020101 63 07 0400 0a0102 0500';

describe('ldap', () => {
  it.each([
    { name: 'a bind', bytes: '30 0c 020101 60 07 020103 0400 8000', effect: 'authenticate' },
    { name: 'a search', bytes: SEARCH, effect: 'read' },
    { name: 'a search of the root entry', bytes: SEARCH.replace('0a0102', '0a0100'), effect: 'discover' },
    { name: 'a change', bytes: '30 07 020101 66 02 0400', effect: 'configure' },
    { name: 'an addition', bytes: '30 07 020101 68 02 0400', effect: 'configure' },
    { name: 'a deletion', bytes: '30 06 020101 4a 01 61', effect: 'configure' },
    { name: 'a new name', bytes: '30 07 020101 6c 02 0400', effect: 'configure' },
    { name: 'a comparison', bytes: '30 07 020101 6e 02 0400', effect: 'read' },
    { name: 'an end', bytes: UNBIND, effect: 'session' },
    { name: 'an operation that we do not know', bytes: '30 08 020101 77 03 80012a', effect: 'unknown' },
  ])('reports the effect of $name', ({ bytes, effect }) => {
    expect(ldap.dissect(hex(bytes), context)).toMatchObject({
      outcome: 'message',
      readings: [{ operation: { effect } }],
    });
  });

  it.each([
    { name: 'no byte', bytes: '', outcome: 'truncated' },
    { name: 'a length one too large', bytes: UNBIND.replace('05', '06'), outcome: 'truncated' },
    { name: 'a length one too small', bytes: UNBIND.replace('05', '04'), outcome: 'malformed' },
    { name: 'no length', bytes: '30 00', outcome: 'malformed' },
    { name: 'the greatest length', bytes: UNBIND.replace('05', '84ffffffff'), outcome: 'truncated' },
    { name: 'another operation', bytes: UNBIND.replace('42', '5f'), outcome: 'malformed' },
    { name: 'a protected message cut short', bytes: '00000010 0504', outcome: 'truncated' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(ldap.dissect(hex(bytes), context).outcome).toBe(outcome);
  });

  it.each([
    { name: 'a message', bytes: UNBIND, length: 7 },
    { name: 'a protected message', bytes: '00000010 05', length: 20 },
    { name: 'a TLS record', bytes: '160301', length: -1 },
    { name: 'an indefinite length', bytes: '3080', length: -1 },
    { name: 'too little', bytes: '30', length: 0 },
  ])('cuts $name', ({ bytes, length }) => {
    expect(ldap.cut?.(Reader.of(hex(bytes)), context)).toBe(length);
  });

  it('reads a session, and keeps no password', async () => {
    const session = await dissectCapture(ldap, new URL('captures/session.txt', import.meta.url));

    expect(session).not.toContain('not kept');
    await expect(session).toMatchFileSnapshot('captures/session.golden.json');
  });
});
