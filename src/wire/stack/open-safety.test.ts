import { expect, it, vi } from 'vitest';
import { TestConversation } from '../../../test/captures.ts';
import { Reader } from '../reader.ts';
import { holdsOpenSafety } from './open-safety.ts';

it.each([1490, 65_535])('is not searched again and again in %i bytes in which a frame could start anywhere', (size) => {
  const reader = Reader.of(new Uint8Array(size).fill(0xc8));
  const peek = vi.spyOn(reader, 'peek');
  const found = holdsOpenSafety(reader, size, new TestConversation({ transport: 'ethernet' }).context(true));

  expect(found).toBe(false);
  expect(peek.mock.calls.length).toBeLessThan(150_000);
});
