import { hexText } from '../../format.ts';
import { fromWire } from '../../text.ts';

/** Digests that stand for a name (RFC 2408, section 3.16), by their first bytes: a version may follow. */
const NAMES: readonly (readonly [digest: string, name: string])[] = [
  ['4a131c81070358455c5728f20e95452f', 'RFC 3947'],
  ['4485152d18b6bbcd0be8a8469579ddcc', 'draft-ietf-ipsec-nat-t-ike-00'],
  ['cd60464335df21f87cfdb2fc68b6a448', 'draft-ietf-ipsec-nat-t-ike-02'],
  ['90cb80913ebb696e086381b5ec427b1f', 'draft-ietf-ipsec-nat-t-ike-02'],
  ['7d9419a65310ca6f2c179d9215529d56', 'draft-ietf-ipsec-nat-t-ike-03'],
  ['afcad71368a1f1c96b8696fc7757', 'RFC 3706'],
  ['09002689dfd6b712', 'XAUTH'],
  ['12f5f28c457168a9702d9fe274cc', 'Cisco Unity'],
  ['4048b7d56ebce88525e7de7f00d6c2d3', 'FRAGMENTATION'],
  ['882fe56d6fd20dbc2251613b2ebe5beb', 'strongSwan'],
  ['1e2b516905991c7d7c96fcbfb587e461', 'MS NT5 ISAKMPOAKLEY'],
  ['7003cbc1097dbe9c2600ba6983bc8b35', 'KAME/racoon'],
];

/** Of these names, those of a program. */
const PROGRAMS: ReadonlySet<string> = new Set(['strongSwan', 'MS NT5 ISAKMPOAKLEY', 'KAME/racoon']);

const PRINTABLE = /^[ -~]{6,}$/;
const MOST_BYTES = 64;

/** The name that a vendor id stands for, its text where it is one, else its digits. */
export function vendorIdText(id: Uint8Array): string {
  const bytes = id.subarray(0, MOST_BYTES);
  const digits = hexText(bytes);
  const known = NAMES.find(([digest]) => digits.startsWith(digest));
  if (known !== undefined) {
    return known[1];
  }
  const text = fromWire(bytes, 'latin-1', MOST_BYTES);
  return text.length === bytes.length && PRINTABLE.test(text) ? text : digits;
}

/** The program that the sender says it is. */
export function programIn(vendorIds: readonly string[]): string | undefined {
  return vendorIds.find((name) => PROGRAMS.has(name));
}
