import { describe, expect, it } from 'vitest';
import { dissectCapture, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { wsDiscovery } from './ws-discovery.ts';

const context = new TestConversation({ transport: 'udp', toMany: true }).context(true);
const ACTIONS = 'http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01';

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

function message(action: string, body = ''): Uint8Array {
  return bytes(
    `<?xml version="1.0"?><s:Envelope xmlns:s="x>y"><s:Header><a:Action>${ACTIONS}/${action}</a:Action>` +
      `<a:MessageID>urn:uuid:1</a:MessageID></s:Header><s:Body>${body}</s:Body></s:Envelope>`,
  );
}

describe('ws_discovery', () => {
  it.each([
    { action: 'Probe', direction: 'request', effect: 'discover' },
    { action: 'ProbeMatches', direction: 'response', effect: 'discover' },
    { action: 'Resolve', direction: 'request', effect: 'discover' },
    { action: 'ResolveMatches', direction: 'response', effect: 'discover' },
    { action: 'Hello', direction: 'report', effect: 'report' },
    { action: 'Bye', direction: 'report', effect: 'report' },
    { action: 'Else', direction: 'report', effect: 'unknown' },
  ])('reads $action', ({ action, direction, effect }) => {
    expect(wsDiscovery.dissect(message(action), context)).toMatchObject({
      outcome: 'message',
      readings: [{ direction, operation: { effect }, fields: { action, messageId: 'urn:uuid:1' } }],
    });
  });

  it.each([
    { name: 'no byte', text: '', outcome: 'truncated' },
    { name: 'a text without tags', text: 'nothing', outcome: 'truncated' },
    { name: 'another document', text: '<html></html>', outcome: 'malformed' },
    { name: 'an empty envelope', text: '<s:Envelope/>', outcome: 'message' },
    { name: 'an attribute that does not end', text: '<s:Envelope a="></s:Envelope>', outcome: 'truncated' },
    { name: 'nesting without end', text: `<Envelope>${'<a>'.repeat(20_000)}`, outcome: 'truncated' },
    { name: 'more tags than any honest message', text: `<Envelope>${'<a>'.repeat(200_000)}`, outcome: 'malformed' },
  ])('calls $name $outcome', ({ text, outcome }) => {
    expect(wsDiscovery.dissect(bytes(text), context).outcome).toBe(outcome);
  });

  it.each([
    { text: '<?xml version="1.0"?>\n<soap:Envelope xmlns', likeness: 'strong' },
    { text: '<Envelope/>', likeness: 'strong' },
    { text: '<soap:Envelopes>', likeness: 'no' },
    { text: '<html>', likeness: 'no' },
    { text: '<', likeness: 'no' },
    { text: '', likeness: 'no' },
  ])('finds $text $likeness', ({ text, likeness }) => {
    expect(wsDiscovery.recognise(Reader.of(bytes(text)), context)).toBe(likeness);
  });

  it('resolves the entities of XML once', () => {
    const dissection = wsDiscovery.dissect(
      message('Hello', '<d:Scopes>a&amp;lt;b &unknown; &lt;c</d:Scopes>'),
      context,
    );

    expect(dissection).toMatchObject({ readings: [{ fields: { scopes: ['a&lt;b', '&unknown;', '<c'] } }] });
  });

  it('reads a camera that is looked for', async () => {
    const session = await dissectCapture(wsDiscovery, new URL('captures/camera.txt', import.meta.url), {
      transport: 'udp',
    });
    await expect(session).toMatchFileSnapshot('captures/camera.golden.json');
  });
});
