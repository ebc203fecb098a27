import { type Context, NOTHING, type Reading } from '../../dissector.ts';
import { type Identity, known, type Observation } from '../../observation.ts';
import { AARE, AARQ, type Fields, GET_ANSWER, OPERATIONS } from './fields.ts';
import { identifies } from './services.ts';

const LOW_LEVEL = 1;
const MANAGEMENT_DEVICE = 1;
const ENCRYPTED = 0x20;
const AUTHENTICATED = 0x10;
const SAID = 'protection';

/** Makers by the three letters that the FLAG Association gave them: only those seen most. */
const MAKERS: ReadonlyMap<string, string> = new Map([
  ['AID', 'Aidon'],
  ['ELS', 'Elster'],
  ['EMH', 'EMH'],
  ['ISK', 'Iskraemeco'],
  ['KAM', 'Kamstrup'],
  ['KFM', 'Kaifa'],
  ['LGZ', 'Landis+Gyr'],
  ['SAG', 'Sagemcom'],
  ['ZIV', 'ZIV'],
]);

export function observe(reading: Reading<Fields>, context: Context): readonly Observation[] {
  const { operation, fields, refused } = reading;
  if (operation === OPERATIONS.encrypted || operation === OPERATIONS.signed) {
    return observeProtection(reading, context);
  }
  if (fields.apdu === AARQ) {
    return observeCredential(fields);
  }
  if (refused !== undefined || (fields.apdu !== AARE && fields.apdu !== GET_ANSWER)) {
    return NOTHING;
  }
  return observeDevice(fields);
}

function observeCredential({ mechanism = 0, secretSent }: Fields): readonly Observation[] {
  const secret = mechanism > LOW_LEVEL ? 'protected' : mechanism === LOW_LEVEL && secretSent ? 'sent' : 'none';
  return [{ kind: 'credential', scheme: 'DLMS', secret }];
}

/** The security header says it of each message; once is enough. */
function observeProtection(
  { direction, fields: { securityControl, systemTitle } }: Reading<Fields>,
  context: Context,
): readonly Observation[] {
  const observations: Observation[] = [];
  const vendor = makerOf(systemTitle);
  if (vendor !== undefined && context.recall(vendor) === undefined) {
    context.remember(vendor, true);
    observations.push({ kind: 'identity', subject: 'sender', basis: 'announcement', vendor });
  }
  if (securityControl !== undefined && context.recall(SAID) === undefined) {
    const isEncrypted = (securityControl & ENCRYPTED) !== 0;
    const protection = isEncrypted ? 'encrypted' : (securityControl & AUTHENTICATED) === 0 ? 'none' : 'signed';
    context.remember(SAID, protection);
    observations.push({ kind: 'service', subject: direction === 'request' ? 'receiver' : 'sender', protection });
  }
  return observations;
}

/** Logical devices other than the first are devices of their own behind the one that has the address. */
function observeDevice(fields: Fields): readonly Observation[] {
  const identity = identityOf(fields);
  if (Object.keys(identity).length === 0) {
    return NOTHING;
  }
  const { source } = fields;
  const basis = fields.apdu === AARE ? 'announcement' : 'identification';
  return source === MANAGEMENT_DEVICE || fields.apdu === AARE
    ? [{ kind: 'identity', subject: 'sender', basis, ...identity }]
    : [{ kind: 'behind', subject: 'sender', device: `logical device ${source}`, basis, ...identity }];
}

function identityOf({ systemTitle, object, value, objects = [], values = [] }: Fields): Identity {
  const said: { -readonly [Key in keyof Identity]?: string | undefined } = { vendor: makerOf(systemTitle) };
  const named = value === undefined ? values : [value];
  const names = value === undefined ? objects.map((one) => one.object) : [object ?? ''];
  for (const [at, text] of named.entries()) {
    const what = identifies(names[at] ?? '');
    if (what !== undefined) {
      said[what] = text;
    }
    if (what === 'name') {
      said.vendor ??= makerOf(text);
    }
  }
  return known(said);
}

function makerOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : MAKERS.get(text.slice(0, 3));
}
