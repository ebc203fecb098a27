import { describe, expect, it } from 'vitest';
import { hex } from '../../../test/captures.ts';
import { findNtlm, observeNtlm } from './ntlmssp.ts';

// Each begins with the signature and the type (MS-NLMP, section 2.2.1).
const NEGOTIATE =
  '4e544c4d53535000 01000000 05320002 0300 0300 2b000000 0300 0300 28000000 0a00 654a 0000000f 504331 464142';
const CHALLENGE =
  '4e544c4d53535000 02000000 0000 0000 38000000 01000002 0102030405060708 0000000000000000 2400 2400 38000000 ' +
  '0601 b11d 0000000f 0200 0400 46004100 0100 0600 500043003100 0700 0800 006033f6b47cca01 0000 0000';
const AUTHENTICATE =
  '4e544c4d53535000 03000000 0000 0000 50000000 0000 0000 50000000 0400 0400 48000000 0400 0400 4c000000 ' +
  '0400 0400 50000000 0000 0000 54000000 01000000 0000 0000 0000 0000 46004100 6a006f00 50004300';

describe('ntlmssp', () => {
  it.each([
    {
      name: 'the names and version a client begins with',
      bytes: NEGOTIATE,
      message: { type: 'negotiate', domain: 'FAB', host: 'PC1', os: 'Windows 10.0 build 19045' },
    },
    {
      name: "a server's names, version and clock, inside another token",
      bytes: `6042 0a0b ${CHALLENGE}`,
      message: {
        type: 'challenge',
        domain: 'FA',
        host: 'PC1',
        os: 'Windows 6.1 build 7601',
        clock: Date.UTC(2009, 11, 14, 12, 0, 0) * 1000,
      },
    },
    {
      name: 'who signs in from where',
      bytes: AUTHENTICATE,
      message: { type: 'authenticate', domain: 'FA', user: 'jo', host: 'PC' },
    },
    { name: 'no message in another token', bytes: '602b0601050502 a0213020', message: undefined },
    { name: 'no message of an unknown type', bytes: '4e544c4d53535000 04000000', message: undefined },
  ])('finds $name', ({ bytes, message }) => {
    expect(findNtlm(hex(bytes))).toEqual(message);
  });

  it('reads every prefix without throwing, and invents no name', () => {
    for (const whole of [NEGOTIATE, CHALLENGE, AUTHENTICATE].map(hex)) {
      for (let length = 0; length < whole.length; length++) {
        const { user = 'jo', domain = 'FAB' } = findNtlm(whole.subarray(0, length)) ?? {};
        expect('jo').toContain(user);
        expect('FAB').toContain(domain);
      }
    }
  });

  it('tells name, system, clock and user of the sender', () => {
    expect(observeNtlm(findNtlm(hex(CHALLENGE)), 'NTLM')).toMatchObject([
      { kind: 'identity', subject: 'sender', name: 'PC1', os: 'Windows 6.1 build 7601' },
      { kind: 'clock' },
    ]);
    expect(observeNtlm(findNtlm(hex(AUTHENTICATE)), 'NTLM')).toMatchObject([
      { kind: 'identity', name: 'PC' },
      { kind: 'credential', user: 'jo', secret: 'protected' },
    ]);
    expect(observeNtlm(undefined, 'NTLM')).toEqual([]);
  });
});
