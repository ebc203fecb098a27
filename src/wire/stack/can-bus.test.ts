import { expect, it } from 'vitest';
import { hex } from '../../../test/captures.ts';
import { runFrames } from '../../../test/frames.ts';
import type { Flow } from '../listener.ts';
import { canopen } from '../protocols/canopen/canopen.ts';

const CAN = 227;
const HEARTBEAT = '00000705 01 000000 05';
const PROCESS_DATA = '00000185 02 000000 0102';
const QUESTION = '00000605 08 000000 40 0010 00 00000000';
const ANSWER = '00000585 08 000000 43 0010 00 92010200';
const NOBODY = 'can ? > can 0';

it.each([
  { name: 'a heartbeat', frames: [HEARTBEAT], flows: ['can 5 > can 0'], said: 1 },
  { name: 'the answer that begins a transfer', frames: [ANSWER], flows: ['can 5 > can ?'], said: 1 },
  {
    name: 'process data of a node that was heard',
    frames: [HEARTBEAT, PROCESS_DATA],
    flows: ['can 5 > can 0'],
    said: 2,
  },
  { name: 'a question and its answer', frames: [QUESTION, ANSWER], flows: ['can ? > can 5'], said: 2 },
  { name: 'a command for all', frames: ['00000000 02 000000 0100'], flows: [NOBODY], said: 1 },
  { name: 'a command for one', frames: ['00000000 02 000000 0105'], flows: ['can ? > can 5'], said: 1 },
  { name: 'process data before', frames: [PROCESS_DATA], flows: [NOBODY], said: 0 },
  { name: 'an answer about no object', frames: ['00000585 08 000000 43 0000 00 92010200'], flows: [NOBODY], said: 0 },
  { name: 'a state that is none', frames: ['00000705 01 000000 06'], flows: [NOBODY], said: 0 },
  { name: 'a heartbeat of eight bytes', frames: ['00000705 08 000000 0500000000000000'], flows: [NOBODY], said: 0 },
  { name: 'a diagnostic question', frames: ['000007e5 08 000000 0210030000000000'], flows: [NOBODY], said: 0 },
  { name: 'an identifier of 29 bits', frames: ['80000705 01 000000 05'], flows: [NOBODY], said: 0 },
  { name: 'a fault', frames: ['20000004 08 000000 0000000000000000'], flows: [NOBODY], said: 0 },
  { name: 'sixty-four bytes', frames: [`00000705 40 000000 ${'05'.repeat(64)}`], flows: [NOBODY], said: 0 },
  { name: 'data cut short', frames: ['00000705 01 000000'], flows: [NOBODY], said: 0, truncated: 1 },
  { name: 'half a header', frames: ['0000'], flows: [], said: 0, truncated: 1 },
])('$name', ({ frames, flows, said, truncated = 0 }) => {
  const seen: string[] = [];
  const flowClosed = (flow: Flow) => {
    seen.push(`${flow.address(flow.client)} > ${flow.address(flow.client === 0 ? 1 : 0)}`);
  };
  const { messages, engine } = runFrames([canopen], frames.map(hex), { linkType: CAN, listener: { flowClosed } });

  expect([seen, messages.length, engine.counters.truncated]).toEqual([flows, said, truncated]);
});
