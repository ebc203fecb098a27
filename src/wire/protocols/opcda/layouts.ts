import { MOST_ITEMS, type Ndr } from '../../stack/ndr.ts';
import { readVariantBodies, readVariants, type Value } from './variant.ts';

/** An event or alarm, as its server reports it. */
export interface EventReport {
  readonly source: string;
  readonly message: string;
  readonly condition?: string;
  readonly category: number;
  readonly severity: number;
  readonly time?: number;
  /** Who acknowledged or caused it. */
  readonly actor?: string;
}

/** What calls and answers say, as far as they are read. */
export interface Said {
  group?: string;
  client?: string;
  user?: string;
  reason?: string;
  updateRate?: number;
  transaction?: number;
  /** 1 the server's memory, 2 the device itself. */
  source?: number;
  items?: readonly string[];
  handles?: readonly number[];
  values?: readonly Value[];
  areas?: readonly string[];
  conditions?: readonly string[];
  events?: readonly EventReport[];
  state?: number;
  version?: string;
  vendorInfo?: string;
  startTime?: number;
  currentTime?: number;
}

export function groupName(ndr: Ndr, said: Said): void {
  said.group = ndr.text();
  ndr.leave();
}

export function clientName(ndr: Ndr, said: Said): void {
  said.client = ndr.text();
}

/** The password that follows is never read. */
export function userName(ndr: Ndr, said: Said): void {
  said.user = ndr.text();
  ndr.leave();
}

export function shutdownReason(ndr: Ndr, said: Said): void {
  said.reason = ndr.text();
}

export function itemId(ndr: Ndr, said: Said): void {
  said.items = [ndr.text()];
  ndr.leave();
}

/** Up, down or straight, then where to. */
export function browsePosition(ndr: Ndr, said: Said): void {
  readChoice(ndr, 3);
  said.items = [ndr.text()];
}

/** Branches, leaves or all, then which of them by name, type and rights. */
export function browseFilter(ndr: Ndr): void {
  readChoice(ndr, 3);
  ndr.text();
  ndr.u16();
  ndr.u32();
}

/** One of several, counted from 1. */
function readChoice(ndr: Ndr, most: number): number {
  const choice = ndr.u16();
  if (choice < 1 || choice > most) {
    ndr.break();
  }
  return choice;
}

export function itemIds(ndr: Ndr, said: Said): void {
  said.items = ndr.texts(ndr.u32());
  ndr.leave();
}

/** Item, oldest age of its value. */
export function itemIdsWithAge(ndr: Ndr, said: Said): void {
  const count = ndr.u32();
  said.items = ndr.texts(count);
  ndr.numbers(count);
}

export function itemIdsWithValues(ndr: Ndr, said: Said): void {
  const count = ndr.u32();
  said.items = ndr.texts(count);
  readQualifiedValues(ndr, count, said);
}

export function addGroup(ndr: Ndr, said: Said): void {
  said.group = ndr.text();
  ndr.u32(); // active
  said.updateRate = ndr.u32();
  ndr.leave();
}

export function groupAdded(ndr: Ndr, said: Said): void {
  said.handles = [ndr.u32()];
  said.updateRate = ndr.u32();
  ndr.leave();
}

export function groupHandle(ndr: Ndr, said: Said): void {
  said.handles = [ndr.u32()];
  ndr.u32(); // even while it is in use
}

export function groupState(ndr: Ndr, said: Said): void {
  said.updateRate = ndr.u32();
  readFlag(ndr);
  said.group = ndr.pointer() ? ndr.text() : '';
  ndr.u32(); // time bias
  ndr.f32(); // dead band
  ndr.u32(); // language
  ndr.u32(); // client's handle
  said.handles = [ndr.u32()];
}

function readFlag(ndr: Ndr): void {
  if (ndr.u32() > 1) {
    ndr.break();
  }
}

export function addItems(ndr: Ndr, said: Said): void {
  readItemDefinitions(ndr, said);
}

export function validateItems(ndr: Ndr, said: Said): void {
  readItemDefinitions(ndr, said);
  ndr.u32(); // with blobs
}

function readItemDefinitions(ndr: Ndr, said: Said): void {
  const count = ndr.u32();
  const paths: boolean[] = [];
  const ids: boolean[] = [];
  const blobs: boolean[] = [];
  ndr.array(count);
  ndr.repeat(count, () => {
    paths.push(ndr.pointer());
    ids.push(ndr.pointer());
    readFlag(ndr);
    ndr.u32(); // client's handle
    ndr.u32(); // size of the blob
    blobs.push(ndr.pointer());
    ndr.u16(); // requested type
    ndr.u16();
  });
  const items: string[] = [];
  for (let index = 0; index < ids.length && !ndr.reader.truncated; index++) {
    if (paths[index]) {
      ndr.text();
    }
    const id = ids[index] ? ndr.text() : '';
    if (items.length < MOST_ITEMS) {
      items.push(id);
    }
    if (blobs[index]) {
      readBlob(ndr);
    }
  }
  said.items = items;
}

function readBlob(ndr: Ndr): void {
  const size = ndr.u32();
  ndr.reader.expect(size);
  ndr.reader.skip(size);
}

export function itemsAdded(ndr: Ndr, said: Said): void {
  const handles: number[] = [];
  let blobs = 0;
  if (ndr.pointer()) {
    ndr.repeat(ndr.u32(), () => {
      const handle = ndr.u32();
      ndr.u16(); // type
      ndr.u16();
      ndr.u32(); // access rights
      ndr.u32(); // size of the blob
      blobs += ndr.pointer() ? 1 : 0;
      if (handles.length < MOST_ITEMS) {
        handles.push(handle);
      }
    });
  }
  for (let blob = 0; blob < blobs && !ndr.reader.truncated; blob++) {
    readBlob(ndr);
  }
  readErrors(ndr);
  said.handles = handles;
}

function readErrors(ndr: Ndr): void {
  if (ndr.pointer()) {
    ndr.numbers(ndr.u32Ahead());
  }
}

export function handles(ndr: Ndr, said: Said): void {
  said.handles = ndr.numbers(ndr.u32());
  ndr.leave();
}

export function syncRead(ndr: Ndr, said: Said): void {
  said.source = readChoice(ndr, 2);
  said.handles = ndr.numbers(ndr.u32());
}

export function readWithAge(ndr: Ndr, said: Said): void {
  const count = ndr.u32();
  said.handles = ndr.numbers(count);
  ndr.numbers(count);
}

/** Item states, then an error for each. */
export function itemStates(ndr: Ndr, said: Said): void {
  const values: Value[] = [];
  if (ndr.pointer()) {
    let there = 0;
    ndr.repeat(ndr.u32(), () => {
      ndr.u32(); // client's handle
      ndr.fileTime();
      ndr.u16(); // quality
      ndr.u16();
      there += ndr.pointer() ? 1 : 0;
    });
    said.values = values;
    if (!readVariantBodies(ndr, there, values)) {
      ndr.leave();
      return;
    }
  }
  readErrors(ndr);
}

export function asyncRead(ndr: Ndr, said: Said): void {
  said.handles = ndr.numbers(ndr.u32());
  said.transaction = ndr.u32();
}

/** OPC DA 1: the connection first. */
export function oldAsyncRead(ndr: Ndr, said: Said): void {
  ndr.u32();
  syncRead(ndr, said);
}

export function write(ndr: Ndr, said: Said): boolean {
  const count = ndr.u32();
  const values: Value[] = [];
  said.handles = ndr.numbers(count);
  said.values = values;
  const known = readVariants(ndr, count, values);
  if (!known) {
    ndr.leave();
  }
  return known;
}

export function writeAsync(ndr: Ndr, said: Said): void {
  if (write(ndr, said)) {
    said.transaction = ndr.u32();
  }
}

export function oldWriteAsync(ndr: Ndr, said: Said): void {
  ndr.u32();
  write(ndr, said);
}

/** OPC DA 3: values with quality and time, each at the choice of the writer. */
export function writeQualified(ndr: Ndr, said: Said): void {
  const count = ndr.u32();
  said.handles = ndr.numbers(count);
  readQualifiedValues(ndr, count, said);
}

function readQualifiedValues(ndr: Ndr, count: number, said: Said): void {
  const values: Value[] = [];
  let there = 0;
  ndr.array(count);
  ndr.repeat(count, () => {
    there += ndr.pointer() ? 1 : 0;
    readFlag(ndr);
    ndr.u16(); // quality
    ndr.u16();
    readFlag(ndr);
    ndr.u32();
    ndr.fileTime();
  });
  said.values = values;
  readVariantBodies(ndr, there, values);
  ndr.leave();
}

/** Data change and end of a read: the same, once unasked and once asked for. */
export function dataChange(ndr: Ndr, said: Said): void {
  said.transaction = ndr.u32();
  ndr.u32(); // group, by the client's handle
  ndr.u32(); // quality over all
  ndr.u32(); // error over all
  const count = ndr.u32();
  const values: Value[] = [];
  said.handles = ndr.numbers(count);
  said.values = values;
  if (!readVariants(ndr, count, values)) {
    ndr.leave();
    return;
  }
  ndr.array(count);
  ndr.repeat(count, () => ndr.u16());
  ndr.array(count);
  ndr.repeat(count, () => ndr.fileTime());
  ndr.numbers(count);
}

export function writeComplete(ndr: Ndr, said: Said): void {
  said.transaction = ndr.u32();
  ndr.u32();
  ndr.u32();
  const count = ndr.u32();
  said.handles = ndr.numbers(count);
  ndr.numbers(count);
}

/** Running, failed, no configuration, suspended, test, communication fault. */
const STATES = 6;

export function serverStatus(ndr: Ndr, said: Said): void {
  readStatus(ndr, said, true);
}

/** The same without groups and load (OPC AE: OPCEVENTSERVERSTATUS). */
export function eventServerStatus(ndr: Ndr, said: Said): void {
  readStatus(ndr, said, false);
}

function readStatus(ndr: Ndr, said: Said, withGroups: boolean): void {
  if (!ndr.pointer()) {
    return;
  }
  const start = ndr.fileTime();
  const current = ndr.fileTime();
  ndr.fileTime();
  const state = readChoice(ndr, STATES);
  ndr.align(4);
  if (withGroups) {
    ndr.u32();
    ndr.u32();
  }
  const version = `${ndr.u16()}.${ndr.u16()}.${ndr.u16()}`;
  ndr.u16();
  const vendorInfo = ndr.pointer() ? ndr.text() : '';
  if (ndr.reader.truncated) {
    return;
  }
  said.vendorInfo = vendorInfo;
  said.version = version;
  said.state = state;
  if (start !== undefined) {
    said.startTime = start;
  }
  if (current !== undefined) {
    said.currentTime = current;
  }
}

/** A subscription, whether it is a refresh, then the events (OPC AE: ONEVENTSTRUCT). */
export function events(ndr: Ndr, said: Said): void {
  ndr.u32();
  readFlag(ndr);
  readFlag(ndr);
  const count = ndr.u32();
  const heads: EventHead[] = [];
  ndr.array(count);
  ndr.repeat(count, () => heads.push(readEventHead(ndr)));
  const reports: EventReport[] = [];
  for (const head of heads) {
    const report = ndr.reader.truncated ? undefined : readEventTexts(ndr, head);
    if (report === undefined) {
      ndr.leave();
      break;
    }
    if (reports.length < MOST_ITEMS) {
      reports.push(report);
    }
  }
  said.events = reports;
}

interface EventHead {
  readonly source: boolean;
  readonly time: number | undefined;
  readonly message: boolean;
  readonly category: number;
  readonly severity: number;
  readonly condition: boolean;
  readonly subcondition: boolean;
  readonly attributes: boolean;
  readonly actor: boolean;
}

function readEventHead(ndr: Ndr): EventHead {
  ndr.u16(); // what has changed
  ndr.u16(); // state of the condition
  const source = ndr.pointer();
  const time = ndr.fileTime();
  const message = ndr.pointer();
  ndr.u32(); // simple, tracking or condition
  const category = ndr.u32();
  const severity = ndr.u32();
  const condition = ndr.pointer();
  const subcondition = ndr.pointer();
  ndr.u16(); // quality
  ndr.u16();
  readFlag(ndr); // to be acknowledged
  ndr.fileTime(); // active since
  ndr.u32(); // cookie
  ndr.u32(); // number of attributes
  const attributes = ndr.pointer();
  const actor = ndr.pointer();
  return { source, time, message, category, severity, condition, subcondition, attributes, actor };
}

/** Undefined where an attribute cannot be read, so that nobody knows where the next event begins. */
function readEventTexts(ndr: Ndr, head: EventHead): EventReport | undefined {
  const source = textIf(head.source, ndr);
  const message = textIf(head.message, ndr);
  const condition = textIf(head.condition, ndr);
  textIf(head.subcondition, ndr);
  const known = !head.attributes || readVariants(ndr, ndr.u32Ahead(), []);
  const actor = known ? textIf(head.actor, ndr) : '';
  const { category, severity, time } = head;
  if (ndr.reader.truncated) {
    return undefined;
  }
  return {
    source,
    message,
    ...(condition === '' ? {} : { condition }),
    category,
    severity,
    ...(time === undefined ? {} : { time }),
    ...(actor === '' ? {} : { actor }),
  };
}

function textIf(there: boolean, ndr: Ndr): string {
  return there ? ndr.text() : '';
}

/** Who, why, and which conditions of which sources. */
export function acknowledge(ndr: Ndr, said: Said): void {
  const count = ndr.u32();
  said.user = ndr.text();
  said.reason = ndr.text();
  said.items = ndr.texts(count);
  said.conditions = ndr.texts(count);
  ndr.leave();
}

/** Areas or sources, whose conditions are enabled or disabled. */
export function areas(ndr: Ndr, said: Said): void {
  said.areas = ndr.texts(ndr.u32());
}

export function condition(ndr: Ndr, said: Said): void {
  said.items = [ndr.text()];
  said.conditions = [ndr.text()];
  ndr.leave();
}
