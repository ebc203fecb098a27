import { addressWords } from '../kit/subnet.ts';
import { addressText } from '../wire/format.ts';
import type { Role } from '../wire/observation.ts';
import { STATED_NAMES, type StatedName } from './known-asset.ts';

/** What a person or a document can say of an asset. It stands beside what was observed and never takes its place. */
export type StatedAttribute = StatedName;

/** By attribute; lists as one text with `; ` between. Absent: nobody said. */
export type Stated = { readonly [attribute in StatedAttribute]?: string };

/** Most characters of one attribute. */
export const LONGEST_STATED = 1024;
/** Between the parts of a list in one text. */
export const LIST_SEPARATOR = '; ';

/** The attributes that hold lists. */
export const LISTS: ReadonlySet<StatedAttribute> = new Set(['mac', 'address', 'vlan', 'services', 'software']);

export function listOf(text: string | undefined): readonly string[] {
  return text === undefined || text === '' ? [] : text.split(LIST_SEPARATOR);
}

/** Undefined where it is empty. */
export function listText(parts: Iterable<string>): string | undefined {
  const all = [...new Set(parts)];
  return all.length === 0 ? undefined : all.join(LIST_SEPARATOR);
}

/** The value in the form in which it is kept and compared; undefined where it is none of this attribute. */
export function statedValue(attribute: StatedAttribute, value: string): string | undefined {
  const text = value.replaceAll('\0', '').toWellFormed().normalize('NFC').trim();
  if (text === '' || text.length > LONGEST_STATED) {
    return undefined;
  }
  switch (attribute) {
    case 'role':
      return Object.hasOwn(ROLES, text) ? text : undefined;
    case 'purdueLevel':
      return /^[0-5](?:\.5)?$/.test(text) ? text : undefined;
    case 'mac':
      return listWith(text, macOf);
    case 'address':
      return listWith(text, addressOf);
    case 'vlan':
      return listWith(text, vlanOf);
    default:
      return text;
  }
}

function listWith(text: string, read: (part: string) => string | undefined): string | undefined {
  const parts = text.split(/[;,\s]+/).filter((part) => part !== '');
  const values = parts.map(read);
  return values.every((value) => value !== undefined) ? listText(values) : undefined;
}

/** `00:1c:06:00:00:01`, whichever way its octets are parted: by colon, hyphen, dots of Cisco, or nothing. */
export function macOf(text: string): string | undefined {
  const digits = text.toLowerCase().replaceAll(/[:.-]/g, '');
  return /^[\da-f]{12}$/.test(digits) ? (digits.match(/../g) ?? []).join(':') : undefined;
}

/** An IPv4 or IPv6 address as the engine writes it; a prefix length behind it is left out. */
export function addressOf(text: string): string | undefined {
  const [address = '', bits = ''] = text.trim().split('/');
  const words = /^\d{0,3}$/.test(bits) ? addressWords(address) : undefined;
  if (words === undefined) {
    return undefined;
  }
  const bytes = Uint8Array.from(words.flatMap((word) => [word >>> 24, word >>> 16, word >>> 8, word]));
  return addressText(bytes);
}

function vlanOf(text: string): string | undefined {
  return /^\d{1,4}$/.test(text) && Number(text) <= 4095 ? String(Number(text)) : undefined;
}

const ROLES = {
  plc: true,
  rtu: true,
  io: true,
  drive: true,
  robot: true,
  safety: true,
  hmi: true,
  engineering: true,
  historian: true,
  scada: true,
  gateway: true,
  switch: true,
  router: true,
  firewall: true,
  server: true,
  workstation: true,
  printer: true,
  camera: true,
  phone: true,
  clock: true,
} as const satisfies Record<Exclude<Role, 'unknown'>, true>;

/** What people write for a role, in parts of words, the more special first. */
const ROLE_WORDS: readonly (readonly [words: RegExp, role: Role])[] = [
  [/\b(safety|failsafe|sicherheits(steuerung|sps))\b/, 'safety'],
  [/\b(plc|sps|steuerung|pac)\b/, 'plc'],
  [/\b(rtu|fernwirk\w*)\b/, 'rtu'],
  [/\b(remote ?i\/?o|i\/?o|e\/?a|io[- ]?module?|et ?200\w*)\b/, 'io'],
  [/\b(drive|vfd|antrieb|umrichter|frequenzumrichter|inverter)\b/, 'drive'],
  [/\b(robot\w*)\b/, 'robot'],
  [/\b(hmi|panel|bedien\w*|touch\w*)\b/, 'hmi'],
  [/\b(engineering\w*|ews|programmier\w*)\b/, 'engineering'],
  [/\b(historian|archiv\w*)\b/, 'historian'],
  [/\b(scada|leit(system|technik|stand))\b/, 'scada'],
  [/\b(firewall)\b/, 'firewall'],
  [/\b(router)\b/, 'router'],
  [/\b(switch\w*)\b/, 'switch'],
  [/\b(gateway|koppler)\b/, 'gateway'],
  [/\b(server)\b/, 'server'],
  [/\b(workstation|desktop|laptop|pc|arbeitsplatz\w*|general purpose)\b/, 'workstation'],
  [/\b(printer|drucker)\b/, 'printer'],
  [/\b(camera|kamera|webcam)\b/, 'camera'],
  [/\b(phone|telefon|voip)\b/, 'phone'],
  [/\b(clock|uhr|ntp)\b/, 'clock'],
];

/** The role that people's own words mean; undefined where that is not sure. */
export function roleNamed(text: string): Role | undefined {
  const lower = text.trim().toLowerCase();
  return Object.hasOwn(ROLES, lower) ? (lower as Role) : ROLE_WORDS.find(([words]) => words.test(lower))?.[1];
}

const NAMES: ReadonlySet<string> = new Set(STATED_NAMES);

export function isStatedName(text: string): text is StatedName {
  return NAMES.has(text);
}
