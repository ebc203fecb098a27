import type { Mutable } from '../../../kit/mutable.ts';
import { type Context, defineDissector, defineOperations, Malformed, NOTHING } from '../../dissector.ts';
import { addressText, hexText, macText } from '../../format.ts';
import { type Identity, known, type Observation, type Role } from '../../observation.ts';
import type { Reader } from '../../reader.ts';
import { describedBy } from '../../stack/system-description.ts';

interface Fields {
  readonly chassisIdSubtype: number;
  readonly chassisId: string;
  readonly portIdSubtype: number;
  readonly portId: string;
  readonly timeToLive: number;
  readonly portDescription?: string;
  readonly systemName?: string;
  readonly systemDescription?: string;
  readonly capabilities?: number;
  readonly enabledCapabilities?: number;
  readonly managementAddresses?: readonly string[];
  readonly portVlan?: number;
  readonly profinet?: boolean;
  readonly chassisMac?: string;
  readonly medClass?: number;
  readonly inventory?: Identity;
}

const OPERATIONS = defineOperations({
  announce: ['announce', 'report'],
  withdraw: ['withdraw', 'report'],
});

/** IEEE 802.1AB, table 8-1. */
const END = 0;
const CHASSIS_ID = 1;
const PORT_ID = 2;
const TIME_TO_LIVE = 3;
const PORT_DESCRIPTION = 4;
const SYSTEM_NAME = 5;
const SYSTEM_DESCRIPTION = 6;
const CAPABILITIES = 7;
const MANAGEMENT_ADDRESS = 8;
const ORGANISATION = 127;

/** Tables 8-2 and 8-3. */
const CHASSIS_MAC = 4;
const CHASSIS_ADDRESS = 5;
const PORT_MAC = 3;
const PORT_ADDRESS = 4;
const LOCAL = 7;
const MAC = 6;
const MOST_ADDRESSES = 16;

/** Table 8-4. */
const BRIDGE = 0x04;
const ROUTER = 0x10;
const TELEPHONE = 0x20;
const STATION_ONLY = 0x80;

/** Organisations that define TLVs of their own: IEEE 802.1, PROFIBUS and PROFINET, TIA (LLDP-MED). */
const IEEE_8021 = 0x0080c2;
const PROFINET = 0x000ecf;
const TIA = 0x0012bb;
const PORT_VLAN = 1;
/** IEC 61158-6-10: the MAC address of the interface that all ports share. */
const PROFINET_CHASSIS_MAC = 5;
/** ANSI/TIA-1057, section 10.2. */
const MED_CAPABILITIES = 1;
const MED_COMMUNICATION_DEVICE = 3;
const MED_INVENTORY: ReadonlyMap<number, keyof Identity> = new Map([
  [5, 'hardware'],
  [6, 'firmware'],
  [7, 'firmware'],
  [8, 'serial'],
  [9, 'vendor'],
  [10, 'product'],
]);

const SAID = 'said';

export const lldp = defineDissector<Fields>({
  name: 'lldp',
  title: 'LLDP',
  source: 'IEEE 802.1AB-2016; IEC 61158-6-10 (PROFINET); ANSI/TIA-1057 (LLDP-MED)',
  at: [{ ethertype: 0x88cc }],
  operations: OPERATIONS,
  fields: {
    chassisIdSubtype: 'What the chassis id is: 4 MAC address, 5 network address, 7 local text',
    chassisId: 'What the device identifies itself by',
    portIdSubtype: 'What the port id is: 3 MAC address, 5 interface name, 7 local text',
    portId: 'The port that sent this',
    timeToLive: 'How long this holds, in seconds; 0 withdraws it',
    portDescription: 'Description of the port',
    systemName: 'Name of the device',
    systemDescription: 'Description of the device: often model, version, serial number',
    capabilities: 'Bits that say what the device can be: 4 bridge, 16 router, 32 telephone, 128 station',
    enabledCapabilities: 'Bits that say what the device is at present',
    managementAddresses: 'Addresses by which the device is managed',
    portVlan: 'VLAN of untagged frames at the port',
    profinet: 'The device speaks PROFINET',
    chassisMac: 'MAC address of the PROFINET interface',
    medClass: 'Class of an LLDP-MED device: 3 is a telephone, 4 a switch',
    inventory: 'What the device says of itself in LLDP-MED',
  },

  recognise(reader) {
    const header = (reader.peek(0) << 8) | reader.peek(1);
    return reader.remaining > 2 && header >> 9 === CHASSIS_ID && (header & 0x1ff) >= 2 ? 'strong' : 'no';
  },

  read(reader) {
    const draft: Draft = { chassisIdSubtype: 0, chassisId: '', portIdSubtype: 0, portId: '', timeToLive: 0 };
    let seen = 0;
    while (reader.step()) {
      const header = reader.u16be();
      const type = header >> 9;
      if (type === END) {
        break;
      }
      const length = header & 0x1ff;
      reader.expect(length);
      const element = reader.sub(length);
      // Section 8.2: these three come first, in this order.
      if (seen < TIME_TO_LIVE && type !== seen + 1 && !reader.truncated) {
        return new Malformed(`element ${type} where ${seen + 1} must stand`);
      }
      seen++;
      if (seen > TIME_TO_LIVE && type <= TIME_TO_LIVE) {
        continue; // a second one says nothing
      }
      readElement(element, type, draft);
    }
    const operation = seen > 0 && draft.timeToLive === 0 ? OPERATIONS.withdraw : OPERATIONS.announce;
    return { direction: 'report', operation, fields: draft };
  },

  observe({ operation, fields }, context) {
    return operation === OPERATIONS.withdraw || saidBefore(fields, context) ? NOTHING : observeAll(fields);
  },
});

type Draft = Mutable<Fields>;

function readElement(element: Reader, type: number, draft: Draft): void {
  switch (type) {
    case CHASSIS_ID:
      draft.chassisIdSubtype = element.u8();
      draft.chassisId = idText(element, draft.chassisIdSubtype, CHASSIS_MAC, CHASSIS_ADDRESS);
      break;
    case PORT_ID:
      draft.portIdSubtype = element.u8();
      draft.portId = idText(element, draft.portIdSubtype, PORT_MAC, PORT_ADDRESS);
      break;
    case TIME_TO_LIVE:
      draft.timeToLive = element.u16be();
      break;
    case PORT_DESCRIPTION:
      draft.portDescription ??= element.text(element.remaining).trim();
      break;
    case SYSTEM_NAME:
      draft.systemName ??= element.text(element.remaining).trim();
      break;
    case SYSTEM_DESCRIPTION:
      draft.systemDescription ??= element.text(element.remaining).trim();
      break;
    case CAPABILITIES:
      draft.capabilities ??= element.u16be();
      draft.enabledCapabilities ??= element.u16be();
      break;
    case MANAGEMENT_ADDRESS:
      readManagementAddress(element, draft);
      break;
    case ORGANISATION:
      readOrganisation(element, draft);
      break;
    default:
      break;
  }
}

/** Section 8.5.2 and 8.5.3: an id is an address or text, as its subtype says. */
function idText(element: Reader, subtype: number, mac: number, address: number): string {
  if (subtype === mac && element.remaining === MAC) {
    return macText(element.rest());
  }
  if (subtype === address && element.remaining > 1) {
    element.skip(1); // family
    const bytes = element.rest();
    return addressText(bytes) ?? hexText(bytes);
  }
  return subtype === mac ? hexText(element.rest()) : element.text(element.remaining).trim();
}

/** Section 8.5.9: the address's family and bytes come behind their length. */
function readManagementAddress(element: Reader, draft: Draft): void {
  const length = element.u8();
  element.skip(1); // family
  const address = addressText(element.take(length - 1));
  const known = draft.managementAddresses ?? NOTHING;
  if (address !== undefined && known.length < MOST_ADDRESSES) {
    draft.managementAddresses = [...known, address];
  }
}

function readOrganisation(element: Reader, draft: Draft): void {
  const organisation = element.u24be();
  const subtype = element.u8();
  if (organisation === IEEE_8021 && subtype === PORT_VLAN) {
    draft.portVlan ??= element.u16be();
  } else if (organisation === PROFINET) {
    draft.profinet = true;
    if (subtype === PROFINET_CHASSIS_MAC && element.remaining >= MAC) {
      draft.chassisMac ??= macText(element.take(MAC));
    }
  } else if (organisation === TIA) {
    readMed(element, subtype, draft);
  }
}

function readMed(element: Reader, subtype: number, draft: Draft): void {
  const attribute = MED_INVENTORY.get(subtype);
  if (subtype === MED_CAPABILITIES) {
    element.skip(2); // capabilities
    draft.medClass ??= element.u8();
  } else if (attribute) {
    const value = element.text(element.remaining).trim();
    draft.inventory = { ...draft.inventory, ...known({ [attribute]: value }) };
  }
}

/** Devices repeat themselves every few seconds; only what is new is told. */
function saidBefore(fields: Fields, context: Context): boolean {
  const { chassisId, portId, systemName, systemDescription, enabledCapabilities } = fields;
  const said = `${chassisId}\n${portId}\n${systemName}\n${systemDescription}\n${enabledCapabilities}`;
  if (context.recall(SAID) === said) {
    return true;
  }
  context.remember(SAID, said);
  return false;
}

function observeAll(fields: Fields): readonly Observation[] {
  const { chassisId, portId, managementAddresses } = fields;
  const observations: Observation[] = [
    {
      kind: 'neighbour',
      subject: 'sender',
      chassis: chassisId,
      port: portId,
      ...(managementAddresses ? { managementAddresses } : {}),
    },
  ];
  const described = describedBy(fields.systemDescription ?? '');
  const announced = {
    ...profinetIdentity(fields),
    ...(described?.certain ? described.identity : {}),
    ...fields.inventory,
    ...known({ name: fields.systemName || stationName(fields) }),
  };
  if (Object.keys(announced).length > 0) {
    observations.push({ kind: 'identity', subject: 'sender', basis: 'announcement', ...announced });
  }
  if (described && !described.certain) {
    observations.push({ kind: 'identity', subject: 'sender', basis: 'description', ...described.identity });
  }
  const role = roleOf(fields);
  if (role) {
    const reason = `announces itself as ${role} (LLDP)`;
    observations.push({ kind: 'role', subject: 'sender', role, reason, basis: 'announcement' });
  } else if (described?.role) {
    const reason = 'its LLDP description names the product';
    observations.push({ kind: 'role', subject: 'sender', role: described.role, reason, basis: 'description' });
  }
  return observations;
}

/** Field devices with a switch of two ports call themselves bridge as well as station: they are no switches. */
function roleOf({ enabledCapabilities = 0, medClass }: Fields): Exclude<Role, 'unknown'> | undefined {
  if (medClass === MED_COMMUNICATION_DEVICE || enabledCapabilities & TELEPHONE) {
    return 'phone';
  }
  if (enabledCapabilities & STATION_ONLY) {
    return undefined;
  }
  if (enabledCapabilities & BRIDGE) {
    return 'switch';
  }
  return enabledCapabilities & ROUTER ? 'router' : undefined;
}

/** IEC 61158-6-10: the name of station is the chassis id, or, since version 2.4, stands behind the port's name. */
function stationName({ profinet, chassisIdSubtype, chassisId, portId }: Fields): string | undefined {
  if (!profinet) {
    return undefined;
  }
  const dot = portId.indexOf('.');
  if (portId.startsWith('port-') && dot > 0) {
    return portId.slice(dot + 1);
  }
  return chassisIdSubtype === LOCAL && !chassisId.includes(' ') ? chassisId : undefined;
}

/** Since version 2.4 the chassis id may be one text of columns: type 25, order number 20, serial number 16, hardware 5, software. */
function profinetIdentity({ profinet, chassisIdSubtype, chassisId }: Fields): Identity {
  const columns =
    chassisIdSubtype === LOCAL && chassisId.length >= 75 && chassisId[25] === ' ' && chassisId[63] === ' ';
  if (!profinet || !columns) {
    return {};
  }
  const software = /^([VRPUT]) *(\d{1,3}) +(\d{1,3}) +(\d{1,3})$/.exec(chassisId.slice(70).trim());
  return known({
    product: chassisId.slice(0, 25).trim(),
    orderNumber: chassisId.slice(26, 46).trim(),
    serial: chassisId.slice(47, 63).trim(),
    hardware: chassisId.slice(64, 69).trim(),
    firmware: software ? `${software[1]}${software[2]}.${software[3]}.${software[4]}` : undefined,
  });
}
