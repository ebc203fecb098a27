import type { Mutable } from '../../../kit/mutable.ts';
import {
  type Context,
  defineDissector,
  defineOperations,
  Malformed,
  NOTHING,
  type Operation,
  type Reading,
} from '../../dissector.ts';
import { type Identity, known, type Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { codes } from '../../stack/message-head.ts';
import { Elements } from '../../stack/xml-elements.ts';

interface Device {
  readonly uuid: string;
  readonly name: string;
  manufacturer?: string;
  model?: string;
  serialNumber?: string;
}

interface Fields {
  readonly document: string;
  agent?: string;
  version?: string;
  instance?: string;
  created?: string;
  devices?: readonly Device[];
  errorCode?: string;
}

type Message = Mutable<Reading<Fields>>;

/** ANSI/MTC1.4, part 1, section 8: the documents by which an agent answers. */
const OPERATIONS = defineOperations({
  probe: ['probe', 'discover'],
  values: ['current or sample', 'read'],
  assets: ['assets', 'read'],
  error: ['error', 'session'],
  unknown: ['unknown document', 'unknown'],
});

const DOCUMENTS: ReadonlyMap<string, Operation> = new Map([
  ['Devices', OPERATIONS.probe],
  ['Streams', OPERATIONS.values],
  ['Assets', OPERATIONS.assets],
  ['Error', OPERATIONS.error],
]);
const ROOT = 'MTConnect';
const ROOT_LETTERS = codes(ROOT);
/** Declarations and comments may come first. */
const SEARCHED = 1024;
const LESS = 0x3c;
const COLON = 0x3a;
const SPACE = 0x20;
const NOT_IN_NAME = -1;
/** No letter follows this one. */
const OTHER_NAME = -2;
const MOST_DEVICES = 64;

const CLOCK = 'mtconnect clock';

export const mtconnect = defineDissector<Fields>({
  name: 'mtconnect',
  title: 'MTConnect',
  source: 'ANSI/MTC1.4, parts 1 and 2',
  at: [{ within: 'http', key: 'xml' }],
  operations: OPERATIONS,
  // The header and the first device say enough; a document that goes on beyond the body's limit is not waited for.
  whole: false,
  fields: {
    document: 'Devices (probe), Streams (current, sample), Assets, Error',
    agent: 'Name of the agent that answers',
    version: 'Version of the agent or of the standard',
    instance: 'Number that changes when the agent starts anew',
    created: 'When the document was written, by the clock of the agent',
    devices: 'Machines that the agent speaks for',
    errorCode: 'Why there is no other answer',
  },

  recognise(reader) {
    return hasRoot(reader) ? 'strong' : 'no';
  },

  read(reader) {
    const elements = new Elements(reader);
    if (!elements.next() || !elements.name.startsWith(ROOT)) {
      return new Malformed('not a document of MTConnect');
    }
    const document = elements.name.slice(ROOT.length);
    const operation = DOCUMENTS.get(document) ?? OPERATIONS.unknown;
    const message: Message = { direction: 'response', operation, fields: { document } };
    if (elements.next() && elements.name === 'Header') {
      readHeader(elements, message.fields);
    }
    if (operation === OPERATIONS.probe) {
      message.fields.devices = readDevices(elements);
    } else if (operation === OPERATIONS.error) {
      readError(elements, message);
    }
    return message;
  },

  observe({ fields }, context) {
    const observations: Observation[] = [];
    const { created, devices = NOTHING } = fields;
    const stated = created === undefined ? Number.NaN : Date.parse(created) * 1000;
    if (!Number.isNaN(stated) && context.recall(CLOCK) === undefined) {
      context.remember(CLOCK, true);
      observations.push({ kind: 'clock', stated, source: 'MTConnect' });
    }
    for (const device of devices) {
      const identity = identityOf(device);
      const key = `mtconnect ${device.uuid || device.name}`;
      if (isNews(key, identity, context)) {
        observations.push(told(key, identity, devices.length === 1));
      }
    }
    return observations.length > 0 ? observations : NOTHING;
  },
});

/** The name of a tag, without its prefix, starts like all roots. */
function hasRoot(reader: Reader): boolean {
  const end = Math.min(reader.remaining, SEARCHED);
  let matched = NOT_IN_NAME;
  for (let at = 0; at < end && matched < ROOT_LETTERS.length; at++) {
    const letter = reader.peek(at);
    if (letter === LESS || (letter === COLON && matched !== NOT_IN_NAME)) {
      matched = 0;
    } else if (letter <= SPACE) {
      matched = NOT_IN_NAME;
    } else if (matched !== NOT_IN_NAME) {
      matched = letter === ROOT_LETTERS[matched] ? matched + 1 : OTHER_NAME;
    }
  }
  return matched === ROOT_LETTERS.length;
}

function readHeader(elements: Elements, fields: Fields): void {
  setText(fields, 'agent', elements.attribute('sender'));
  setText(fields, 'version', elements.attribute('version'));
  setText(fields, 'instance', elements.attribute('instanceId'));
  setText(fields, 'created', elements.attribute('creationTime'));
}

function setText<Name extends string>(into: { [Key in Name]?: string }, name: Name, text: string): void {
  if (text !== '') {
    into[name] = text;
  }
}

/** Part 2: a device begins with its description, if it has one; its components may have others. */
function readDevices(elements: Elements): readonly Device[] {
  const devices: Device[] = [];
  let device: Device | undefined;
  while (devices.length < MOST_DEVICES && elements.next()) {
    if (elements.name === 'Device') {
      device = { uuid: elements.attribute('uuid'), name: elements.attribute('name') };
      devices.push(device);
    } else if (elements.name === 'Description' && device) {
      describe(elements, device);
      device = undefined;
    } else {
      device = undefined;
    }
  }
  return devices;
}

/** Before the attribute for it there was, the model stood in the text. */
function describe(elements: Elements, device: Device): void {
  setText(device, 'manufacturer', elements.attribute('manufacturer'));
  setText(device, 'model', elements.attribute('model') || elements.text());
  setText(device, 'serialNumber', elements.attribute('serialNumber'));
}

function readError(elements: Elements, message: Message): void {
  while (elements.next()) {
    if (elements.name === 'Error') {
      setText(message.fields, 'errorCode', elements.attribute('errorCode'));
      message.refused = message.fields.errorCode ?? 'error';
      return;
    }
  }
}

function identityOf({ manufacturer, model, serialNumber, name }: Device): Identity {
  return known({ vendor: manufacturer, product: model, serial: serialNumber, name });
}

function isNews(key: string, identity: Identity, context: Context): boolean {
  const said = JSON.stringify(identity);
  if (Object.keys(identity).length === 0 || context.recall(key) === said) {
    return false;
  }
  context.remember(key, said);
  return true;
}

/** An agent with one machine runs in or beside it; one with several speaks for them. */
function told(device: string, identity: Identity, isOnly: boolean): Observation {
  const common = { subject: 'sender', basis: 'description', ...identity } as const;
  return isOnly ? { kind: 'identity', ...common } : { kind: 'behind', device, ...common };
}
