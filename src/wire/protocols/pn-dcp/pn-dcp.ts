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
import { ipv4Text } from '../../format.ts';
import { type Identity, known, type Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { FIRST_DCP_FRAME, LAST_DCP_FRAME, profinetVendor } from '../../stack/profinet.ts';

interface Fields {
  readonly frameId: number;
  readonly serviceId: number;
  readonly serviceType: number;
  readonly xid: number;
  readonly blocks: readonly Block[];
  readonly stationName?: string;
  readonly stationType?: string;
  readonly alias?: string;
  readonly vendorId?: number;
  readonly deviceId?: number;
  readonly roles?: number;
  readonly address?: string;
  readonly mask?: string;
  readonly gateway?: string;
}

interface Block {
  readonly option: number;
  readonly suboption: number;
  /** In the answer to a set: why this block was not set, 0 where it was. */
  readonly error?: number;
}

type Properties = Partial<Mutable<Omit<Fields, 'blocks'>>>;

/** Section 4.3.1.3: the services, and what a set does by what it sets. */
const OPERATIONS = defineOperations({
  get: ['get', 'discover'],
  identify: ['identify', 'discover'],
  hello: ['hello', 'report'],
  setName: ['set station name', 'configure'],
  setAddress: ['set IP address', 'configure'],
  set: ['set', 'configure'],
  signal: ['signal', 'control'],
  reset: ['reset to factory settings', 'control'],
  unknown: ['unknown service', 'unknown'],
});

/** Sets that say several things are named after the one that weighs most. */
const WEIGHT: readonly Operation[] = [
  OPERATIONS.set,
  OPERATIONS.setAddress,
  OPERATIONS.setName,
  OPERATIONS.signal,
  OPERATIONS.reset,
];

const GET = 3;
const SET = 4;
const IDENTIFY = 5;
const HELLO = 6;
const RESPONSE_BIT = 1;
const NOT_SUPPORTED_BIT = 4;

/** Section 4.3.1.4: options, and the suboptions that are read here. */
const IP = 1;
const PROPERTIES = 2;
const CONTROL = 5;
const IP_PARAMETER = 2;
const IP_SUITE = 3;
const STATION_TYPE = 1;
const STATION_NAME = 2;
const DEVICE_ID = 3;
const DEVICE_ROLE = 4;
const ALIAS = 6;
const SIGNAL = 3;
const CONTROL_RESPONSE = 4;
const FACTORY_RESET = 5;
const RESET_TO_FACTORY = 6;

const NO_ADDRESS = '0.0.0.0';

const ROLE_DEVICE = 1;
const ROLE_CONTROLLER = 2;
const ROLE_MULTI_DEVICE = 4;
const ROLE_SUPERVISOR = 8;

/** Section 4.3.1.4.20. */
const ERRORS: readonly string[] = [
  'no error',
  'option not supported',
  'suboption not supported or no data',
  'suboption not set',
  'resource error',
  'not possible for local reasons',
  'not possible in operation',
];

export const pnDcp = defineDissector<Fields>({
  name: 'pn_dcp',
  title: 'PROFINET DCP',
  source: 'IEC 61158-6-10, section 4.3: discovery and basic configuration protocol',
  at: [{ ethertype: 0x8892 }],
  operations: OPERATIONS,
  fields: {
    frameId: '0xFEFC hello, 0xFEFD get and set, 0xFEFE identify, 0xFEFF its answer',
    serviceId: '3 get, 4 set, 5 identify, 6 hello',
    serviceType: '0 request, 1 response, 5 response: not supported',
    xid: 'Pairs a response with its request',
    blocks: 'What is asked for, set or told, by option and suboption; in the answer to a set with the error',
    stationName: 'Name of the station: asked for, set, or told',
    stationType: 'Type of the station, as the maker calls it',
    alias: 'Another name under which the station can be asked for',
    vendorId: 'The maker, as numbered by PROFIBUS & PROFINET International',
    deviceId: 'The kind of device, as numbered by the maker',
    roles: 'Bits: 1 device, 2 controller, 4 several devices, 8 supervisor',
    address: 'IP address: set or told',
    mask: 'Network mask beside the address',
    gateway: 'Router beside the address; 0.0.0.0 or the own address means none',
  },

  recognise(reader) {
    const frameId = (reader.peek(0) << 8) | reader.peek(1);
    return frameId >= FIRST_DCP_FRAME && frameId <= LAST_DCP_FRAME ? 'strong' : 'no';
  },

  read(reader, context) {
    const frameId = reader.u16be();
    const serviceId = reader.u8();
    const serviceType = reader.u8();
    const xid = reader.u32be();
    reader.skip(2); // response delay
    reader.limit(reader.u16be());
    if (!reader.truncated && (frameId < FIRST_DCP_FRAME || frameId > LAST_DCP_FRAME)) {
      return new Malformed(`frame id ${frameId} is not one of DCP`);
    }
    const response = (serviceType & RESPONSE_BIT) === 1;
    const said: Properties = {};
    const blocks = readBlocks(reader, serviceId, response, said);
    const fields: Fields = { frameId, serviceId, serviceType, xid, blocks, ...said };
    // A refusal without blocks names what was asked for only by its number.
    const asked = response && blocks.length === 0 ? context.question(xid)?.operation : undefined;
    const operation = asked ?? operationOf(serviceId, blocks);
    if (serviceId === HELLO) {
      return { direction: 'report', operation, fields };
    }
    if (!response) {
      const like = serviceId * 0x10000 + (blocks[0] ? blocks[0].option * 256 + blocks[0].suboption : 0);
      return { direction: 'request', operation, pair: xid, like, proves: !context.toMany, fields };
    }
    const refused = refusalOf(serviceType, blocks);
    const answer: Reading<Fields> = { direction: 'response', operation, pair: xid, fields };
    return refused === undefined ? answer : { ...answer, refused };
  },

  observe({ direction, operation, fields, pair, refused }, context) {
    if (direction === 'request' || refused !== undefined) {
      return NOTHING;
    }
    return fields.serviceId === SET ? observeSet(operation, pair, context) : observeStation(fields);
  },
});

/** A get names what it wants without a length; answers and sets carry two more bytes before each value. */
/** More than a frame of any usual length holds. */
const MOST_BLOCKS = 1024;

function readBlocks(reader: Reader, serviceId: number, response: boolean, said: Properties): readonly Block[] {
  const blocks: Block[] = [];
  const bare = serviceId === GET && !response;
  const marked = response || serviceId === HELLO || serviceId === SET;
  reader.repeatToEnd(() => {
    if (blocks.length >= MOST_BLOCKS) {
      reader.exhausted = true;
      return;
    }
    const option = reader.u8();
    const suboption = reader.u8();
    if (bare) {
      blocks.push({ option, suboption });
      return;
    }
    const length = reader.u16be();
    reader.expect(length);
    const value = reader.sub(length);
    if (length % 2 === 1 && reader.remaining > 0) {
      reader.skip(1);
    }
    if (option === CONTROL && suboption === CONTROL_RESPONSE && response) {
      blocks.push({ option: value.u8(), suboption: value.u8(), error: value.u8() });
      return;
    }
    if (marked && value.remaining >= 2) {
      value.skip(2); // block information or qualifier
    }
    blocks.push({ option, suboption });
    if (value.remaining > 0) {
      readProperty(value, option, suboption, said);
    }
  });
  return blocks;
}

function readProperty(value: Reader, option: number, suboption: number, said: Properties): void {
  if (option === IP && (suboption === IP_PARAMETER || suboption === IP_SUITE) && value.remaining >= 12) {
    said.address = ipv4Text(value.u32be());
    said.mask = ipv4Text(value.u32be());
    said.gateway = ipv4Text(value.u32be());
  } else if (option === PROPERTIES) {
    readDeviceProperty(value, suboption, said);
  }
}

function readDeviceProperty(value: Reader, suboption: number, said: Properties): void {
  switch (suboption) {
    case STATION_TYPE:
      said.stationType = value.text(value.remaining, 'latin-1').trim();
      break;
    case STATION_NAME:
      said.stationName = value.text(value.remaining).trim();
      break;
    case ALIAS:
      said.alias = value.text(value.remaining).trim();
      break;
    case DEVICE_ID:
      if (value.remaining >= 4) {
        said.vendorId = value.u16be();
        said.deviceId = value.u16be();
      }
      break;
    case DEVICE_ROLE:
      said.roles = value.u8();
      break;
    default:
  }
}

function operationOf(serviceId: number, blocks: readonly Block[]): Operation {
  switch (serviceId) {
    case GET:
      return OPERATIONS.get;
    case SET:
      return setOf(blocks);
    case IDENTIFY:
      return OPERATIONS.identify;
    case HELLO:
      return OPERATIONS.hello;
    default:
      return OPERATIONS.unknown;
  }
}

function setOf(blocks: readonly Block[]): Operation {
  let weight = 0;
  for (const { option, suboption } of blocks) {
    weight = Math.max(weight, WEIGHT.indexOf(blockOperation(option, suboption)));
  }
  return WEIGHT[weight] ?? OPERATIONS.set;
}

function blockOperation(option: number, suboption: number): Operation {
  if (option === IP) {
    return OPERATIONS.setAddress;
  }
  if (option === PROPERTIES && suboption === STATION_NAME) {
    return OPERATIONS.setName;
  }
  if (option !== CONTROL) {
    return OPERATIONS.set;
  }
  if (suboption === FACTORY_RESET || suboption === RESET_TO_FACTORY) {
    return OPERATIONS.reset;
  }
  return suboption === SIGNAL ? OPERATIONS.signal : OPERATIONS.set;
}

function refusalOf(serviceType: number, blocks: readonly Block[]): string | undefined {
  if (serviceType & NOT_SUPPORTED_BIT) {
    return 'service not supported';
  }
  const error = blocks.find((block) => block.error !== undefined && block.error !== 0)?.error;
  return error === undefined ? undefined : (ERRORS[error] ?? `error ${error}`);
}

/** The device took the name it was given. */
function observeSet(operation: Operation, pair: Reading['pair'], context: Context): readonly Observation[] {
  if (operation !== OPERATIONS.setName || pair === undefined) {
    return NOTHING;
  }
  const question = context.question(pair)?.fields as Fields | undefined;
  const name = question?.stationName;
  return name ? [{ kind: 'identity', subject: 'sender', basis: 'announcement', name }] : NOTHING;
}

function observeStation(fields: Fields): readonly Observation[] {
  const observations: Observation[] = [];
  const vendor = profinetVendor(fields.vendorId);
  const identity: Identity = known({ vendor, product: fields.stationType, name: fields.stationName });
  if (identity.vendor ?? identity.product ?? identity.name) {
    observations.push({ kind: 'identity', subject: 'sender', basis: 'announcement', ...identity });
  }
  if (fields.address !== undefined && fields.address !== NO_ADDRESS) {
    observations.push({ kind: 'address', address: fields.address, via: 'discovery' });
  }
  const role = roleOf(fields.roles ?? 0);
  if (role !== undefined) {
    observations.push({ kind: 'role', subject: 'sender', basis: 'announcement', ...role });
  }
  return observations;
}

function roleOf(roles: number): { readonly role: 'plc' | 'io' | 'engineering'; readonly reason: string } | undefined {
  if (roles & ROLE_CONTROLLER) {
    return { role: 'plc', reason: 'says over DCP that it is a PROFINET controller' };
  }
  if (roles & (ROLE_DEVICE | ROLE_MULTI_DEVICE)) {
    return { role: 'io', reason: 'says over DCP that it is a PROFINET device' };
  }
  return roles & ROLE_SUPERVISOR
    ? { role: 'engineering', reason: 'says over DCP that it is a PROFINET supervisor' }
    : undefined;
}
