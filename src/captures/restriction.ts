import { type Failure, fail } from '../kit/failure.ts';
import { ok, type Result } from '../kit/result.ts';
import { type Subnet, subnetOf } from '../kit/subnet.ts';

/** Which packets are wanted, by kind. Within a kind one must fit, and each kind that holds something must fit. */
export interface Restrictions {
  /** Addresses and MACs are one kind: both say which devices are meant. */
  readonly subnets: readonly Subnet[];
  readonly macs: readonly Range[];
  readonly vlans: readonly Range[];
  readonly ports: readonly Range[];
  readonly protocols: ReadonlySet<string>;
}

/** Numbers from one to another, both included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

export type Unclear = Failure<'filter.unclear'>;

/** Frames without a tag, and those with a priority alone, are in no VLAN: number 0. */
const UNTAGGED = 0;
const LAST_VLAN = 4094;
const LAST_PORT = 65_535;

/** Reads what the user wrote behind each `--only`. */
export function restrictionsOf(
  texts: readonly string[],
  knownProtocols: readonly string[],
): Result<Restrictions, Unclear> {
  const terms = texts.map((text) => termOf(text, knownProtocols));
  const wrong = texts.find((_, at) => terms[at] === undefined);
  if (wrong !== undefined) {
    return fail('invalid', 'filter.unclear', complaintOf(wrong, knownProtocols));
  }
  return ok({
    subnets: terms.flatMap((term) => term?.subnets ?? []),
    macs: terms.flatMap((term) => term?.macs ?? []),
    vlans: terms.flatMap((term) => term?.vlans ?? []),
    ports: terms.flatMap((term) => term?.ports ?? []),
    protocols: new Set(terms.flatMap((term) => [...(term?.protocols ?? [])])),
  });
}

function termOf(text: string, knownProtocols: readonly string[]): Partial<Restrictions> | undefined {
  const [, kind = '', value = ''] = /^(?:(address|mac|vlan|port|protocol):)?(.*)$/i.exec(text) ?? [];
  switch (kind.toLowerCase()) {
    case 'address':
      return term('subnets', subnetOf(value));
    case 'mac':
      return term('macs', macRange(value, MAKER_OCTETS));
    case 'vlan':
      return term('vlans', vlanRange(value));
    case 'port':
      return term('ports', rangeOf(value, LAST_PORT));
    case 'protocol': {
      const name = protocolName(value);
      return knownProtocols.includes(name) ? { protocols: new Set([name]) } : undefined;
    }
    default:
      return term('macs', macRange(value, MAC_OCTETS)) ?? term('subnets', subnetOf(value));
  }
}

function term(kind: keyof Restrictions, value: Subnet | Range | undefined): Partial<Restrictions> | undefined {
  return value && { [kind]: [value] };
}

function protocolName(text: string): string {
  return text.toLowerCase().replaceAll('-', '_');
}

function complaintOf(text: string, knownProtocols: readonly string[]): string {
  const named = /^protocol:(.*)/i.exec(text);
  if (named) {
    return `--only: no protocol ${named[1]}; known: ${knownProtocols.toSorted().join(', ')}`;
  }
  const name = protocolName(text);
  const advice = knownProtocols.includes(name)
    ? `protocol:${name}`
    : 'an address (10.1.2.3), a subnet (10.1.2.0/24), a MAC (00:1c:06:00:00:01, or mac:00:1c:06 for all of a maker), ' +
      'vlan:20, vlan:untagged, port:502, port:2000-2010 or protocol:modbus';
  return `--only ${text} is unclear: write ${advice}`;
}

function vlanRange(text: string): Range | undefined {
  return text.toLowerCase() === 'untagged' ? { from: UNTAGGED, to: UNTAGGED } : rangeOf(text, LAST_VLAN);
}

/** `502` or `2000-2010`. */
function rangeOf(text: string, last: number): Range | undefined {
  const [, from = '', to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  const range = { from: Number(from), to: Number(to) };
  return from !== '' && range.from > 0 && range.from <= range.to && range.to <= last ? range : undefined;
}

const MAC_OCTETS = 6;
const MAKER_OCTETS = 3;

/** Six octets, or the first ones of them. */
function macRange(text: string, leastOctets: number): Range | undefined {
  if (!/^[\da-f]{2}(?:([:-])[\da-f]{2}(?:\1[\da-f]{2})*)?$/i.test(text)) {
    return undefined;
  }
  const octets = text.split(/[:-]/);
  if (octets.length > MAC_OCTETS || octets.length < leastOctets) {
    return undefined;
  }
  const size = 256 ** (MAC_OCTETS - octets.length);
  const from = Number.parseInt(octets.join(''), 16) * size;
  return { from, to: from + size - 1 };
}
