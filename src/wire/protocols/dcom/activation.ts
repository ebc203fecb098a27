import { Reader } from '../../reader.ts';
import { type Bindings, readBindings, readInterfacePointer } from '../../stack/dcom.ts';
import { MOST_ITEMS, Ndr } from '../../stack/ndr.ts';

/** An object by the identifier that its calls carry, and the interface that it answers to under it. */
export interface ObjectInterface {
  readonly interface: string;
  readonly ipid: string;
}

/** What an activation asks for and gets. */
export interface Activation {
  classId?: string;
  serverName?: string;
  requested?: readonly string[];
  oxid?: string;
  bindings?: Bindings;
  objects?: readonly ObjectInterface[];
}

/** MS-DCOM, section 2.2.22.2: properties of a request and of an answer that tell something. */
const INSTANTIATION = '000001ab-0000-0000-c000-000000000046';
const SECURITY = '000001a6-0000-0000-c000-000000000046';
const SCM_REPLY = '000001b6-0000-0000-c000-000000000046';
const PROPERTIES_OUT = '00000339-0000-0000-c000-000000000046';

/** Section 2.2.6 of MS-RPCE: version and byte order, then the length of what follows. */
const SERIALISATION_HEADER = 16;
const SIZES = 8;
const MOST_PROPERTIES = 32;

/** Parameter of both directions: a reference that holds a blob of properties. */
export function readProperties(ndr: Ndr, said: Activation): void {
  if (!ndr.pointer()) {
    return;
  }
  const data = readInterfacePointer(ndr)?.custom?.data;
  if (data !== undefined && !readBlob(data, said)) {
    ndr.break();
  }
}

/** Section 2.2.22: sizes, a header that lists the properties by class and size, then these. */
function readBlob(data: Uint8Array, said: Activation): boolean {
  const reader = Reader.of(data);
  reader.skip(SIZES);
  const header = inner(reader.sub(reader.remaining));
  header.u32(); // total size
  const headerSize = header.u32();
  header.u32();
  header.u32(); // destination
  const count = header.u32();
  header.uuid();
  for (let pointer = 0; pointer < 3; pointer++) {
    header.u32();
  }
  if (count > MOST_PROPERTIES) {
    return false;
  }
  const classes: string[] = [];
  header.array(count);
  header.repeat(count, () => classes.push(header.uuid()));
  const sizes = header.numbers(count);
  let whole = !header.reader.truncated;
  reader.seek(SIZES + headerSize);
  classes.forEach((property, index) => {
    const size = sizes[index] ?? 0;
    reader.expect(size);
    const ndr = inner(reader.sub(size));
    readProperty(property, ndr, said);
    whole &&= !ndr.reader.truncated;
  });
  return whole && !reader.truncated;
}

/** The content behind the header of a serialised type; its numbers are aligned from there on. */
function inner(reader: Reader): Ndr {
  const littleEndian = (reader.peek(1) & 0x10) !== 0;
  reader.expect(SERIALISATION_HEADER);
  reader.skip(SERIALISATION_HEADER);
  return new Ndr(reader.sub(reader.remaining), littleEndian);
}

function readProperty(property: string, ndr: Ndr, said: Activation): void {
  switch (property) {
    case INSTANTIATION:
      readInstantiation(ndr, said);
      return;
    case SECURITY:
      readSecurity(ndr, said);
      return;
    case SCM_REPLY:
      readReply(ndr, said);
      return;
    case PROPERTIES_OUT:
      readObjects(ndr, said);
      return;
    default:
  }
}

/** Section 2.2.22.2.1. */
function readInstantiation(ndr: Ndr, said: Activation): void {
  said.classId = ndr.uuid();
  ndr.u32(); // context
  ndr.u32();
  ndr.u32();
  const count = ndr.u32();
  ndr.u32();
  const there = ndr.pointer();
  ndr.u32(); // own size
  ndr.u32(); // version
  if (there) {
    said.requested = readUuids(ndr, count);
  }
}

export function readUuids(ndr: Ndr, count: number): readonly string[] {
  const uuids: string[] = [];
  ndr.array(count);
  ndr.repeat(count, () => {
    const uuid = ndr.uuid();
    if (uuids.length < MOST_ITEMS) {
      uuids.push(uuid);
    }
  });
  return uuids;
}

/** Section 2.2.22.2.7: the machine, as the client calls it. */
function readSecurity(ndr: Ndr, said: Activation): void {
  ndr.u32();
  const server = ndr.pointer();
  ndr.u32();
  if (!server) {
    return;
  }
  ndr.u32();
  const named = ndr.pointer();
  ndr.u32(); // credentials: never sent
  ndr.u32();
  const name = named ? ndr.text() : '';
  if (name !== '') {
    said.serverName = name;
  }
}

/** Section 2.2.22.2.8: where the object lives. */
function readReply(ndr: Ndr, said: Activation): void {
  ndr.u32();
  if (!ndr.pointer()) {
    return;
  }
  said.oxid = readExporter(ndr);
  const there = ndr.pointer();
  ndr.uuid();
  ndr.u32(); // authentication hint
  ndr.u32(); // version
  if (there) {
    said.bindings = readSizedBindings(ndr);
  }
}

export function readExporter(ndr: Ndr): string {
  return ndr.u64().toString(16).padStart(16, '0');
}

export function readSizedBindings(ndr: Ndr): Bindings {
  ndr.u32(); // size, which the bindings repeat
  return readBindings(ndr);
}

/** Section 2.2.22.2.9: the interfaces that were asked for, with the references or the errors. */
function readObjects(ndr: Ndr, said: Activation): void {
  const count = ndr.u32();
  const interfaces = ndr.pointer();
  const outcomes = ndr.pointer();
  const references = ndr.pointer();
  const requested = interfaces ? readUuids(ndr, count) : [];
  if (outcomes) {
    ndr.numbers(count);
  }
  if (references) {
    said.objects = readReferences(ndr, count);
  }
  said.requested = requested;
}

/** An array of pointers, then the references that are there. */
export function readReferences(ndr: Ndr, count: number): readonly ObjectInterface[] {
  let there = 0;
  ndr.array(count);
  ndr.repeat(count, () => {
    there += ndr.pointer() ? 1 : 0;
  });
  const objects: ObjectInterface[] = [];
  ndr.repeat(there, () => {
    const reference = readInterfacePointer(ndr);
    if (reference?.ipid !== undefined && objects.length < MOST_ITEMS) {
      objects.push({ interface: reference.interfaceId, ipid: reference.ipid });
    }
  });
  return objects;
}
