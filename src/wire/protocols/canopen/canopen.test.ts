import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { canopen } from './canopen.ts';

const bus = { transport: 'bus' } as const;

/** A frame as SocketCAN records it. */
function frame(id: string, data: string): Uint8Array {
  const length = hex(data).length.toString(16).padStart(2, '0');
  return hex(`0000${id.padStart(4, '0')} ${length} 000000 ${data}`);
}

describe('canopen', () => {
  it.each([
    { name: 'a node that starts', bytes: frame('705', '00'), operation: 'boot-up', effect: 'report' },
    { name: 'a heartbeat', bytes: frame('705', '7f'), operation: 'heartbeat', effect: 'report' },
    { name: 'start', bytes: frame('000', '01 05'), operation: 'start node', effect: 'control', target: 'node 5' },
    { name: 'stop', bytes: frame('000', '02 00'), operation: 'stop node', effect: 'control', target: 'all nodes' },
    {
      name: 'pre-operational',
      bytes: frame('000', '80 05'),
      operation: 'make node pre-operational',
      effect: 'control',
    },
    { name: 'reset', bytes: frame('000', '81 05'), operation: 'reset node', effect: 'control' },
    { name: 'reset', bytes: frame('000', '82 05'), operation: 'reset communication of node', effect: 'control' },
    {
      name: 'a command we do not know',
      bytes: frame('000', '77 05'),
      operation: 'other network command',
      effect: 'unknown',
    },
    { name: 'synchronisation', bytes: frame('080', ''), operation: 'synchronise', effect: 'report' },
    { name: 'the time', bytes: frame('100', '000000000000'), operation: 'time stamp', effect: 'report' },
    { name: 'an emergency', bytes: frame('085', '1032 04 0000000000'), operation: 'emergency', effect: 'report' },
    { name: 'process data', bytes: frame('185', '00'), operation: 'process data', effect: 'report' },
    { name: 'a question', bytes: frame('605', '40 0010 00 00000000'), operation: 'read object', effect: 'read' },
    { name: 'a write', bytes: frame('605', '2b 4060 00 0f000000'), operation: 'write object', effect: 'configure' },
    { name: 'an abort', bytes: frame('605', '80 4060 00 00000405'), operation: 'abort transfer', effect: 'session' },
    {
      name: 'an unknown command',
      bytes: frame('605', 'e0 0000 00 00000000'),
      operation: 'other transfer',
      effect: 'unknown',
    },
    { name: 'setting', bytes: frame('7e5', '11 05 000000000000'), operation: 'set layer', effect: 'configure' },
    {
      name: 'mode of setting',
      bytes: frame('7e5', '04 01 000000000000'),
      operation: 'switch layer setting',
      effect: 'session',
    },
    {
      name: 'search',
      bytes: frame('7e5', '51 00000000000000'),
      operation: 'identify for layer setting',
      effect: 'discover',
    },
    {
      name: 'other setting',
      bytes: frame('7e5', 'ff 00000000000000'),
      operation: 'other layer setting',
      effect: 'unknown',
    },
  ])('reads $name: $operation', ({ bytes, operation, effect, target }) => {
    const context = new TestConversation(bus).context(true);

    expect(canopen.dissect(bytes, context)).toMatchObject({
      outcome: 'message',
      readings: [{ operation: { name: operation, effect }, ...(target ? { target } : {}) }],
    });
  });

  it.each([
    { name: 'no byte', bytes: hex(''), outcome: 'truncated' },
    { name: 'half an identifier', bytes: hex('0000'), outcome: 'truncated' },
    { name: 'a length one too large', bytes: hex('00000705 02 000000 05'), outcome: 'truncated' },
    { name: 'a length one too small', bytes: hex('00000605 07 000000 40 0010 00 00000000'), outcome: 'truncated' },
    { name: 'the largest length', bytes: hex('00000185 ff 000000 00'), outcome: 'truncated' },
    { name: 'no data', bytes: frame('705', ''), outcome: 'truncated' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(canopen.dissect(bytes, new TestConversation(bus).context(true)).outcome).toBe(outcome);
  });

  it('tells no name of which a segment is missing', () => {
    const context = new TestConversation(bus).context(false);
    const values = ['41 0810 00 11000000', '00 41414141414141', '01 43430000000000'].map((data) =>
      canopen.dissect(frame('585', data), context),
    );

    expect(JSON.stringify(values)).not.toContain('"value"');
  });

  it('reads how a node is started, asked and written', async () => {
    const session = await dissectCapture(canopen, new URL('captures/node.txt', import.meta.url), bus);
    await expect(session).toMatchFileSnapshot('captures/node.golden.json');
  });
});
