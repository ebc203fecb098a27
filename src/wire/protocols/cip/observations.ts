import { type Context, NOTHING, type Reading } from '../../dissector.ts';
import type { Identity, Observation } from '../../observation.ts';
import { cipSerial, identityOf, roleOf } from '../../stack/cip-identity.ts';
import { CIP_VENDORS } from '../../stack/cip-vendors.ts';
import type { Fields } from './fields.ts';
import { OPERATIONS } from './services.ts';

/** Accepted by controllers only: whoever answers one of these has a program. */
const OF_CONTROLLERS: ReadonlySet<unknown> = new Set([
  OPERATIONS.readTag,
  OPERATIONS.readTagFragmented,
  OPERATIONS.writeTag,
  OPERATIONS.writeTagFragmented,
  OPERATIONS.modifyTag,
  OPERATIONS.listTags,
  OPERATIONS.readTemplate,
]);

/** CIP volume 5, chapter 5: safety supervisor, safety validator, then points and groups of safe inputs and outputs. */
const FIRST_SAFETY_CLASS = 0x39;
const LAST_SAFETY_CLASS = 0x3f;

const PLC_TOLD = 'cip plc';
const SAFETY_TOLD = 'cip safety';
const CLOCK_TOLD = 'cip clock';
const CLOCK_INTERVAL = 60e6;
/** Transport classes of cyclic data (CIP volume 1, section 3-4.4.3). */
const LAST_CYCLIC_CLASS = 1;

export function observeAnswer(reading: Reading<Fields>, context: Context): readonly Observation[] {
  const { fields, operation, refused } = reading;
  if (refused !== undefined || fields.generalStatus !== 0) {
    return NOTHING;
  }
  if (fields.identity !== undefined) {
    return observeIdentity(fields, context);
  }
  if (fields.connection !== undefined && operation !== OPERATIONS.forwardClose) {
    return observeConnection(fields);
  }
  if (fields.clock !== undefined) {
    return observeClock(fields.clock, context);
  }
  if (fields.classId !== undefined && fields.classId >= FIRST_SAFETY_CLASS && fields.classId <= LAST_SAFETY_CLASS) {
    return observeSafetyObject(fields, context);
  }
  if (OF_CONTROLLERS.has(operation) && context.recall(PLC_TOLD) !== true) {
    context.remember(PLC_TOLD, true);
    const reason = `answers CIP ${operation.name}`;
    return [{ kind: 'role', subject: 'sender', role: 'plc', reason, basis: 'behaviour' }];
  }
  return NOTHING;
}

/**
 * Who answers depends on the way: without a route the device itself, one hop on the backplane a module of it, anything
 * farther another device. In a connection whose opening was not seen nobody can tell, so it stays a hint.
 */
function observeIdentity(fields: Fields, context: Context): readonly Observation[] {
  const { route, identity = {} } = fields;
  const known = identityOf(identity);
  const role = roleOf(identity.deviceType);
  if (role === undefined && Object.keys(known).length === 0) {
    return NOTHING;
  }
  const slot = route === undefined ? undefined : slotOf(route);
  if (route !== undefined && slot === undefined) {
    return [{ kind: 'behind', subject: 'sender', device: `route ${route}`, basis: 'identification', ...known }];
  }
  const told = slot === undefined ? ownIdentity(known, context) : module(known, slot);
  if (role === undefined || (slot !== undefined && role !== 'plc')) {
    return [told];
  }
  const reason = `${slot === undefined ? '' : `slot ${slot}: `}CIP device type ${identity.deviceType}`;
  return [told, { kind: 'role', subject: 'sender', role, reason, basis: told.basis }];
}

/** Only safety devices have these objects. What is farther than one hop is another device. */
function observeSafetyObject({ classId = 0, route }: Fields, context: Context): readonly Observation[] {
  const slot = route === undefined ? undefined : slotOf(route);
  if ((route !== undefined && slot === undefined) || context.recall(SAFETY_TOLD) === true) {
    return NOTHING;
  }
  context.remember(SAFETY_TOLD, true);
  const reason = `${slot === undefined ? '' : `slot ${slot}: `}answers as CIP Safety object 0x${classId.toString(16)}`;
  return [{ kind: 'role', subject: 'sender', role: 'safety', reason, basis: 'announcement' }];
}

/** A programming tool asks for the time twice a second: once a minute is enough, and each jump. */
function observeClock(stated: number, context: Context): readonly Observation[] {
  const last = context.recall(CLOCK_TOLD);
  if (typeof last === 'number' && Math.abs(stated - last) < CLOCK_INTERVAL) {
    return NOTHING;
  }
  context.remember(CLOCK_TOLD, stated);
  return [{ kind: 'clock', stated, source: 'CIP wall clock' }];
}

function slotOf(route: string): number | undefined {
  const slot = route.startsWith('1/') ? Number(route.slice(2)) : Number.NaN;
  return Number.isInteger(slot) ? slot : undefined;
}

function module(known: Identity, slot: number) {
  return { kind: 'module', subject: 'sender', slot, basis: 'identification', ...known } as const;
}

function ownIdentity(known: Identity, context: Context) {
  const { connectionId } = (context.parent?.fields ?? {}) as { connectionId?: number };
  const certain = connectionId === undefined || context.recall(-1 - connectionId) !== undefined;
  return { kind: 'identity', subject: 'sender', basis: certain ? 'identification' : 'hint', ...known } as const;
}

/** The originator gives its vendor and serial number. Software may open message connections; cyclic data is for devices. */
function observeConnection({ connection, safety }: Fields): readonly Observation[] {
  const observations: Observation[] = [];
  const { transportClass, toInterval, timeout } = connection ?? {};
  if (!connection || transportClass === undefined || transportClass > LAST_CYCLIC_CLASS) {
    return NOTHING;
  }
  const vendor = CIP_VENDORS.get(connection.vendorId);
  const serial = cipSerial(connection.originator);
  observations.push({
    kind: 'identity',
    subject: 'receiver',
    basis: 'announcement',
    ...(vendor ? { vendor } : {}),
    ...(serial ? { serial } : {}),
  });
  if (toInterval) {
    observations.push({ kind: 'cycle', period: toInterval, ...(timeout === undefined ? {} : { timeout }) });
  }
  const role = safety ? 'safety' : 'plc';
  const reason = safety ? 'opens a CIP Safety connection' : 'opens a cyclic CIP connection';
  // Whoever takes part in a safety function is named after it, whatever else it says it is.
  observations.push({ kind: 'role', subject: 'receiver', role, reason, basis: safety ? 'announcement' : 'behaviour' });
  if (safety) {
    observations.push({
      kind: 'role',
      subject: 'sender',
      role,
      reason: 'accepts a CIP Safety connection',
      basis: 'announcement',
    });
  }
  return observations;
}
