import { describe, expect, it } from 'vitest';
import { hex } from '../../../test/captures.ts';
import { runFrames } from '../../../test/frames.ts';
import type { Flow } from '../listener.ts';
import { bacnet } from '../protocols/bacnet/bacnet.ts';

const MSTP = 165;
const ARCNET = 7;
const ARCNET_LINUX = 129;
const WHO_IS = 'find devices';

/** What becomes of one frame: between whom it counts, what it says, and what is wrong with it. */
function heard(linkType: number, frame: string) {
  const flows: string[] = [];
  const flowClosed = (flow: Flow) => {
    const [from, to] = flow.client === 0 ? ([0, 1] as const) : ([1, 0] as const);
    const macs = flow.mac(0) ?? flow.mac(1) ?? 'no MAC';
    flows.push(`${flow.address(from)} > ${flow.address(to)}${flow.toMany ? ' (all)' : ''}, ${flow.transport}, ${macs}`);
  };
  const { messages, engine } = runFrames([bacnet], [hex(frame)], { linkType, listener: { flowClosed } });
  const { decoded, truncated, malformed } = engine.counters;
  expect(decoded).toBe(1);
  const whole = messages.filter(({ outcome }) => outcome === 'message');
  const [flow = 'nobody', ...more] = flows;
  expect(more).toEqual([]);
  return [flow, whole.map(({ operation }) => operation).join(), { truncated, malformed }];
}

const fine = { truncated: 0, malformed: 0 };
const cut = { truncated: 1, malformed: 0 };
const broken = { truncated: 0, malformed: 1 };

describe('MS/TP', () => {
  const toOne = 'mstp 1 > mstp 2, bus, no MAC';
  const toAll = 'mstp 1 > mstp 255 (all), bus, no MAC';

  it.each([
    { name: 'data', frame: '55ff 06 02 01 0004 9f 01001008 bcf9', flow: toOne, said: WHO_IS, counted: fine },
    { name: 'data for all', frame: '55ff 06 ff 01 0004 81 01001008 bcf9', flow: toAll, said: WHO_IS, counted: fine },
    { name: 'a question', frame: '55ff 05 02 01 0004 16 01001008 bcf9', flow: toOne, said: WHO_IS, counted: fine },
    { name: 'data of no length', frame: '55ff 06 02 01 0000 62', flow: toOne, said: '', counted: fine },
    { name: 'a token', frame: '55ff 00 02 01 0000 73', flow: toAll, said: '', counted: fine },
    { name: 'a poll for a master', frame: '55ff 01 09 01 0000 29', flow: toAll, said: '', counted: fine },
    {
      name: 'the answer to a poll',
      frame: '55ff 02 01 09 0000 28',
      flow: 'mstp 9 > mstp 1, bus, no MAC',
      said: '',
      counted: fine,
    },
    { name: 'encoded data', frame: '55ff 20 02 01 0004 7e 01001008 bcf9', flow: toOne, said: '', counted: fine },
    {
      name: 'padding behind data',
      frame: '55ff 06 02 01 0004 9f 01001008 bcf9 00',
      flow: toOne,
      said: WHO_IS,
      counted: fine,
    },
    { name: 'half a header', frame: '55ff 06 02', flow: 'nobody', said: '', counted: cut },
    {
      name: 'data without its check',
      frame: '55ff 06 02 01 0004 9f 01001008',
      flow: toOne,
      said: WHO_IS,
      counted: cut,
    },
    { name: 'half of the data', frame: '55ff 06 02 01 0004 9f 0100', flow: toOne, said: '', counted: cut },
    {
      name: 'another preamble',
      frame: '55fe 06 02 01 0004 9f 01001008 bcf9',
      flow: 'nobody',
      said: '',
      counted: broken,
    },
    {
      name: 'a header changed',
      frame: '55ff 06 03 01 0004 9f 01001008 bcf9',
      flow: 'nobody',
      said: '',
      counted: broken,
    },
    { name: 'data changed', frame: '55ff 06 02 01 0004 9f 01001009 bcf9', flow: toOne, said: '', counted: broken },
  ])('of $name is counted and read for what it is', ({ frame, flow, said, counted }) => {
    expect(heard(MSTP, frame)).toEqual([flow, said, counted]);
  });
});

describe('ARCNET', () => {
  const toOne = 'arcnet 192 > arcnet 61, bus, no MAC';

  it.each([
    { name: 'BACnet', link: ARCNET, frame: 'c0 3d cd 828203 01001008', flow: toOne, said: WHO_IS, counted: fine },
    {
      name: 'BACnet by Linux',
      link: ARCNET_LINUX,
      frame: 'c0 3d f800 cd 828203 01001008',
      flow: toOne,
      said: WHO_IS,
      counted: fine,
    },
    {
      name: 'BACnet for all',
      link: ARCNET,
      frame: 'c0 00 cd 828203 01001008',
      flow: 'arcnet 192 > arcnet 0 (all), bus, no MAC',
      said: WHO_IS,
      counted: fine,
    },
    { name: 'IP', link: ARCNET, frame: 'c0 3d d4 00 0001 45000014', flow: toOne, said: '', counted: fine },
    { name: 'another service', link: ARCNET, frame: 'c0 3d cd 828200 01001008', flow: toOne, said: '', counted: fine },
    { name: 'a header cut short', link: ARCNET, frame: 'c0 3d', flow: 'nobody', said: '', counted: cut },
    { name: 'LLC cut short', link: ARCNET, frame: 'c0 3d cd 8282', flow: toOne, said: '', counted: cut },
    {
      name: 'a Linux header cut short',
      link: ARCNET_LINUX,
      frame: 'c0 3d f800',
      flow: 'nobody',
      said: '',
      counted: cut,
    },
  ])('of $name is counted and read for what it is', ({ link, frame, flow, said, counted }) => {
    expect(heard(link, frame)).toEqual([flow, said, counted]);
  });
});
