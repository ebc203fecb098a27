import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { opcua } from './opcua.ts';
import { POLICY } from './security.ts';

/** A message of one chunk on channel 7, request 1, with its size right. */
function message(body: string, type = '4d5347', chunk = '46'): Uint8Array {
  const rest = hex(`07000000 01000000 01000000 01000000 ${body}`);
  return Uint8Array.from([...hex(type + chunk), rest.length + 8, 0, 0, 0, ...rest]);
}

function unprotected(fromClient: boolean) {
  const conversation = new TestConversation();
  const context = conversation.context(fromClient);
  context.remember(POLICY, 'None');
  return { conversation, context };
}

const REQUEST_HEADER = '0000 0000000000000000 01000000 00000000 ffffffff 00000000 000000';
const RESPONSE_HEADER = '0000000000000000 01000000 00000000 00 ffffffff 000000';

describe('opcua', () => {
  it.each([
    { service: 'read', id: '7702', effect: 'read', rest: '0000000000000000 00000000 00000000' },
    { service: 'browse', id: '0f02', effect: 'read' },
    { service: 'read history', id: '9802', effect: 'read' },
    { service: 'write', id: 'a102', effect: 'write', rest: '00000000' },
    { service: 'update history', id: 'bc02', effect: 'write' },
    { service: 'call method', id: 'c802', effect: 'control', rest: '00000000' },
    { service: 'add nodes', id: 'e801', effect: 'configure' },
    { service: 'delete nodes', id: 'f401', effect: 'configure', rest: '00000000' },
    { service: 'get endpoints', id: 'ac01', effect: 'discover', rest: 'ffffffff' },
    { service: 'find servers', id: 'a601', effect: 'discover' },
    { service: 'publish', id: '3a03', effect: 'report' },
    { service: 'create subscription', id: '1303', effect: 'session' },
    { service: 'unknown service', id: '0f00', effect: 'unknown' },
  ])('reports the effect of $service', ({ service, id, effect, rest = '' }) => {
    const { context } = unprotected(true);

    expect(opcua.dissect(message(`0100${id} ${REQUEST_HEADER} ${rest}`), context)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'request', operation: { name: service, effect } }],
    });
  });

  it.each([
    { name: 'no byte', bytes: hex(''), outcome: 'malformed' },
    { name: 'a type of another protocol', bytes: hex('47455446 20000000'), outcome: 'malformed' },
    { name: 'a size below the header', bytes: hex('4d534746 07000000'), outcome: 'malformed' },
    { name: 'a maximal size', bytes: hex('4d534746 ffffffff'), outcome: 'malformed' },
    { name: 'a hello of a chunk type', bytes: hex('48454c43 08000000'), outcome: 'malformed' },
    { name: 'a size beyond the bytes', bytes: hex('4d534746 20000000 07000000'), outcome: 'truncated' },
    {
      name: 'more nodes than bytes',
      bytes: message(`01007702 ${REQUEST_HEADER} 0000000000000000 00000000 ffffff7f 01000100`),
      outcome: 'truncated',
    },
    { name: 'a text beyond the end', bytes: message(`0100ac01 ${REQUEST_HEADER} ffffff7f 41`), outcome: 'truncated' },
    { name: 'a body that is no node id', bytes: message('0502 00000000 ffffffff'), outcome: 'malformed' },
    {
      name: 'more endpoints than bytes',
      bytes: message(`0100af01 ${RESPONSE_HEADER} ffffff7f`),
      outcome: 'truncated',
    },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(opcua.dissect(bytes, unprotected(true).context).outcome).toBe(outcome);
  });

  it('bounds diagnostics in diagnostics', () => {
    const nested = '40'.repeat(60);

    expect(
      opcua.dissect(message(`0100a402 0000000000000000 01000000 00000000 ${nested}`), unprotected(false).context),
    ).toMatchObject({ outcome: 'malformed', reason: 'budget' });
  });

  it('joins chunks by request', () => {
    const { context } = unprotected(true);
    const part = (bytes: Uint8Array) => opcua.part?.(Reader.of(bytes), context);

    expect(part(message('01000f02'))).toBeUndefined();
    expect(part(message('01000f02', '4d5347', '43'))).toMatchObject({ key: 1, first: true, last: false });
    expect(part(message('aabb'))).toMatchObject({ key: 1, first: false, last: true, abort: false });
  });

  it('reads why a message was given up, unless that is encrypted', () => {
    const { context } = unprotected(false);
    const abort = message('0000ab80 ffffffff', '4d5347', '41');

    expect(opcua.part?.(Reader.of(abort), context)).toBeUndefined();
    expect(opcua.dissect(abort, context)).toMatchObject({ readings: [{ refused: 'invalid argument', pair: 1 }] });
    expect(opcua.part?.(Reader.of(abort), new TestConversation().context(false))).toMatchObject({ abort: true });
  });

  it.each(['session', 'encrypted', 'signed'])('reads a session: %s', async (name) => {
    const session = await dissectCapture(opcua, new URL(`captures/${name}.txt`, import.meta.url));
    await expect(session).toMatchFileSnapshot(`captures/${name}.golden.json`);
  });
});
