import { type Context, defineDissector, NOTHING, type Reading } from '../../dissector.ts';
import { known, type Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import {
  type CallFields,
  callOf,
  fitsCall,
  interfaceOf,
  isRequest,
  learnInterface,
  type Method,
  readCall,
  unreadKey,
} from '../../stack/dcom.ts';
import { INTERFACE_IDS, interfaceNamed, MARKS, type Mark, methodOf, OPERATIONS } from './interfaces.ts';
import type { Said } from './layouts.ts';

type Draft = Said & CallFields;
type Fields = Readonly<Draft>;

/** Memory: this conversation has carried calls of OPC; who the server is and how calls are protected was told. */
const SPEAKS_OPC = 'opcda';
const STATUS_TOLD = 'opcda status told';
const PROTECTION_TOLD = 'opcda protection told';

/** MS-RPCE, section 2.2.1.1.8. */
const SIGNED = 5;
const ENCRYPTED = 6;

export const opcda = defineDissector<Fields>({
  name: 'opcda',
  title: 'OPC DA and OPC AE',
  source: 'OPC Foundation: Data Access 3.0, Alarms and Events 1.10, Common 1.1, Security 1.0; MS-DCOM; MS-OAUT',
  at: [
    ...INTERFACE_IDS.map((key) => ({ within: 'dcerpc', key })),
    ...INTERFACE_IDS.map((key) => ({ within: 'dcerpc', key: unreadKey(key) })),
    { within: 'dcerpc' },
  ],
  // What DCE/RPC hands on has no length of its own.
  whole: false,
  operations: OPERATIONS,
  fields: {
    opnum: 'Number of the call within its interface',
    interface: 'The interface that is called, as OPC names it',
    outcome: 'How the call ended, in an answer; from 0x80000000 on it failed',
    group: 'Name of a group of items',
    client: 'What the client calls itself',
    user: 'Who logs on, or acknowledges',
    reason: 'Why the server shuts down, or the comment of an acknowledgement',
    updateRate: 'How often a group is reported, in milliseconds',
    transaction: 'Pairs an asynchronous call with the report of its end',
    source: 'Where values are read: 1 the memory of the server, 2 the device itself',
    items: 'Items by name; of events their sources',
    handles: "Items by number: the server's in calls, the client's in reports",
    values: 'What is written, read or reported; null where there is none or it is not read',
    areas: 'Areas or sources whose conditions are enabled or disabled',
    conditions: 'Conditions by name',
    events: 'Events and alarms: source, message, condition, category, severity, time in microseconds since 1970, actor',
    state:
      'State of the server: 1 running, 2 failed, 3 not configured, 4 suspended, 5 test, 6 cannot reach its devices',
    version: 'Version of the server: major, minor, build',
    vendorInfo: 'What the maker says of the server',
    startTime: 'When the server was started, in microseconds since 1970',
    currentTime: "The server's clock, in microseconds since 1970",
    encrypted: 'The call is encrypted: only its purpose is known',
  },

  recognise(reader, context) {
    const called = interfaceOf(context);
    if (called !== undefined) {
      return interfaceNamed(called) === undefined ? 'no' : 'strong';
    }
    return markOf(reader, context) === undefined ? 'no' : 'strong';
  },

  read(reader, context) {
    const named = interfaceOf(context);
    const mark = named === undefined ? markOf(reader, context) : undefined;
    const interfaceId = named ?? mark?.interfaceId;
    const called = interfaceId === undefined ? undefined : interfaceNamed(interfaceId);
    const opnum = callOf(context).opnum ?? mark?.opnum;
    const fields: Draft = {};
    if (opnum !== undefined) {
      fields.opnum = opnum;
    }
    if (called !== undefined && interfaceId !== undefined) {
      fields.interface = called.name;
      learnInterface(context, interfaceId);
      rememberOpc(context);
    }
    return readCall(reader, context, fields, methodOf(called, opnum) ?? UNKNOWN);
  },

  observe(reading, context) {
    const observations = observeReading(reading, context);
    const protection = observeProtection(context);
    return protection === undefined ? observations : [...observations, protection];
  },
});

const UNKNOWN: Method<Said> = { operation: OPERATIONS.unknown };

function rememberOpc(context: Context): void {
  if (context.recall(SPEAKS_OPC) !== true) {
    context.remember(SPEAKS_OPC, true);
  }
}

/** The one call that these bytes can be, to the last of them; undefined where there is none, or more than one. */
function markOf(reader: Reader, context: Context): Mark | undefined {
  const { opnum } = callOf(context);
  const answer = !isRequest(context);
  let found: Mark | undefined;
  for (const mark of MARKS) {
    const isCandidate =
      mark.answer === answer &&
      (opnum === undefined || mark.opnum === opnum) &&
      (!mark.faint || context.recall(SPEAKS_OPC) === true);
    if (isCandidate && fits(reader, context, mark)) {
      if (found !== undefined) {
        return undefined;
      }
      found = mark;
    }
  }
  return found;
}

function fits(reader: Reader, context: Context, { layout }: Mark): boolean {
  const said: Said = {};
  return fitsCall(reader, context, (ndr) => layout(ndr, said, context)) && saysSomething(said);
}

function saysSomething({ group, vendorInfo, handles, items, values, events }: Said): boolean {
  const lists = [handles, items, values, events];
  return Boolean(group) || Boolean(vendorInfo) || lists.some((list) => list !== undefined && list.length > 0);
}

function observeReading({ operation, direction, fields }: Reading<Fields>, context: Context): readonly Observation[] {
  switch (operation) {
    case OPERATIONS.status:
      return direction === 'response' ? observeStatus(fields, context) : NOTHING;
    case OPERATIONS.logOn:
      return fields.user
        ? [{ kind: 'credential', scheme: 'OPC Security', user: fields.user, secret: 'sent' }]
        : NOTHING;
    case OPERATIONS.setClientName:
      return fields.client
        ? [{ kind: 'identity', subject: 'sender', basis: 'announcement', product: fields.client }]
        : NOTHING;
    default:
      return NOTHING;
  }
}

/** Asked for again and again, as a sign of life: who the server is, is told once. */
function observeStatus({ vendorInfo, version, currentTime }: Fields, context: Context): readonly Observation[] {
  const observations: Observation[] = [];
  const told = `${vendorInfo} ${version}`;
  if (vendorInfo !== undefined && context.recall(STATUS_TOLD) !== told) {
    context.remember(STATUS_TOLD, told);
    const identity = known({ product: vendorInfo, firmware: version });
    observations.push({ kind: 'identity', subject: 'sender', basis: 'description', ...identity });
  }
  if (currentTime !== undefined) {
    observations.push({ kind: 'clock', stated: currentTime, source: 'OPC' });
  }
  return observations;
}

/** Whether calls are protected, once a conversation. */
function observeProtection(context: Context): Observation | undefined {
  if (context.parent === undefined || context.recall(PROTECTION_TOLD) === true) {
    return undefined;
  }
  context.remember(PROTECTION_TOLD, true);
  const level = callOf(context).authLevel ?? 0;
  const protection = level >= ENCRYPTED ? 'encrypted' : level === SIGNED ? 'signed' : 'none';
  return { kind: 'service', subject: context.fromClient ? 'receiver' : 'sender', protection };
}
