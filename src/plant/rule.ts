import { type Failure, fail } from '../kit/failure.ts';
import { ok, type Result } from '../kit/result.ts';
import type { Scope } from '../kit/scope.ts';
import { addressWords, isInSubnet, subnetOf } from '../kit/subnet.ts';

export const RULE_KINDS = ['subnet', 'vlan', 'name', 'sensor'] as const;
export type RuleKind = (typeof RULE_KINDS)[number];

/** Says of some assets of a site where they stand. */
export interface PlaceRule {
  readonly kind: RuleKind;
  /** `10.1.2.0/24`, `fd00:1::/64`; `20`, `20-29`; `press-*`, of which `*` is any text; a sensor's id. */
  readonly pattern: string;
  /** Id of the place. */
  readonly place: string;
}

export interface PlaceRuleStore {
  /** In order: the first that fits decides. */
  rules(scope: Scope, site: string): Promise<readonly PlaceRule[]>;
  replaceRules(site: string, rules: readonly PlaceRule[]): Promise<void>;
}

export const MOST_RULES = 1000;
export const LONGEST_PATTERN = 256;

/** What rules look at. */
export interface Placeable {
  readonly id: string;
  readonly site: string;
  readonly names: readonly string[];
  readonly addresses: readonly string[];
  readonly vlans: readonly number[];
  readonly sensors: readonly string[];
}

/** The assets of the inventory, as the plant sees them. */
export interface PlaceableStore {
  /** By id, those behind `after`, at most `limit`. */
  page(scope: Scope, site: string, after: string | undefined, limit: number): Promise<readonly Placeable[]>;
  /** Those of them that are there, by id. */
  some(scope: Scope, ids: readonly string[]): Promise<readonly Placeable[]>;
}

/** Finds the place of an asset; undefined where no rule fits. */
export type Placing = (asset: Placeable) => string | undefined;
export type UnclearRule = Failure<'plant.unclear-rule'>;

/** Rules that are ready to run, or what is wrong with each of those that cannot be understood. */
export function placingOf(rules: readonly PlaceRule[]): Result<Placing, UnclearRule> {
  const tests = rules.map(testOf);
  const details = rules.flatMap(({ kind, pattern }, at) =>
    tests[at] === undefined ? [{ at: `rule ${at + 1}`, message: `${pattern} is no ${EXPECTED[kind]}` }] : [],
  );
  const [first] = details;
  if (first !== undefined) {
    return fail('invalid', 'plant.unclear-rule', `${first.at}: ${first.message}`, details);
  }
  return ok((asset) => {
    const seen = { asset, words: asset.addresses.map(addressWords) };
    return rules.find((_, at) => tests[at]?.(seen))?.place;
  });
}

const EXPECTED: Readonly<Record<RuleKind, string>> = {
  subnet: 'subnet such as 10.1.2.0/24 or fd00:1::/64',
  vlan: 'VLAN such as 20 or 20-29',
  name: 'pattern of a name such as press-*',
  sensor: 'sensor',
};

interface Seen {
  readonly asset: Placeable;
  readonly words: readonly (readonly number[] | undefined)[];
}

function testOf({ kind, pattern }: PlaceRule): ((seen: Seen) => boolean) | undefined {
  if (pattern === '' || pattern.length > LONGEST_PATTERN) {
    return undefined;
  }
  switch (kind) {
    case 'subnet': {
      const subnet = subnetOf(pattern);
      return subnet && (({ words }) => words.some((address) => address !== undefined && isInSubnet(subnet, address)));
    }
    case 'vlan': {
      const range = vlansOf(pattern);
      return range && (({ asset }) => asset.vlans.some((vlan) => vlan >= range.from && vlan <= range.to));
    }
    case 'name': {
      const fits = wildcard(pattern);
      return ({ asset }) => asset.names.some(fits);
    }
    case 'sensor':
      return ({ asset }) => asset.sensors.includes(pattern);
  }
}

const LAST_VLAN = 4094;

function vlansOf(text: string): { readonly from: number; readonly to: number } | undefined {
  const [, from = '', to = from] = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(text) ?? [];
  const range = { from: Number(from), to: Number(to) };
  return from !== '' && range.from <= range.to && range.to <= LAST_VLAN ? range : undefined;
}

/**
 * Whether a text is as the pattern says, in either letter case. `*` is any text, everything else is itself. After a part was found there is
 * never a reason to look for it further left, so the work is bounded by length times length.
 */
export function wildcard(pattern: string): (text: string) => boolean {
  const [head = '', ...rest] = pattern.toLowerCase().split('*');
  const tail = rest.pop();
  return (text) => {
    const lower = text.toLowerCase();
    if (tail === undefined) {
      return lower === head;
    }
    let at = head.length;
    const end = lower.length - tail.length;
    if (end < at || !lower.startsWith(head) || !lower.endsWith(tail)) {
      return false;
    }
    for (const part of rest) {
      const found = lower.indexOf(part, at);
      if (found === -1 || found + part.length > end) {
        return false;
      }
      at = found + part.length;
    }
    return true;
  };
}
