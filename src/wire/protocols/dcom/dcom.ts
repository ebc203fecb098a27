import { type Context, defineDissector, NOTHING, type Operation } from '../../dissector.ts';
import type { Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import {
  type CallFields,
  callOf,
  fitsCall,
  interfaceOf,
  isRequest,
  learnInterface,
  learnObject,
  readCall,
  readInterfacePointer,
  readStandardReference,
  unreadKey,
} from '../../stack/dcom.ts';
import { MOST_ITEMS, type Ndr } from '../../stack/ndr.ts';
import { LONG_TEXT } from '../../text.ts';
import {
  type Activation,
  type ObjectInterface,
  readExporter,
  readProperties,
  readReferences,
  readSizedBindings,
  readUuids,
} from './activation.ts';
import {
  ACTIVATION,
  ADD_REFERENCE,
  CREATE_INSTANCE,
  GET_CLASS_OBJECT,
  INTERFACES,
  isKnown,
  OBJECT_EXPORTER,
  OPERATIONS,
  operationOf,
  QUERY_INTERFACE,
  RELEASE,
  REMOTE_UNKNOWN_2,
  SYSTEM_ACTIVATOR,
} from './interfaces.ts';

interface Draft extends CallFields, Omit<Activation, 'bindings'> {
  references?: number;
  bindings?: readonly string[];
  principal?: string;
}

type Fields = Readonly<Draft>;

/** Most names, addresses and ports told of one machine. */
const MOST_TOLD = 64;
const BINDINGS_TOLD = 'dcom bindings told';
const LAST_PORT = 0xffff;
const WITH_PORT = /^([^[\]]{1,256})\[(\d{1,5})\]$/;
const ZONE = /%.*$/;
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const IPV6 = /^[\da-f]{0,4}(?::[\da-f]{0,4}){2,7}$/;
const LOOPBACK = /^(?:127\.|0\.0\.0\.0$|::1?$)/;

export const dcom = defineDissector<Fields>({
  name: 'dcom',
  title: 'DCOM',
  source: 'MS-DCOM; MS-RPCE',
  at: [
    ...INTERFACES.map((key) => ({ within: 'dcerpc', key })),
    ...INTERFACES.map((key) => ({ within: 'dcerpc', key: unreadKey(key) })),
    { within: 'dcerpc' },
  ],
  whole: false,
  envelope: true,
  operations: OPERATIONS,
  fields: {
    opnum: 'Number of the call within its interface',
    interface: 'The interface that is called',
    outcome: 'How the call ended, in an answer; from 0x80000000 on it failed',
    classId: 'Class of the object that is to be made',
    serverName: 'What the client calls the machine',
    requested: 'Interfaces that are asked for',
    objects: 'Objects by the identifier that their calls carry',
    references: 'How many references are counted',
    oxid: 'The process that the object lives in',
    bindings: 'Names and addresses of the machine, with a port where one is meant',
    principal: 'The account that the process runs under',
    encrypted: 'The call is encrypted: only its purpose is known',
  },

  recognise(reader, context) {
    const called = interfaceOf(context);
    if (called !== undefined) {
      return isKnown(called) ? 'strong' : 'no';
    }
    return markOf(reader, context) === undefined ? 'no' : 'strong';
  },

  read(reader, context) {
    const named = interfaceOf(context);
    const mark = named === undefined ? markOf(reader, context) : undefined;
    const called = named ?? mark?.interfaceId;
    const opnum = callOf(context).opnum ?? mark?.opnum;
    const fields: Draft = {};
    if (opnum !== undefined) {
      fields.opnum = opnum;
    }
    if (called !== undefined) {
      fields.interface = called;
      learnInterface(context, called);
    }
    const operation = operationOf(called, opnum);
    const headless = called === OBJECT_EXPORTER;
    return readCall(reader, context, fields, { operation, headless, asks: readRequest, answers: readAnswer });
  },

  observe({ operation, direction, fields }, context) {
    if (direction === 'request') {
      return fields.serverName === undefined
        ? NOTHING
        : [{ kind: 'service', subject: 'receiver', requestedName: fields.serverName }];
    }
    return fields.bindings === undefined || !NAMES_THE_SENDER.has(operation)
      ? NOTHING
      : observeBindings(fields.bindings, context);
  },
});

/** The answers in which a machine speaks of itself, and not of the object of another. */
const NAMES_THE_SENDER: ReadonlySet<Operation> = new Set([
  OPERATIONS.resolve,
  OPERATIONS.addresses,
  OPERATIONS.create,
  OPERATIONS.classObject,
]);

function readRequest(ndr: Ndr, fields: Draft): void {
  switch (operationOf(fields.interface, fields.opnum)) {
    case OPERATIONS.create:
      readCreate(ndr, fields);
      return;
    case OPERATIONS.classObject:
      readActivation(ndr, fields);
      return;
    case OPERATIONS.resolve:
      fields.oxid = readExporter(ndr);
      return;
    case OPERATIONS.queryInterface:
      readQuery(ndr, fields);
      return;
    case OPERATIONS.addReference:
    case OPERATIONS.release:
      fields.references = readReferenceCounts(ndr);
      return;
    case OPERATIONS.advise:
      readAdvise(ndr, fields);
      return;
    default:
      ndr.leave();
  }
}

/** MS-DCOM, sections 3.1.2.5.2.3.1 (the older call names the class itself) and 3.1.2.5.2.3.3. */
function readCreate(ndr: Ndr, fields: Draft): void {
  if (fields.interface === ACTIVATION) {
    fields.classId = ndr.uuid();
    ndr.leave();
    return;
  }
  if (ndr.pointer()) {
    readInterfacePointer(ndr);
  }
  readActivation(ndr, fields);
}

function readActivation(ndr: Ndr, fields: Draft): void {
  const said: Activation = {};
  readProperties(ndr, said);
  takeActivation(said, fields);
}

function takeActivation({ bindings, ...said }: Activation, fields: Draft): void {
  Object.assign(fields, said);
  if (bindings !== undefined) {
    Object.assign(fields, bindings);
  }
}

function readQuery(ndr: Ndr, fields: Draft): void {
  if (fields.interface === REMOTE_UNKNOWN_2 && fields.opnum !== QUERY_INTERFACE) {
    ndr.leave();
    return;
  }
  ndr.uuid(); // the object by one of its interfaces
  ndr.u32();
  fields.requested = readUuids(ndr, ndr.u16());
}

/** Section 3.1.1.5.6.1.2: an object, how many public and how many private references. */
function readReferenceCounts(ndr: Ndr): number {
  const count = ndr.u16();
  ndr.array(count);
  ndr.repeat(count, () => {
    ndr.uuid();
    ndr.u32();
    ndr.u32();
  });
  return count;
}

/** Who is to be called back: an object of the caller. */
function readAdvise(ndr: Ndr, fields: Draft): void {
  const reference = ndr.pointer() ? readInterfacePointer(ndr) : undefined;
  ndr.leave();
  if (reference?.ipid !== undefined) {
    fields.objects = [{ interface: reference.interfaceId, ipid: reference.ipid }];
    fields.bindings = reference.bindings;
  }
}

function readAnswer(ndr: Ndr, fields: Draft, context: Context): void {
  switch (operationOf(fields.interface, fields.opnum)) {
    case OPERATIONS.create:
    case OPERATIONS.classObject:
      if (fields.interface === ACTIVATION) {
        readActivated(ndr, fields);
      } else {
        readActivation(ndr, fields);
      }
      return;
    case OPERATIONS.resolve:
      readBindingsIfThere(ndr, fields);
      return;
    case OPERATIONS.addresses:
      ndr.u32(); // version
      readBindingsIfThere(ndr, fields);
      return;
    case OPERATIONS.queryInterface:
      readQueried(ndr, fields, context);
      return;
    default:
      ndr.leave();
  }
}

/** Section 3.1.2.5.2.3.1. */
function readActivated(ndr: Ndr, fields: Draft): void {
  const said: Activation = {};
  said.oxid = readExporter(ndr);
  if (ndr.pointer()) {
    said.bindings = readSizedBindings(ndr);
  }
  ndr.uuid();
  ndr.u32(); // authentication hint
  ndr.u32(); // version
  ndr.u32(); // outcome
  said.objects = readReferences(ndr, ndr.u32Ahead());
  ndr.leave();
  takeActivation(said, fields);
}

function readBindingsIfThere(ndr: Ndr, fields: Draft): void {
  if (ndr.pointer()) {
    Object.assign(fields, readSizedBindings(ndr));
  }
}

/** Section 3.1.1.5.6.1.1: an outcome and a reference for each interface asked for. */
function readQueried(ndr: Ndr, fields: Draft, context: Context): void {
  const question = context.question(context.parent?.pair ?? -1)?.fields as Fields | undefined;
  const there = ndr.pointer();
  if (fields.opnum !== QUERY_INTERFACE || !there) {
    ndr.leave();
    return;
  }
  const requested = question?.requested ?? [];
  const objects: ObjectInterface[] = [];
  ndr.repeat(ndr.u32(), (index) => {
    ndr.align(8);
    const outcome = ndr.u32();
    ndr.align(8);
    const { ipid } = readStandardReference(ndr);
    const interfaceId = requested[index];
    if (outcome === 0 && interfaceId !== undefined && objects.length < MOST_ITEMS && !ndr.reader.truncated) {
      objects.push({ interface: interfaceId, ipid });
      learnObject(context, ipid, interfaceId);
    }
  });
  fields.objects = objects;
}

/** A call that shows what it is by its content alone, should its interface have been bound before the capture began. */
interface Mark {
  readonly interfaceId: string;
  readonly opnum: number;
  readonly request: boolean;
  /** Whether there is enough in it. */
  readonly read: (ndr: Ndr, fields: Draft) => boolean;
}

/** A count and just so many entries of the right size; properties of an activation, with their signature. */
const MARKS: readonly Mark[] = [
  { interfaceId: SYSTEM_ACTIVATOR, opnum: CREATE_INSTANCE, request: true, read: createsClass },
  { interfaceId: SYSTEM_ACTIVATOR, opnum: CREATE_INSTANCE, request: false, read: givesExporter },
  { interfaceId: SYSTEM_ACTIVATOR, opnum: GET_CLASS_OBJECT, request: true, read: namesClass },
  { interfaceId: SYSTEM_ACTIVATOR, opnum: GET_CLASS_OBJECT, request: false, read: givesExporter },
  { interfaceId: REMOTE_UNKNOWN_2, opnum: QUERY_INTERFACE, request: true, read: asksForInterfaces },
  { interfaceId: REMOTE_UNKNOWN_2, opnum: ADD_REFERENCE, request: true, read: countsReferences },
  { interfaceId: REMOTE_UNKNOWN_2, opnum: RELEASE, request: true, read: countsReferences },
];

function markOf(reader: Reader, context: Context): Mark | undefined {
  const { opnum } = callOf(context);
  const request = isRequest(context);
  return MARKS.find((mark) => {
    let enough = false;
    return (
      mark.request === request &&
      (opnum === undefined || mark.opnum === opnum) &&
      fitsCall(reader, context, (ndr) => {
        enough = mark.read(ndr, { opnum: mark.opnum });
      }) &&
      enough
    );
  });
}

function createsClass(ndr: Ndr, fields: Draft): boolean {
  readCreate(ndr, fields);
  return fields.classId !== undefined;
}

function namesClass(ndr: Ndr, fields: Draft): boolean {
  readActivation(ndr, fields);
  return fields.classId !== undefined;
}

function givesExporter(ndr: Ndr, fields: Draft): boolean {
  readActivation(ndr, fields);
  return fields.oxid !== undefined;
}

function asksForInterfaces(ndr: Ndr, fields: Draft): boolean {
  readQuery(ndr, fields);
  return (fields.requested?.length ?? 0) > 0;
}

function countsReferences(ndr: Ndr): boolean {
  return readReferenceCounts(ndr) > 0;
}

/** Names, addresses and ports, where they are others than those told last in this conversation. */
function observeBindings(bindings: readonly string[], context: Context): readonly Observation[] {
  const told = bindings.join(' ').slice(0, LONG_TEXT);
  if (context.recall(BINDINGS_TOLD) === told) {
    return NOTHING;
  }
  context.remember(BINDINGS_TOLD, told);
  const observations: Observation[] = [];
  const ports = new Set<number>();
  for (const binding of bindings.slice(0, MOST_TOLD)) {
    const [, host = binding, port = '0'] = WITH_PORT.exec(binding) ?? [];
    ports.add(Number(port));
    observations.push(...observeHost(host.replace(ZONE, '').toLowerCase(), host));
  }
  for (const port of ports) {
    if (port > 0 && port <= LAST_PORT) {
      observations.push({ kind: 'service', subject: 'sender', port });
    }
  }
  return observations;
}

function observeHost(address: string, name: string): readonly Observation[] {
  if (!IPV4.test(address) && !IPV6.test(address)) {
    return name === '' ? NOTHING : [{ kind: 'identity', subject: 'sender', basis: 'announcement', name }];
  }
  // Every machine has these.
  return LOOPBACK.test(address) ? NOTHING : [{ kind: 'address', address, via: 'discovery' }];
}
