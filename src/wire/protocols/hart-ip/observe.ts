import { type Context, NOTHING, type Reading } from '../../dissector.ts';
import { type Identity, known, type Observation } from '../../observation.ts';
import { SUB_DEVICE } from './answers.ts';
import type { Fields } from './fields.ts';
import { HART_MAKERS } from './makers.ts';

const OWN = 'hart own';
/** A device that is asked over its own connection answers at polling address 0; others are on a line behind it. */
const OWN_POLLING_ADDRESS = '0';
const LONG_DIGITS = 10;

/** An address that the server uses for itself, or that of a device behind it. */
export function observe(reading: Reading<Fields>, context: Context): readonly Observation[] {
  const { fields } = reading;
  if (fields.command === undefined) {
    return NOTHING;
  }
  const { uniqueId, address = OWN_POLLING_ADDRESS } = fields;
  const own = context.recall(OWN);
  const addressed = address === OWN_POLLING_ADDRESS || address === own || fields.bridge === true;
  const ofServer = addressed && fields.command !== SUB_DEVICE;
  if (ofServer && uniqueId !== undefined && own !== uniqueId) {
    context.remember(OWN, uniqueId);
  }
  return fresh(fields, ofServer, uniqueId ?? address, context);
}

/** What was not said before in this conversation. */
function fresh(fields: Fields, ofServer: boolean, device: string, context: Context): readonly Observation[] {
  const identity = identityOf(fields);
  if (ofServer ? identity === undefined : device.length !== LONG_DIGITS) {
    return NOTHING;
  }
  const key = ofServer ? 'hart' : `hart ${device}`;
  const said = identity ? JSON.stringify(identity) : '';
  const before = context.recall(key);
  if (before === said || (said === '' && before !== undefined)) {
    return NOTHING;
  }
  context.remember(key, said);
  const basis = 'identification';
  if (!ofServer) {
    return [{ kind: 'behind', subject: 'sender', device: key, basis, ...identity }];
  }
  const observation: Observation = { kind: 'identity', subject: 'sender', basis, ...identity };
  return fields.bridge
    ? [observation, { kind: 'role', subject: 'sender', role: 'gateway', reason: 'passes on HART commands', basis }]
    : [observation];
}

function identityOf(fields: Fields): Identity | undefined {
  const { deviceId, manufacturerId = 0, deviceType = 0, softwareRevision, hardwareRevision, longTag, tag } = fields;
  if (deviceId !== undefined) {
    return known({
      vendor: HART_MAKERS.get(manufacturerId),
      product: `HART device type 0x${deviceType.toString(16).padStart(4, '0')}`,
      firmware: softwareRevision?.toString(),
      hardware: hardwareRevision?.toString(),
      serial: String(deviceId),
      name: longTag,
    });
  }
  const name = longTag ?? tag;
  return name ? { name } : undefined;
}
