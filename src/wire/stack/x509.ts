import type { Micros } from '../../kit/time.ts';
import { addressText, hexText } from '../format.ts';
import { Reader } from '../reader.ts';
import { fromWire, IDENTITY_TEXT } from '../text.ts';
import { Ber, Tag } from './ber.ts';

/** What a certificate says of its holder (RFC 5280, section 4.1). Nothing is verified. */
export interface Certificate {
  readonly subject: DistinguishedName;
  readonly issuer: DistinguishedName;
  readonly serial: string;
  readonly notBefore?: Micros;
  readonly notAfter?: Micros;
  /** Host names and addresses that the holder goes by. */
  readonly names: readonly string[];
  readonly selfSigned: boolean;
}

export interface DistinguishedName {
  readonly commonName?: string;
  readonly organization?: string;
  readonly unit?: string;
  readonly country?: string;
  readonly serialNumber?: string;
}

/** RFC 5280, appendix A.1; names by the last arc of 2.5.4. */
const ATTRIBUTES: ReadonlyMap<string, keyof DistinguishedName> = new Map([
  ['2.5.4.3', 'commonName'],
  ['2.5.4.5', 'serialNumber'],
  ['2.5.4.6', 'country'],
  ['2.5.4.10', 'organization'],
  ['2.5.4.11', 'unit'],
]);
const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17';
const EXPLICIT_VERSION = 0xa0;
const EXTENSIONS = 0xa3;
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;
const MOST_NAMES = 32;
const LONGEST_SERIAL = 32;

/** Undefined where the bytes are no certificate. */
export function readCertificate(bytes: Uint8Array): Certificate | undefined {
  const outer = Ber.of(Reader.of(bytes), 0).expect(Tag.sequence).children();
  const body = outer.expect(Tag.sequence).children();
  body.optional(EXPLICIT_VERSION);
  const serial = hexText(body.expect(Tag.integer).bytes().subarray(0, LONGEST_SERIAL));
  body.expect(Tag.sequence); // signature algorithm
  body.expect(Tag.sequence);
  const issuerBytes = hexText(body.bytes());
  const issuer = readName(body.children());
  const validity = body.expect(Tag.sequence).children();
  const notBefore = validity.next() ? validity.time() : undefined;
  const notAfter = validity.next() ? validity.time() : undefined;
  body.expect(Tag.sequence);
  const selfSigned = hexText(body.bytes()) === issuerBytes;
  const subject = readName(body.children());
  body.expect(Tag.sequence); // public key
  const names: string[] = [];
  while (body.next()) {
    if (body.tag === EXTENSIONS) {
      readExtensions(body.children(), names);
    }
  }
  if (outer.problem !== undefined) {
    return undefined;
  }
  return {
    subject,
    issuer,
    serial,
    ...(notBefore === undefined ? {} : { notBefore }),
    ...(notAfter === undefined ? {} : { notAfter }),
    names,
    selfSigned,
  };
}

/** `CN=plc-7, O=Acme`: as people write a name. */
export function nameText({ commonName, unit, organization, country }: DistinguishedName): string {
  const parts = [
    ['CN', commonName],
    ['OU', unit],
    ['O', organization],
    ['C', country],
  ];
  return parts.flatMap(([key, value]) => (value ? [`${key}=${value}`] : [])).join(', ');
}

function readName(sets: Ber): DistinguishedName {
  const name: { -readonly [Key in keyof DistinguishedName]: string } = {};
  while (sets.next()) {
    const pairs = sets.children();
    while (pairs.next()) {
      const pair = pairs.children();
      const attribute = ATTRIBUTES.get(pair.expect(Tag.oid).oid());
      if (attribute !== undefined && pair.next() && name[attribute] === undefined) {
        name[attribute] = pair.text().trim();
      }
    }
  }
  return name;
}

function readExtensions(outer: Ber, names: string[]): void {
  const extensions = outer.expect(Tag.sequence).children();
  while (extensions.next()) {
    const extension = extensions.children();
    if (extension.expect(Tag.oid).oid() !== SUBJECT_ALTERNATIVE_NAME) {
      continue;
    }
    extension.optional(Tag.boolean);
    const list = extension.expect(Tag.octetString).inside().expect(Tag.sequence).children();
    while (list.next() && names.length < MOST_NAMES) {
      if (list.tag === DNS_NAME) {
        names.push(fromWire(list.bytes(), 'utf-8', IDENTITY_TEXT));
      } else if (list.tag === IP_ADDRESS) {
        names.push(addressText(list.bytes()) ?? '');
      }
    }
  }
}
