import type { Mutable } from '../../../kit/mutable.ts';
import { type Context, defineDissector, defineOperations, Malformed, NOTHING } from '../../dissector.ts';
import { addressText, hexText } from '../../format.ts';
import { known, type Observation, type Role } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { describedBy } from '../../stack/system-description.ts';
import { LONG_TEXT } from '../../text.ts';

interface Fields {
  readonly version: number;
  readonly timeToLive: number;
  readonly deviceId?: string;
  readonly portId?: string;
  readonly addresses?: readonly string[];
  readonly managementAddresses?: readonly string[];
  readonly capabilities?: number;
  readonly softwareVersion?: string;
  readonly platform?: string;
  readonly nativeVlan?: number;
  readonly voiceVlan?: number;
  readonly fullDuplex?: boolean;
  readonly vtpDomain?: string;
  readonly systemName?: string;
}

const OPERATIONS = defineOperations({
  announce: ['announce', 'report'],
  withdraw: ['withdraw', 'report'],
});

const HEADER = 4;
const DEVICE_ID = 0x0001;
const ADDRESSES = 0x0002;
const PORT_ID = 0x0003;
const CAPABILITIES = 0x0004;
const SOFTWARE_VERSION = 0x0005;
const PLATFORM = 0x0006;
const VTP_DOMAIN = 0x0009;
const NATIVE_VLAN = 0x000a;
const DUPLEX = 0x000b;
const VOICE_VLAN = 0x000e;
const SYSTEM_NAME = 0x0014;
const MANAGEMENT_ADDRESSES = 0x0016;
const MOST_ADDRESSES = 16;

const ROUTER = 0x01;
const BRIDGES = 0x02 | 0x04;
const SWITCH = 0x08;
const HOST = 0x10;
const PHONE = 0x80;

const MAKER = 'cisco ';
const SAID = 'said';

export const cdp = defineDissector<Fields>({
  name: 'cdp',
  title: 'Cisco Discovery Protocol',
  source: 'Cisco, "Understanding and Configuring CDP", with the frame format of its LAN switching documentation',
  at: [{ snap: 0x00000c2000 }],
  operations: OPERATIONS,
  // Elements run to the end of the frame.
  whole: false,
  fields: {
    version: 'Version of the protocol',
    timeToLive: 'How long this holds, in seconds; 0 withdraws it',
    deviceId: 'What the device identifies itself by: its name or serial number',
    portId: 'The port that sent this',
    addresses: 'Addresses of the device',
    managementAddresses: 'Addresses by which the device is managed',
    capabilities: 'Bits that say what the device is: 1 router, 8 switch, 16 host, 128 telephone',
    softwareVersion: 'Text about the software, with its version',
    platform: 'Model of the device',
    nativeVlan: 'VLAN of untagged frames at the port',
    voiceVlan: 'VLAN for telephones at the port',
    fullDuplex: 'The port sends and receives at the same time',
    vtpDomain: 'Domain in which switches share their VLANs',
    systemName: 'Name of the device',
  },

  recognise(reader) {
    const version = reader.peek(0);
    const type = (reader.peek(HEADER) << 8) | reader.peek(HEADER + 1);
    return reader.remaining > HEADER && (version === 1 || version === 2) && type < 0x2000 ? 'strong' : 'no';
  },

  read(reader) {
    const draft: Draft = { version: reader.u8(), timeToLive: reader.u8() };
    reader.skip(2); // checksum
    let malformed = false;
    reader.repeatToEnd(() => {
      const type = reader.u16be();
      const length = reader.u16be() - HEADER; // it counts its own header
      malformed ||= length < 0 && !reader.truncated;
      reader.expect(length);
      readElement(reader.sub(length), type, draft);
    });
    if (malformed) {
      return new Malformed('an element shorter than its header');
    }
    const operation = draft.timeToLive === 0 ? OPERATIONS.withdraw : OPERATIONS.announce;
    return { direction: 'report', operation, fields: draft };
  },

  observe({ operation, fields }, context) {
    return operation === OPERATIONS.withdraw || saidBefore(fields, context) ? NOTHING : observeAll(fields);
  },
});

type Draft = Mutable<Fields>;

function readElement(element: Reader, type: number, draft: Draft): void {
  switch (type) {
    case DEVICE_ID:
      draft.deviceId ??= element.text(element.remaining).trim();
      break;
    case ADDRESSES:
      draft.addresses ??= addressList(element);
      break;
    case MANAGEMENT_ADDRESSES:
      draft.managementAddresses ??= addressList(element);
      break;
    case PORT_ID:
      draft.portId ??= element.text(element.remaining).trim();
      break;
    case CAPABILITIES:
      draft.capabilities ??= element.u32be();
      break;
    case SOFTWARE_VERSION:
      draft.softwareVersion ??= element.text(element.remaining, 'utf-8', LONG_TEXT).trim();
      break;
    case PLATFORM:
      draft.platform ??= element.text(element.remaining).trim();
      break;
    case VTP_DOMAIN:
      draft.vtpDomain ??= element.text(element.remaining).trim();
      break;
    case NATIVE_VLAN:
      draft.nativeVlan ??= element.u16be();
      break;
    case VOICE_VLAN:
      element.skip(1);
      draft.voiceVlan ??= element.u16be();
      break;
    case DUPLEX:
      draft.fullDuplex ??= element.u8() === 1;
      break;
    case SYSTEM_NAME:
      draft.systemName ??= element.text(element.remaining).trim();
      break;
    default:
      break;
  }
}

/** Each address tells its protocol first: one byte for IPv4, eight for IPv6. Both are known by their length. */
function addressList(element: Reader): readonly string[] {
  const addresses: string[] = [];
  element.repeat(element.u32be(), () => {
    element.skip(1); // kind of protocol
    element.skip(element.u8());
    const bytes = element.take(element.u16be());
    if (addresses.length < MOST_ADDRESSES && bytes.length > 0) {
      addresses.push(addressText(bytes) ?? hexText(bytes));
    }
  });
  return addresses;
}

function saidBefore(fields: Fields, context: Context): boolean {
  const { deviceId, portId, platform, softwareVersion, capabilities } = fields;
  const said = `${deviceId}\n${portId}\n${platform}\n${softwareVersion}\n${capabilities}`;
  if (context.recall(SAID) === said) {
    return true;
  }
  context.remember(SAID, said);
  return false;
}

function observeAll(fields: Fields): readonly Observation[] {
  const { deviceId, portId, platform } = fields;
  const observations: Observation[] = [];
  const managementAddresses = fields.managementAddresses ?? fields.addresses;
  if (deviceId && portId) {
    const managed = managementAddresses ? { managementAddresses } : {};
    observations.push({ kind: 'neighbour', subject: 'sender', chassis: deviceId, port: portId, ...managed });
  }
  const software = describedBy(fields.softwareVersion ?? '');
  const byCisco = platform?.toLowerCase().startsWith(MAKER) === true;
  const identity = known({
    ...software?.identity,
    ...(byCisco ? { vendor: 'Cisco' } : {}),
    product: byCisco ? platform?.slice(MAKER.length) : platform,
    name: fields.systemName || deviceId,
  });
  if (Object.keys(identity).length > 0) {
    observations.push({ kind: 'identity', subject: 'sender', basis: 'announcement', ...identity });
  }
  const role = roleOf(fields.capabilities ?? 0);
  if (role) {
    const reason = `announces itself as ${role} (CDP)`;
    observations.push({ kind: 'role', subject: 'sender', role, reason, basis: 'announcement' });
  }
  return observations;
}

/** Telephones have a switch inside, and a switch may route. */
function roleOf(capabilities: number): Exclude<Role, 'unknown'> | undefined {
  if (capabilities & PHONE) {
    return 'phone';
  }
  if (capabilities & (SWITCH | BRIDGES)) {
    return capabilities & HOST && !(capabilities & SWITCH) ? undefined : 'switch';
  }
  return capabilities & ROUTER ? 'router' : undefined;
}
