import type { Context } from '../../dissector.ts';
import {
  type Basis,
  type Identity,
  known,
  type Observation,
  type RoleObservation,
  type Subject,
} from '../../observation.ts';
import { describedBy } from '../../stack/system-description.ts';
import { MAKERS } from './enterprises.ts';

export interface SnmpObject {
  readonly name: string;
  readonly value?: number | string;
}

/** Objects that say what the device is. MIB-II: RFC 3418; bridge: RFC 4188; printer: RFC 3805; entity: RFC 6933. */
const SYSTEM = '1.3.6.1.2.1.1.';
const SYS_DESCR = '1.3.6.1.2.1.1.1.0';
const SYS_OBJECT_ID = '1.3.6.1.2.1.1.2.0';
const SYS_NAME = '1.3.6.1.2.1.1.5.0';
const SYS_SERVICES = '1.3.6.1.2.1.1.7.0';
const BRIDGE_PORTS = '1.3.6.1.2.1.17.1.2.0';
const PRINTER = '1.3.6.1.2.1.43.';
const PRINTER_SERIAL = '1.3.6.1.2.1.43.5.1.1.17.';
const ENTITY = '1.3.6.1.2.1.47.1.1.1.1.';
const ENTERPRISES = '1.3.6.1.4.1.';

/** Columns of the entity table. */
const ENTITY_CLASS = 5;
const ENTITY_COLUMNS: ReadonlyMap<number, keyof Identity> = new Map([
  [8, 'hardware'],
  [9, 'firmware'],
  [10, 'firmware'],
  [11, 'serial'],
  [12, 'vendor'],
  [13, 'product'],
]);
/** PhysicalClass of RFC 6933. */
const CHASSIS = 3;
const MODULE = 9;

/** sysServices: layer 2 with or without layer 1, and nothing above it (RFC 3418). */
const BRIDGE_ONLY: ReadonlySet<number> = new Set([2, 3]);

/** What the objects of an answer say about the device that answered. */
export function observeObjects(objects: readonly SnmpObject[], subject: Subject, context: Context): Observation[] {
  const observations: Observation[] = [];
  let described: Identity = {};
  const entities = new Map<number, Identity>();
  for (const { name, value } of objects) {
    if (value === undefined) {
      continue;
    }
    if (name.startsWith(ENTITY)) {
      collectEntity(entities, { name, value }, context);
    } else if (typeof value === 'string' && name.startsWith(SYSTEM)) {
      described = { ...described, ...ofSystem(name, value) };
    } else if (typeof value === 'string' && name.startsWith(PRINTER_SERIAL)) {
      observations.push({ kind: 'identity', subject, basis: 'identification', serial: value.trim() });
    }
  }
  observeRoles(observations, objects, subject, context);
  if (Object.keys(described).length > 0) {
    observations.push({ kind: 'identity', subject, basis: 'description', ...described });
  }
  for (const [index, identity] of entities) {
    observations.push(ofEntity(index, identity, subject, context));
  }
  return observations;
}

/** The maker by an object identifier below `enterprises`, or nothing where the number is not known. */
export function makerOf(objectId: string): string | undefined {
  return objectId.startsWith(ENTERPRISES)
    ? MAKERS.get(Number.parseInt(objectId.slice(ENTERPRISES.length), 10))
    : undefined;
}

function ofSystem(name: string, value: string): Identity {
  switch (name) {
    case SYS_DESCR:
      return describe(value.trim());
    case SYS_OBJECT_ID:
      return known({ vendor: makerOf(value) });
    case SYS_NAME:
      return known({ name: value.trim() });
    default:
      return {};
  }
}

/** Windows names its hardware before its version; the other forms are those that LLDP shows too. */
function describe(text: string): Identity {
  const windows = /Software:\s*(Windows[^(]*?)\s*(?:\(|$)/i.exec(text)?.[1];
  return windows === undefined ? (describedBy(text)?.identity ?? {}) : known({ os: windows });
}

/** Columns are usually walked one after the other, the class among the first: it is remembered until the others come. */
function collectEntity(entities: Map<number, Identity>, { name, value }: SnmpObject, context: Context): void {
  const [column = 0, index = 0] = name.slice(ENTITY.length).split('.').map(Number);
  if (column === ENTITY_CLASS && typeof value === 'number') {
    context.remember(`entity ${index}`, value);
    return;
  }
  const attribute = ENTITY_COLUMNS.get(column);
  if (attribute && typeof value === 'string' && value.trim() !== '') {
    entities.set(index, { ...entities.get(index), [attribute]: value.trim() });
  }
}

function ofEntity(index: number, identity: Identity, subject: Subject, context: Context): Observation {
  const basis: Basis = 'identification';
  const kind = context.recall(`entity ${index}`) ?? (index === 1 ? CHASSIS : MODULE);
  return kind === CHASSIS
    ? { kind: 'identity', subject, basis, ...identity }
    : { kind: 'module', subject, basis, slot: index, ...identity };
}

function observeRoles(
  observations: Observation[],
  objects: readonly SnmpObject[],
  subject: Subject,
  context: Context,
): void {
  for (const { name, value } of objects) {
    const role = value === undefined ? undefined : roleOf(name, value);
    if (role && context.recall(role.role) === undefined) {
      context.remember(role.role, true);
      observations.push({ kind: 'role', subject, ...role });
    }
  }
}

type SeenRole = { readonly role: RoleObservation['role']; readonly reason: string; readonly basis: Basis };

function roleOf(name: string, value: number | string): SeenRole | undefined {
  if (name === SYS_SERVICES && typeof value === 'number' && BRIDGE_ONLY.has(value)) {
    return { role: 'switch', reason: 'says over SNMP that it serves layer 2 only', basis: 'description' };
  }
  if (name === BRIDGE_PORTS && typeof value === 'number' && value > 2) {
    return { role: 'switch', reason: `says over SNMP that it bridges ${value} ports`, basis: 'description' };
  }
  if (name === SYS_DESCR && typeof value === 'string') {
    const role = describedBy(value)?.role;
    return role && { role, reason: 'describes itself so over SNMP', basis: 'description' };
  }
  return name.startsWith(PRINTER)
    ? { role: 'printer', reason: 'answers the printer objects of SNMP', basis: 'behaviour' }
    : undefined;
}
