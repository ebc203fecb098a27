import { describe, expect, it } from 'vitest';
import { dissectCapture, TestConversation } from '../../../../test/captures.ts';
import { MORE, NOT_MINE } from '../../dissector.ts';
import { Reader } from '../../reader.ts';
import { fox } from './fox.ts';

const ascii = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const client = new TestConversation().context(true);
const deep = (depth: number) => `fox a 1 -1 x y\n{\n${'m=m:{\n'.repeat(depth)}${'}\n'.repeat(depth)}};;\n`;

describe('fox', () => {
  it.each([
    { head: 'a 1 -1 fox hello', direction: 'request', effect: 'session' },
    { head: 'a 2 -1 fox username', direction: 'request', effect: 'authenticate' },
    { head: 'a 2 -1 fox authMessage1', direction: 'request', effect: 'authenticate' },
    { head: 'k -1 -1 fox keepalive', direction: 'report', effect: 'session' },
    { head: 's 3 7 fox ping', direction: 'request', effect: 'session' },
    { head: 'r 3 7 fox ping', direction: 'response', effect: 'session' },
    { head: 's 3 7 sys hello', direction: 'request', effect: 'unknown' },
    { head: 'a 3 -1 circuit stream', direction: 'report', effect: 'unknown' },
  ])('reports the effect of $head', ({ head, direction, effect }) => {
    expect(fox.dissect(ascii(`fox ${head}\n{\n};;\n`), client)).toMatchObject({
      outcome: 'message',
      readings: [{ direction, operation: { effect } }],
    });
  });

  it.each([
    { name: 'nothing', text: '', length: MORE },
    { name: 'the mark', text: 'fox', length: MORE },
    { name: 'another word', text: 'foxes', length: NOT_MINE },
    { name: 'no kind of frame', text: 'fox x ', length: NOT_MINE },
    { name: 'a head without an end', text: `fox a ${'1'.repeat(600)}`, length: NOT_MINE },
    { name: 'a frame without a message', text: 'fox a 1 -1 fox hello\n;;\nfox', length: 24 },
    { name: 'an empty message', text: 'fox a 1 -1 x y\n{\n};;\n', length: 21 },
    { name: 'an end without its newline', text: 'fox a 1 -1 x y\n{\n};;', length: MORE },
    { name: 'another end', text: 'fox a 1 -1 x y\n{\n}\n;;\n', length: NOT_MINE },
    { name: 'a tuple without a value', text: 'fox a 1 -1 x y\n{\na\n};;\n', length: NOT_MINE },
    { name: 'a tuple without a type', text: 'fox a 1 -1 x y\n{\na=s\n};;\n', length: NOT_MINE },
    { name: 'a blob that holds an end', text: 'fox a 1 -1 x y\n{\na=b:4[};;\n]\n};;\n', length: 33 },
    { name: 'a blob one shorter than it says', text: 'fox a 1 -1 x y\n{\na=b:5[};;\n]\n};;\n', length: NOT_MINE },
    { name: 'a blob one longer than it says', text: 'fox a 1 -1 x y\n{\na=b:3[};;\n]\n};;\n', length: NOT_MINE },
    { name: 'a blob that has not come', text: 'fox a 1 -1 x y\n{\na=b:99[};;\n]\n};;\n', length: MORE },
    { name: 'a blob beyond all', text: 'fox a 1 -1 x y\n{\na=b:99999999999999999999[', length: NOT_MINE },
    { name: 'an object without bytes', text: 'fox a 1 -1 x y\n{\na=o:#null;\n};;\n', length: 32 },
    { name: 'messages in messages', text: deep(32), length: deep(32).length },
    { name: 'a text that never ends', text: `fox a 1 -1 x y\n{\na=s:${'a'.repeat(1 << 18)}`, length: NOT_MINE },
  ])('cuts $name', ({ text, length }) => {
    expect(fox.cut?.(Reader.of(ascii(text)), client)).toBe(length);
  });

  it('follows no messages deeper than 32', () => {
    expect(fox.cut?.(Reader.of(ascii(deep(40))), client)).toBe(NOT_MINE);
  });

  it.each([
    { name: 'a frame', text: 'fox a 1 -1 fox hello\n', likeness: 'strong' },
    { name: 'a sentence', text: 'fox and hound', likeness: 'no' },
    { name: 'too little', text: 'fox ', likeness: 'no' },
  ])('recognises $name: $likeness', ({ text, likeness }) => {
    expect(fox.recognise(Reader.of(ascii(text)), client)).toBe(likeness);
  });

  it('keeps nothing of how a user signs in but the name', () => {
    const frame = 'fox a 2 -1 fox login\n{\nusername=s:eve\npassword=s:secret\n};;\n';

    expect(fox.dissect(ascii(frame), client)).toMatchObject({ readings: [{ fields: { user: 'eve' } }] });
    expect(JSON.stringify(fox.dissect(ascii(frame), client))).not.toContain('secret');
  });

  it.each(['ax', 'n4'])('reads a session of %s', async (name) => {
    const session = await dissectCapture(fox, new URL(`captures/${name}.txt`, import.meta.url));
    await expect(session).toMatchFileSnapshot(`captures/${name}.golden.json`);
  });
});
