import { type Context, NOTHING, type Reading } from '../../dissector.ts';
import { known, type Observation, type Subject } from '../../observation.ts';
import type { Fields } from './fields.ts';
import { OPERATIONS } from './services.ts';

const PLC = { kind: 'role', subject: 'sender', role: 'plc' } as const;
const SERVER = 'codesys.server';
const ENGINEER = 'codesys.engineer';
const SECURED = 'codesys.secured';

export function observe(reading: Reading<Fields>, context: Context): readonly Observation[] {
  const { direction, operation, fields, refused } = reading;
  if (operation === OPERATIONS.secured) {
    return observeSecured(direction === 'request' ? 'receiver' : 'sender', context);
  }
  if (direction === 'request') {
    return observeClient(reading, context);
  }
  if (direction === 'report' || refused !== undefined) {
    return NOTHING;
  }
  if (operation === OPERATIONS.identify) {
    return observeIdentity(fields);
  }
  return fields.group === undefined || operation.effect === 'unknown' ? NOTHING : observeServer(reading, context);
}

/** Device types that the vendor's device descriptions give to controllers: a plain one, and one that moves axes. */
const CONTROLLER_TYPES: ReadonlySet<number> = new Set([4096, 4102]);

function observeIdentity(fields: Fields): readonly Observation[] {
  const { nodeName, deviceName, vendorName, targetType, targetVersion, serial, os } = fields;
  const identity = known({
    vendor: vendorName,
    product: deviceName,
    firmware: targetVersion,
    serial,
    os,
    name: nodeName,
  });
  if (Object.keys(identity).length === 0) {
    return NOTHING;
  }
  const isAsked = fields.generation === 2;
  const basis = isAsked ? 'identification' : 'discovery';
  const observation: Observation = { kind: 'identity', subject: 'sender', basis, ...identity };
  if (!isAsked && !CONTROLLER_TYPES.has(targetType ?? 0)) {
    return [observation];
  }
  const reason = isAsked ? 'identifies itself as a CODESYS controller' : `is a CODESYS device of type ${targetType}`;
  return [observation, { ...PLC, reason, basis }];
}

function observeServer({ operation }: Reading<Fields>, context: Context): readonly Observation[] {
  if (context.recall(SERVER) === true) {
    return NOTHING;
  }
  context.remember(SERVER, true);
  return [{ ...PLC, reason: `answers CODESYS (${operation.name})`, basis: 'behaviour' }];
}

function observeClient({ operation, fields }: Reading<Fields>, context: Context): readonly Observation[] {
  if (operation === OPERATIONS.login) {
    return observeLogin(fields);
  }
  if (operation === OPERATIONS.createSession) {
    return fields.clientHost ? [nameOf(fields.clientHost)] : NOTHING;
  }
  if (operation.effect !== 'program' || context.recall(ENGINEER) === true) {
    return NOTHING;
  }
  context.remember(ENGINEER, true);
  const reason = `asks to ${operation.name}`;
  return [{ kind: 'role', subject: 'sender', role: 'engineering', reason, basis: 'behaviour' }];
}

const CRYPT_XOR = 1;

/** A password under XOR with a number that is sent along can be read by whoever listens. */
function observeLogin({ user, cryptType }: Fields): readonly Observation[] {
  if (user === undefined) {
    return NOTHING;
  }
  const scheme = 'CODESYS device login';
  if (user === '') {
    return [{ kind: 'credential', scheme, secret: 'none' }];
  }
  return [{ kind: 'credential', scheme, user, secret: cryptType === CRYPT_XOR ? 'sent' : 'protected' }];
}

/** The program that asks says nothing of the machine but its name. */
function nameOf(host: string): Observation {
  return { kind: 'identity', subject: 'sender', basis: 'announcement', name: host };
}

function observeSecured(subject: Subject, context: Context): readonly Observation[] {
  if (context.recall(SECURED) === true) {
    return NOTHING;
  }
  context.remember(SECURED, true);
  return [{ kind: 'service', subject, protection: 'encrypted' }];
}
