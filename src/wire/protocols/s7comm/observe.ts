import { type Context, NOTHING, type Reading } from '../../dissector.ts';
import type { Observation, RoleObservation } from '../../observation.ts';
import type { Fields } from './fields.ts';
import { OPERATIONS } from './operations.ts';
import { identityOf, type ListEntry } from './system-status.ts';

export function observeRequest(reading: Reading<Fields>, context: Context): readonly Observation[] {
  const { operation, fields } = reading;
  if (operation === OPERATIONS.sendPassword) {
    return [{ kind: 'credential', scheme: 'S7 password', secret: 'sent' }];
  }
  if (operation === OPERATIONS.ncLogin) {
    return [{ kind: 'credential', scheme: 'S7 NC password', secret: 'sent' }];
  }
  if (operation === OPERATIONS.setClock && fields.clock !== undefined) {
    return [clockOf(fields.clock)];
  }
  return operation === OPERATIONS.setup ? observeClient(context) : NOTHING;
}

/** First byte of the access point that is called: the kind of connection, hence of client. Any client may choose it. */
function observeClient(context: Context): readonly Observation[] {
  const called = context.recall('cotp.calledTsap');
  if (typeof called !== 'string' || called.length !== 4) {
    return NOTHING;
  }
  const common = { kind: 'role', subject: 'sender', basis: 'hint' } as const;
  if (called.startsWith('01')) {
    return [{ ...common, role: 'engineering', reason: 'asks for a connection of a programming device' }];
  }
  return called.startsWith('02')
    ? [{ ...common, role: 'hmi', reason: 'asks for a connection of an operator panel' }]
    : NOTHING;
}

export function observeStatement(fields: Fields, context: Context): readonly Observation[] {
  const observations: Observation[] = [];
  if (fields.clock !== undefined) {
    observations.push(clockOf(fields.clock));
  }
  const identity = identityOf(fields);
  if (Object.keys(identity).length > 0) {
    observations.push({ kind: 'identity', subject: 'sender', basis: 'identification', ...identity });
  }
  const cpu = cpuName(fields.entries);
  if (cpu !== undefined) {
    const role = roleOnce(context, IDENTIFIED, { basis: 'identification', reason: `identifies itself as ${cpu}` });
    observations.push(...role);
  }
  return observations;
}

function cpuName(entries: readonly ListEntry[] = []): string | undefined {
  return entries.find(({ text }) => /\bCPU\b|^6ES7 ?[234]1\d/.test(text))?.text;
}

/** How sure it is that the server is a controller; a surer sign in one conversation is told again. */
const POLLED = 1;
const PROGRAMMED = 2;
const IDENTIFIED = 3;
const SERVER = 's7comm.server';

export function observeServer({ operation }: Reading<Fields>, context: Context): readonly Observation[] {
  if (context.fromClient) {
    return NOTHING;
  }
  const { effect } = operation;
  if (effect === 'program' || effect === 'control') {
    return roleOnce(context, PROGRAMMED, { basis: 'behaviour', reason: 'answers program and mode services of S7' });
  }
  return effect === 'read' || effect === 'write'
    ? roleOnce(context, POLLED, { basis: 'behaviour', reason: 'answers reads and writes of S7' })
    : NOTHING;
}

function roleOnce(
  context: Context,
  sureness: number,
  why: Pick<RoleObservation, 'basis' | 'reason'>,
): readonly RoleObservation[] {
  const told = context.recall(SERVER);
  if (typeof told === 'number' && told >= sureness) {
    return NOTHING;
  }
  context.remember(SERVER, sureness);
  return [{ kind: 'role', subject: 'sender', role: 'plc', ...why }];
}

function clockOf(clock: string): Observation {
  return { kind: 'clock', stated: Date.parse(`${clock}Z`) * 1000, source: 'S7 clock' };
}
