import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { hexText } from '../src/wire/format.ts';
import { dissectors } from '../src/wire/protocols/index.ts';
import { Reader } from '../src/wire/reader.ts';
import { packetsIn, TestConversation } from './captures.ts';

const protocols = new URL('../src/wire/protocols/', import.meta.url);

it('registers every protocol folder', async () => {
  const folders = (await readdir(protocols, { withFileTypes: true })).filter((entry) => entry.isDirectory());

  expect(dissectors.map(({ name }) => folderOf(name)).toSorted()).toEqual(folders.map(({ name }) => name).toSorted());
});

describe.each(dissectors)('$name', (dissector) => {
  const folder = new URL(`${folderOf(dissector.name)}/captures/`, protocols);

  it('has a golden capture', async () => {
    expect(await packetsIn(folder)).not.toHaveLength(0);
  });

  it('never throws, and never takes part of a message for the whole', async () => {
    for (const { bytes, fromClient } of await packetsIn(folder)) {
      for (let length = 0; length < bytes.length; length++) {
        const { outcome } = dissector.dissect(bytes.subarray(0, length), new TestConversation().context(fromClient));
        if (dissector.whole && outcome === 'message') {
          throw new Error(`the first ${length} of ${bytes.length} bytes pass for a message: ${hexText(bytes)}`);
        }
      }
    }
  });

  it('cuts a stream where its messages end, however few bytes have come', async () => {
    const { cut } = dissector;
    if (!cut) {
      return;
    }
    for (const { bytes, fromClient } of await packetsIn(folder)) {
      const context = new TestConversation().context(fromClient);
      for (let length = 0; length < bytes.length; length++) {
        expect([0, bytes.length]).toContain(cut(Reader.of(bytes.subarray(0, length)), context));
      }
    }
  });

  it('names only operations and fields that it declares', async () => {
    const declared = new Set(dissector.operations);
    for (const { bytes, fromClient } of await packetsIn(folder)) {
      const dissection = dissector.dissect(bytes, new TestConversation().context(fromClient));
      if (dissection.outcome === 'malformed') {
        continue;
      }
      for (const reading of dissection.readings) {
        expect(declared).toContain(reading.operation);
        expect(Object.keys(dissector.fields)).toEqual(expect.arrayContaining(Object.keys(reading.fields)));
      }
    }
  });
});

function folderOf(name: string): string {
  return name.replaceAll('_', '-');
}
