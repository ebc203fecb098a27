/**
 * What devices write about themselves in free text: the system description of LLDP, the version of CDP.
 * Only forms whose parts are certain are taken apart; the rest stays whole.
 */
import { type Identity, known, type Role } from '../observation.ts';

export interface Described {
  readonly identity: Identity;
  /** The form is known, so that its parts are as good as fields of their own. */
  readonly certain: boolean;
  readonly role?: Exclude<Role, 'unknown'>;
}

/** Words in Siemens' texts that name a kind of product. */
const SIEMENS_ROLES: readonly (readonly [word: string, role: Exclude<Role, 'unknown'>])[] = [
  ['SCALANCE X', 'switch'],
  ['SCALANCE S', 'firewall'],
  ['SIMATIC HMI', 'hmi'],
  ['CPU-', 'plc'],
  ['CPU 1', 'plc'],
  ['CPU 3', 'plc'],
  ['CPU 4', 'plc'],
  ['ET200', 'io'],
  ['ET 200', 'io'],
  ['SINAMICS', 'drive'],
];

export function describedBy(text: string): Described | undefined {
  const plain = text.trim();
  if (plain === '') {
    return undefined;
  }
  if (plain.startsWith('Siemens')) {
    return siemens(plain);
  }
  if (plain.startsWith('Cisco ')) {
    return cisco(plain);
  }
  const linux = plain.indexOf('Linux ');
  if (linux >= 0) {
    return { identity: known({ os: systemOf(plain, linux) }), certain: true };
  }
  return { identity: known({ product: firstLine(plain), firmware: versionIn(plain) }), certain: false };
}

/** `Siemens, SIMATIC S7, CPU-1200, 6ES7 …, HW: 1, FW: V.4.0.1, S V-…`: vendor, families, product, order number, then marked parts. */
function siemens(text: string): Described {
  const parts = text.split(',').map((part) => part.trim());
  const order = parts.findIndex(isOrderNumber);
  const role = SIEMENS_ROLES.find(([word]) => text.includes(word))?.[1];
  const kind = role === undefined ? {} : { role };
  if (order < 2) {
    return { identity: known({ vendor: 'Siemens', product: firstLine(text) }), certain: false, ...kind };
  }
  const marked = parts.slice(order + 1);
  const identity = known({
    vendor: 'Siemens',
    product: parts[order - 1],
    orderNumber: parts[order],
    hardware: markedValue(marked, 'HW'),
    firmware: markedValue(marked, 'FW') ?? markedValue(marked, 'SW'),
    serial: marked.find(isSerial),
  });
  return { identity, certain: true, ...kind };
}

/** `6ES7 214-1AG40-0XB0`, with or without the space. */
function isOrderNumber(part: string): boolean {
  return /^[1-9][A-Z]{2}\d ?\d{3}-[\dA-Z]{5}-[\dA-Z]{4}$/.test(part);
}

/** `S V-…`, `SVP…`, `S C-…`: an S, the place of production, a number. */
function isSerial(part: string): boolean {
  return /^S ?[A-Z]{1,2}-?[\dA-Z]{6,12}$/.test(part);
}

/** What stands behind `HW:`, `FW: Version ` or `SW.`; zero stands for unknown hardware. */
function markedValue(parts: readonly string[], mark: string): string | undefined {
  const part = parts.find((candidate) => candidate.startsWith(mark) && /^[:.\s]/.test(candidate.slice(mark.length)));
  const value = part
    ?.slice(mark.length + 1)
    .trim()
    .replace(/^Version\s/, '')
    .trim();
  return value === '0' ? undefined : value;
}

/** `Cisco IOS Software, C3560 Software (…), Version 12.2(44)SE, RELEASE SOFTWARE (fc1)` */
function cisco(text: string): Described {
  const version = textBetween(text, 'Version ', /[\s,]/);
  const platform = textBetween(text, 'Software, ', /[\s,(]/);
  return { identity: known({ vendor: 'Cisco', product: platform, firmware: version }), certain: version !== undefined };
}

function textBetween(text: string, mark: string, end: RegExp): string | undefined {
  const at = text.indexOf(mark);
  return at < 0 ? undefined : text.slice(at + mark.length).split(end, 1)[0];
}

/** `Debian GNU/Linux 12 (bookworm) Linux 6.1.0-…`: the distribution; `Linux name 6.1.0 …`: the kernel. */
function systemOf(text: string, at: number): string | undefined {
  const kernel = text.lastIndexOf(' Linux ');
  if (kernel > 0) {
    return text.slice(0, kernel);
  }
  const words = text.slice(at).split(' ', 3);
  const version = words.find((word) => /^\d+\.\d/.test(word));
  return version === undefined ? 'Linux' : `Linux ${version}`;
}

/** A number that the text itself calls version or revision. */
function versionIn(text: string): string | undefined {
  const said = /\b(?:version|revision)[ :]+([A-Z]?[A-Z.]{0,2}\d[\w.()-]{0,30})/i.exec(text);
  return said?.[1];
}

function firstLine(text: string): string {
  return text.split(/[\r\n]/, 1)[0]?.trim() ?? '';
}
