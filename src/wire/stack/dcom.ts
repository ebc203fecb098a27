import { type Context, Malformed, type Operation, type Reading } from '../dissector.ts';
import type { Reader } from '../reader.ts';
import { MOST_ITEMS, Ndr } from './ndr.ts';

/** What all protocols of remote objects have in common (MS-DCOM): the head of each call, who is called, and how it ended. */

/** MS-RPCE, section 2.2.1.1.8. */
const PRIVACY = 6;
/** MS-DCOM, section 2.2.11: the version of remote objects. */
const MAJOR_VERSION = 5;
const LATEST_MINOR_VERSION = 7;
/** Memory of the conversation, beside the contexts of DCE/RPC, whose numbers are smaller. */
const LEARNED = 0x1_0000;

/** The key under which DCE/RPC hands on a stub that nobody can read: encrypted, or in the 64-bit form. */
const UNREAD = 'unread ';

export function unreadKey(interfaceId: string): string {
  return UNREAD + interfaceId;
}

/** What DCE/RPC says of the call around. */
export interface Call {
  readonly littleEndian?: boolean;
  readonly opnum?: number;
  readonly contextId?: number;
  readonly object?: string;
  readonly authLevel?: number;
}

export function callOf(context: Context): Call {
  return (context.parent?.fields ?? NO_CALL) as Call;
}

const NO_CALL: Call = {};

export function isRequest(context: Context): boolean {
  return context.parent === undefined ? context.fromClient : context.parent.direction === 'request';
}

/** The stub is here, but not to be read. */
function isUnread({ key }: Context): boolean {
  return typeof key === 'string' && key.startsWith(UNREAD);
}

/** Which interface is called: bound in this conversation, known from its object, or learned before. */
export function interfaceOf(context: Context): string | undefined {
  const { key } = context;
  if (typeof key === 'string') {
    return key.startsWith(UNREAD) ? key.slice(UNREAD.length) : key;
  }
  const { contextId, object } = callOf(context);
  const learned = contextId === undefined ? undefined : context.recall(LEARNED + contextId);
  const named = learned ?? (object === undefined ? undefined : context.recall(object));
  return typeof named === 'string' ? named : undefined;
}

/** The capture began after the interface was bound, and this call has shown what it is. */
export function learnInterface(context: Context, interfaceId: string): void {
  const { contextId } = callOf(context);
  if (contextId !== undefined && context.key === undefined && context.recall(LEARNED + contextId) !== interfaceId) {
    context.remember(LEARNED + contextId, interfaceId);
  }
}

/**
 * An object answers to this identifier by this interface: who calls it later calls that. Needed only where the capture began
 * after the interfaces were bound; otherwise so many objects would crowd out what was bound.
 */
export function learnObject(context: Context, ipid: string, interfaceId: string): void {
  if (context.key === undefined) {
    context.remember(ipid, interfaceId);
  }
}

function ndrOf(reader: Reader, context: Context): Ndr {
  return new Ndr(reader, callOf(context).littleEndian !== false);
}

/** The head of a request (section 2.2.13.3); false where it is none. */
function readThis(ndr: Ndr): boolean {
  const major = ndr.u16();
  const minor = ndr.u16();
  ndr.u32(); // flags
  ndr.u32();
  ndr.uuid(); // causality
  readExtensions(ndr);
  return major === MAJOR_VERSION && minor <= LATEST_MINOR_VERSION;
}

/** The head of an answer (section 2.2.13.4). */
function readThat(ndr: Ndr): void {
  ndr.u32(); // flags
  readExtensions(ndr);
}

/** Section 2.2.21: an array of pointers, of an even number, to blobs. */
function readExtensions(ndr: Ndr): void {
  if (!ndr.pointer()) {
    return;
  }
  const count = ndr.u32();
  ndr.u32();
  if (!ndr.pointer()) {
    return;
  }
  const places = ndr.u32();
  if (places < count) {
    ndr.break();
  }
  let blobs = 0;
  ndr.repeat(places, () => {
    blobs += ndr.pointer() ? 1 : 0;
  });
  ndr.repeat(blobs, () => {
    const size = ndr.u32();
    ndr.uuid();
    ndr.u32();
    ndr.reader.skip(size);
  });
}

/** The outcome of a call stands at the end of its answer. */
function readOutcome(reader: Reader, littleEndian: boolean): number {
  reader.seek(reader.length - 4);
  return littleEndian ? reader.u32le() : reader.u32be();
}

const FAILED = 0x8000_0000;

/** MS-ERREF, section 2.1; from 0xc0040000 on those of OPC DA 3.0, as far as OPC AE has no others of the same number. */
const OUTCOMES: ReadonlyMap<number, string> = new Map([
  [0x80004001, 'not implemented'],
  [0x80004002, 'no such interface'],
  [0x80004005, 'unspecified error'],
  [0x8000ffff, 'catastrophic failure'],
  [0x80040154, 'class not registered'],
  [0x80070005, 'access denied'],
  [0x8007000e, 'out of memory'],
  [0x80070057, 'invalid argument'],
  [0x80040200, 'no connection'],
  [0x80040202, 'cannot connect'],
  [0x80080005, 'server execution failed'],
  [0xc0040001, 'invalid handle'],
  [0xc0040004, 'bad type'],
  [0xc0040005, 'public group'],
  [0xc0040006, 'bad access rights'],
  [0xc0040007, 'unknown item'],
  [0xc0040008, 'invalid item'],
  [0xc0040009, 'invalid filter'],
  [0xc004000a, 'unknown access path'],
  [0xc004000b, 'out of range'],
  [0xc004000c, 'duplicate name'],
  [0xc0040010, 'invalid configuration file'],
  [0xc0040011, 'not found'],
]);

/** MS-ERREF, section 2.2: what an object exporter says, which is no object. */
const EXPORTER_ERRORS: ReadonlyMap<number, string> = new Map([
  [5, 'access denied'],
  [0x776, 'unknown object exporter'],
  [0x777, 'unknown object'],
  [0x778, 'unknown ping set'],
]);

/** Why a call was not carried out; undefined where it was. */
function refusalOf(outcome: number, byExporter: boolean): string | undefined {
  if (byExporter ? outcome === 0 : outcome < FAILED) {
    return undefined;
  }
  return (byExporter ? EXPORTER_ERRORS : OUTCOMES).get(outcome) ?? `error 0x${outcome.toString(16)}`;
}

/** Section 2.2.19: where a machine can be reached, `HOST` or `192.0.2.1[49200]`, and as whom it speaks. */
export interface Bindings {
  readonly bindings: readonly string[];
  /** Account that the object runs under, where it says so. */
  readonly principal?: string;
}

/** Number of 16-bit places, the place where security begins, then the places. */
export function readBindings(ndr: Ndr): Bindings {
  const places = ndr.u16();
  const security = ndr.u16();
  const { reader, littleEndian } = ndr;
  reader.expect(places * 2);
  const inside = new Ndr(reader.sub(places * 2), littleEndian);
  if (security > places) {
    ndr.break();
  }
  const end = security * 2;
  const bindings: string[] = [];
  while (inside.reader.position + 2 <= end && inside.reader.step() && inside.u16() !== 0) {
    const text = readPlaces(inside);
    if (text !== '' && bindings.length < MOST_ITEMS) {
      bindings.push(text);
    }
  }
  inside.reader.seek(end);
  let principal = '';
  while (inside.reader.remaining > 2 && principal === '' && inside.reader.step() && inside.u16() !== 0) {
    inside.u16(); // authorisation service
    principal = readPlaces(inside);
  }
  return principal === '' ? { bindings } : { bindings, principal };
}

/** Characters up to a zero. */
function readPlaces(ndr: Ndr): string {
  const { reader } = ndr;
  let length = 0;
  while (length + 1 < reader.remaining && (reader.peek(length) !== 0 || reader.peek(length + 1) !== 0)) {
    length += 2;
  }
  const text = reader.text(length, ndr.littleEndian ? 'utf-16le' : 'utf-16be');
  reader.skip(2);
  return text;
}

/** Section 2.2.18: the value that says where an object is, as one of its interfaces. */
export interface ObjectReference {
  readonly interfaceId: string;
  /** Absent where somebody else than the runtime knows how to reach it. */
  readonly ipid?: string;
  readonly oxid?: string;
  readonly bindings: readonly string[];
  /** What a custom reference holds, and of which class it is. */
  readonly custom?: { readonly classId: string; readonly data: Uint8Array };
}

/** `MEOW`, in little-endian order always. */
const SIGNATURE = 0x574f454d;
const STANDARD = 1;
const HANDLER = 2;
const CUSTOM = 4;

/** A pointer's content (section 2.2.14): size twice, then the reference. */
export function readInterfacePointer(ndr: Ndr): ObjectReference | undefined {
  const places = ndr.u32();
  const size = ndr.u32();
  if (places !== size) {
    ndr.break();
  }
  ndr.reader.expect(size);
  const inside = new Ndr(ndr.reader.sub(size), true);
  const reference = readReference(inside);
  return inside.reader.truncated ? undefined : reference;
}

function readReference(ndr: Ndr): ObjectReference | undefined {
  if (ndr.u32() !== SIGNATURE) {
    return undefined;
  }
  const flags = ndr.u32();
  const interfaceId = ndr.uuid();
  if (flags === CUSTOM) {
    const classId = ndr.uuid();
    ndr.u32(); // extension
    ndr.u32(); // size, which implementations count differently
    return { interfaceId, bindings: [], custom: { classId, data: ndr.reader.rest() } };
  }
  if (flags !== STANDARD && flags !== HANDLER) {
    return { interfaceId, bindings: [] };
  }
  const { oxid, ipid } = readStandardReference(ndr);
  if (flags === HANDLER) {
    ndr.uuid();
  }
  const { bindings } = readBindings(ndr);
  return { interfaceId, ipid, oxid, bindings };
}

/** Section 2.2.18.2. */
export function readStandardReference(ndr: Ndr): { readonly oxid: string; readonly ipid: string } {
  ndr.u32(); // flags
  ndr.u32(); // references
  const oxid = ndr.u64().toString(16).padStart(16, '0');
  ndr.u64(); // object
  return { oxid, ipid: ndr.uuid() };
}

/** What every call to an object says beside its own content. */
export interface CallFields {
  opnum?: number;
  interface?: string;
  /** How the call ended, in an answer; from 0x80000000 on it failed. */
  outcome?: number;
  encrypted?: boolean;
}

/** Reads what a call or its answer carries behind its head, up to its outcome. */
export type Content<Fields> = (ndr: Ndr, fields: Fields, context: Context) => void;

/** What a call is for, and how its content is read where it is. */
export interface Method<Fields> {
  readonly operation: Operation;
  readonly asks?: Content<Fields> | undefined;
  readonly answers?: Content<Fields> | undefined;
  /** The call is no object's, and has no head. */
  readonly headless?: boolean;
}

/** One call or answer; what it carries goes into `fields`. */
export function readCall<Fields extends CallFields>(
  reader: Reader,
  context: Context,
  fields: Fields,
  { operation, asks, answers, headless = false }: Method<Fields>,
): Reading<Fields> | Malformed {
  if (isUnread(context)) {
    reader.rest();
    if (callOf(context).authLevel === PRIVACY) {
      fields.encrypted = true;
    }
    return readingOf(operation, fields, context);
  }
  const ndr = ndrOf(reader, context);
  if (isRequest(context)) {
    if (!headless && !readThis(ndr) && !reader.truncated) {
      return new Malformed('not the head of a call to an object');
    }
    asks?.(ndr, fields, context);
    return readingOf(operation, fields, context);
  }
  if (!headless) {
    readThat(ndr);
  }
  answers?.(ndr, fields, context);
  fields.outcome = readOutcome(reader, ndr.littleEndian);
  return readingOf(operation, fields, context, refusalOf(fields.outcome, headless));
}

function readingOf<Fields extends CallFields>(
  operation: Operation,
  fields: Fields,
  context: Context,
  refused?: string,
): Reading<Fields> {
  const { parent } = context;
  const pair = parent?.pair === undefined ? {} : { pair: parent.pair };
  if (isRequest(context)) {
    const like = parent?.like === undefined ? {} : { like: parent.like };
    return { direction: 'request', operation, fields, ...pair, ...like };
  }
  return { direction: 'response', operation, fields, ...pair, ...(refused === undefined ? {} : { refused }) };
}

/** Whether a call or its answer holds just this content, to its last byte. */
export function fitsCall(reader: Reader, context: Context, content: (ndr: Ndr) => void): boolean {
  reader.seek(0);
  const ndr = ndrOf(reader.sub(reader.remaining), context);
  reader.seek(0);
  const inside = ndr.reader;
  if (isRequest(context)) {
    if (!readThis(ndr)) {
      return false;
    }
    content(ndr);
  } else {
    readThat(ndr);
    content(ndr);
    ndr.u32(); // outcome
  }
  return !ndr.hasLeft && !inside.truncated && !inside.exhausted && inside.remaining === 0;
}
