import { z } from 'zod';
import { err, ok, type Result } from '../../kit/result.ts';
import { PLACE_KINDS } from '../../plant/place.ts';
import type { Attribute, Evidence } from '../evidence.ts';
import { ASSET_STATES, STATED_NAMES } from '../known-asset.ts';
import { MOST_OF_ASSET } from '../merge-sighting.ts';
import { LONGEST_STATED } from '../stated.ts';
import type { DocumentReader, Reading } from './document.ts';
import type { ExportedAsset } from './exported-asset.ts';
import type { ReadExported } from './keyway.ts';

const MOST = 1024;

/** Text that both databases take as it is. */
const Text = z
  .string()
  .max(MOST)
  .refine((text) => !text.includes('\0') && text.isWellFormed(), 'it has characters that are none');
const Name = Text.max(200);
const Count = z.int().min(0);
const Time = z.number().min(0).max(Number.MAX_SAFE_INTEGER);
const Span = { firstSeen: Time, lastSeen: Time };

const ROLES = [
  ...['plc', 'rtu', 'io', 'drive', 'robot', 'safety', 'hmi', 'engineering', 'historian', 'scada', 'gateway'],
  ...['switch', 'router', 'firewall', 'server', 'workstation', 'printer', 'camera', 'phone', 'clock', 'unknown'],
] as const;

const ATTRIBUTES = [
  ...['name', 'vendor', 'product', 'orderNumber', 'firmware', 'hardware', 'serial', 'os', 'role'],
] as const satisfies readonly Attribute[];
const BASES = [
  ...[
    'identification',
    'announcement',
    'discovery',
    'banner',
    'description',
    'behaviour',
    'hint',
    'stated',
    'mac-prefix',
  ],
] as const satisfies readonly Evidence['basis'][];

const Observed = z.strictObject({
  interfaces: z
    .array(
      z.strictObject({
        scope: Text,
        vlan: z.int().min(0).max(4095).optional(),
        mac: Text.optional(),
        shared: z.boolean(),
        vendor: Text.optional(),
        addresses: z.array(z.strictObject({ address: Text, ...Span })).max(MOST_OF_ASSET.addresses),
      }),
    )
    .max(MOST_OF_ASSET.interfaces),
  roles: z
    .array(
      z.strictObject({
        role: z.enum(ROLES),
        reason: Text.optional(),
        level: z.number().min(0).max(5).optional(),
        sightings: Count,
        lastSeen: Time,
      }),
    )
    .max(MOST_OF_ASSET.roles),
  evidence: z
    .array(
      z.strictObject({
        attribute: z.enum(ATTRIBUTES),
        value: Text,
        protocol: Name,
        basis: z.enum(BASES),
        confidence: z.number().min(0).max(1),
        frame: Count,
        count: Count,
        reason: Text.optional(),
        ...Span,
      }),
    )
    .max(MOST_OF_ASSET.values * STATED_NAMES.length),
  modules: z
    .array(z.strictObject({ slot: z.int(), values: z.array(z.tuple([Name, Text, Time])).max(MOST), ...Span }))
    .max(MOST_OF_ASSET.modules),
  services: z
    .array(z.strictObject({ protocol: Name.optional(), transport: Name, port: z.int().min(0).max(65_535), ...Span }))
    .max(MOST_OF_ASSET.services),
  known: z.array(Name).max(MOST),
  doubtful: z.boolean(),
  sightings: Count,
  omitted: z.record(Name, Count),
  firstSeen: Time.optional(),
  lastSeen: Time.optional(),
});

const Exported = z.strictObject({
  id: Name.min(1),
  place: z.array(z.strictObject({ kind: z.enum(PLACE_KINDS), name: Name.min(1) })).max(PLACE_KINDS.length),
  placedBy: z.enum(['hand', 'rule']).optional(),
  state: z.enum(ASSET_STATES),
  scope: Text,
  parent: Name.optional(),
  behind: Text.optional(),
  stated: z.partialRecord(
    z.enum(STATED_NAMES),
    z.strictObject({ value: Text.min(1).max(LONGEST_STATED), at: Time, by: Name, source: Text }),
  ),
  observed: Observed,
});

/** Judges what claims to be an asset of our own export. */
export const readExported: ReadExported = (value): Result<ExportedAsset, string> => {
  const parsed = Exported.safeParse(value);
  if (parsed.success) {
    return ok(parsed.data as ExportedAsset);
  }
  const [issue] = parsed.error.issues;
  return err(`${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'not as exported'}`);
};

/** What is read of a document before its charset is decided. */
const HEAD = 65_536;

/**
 * Bytes as text: UTF-8, UTF-16 with a byte order mark, or, where the beginning is not UTF-8, the Windows-1252 of old spreadsheets.
 * Undefined at the end: bytes came later that are none of the charset.
 */
export async function* textChunks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string | undefined> {
  let held: Uint8Array[] = [];
  let length = 0;
  let decoder: TextDecoder | undefined;
  for await (const chunk of chunks) {
    if (decoder !== undefined) {
      const text = decoded(decoder, chunk);
      yield text;
      if (text === undefined) {
        return;
      }
      continue;
    }
    held.push(chunk);
    length += chunk.length;
    if (length >= HEAD) {
      const head = Buffer.concat(held);
      held = [];
      decoder = decoderFor(head, false);
      yield decoded(decoder, head);
    }
  }
  if (decoder === undefined) {
    const all = Buffer.concat(held);
    yield new TextDecoder(charsetOf(all, true), { ignoreBOM: true }).decode(all);
  } else {
    yield decoded(decoder, undefined);
  }
}

function decoderFor(head: Uint8Array, isWhole: boolean): TextDecoder {
  return new TextDecoder(charsetOf(head, isWhole), { fatal: true, ignoreBOM: true });
}

function charsetOf(head: Uint8Array, isWhole: boolean): string {
  if (head[0] === 0xff && head[1] === 0xfe) {
    return 'utf-16le';
  }
  if (head[0] === 0xfe && head[1] === 0xff) {
    return 'utf-16be';
  }
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: !isWhole });
    return 'utf-8';
  } catch {
    return 'windows-1252';
  }
}

/** Undefined where the bytes are none of this charset; without a chunk: what is left at the end. */
function decoded(decoder: TextDecoder, chunk: Uint8Array | undefined): string | undefined {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch {
    return undefined;
  }
}

/** Most bytes of an import. */
export const LARGEST_IMPORT = 2 * 1024 * 1024 * 1024;

/** Reads a document as it comes in. What follows when it is hopeless is read and forgotten. */
export async function readDocument(
  chunks: AsyncIterable<Uint8Array>,
  reader: DocumentReader,
): Promise<Reading | undefined> {
  let bytes = 0;
  let isText = true;
  const counted = async function* () {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > LARGEST_IMPORT) {
        return;
      }
      yield chunk;
    }
  };
  for await (const text of textChunks(counted())) {
    isText &&= text !== undefined;
    if (text !== undefined && !reader.isHopeless) {
      reader.push(text);
    }
  }
  if (bytes > LARGEST_IMPORT) {
    return undefined;
  }
  const reading = reader.end();
  return isText ? reading : { ...reading, problems: [{ at: 'the file', message: 'it is no text: save it as UTF-8' }] };
}
