import { describe, expect, it } from 'vitest';
import { dissectCapture, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { mtconnect } from './mtconnect.ts';

const ascii = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const context = new TestConversation().context(false);

describe('mtconnect', () => {
  it.each([
    { document: 'Devices', effect: 'discover' },
    { document: 'Streams', effect: 'read' },
    { document: 'Assets', effect: 'read' },
    { document: 'Error', effect: 'session' },
    { document: 'Other', effect: 'unknown' },
  ])('reports the effect of MTConnect$document', ({ document, effect }) => {
    expect(mtconnect.dissect(ascii(`<MTConnect${document}></MTConnect${document}>`), context)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'response', operation: { effect }, fields: { document } }],
    });
  });

  it.each([
    { name: 'a document', text: '<?xml version="1.0"?>\n<!-- a:b -->\n<MTConnectStreams>', likeness: 'strong' },
    { name: 'a document with a prefix', text: '<m:MTConnectDevices xmlns:m="urn">', likeness: 'strong' },
    { name: 'another document', text: '<Envelope xmlns:a="MTConnectDevices"> MTConnect', likeness: 'no' },
    { name: 'the name alone', text: 'MTConnectDevices', likeness: 'no' },
    { name: 'nothing', text: '', likeness: 'no' },
  ])('recognises $name: $likeness', ({ text, likeness }) => {
    expect(mtconnect.recognise(Reader.of(ascii(text)), context)).toBe(likeness);
  });

  it.each([
    { name: 'nothing', text: '', outcome: 'malformed' },
    { name: 'another document', text: '<Envelope/>', outcome: 'malformed' },
    { name: 'a document that breaks off in a tag', text: '<MTConnectDevices><Device uuid="a', outcome: 'message' },
    {
      name: 'more tags than any honest document has',
      text: `<MTConnectDevices>${'<a>'.repeat(1e5)}`,
      outcome: 'malformed',
    },
  ])('calls $name $outcome', ({ text, outcome }) => {
    expect(mtconnect.dissect(ascii(text), context).outcome).toBe(outcome);
  });

  it('keeps 64 devices', () => {
    const text = `<MTConnectDevices><Header/>${'<Device uuid="a"/>'.repeat(70)}</MTConnectDevices>`;
    const dissection = mtconnect.dissect(ascii(text), context);

    expect(dissection).toMatchObject({ readings: [{ fields: { devices: { length: 64 } } }] });
  });

  it('reads a golden capture', async () => {
    const agent = await dissectCapture(mtconnect, new URL('captures/agent.txt', import.meta.url));
    await expect(agent).toMatchFileSnapshot('captures/agent.golden.json');
  });
});
