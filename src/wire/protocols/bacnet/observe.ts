import { type Context, NOTHING, type Reading } from '../../dissector.ts';
import { type Identity, known, type Observation, type Subject } from '../../observation.ts';
import type { Fields } from './fields.ts';
import { OPERATIONS } from './services.ts';
import { BACNET_VENDORS } from './vendors.ts';

const I_AM_ROUTER = 1;

/** What a message says of its sender: once in a conversation for each device that speaks for nothing new. */
export function observations(reading: Reading<Fields>, context: Context): readonly Observation[] {
  const { fields, operation, direction } = reading;
  if (fields.password) {
    return [{ kind: 'credential', scheme: 'bacnet', secret: 'sent' }];
  }
  if (fields.networkMessage === I_AM_ROUTER) {
    return routerOf(fields, context);
  }
  const answers = direction === 'response';
  const announces = operation === OPERATIONS.iAm || operation === OPERATIONS.iHave;
  if (fields.pduType === null || (!answers && !announces)) {
    return NOTHING;
  }
  return deviceOf(fields, announces, context);
}

function deviceOf(fields: Fields, announces: boolean, context: Context): readonly Observation[] {
  const identity = identityOf(fields);
  if (fields.source === undefined && identity === undefined) {
    return NOTHING;
  }
  const key = `bacnet ${fields.source ?? ''} ${fields.originator ?? ''}`;
  const said = identity ? JSON.stringify(identity) : '';
  const before = context.recall(key);
  if (before === said || (said === '' && before !== undefined)) {
    return NOTHING;
  }
  context.remember(key, said);
  const subject = subjectOf(fields);
  const basis = announces ? 'announcement' : 'identification';
  return fields.source === undefined
    ? [{ kind: 'identity', subject, basis, ...identity }]
    : [{ kind: 'behind', subject, device: `network ${fields.source.replace(':', ' address ')}`, basis, ...identity }];
}

/** A broadcast management device passes on what another one sent. */
function subjectOf(fields: Fields): Subject {
  return fields.originator ? { address: fields.originator } : 'sender';
}

function identityOf(fields: Fields): Identity | undefined {
  const { vendorId, vendorName, modelName, firmwareRevision, serialNumber, objectName } = fields;
  const vendor = vendorName ?? (vendorId === undefined ? undefined : BACNET_VENDORS.get(vendorId));
  if (!(vendor || modelName || firmwareRevision || serialNumber || objectName)) {
    return undefined;
  }
  return known({ vendor, product: modelName, firmware: firmwareRevision, serial: serialNumber, name: objectName });
}

function routerOf(fields: Fields, context: Context): readonly Observation[] {
  const key = `bacnet router ${fields.originator ?? ''}`;
  if (context.recall(key) !== undefined) {
    return NOTHING;
  }
  context.remember(key, true);
  const reason = 'announces itself as a BACnet router';
  return [{ kind: 'role', subject: subjectOf(fields), role: 'gateway', reason, basis: 'announcement' }];
}
