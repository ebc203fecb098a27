import type { Context, Reading } from '../src/wire/dissector.ts';
import { TestConversation } from './captures.ts';

/** MS-DCOM, section 2.2.13.3: what every request of an object begins with, here version 5.7. */
export const ORPC_THIS = '05000700 00000000 00000000 00112233445566778899aabbccddeeff 00000000';

/** What DCE/RPC says of a call. */
export function rpcCall(direction: 'request' | 'response', fields: object): Reading {
  return { direction, operation: { name: 'unknown call', effect: 'unknown' }, pair: 7, like: 3, fields };
}

/** The context of a call of the interface `key`, or of one that nobody knows. */
export function callContext(
  key: string | undefined,
  opnum: number,
  direction: 'request' | 'response' = 'request',
  more = {},
): Context {
  const fields = { opnum, contextId: 2, littleEndian: true, ...more };
  return new TestConversation({ key, parent: rpcCall(direction, fields) }).context(direction === 'request');
}
