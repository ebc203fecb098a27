import { describe, expect, it } from 'vitest';
import { cutText, fromWire, IDENTITY_TEXT } from './text.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('text from the wire', () => {
  it.each([
    { name: 'short', from: bytes('plc'), limit: 8, text: 'plc' },
    { name: 'as long as may be', from: bytes('pump-one'), limit: 8, text: 'pump-one' },
    { name: 'one longer', from: bytes('pump-one1'), limit: 8, text: 'pump-on…' },
    { name: 'filled up with NUL', from: bytes('pump-one\0\0\0'), limit: 8, text: 'pump-one' },
    { name: 'with more behind a NUL', from: bytes('pump-one\0x'), limit: 8, text: 'pump-on…' },
    { name: 'of broken bytes', from: Uint8Array.of(0xff, 0x41, 0xc3), limit: 8, text: '\ufffdA\ufffd' },
    { name: 'that would be cut within a character', from: bytes('1234567😀!'), limit: 8, text: '1234567…' },
    { name: 'of letters and marks', from: bytes('Pu\u0308'), limit: 8, text: 'P\u00fc' },
  ])('$name', ({ from, limit, text }) => {
    expect(fromWire(from, 'utf-8', limit)).toBe(text);
  });

  it('of ten thousand letters is a name still, and says that it is longer', () => {
    const name = fromWire(bytes('x'.repeat(10_000)), 'utf-8', IDENTITY_TEXT);

    expect(name).toBe(`${'x'.repeat(255)}…`);
    expect(cutText('x'.repeat(10_000), IDENTITY_TEXT)).toBe(name);
    expect(cutText('x'.repeat(256), IDENTITY_TEXT)).toBe('x'.repeat(256));
  });
});
