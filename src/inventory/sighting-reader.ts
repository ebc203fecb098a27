import { type Failure, fail } from '../kit/failure.ts';
import { ok, type Result } from '../kit/result.ts';
import { CONFIDENCE, type Effect, type Role } from '../wire/observation.ts';
import { IDENTITY_TEXT, LONG_TEXT } from '../wire/text.ts';
import type { Timing } from './conversation.ts';
import { type Attribute, IDENTITY_ATTRIBUTES } from './evidence.ts';
import { SEVERITIES } from './findings/finding.ts';
import { EFFECTS } from './known-conversation.ts';
import {
  type AssetSighting,
  type ConversationSighting,
  type End,
  type FindingSighting,
  HEARD_ATTRIBUTES,
  MODULE_TEXTS,
  type SeenModule,
  type SeenValue,
  type Sighting,
} from './sighting.ts';

/** Items of any list of a sighting; what is more is left out. */
const MOST_ITEMS = 1024;
/** Packet times: until the year 2255. */
const LATEST = Number.MAX_SAFE_INTEGER;

/**
 * A sighting from whoever says that it is one: a sensor may be broken or taken over. Texts lose NUL and are cut; numbers are whole and
 * positive; what is no sighting is refused with the place where it is wrong.
 */
export function readSighting(value: unknown): Result<Sighting, Failure<'inventory.no-sighting'>> {
  try {
    return ok(sightingOf(new Fields(value, '')));
  } catch (error) {
    if (error instanceof Wrong) {
      return fail('invalid', 'inventory.no-sighting', error.message);
    }
    throw error;
  }
}

class Wrong extends Error {}

function sightingOf(fields: Fields): Sighting {
  const kind = fields.oneOf('kind', ['asset', 'conversation', 'finding']);
  const firstSeen = fields.count('firstSeen');
  const span = { scope: fields.text('scope'), firstSeen, lastSeen: Math.max(firstSeen, fields.count('lastSeen')) };
  switch (kind) {
    case 'asset':
      return assetOf(fields, span);
    case 'conversation':
      return conversationOf(fields, span);
    case 'finding':
      return findingOf(fields, span);
  }
}

type Span = Pick<Sighting, 'scope' | 'firstSeen' | 'lastSeen'>;

function assetOf(fields: Fields, span: Span): AssetSighting {
  return {
    kind: 'asset',
    ...span,
    interfaces: fields.list('interfaces', (one) => ({
      mac: one.maybeText('mac'),
      addresses: one.texts('addresses'),
      vlan: one.maybeCount('vlan'),
      vendor: one.maybeText('vendor'),
      shared: one.flag('shared'),
    })),
    role: fields.oneOf('role', ROLES),
    roleReason: fields.maybeText('roleReason', LONG_TEXT),
    purdueLevel: fields.maybeNumber('purdueLevel', 5),
    evidence: fields.list('evidence', seenValueOf),
    modules: fields.list('modules', moduleOf),
    services: fields.list('services', (one) => ({
      protocol: one.maybeText('protocol'),
      transport: one.text('transport'),
      port: one.count('port'),
    })),
    behind: fields.maybeText('behind'),
    parentEnd: fields.maybe('parentEnd', endOf),
    known: fields.texts('known').filter((name) => HEARD_ATTRIBUTES.some((known) => known === name)),
    doubtful: fields.flag('doubtful'),
  };
}

function seenValueOf(fields: Fields): SeenValue {
  const firstSeen = fields.count('firstSeen');
  return {
    attribute: fields.oneOf('attribute', ATTRIBUTES),
    value: fields.text('value'),
    protocol: fields.text('protocol'),
    basis: fields.oneOf('basis', BASES),
    confidence: fields.number('confidence', 1),
    frame: fields.count('frame'),
    firstSeen,
    lastSeen: Math.max(firstSeen, fields.count('lastSeen')),
    count: fields.count('count'),
    reason: fields.maybeText('reason', LONG_TEXT),
  };
}

function moduleOf(fields: Fields): SeenModule {
  const texts = Object.fromEntries(MODULE_TEXTS.map((name) => [name, fields.maybeText(name)]));
  return { slot: fields.count('slot'), ...texts };
}

function endOf(fields: Fields): End {
  return {
    mac: fields.maybeText('mac'),
    address: fields.maybeText('address'),
    vlan: fields.maybeCount('vlan'),
    behind: fields.maybeText('behind'),
  };
}

function conversationOf(fields: Fields, span: Span): ConversationSighting {
  return {
    kind: 'conversation',
    ...span,
    client: fields.maybe('client', endOf),
    server: fields.maybe('server', endOf),
    clientAddress: fields.text('clientAddress'),
    target: fields.text('target'),
    transport: fields.text('transport'),
    port: fields.count('port'),
    protocol: fields.maybeText('protocol'),
    vlan: fields.maybeCount('vlan'),
    flows: fields.count('flows'),
    packets: fields.count('packets'),
    bytes: fields.count('bytes'),
    operations: fields.list('operations', (one) => ({
      protocol: one.text('protocol'),
      name: one.text('name'),
      effect: one.oneOf<Effect>('effect', EFFECTS),
      by: one.oneOf('by', ['client', 'server'] as const),
      count: one.count('count'),
      errors: one.count('errors'),
    })),
    timing: fields.maybe('timing', timingOf),
  };
}

function timingOf(fields: Fields): Timing {
  return {
    requests: fields.count('requests'),
    unanswered: fields.count('unanswered'),
    response: fields.maybe('response', (one) => ({
      p50: one.number('p50', LATEST),
      p99: one.number('p99', LATEST),
      p999: one.number('p999', LATEST),
      max: one.number('max', LATEST),
    })),
    period: fields.maybe('period', (one) => ({
      p50: one.number('p50', LATEST),
      jitterP99: one.number('jitterP99', LATEST),
    })),
  };
}

function findingOf(fields: Fields, span: Span): FindingSighting {
  return {
    kind: 'finding',
    ...span,
    code: fields.text('code'),
    severity: fields.oneOf('severity', SEVERITIES),
    title: fields.text('title', LONG_TEXT),
    explanation: fields.text('explanation', EXPLANATION_TEXT),
    filter: fields.text('filter', EXPLANATION_TEXT),
    frames: fields.numbers('frames'),
    count: fields.count('count'),
    assets: fields.list('assets', endOf),
    source: fields.text('source'),
  };
}

const EXPLANATION_TEXT = 16_384;
const ATTRIBUTES: readonly Attribute[] = [...IDENTITY_ATTRIBUTES, 'role'];
const BASES: readonly SeenValue['basis'][] = [
  ...(Object.keys(CONFIDENCE) as (keyof typeof CONFIDENCE)[]),
  'mac-prefix',
];
const ROLES: readonly Role[] = [
  ...['plc', 'rtu', 'io', 'drive', 'robot', 'safety', 'hmi', 'engineering', 'historian', 'scada', 'gateway'],
  ...['switch', 'router', 'firewall', 'server', 'workstation', 'printer', 'camera', 'phone', 'clock', 'unknown'],
] as Role[];

/** The fields of a JSON object, each read as what it must be. */
class Fields {
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #at: string;

  constructor(value: unknown, at: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new Wrong(`${at === '' ? 'a sighting' : at} is no object`);
    }
    this.#value = value as Readonly<Record<string, unknown>>;
    this.#at = at;
  }

  #get(name: string): unknown {
    return Object.hasOwn(this.#value, name) ? (this.#value[name] ?? undefined) : undefined;
  }

  #wrong(name: string, expected: string): never {
    throw new Wrong(`${this.#at === '' ? '' : `${this.#at}.`}${name} is no ${expected}`);
  }

  maybeText(name: string, limit: number = IDENTITY_TEXT): string | undefined {
    const value = this.#get(name);
    if (value === undefined) {
      return undefined;
    }
    return typeof value === 'string' ? cleaned(value, limit) : this.#wrong(name, 'text');
  }

  text(name: string, limit: number = IDENTITY_TEXT): string {
    return this.maybeText(name, limit) ?? this.#wrong(name, 'text');
  }

  maybeNumber(name: string, most: number): number | undefined {
    const value = this.#get(name);
    if (value === undefined) {
      return undefined;
    }
    return typeof value === 'number' && value >= 0 && value <= most
      ? value
      : this.#wrong(name, `number from 0 to ${most}`);
  }

  number(name: string, most: number): number {
    return this.maybeNumber(name, most) ?? this.#wrong(name, `number from 0 to ${most}`);
  }

  maybeCount(name: string): number | undefined {
    const value = this.maybeNumber(name, LATEST);
    return value === undefined ? undefined : Math.floor(value);
  }

  count(name: string): number {
    return this.maybeCount(name) ?? this.#wrong(name, `number from 0 to ${LATEST}`);
  }

  flag(name: string): boolean {
    const value = this.#get(name);
    return value === undefined || typeof value === 'boolean' ? value === true : this.#wrong(name, 'true or false');
  }

  oneOf<Value extends string>(name: string, values: readonly Value[]): Value {
    const value = this.#get(name);
    return values.find((known) => known === value) ?? this.#wrong(name, `one of ${values.join(', ')}`);
  }

  maybe<Item>(name: string, read: (fields: Fields) => Item): Item | undefined {
    const value = this.#get(name);
    return value === undefined ? undefined : read(new Fields(value, this.#under(name)));
  }

  list<Item>(name: string, read: (fields: Fields) => Item): readonly Item[] {
    return this.#items(name).map((item, at) => read(new Fields(item, `${this.#under(name)}.${at}`)));
  }

  texts(name: string): readonly string[] {
    return this.#items(name).map((item) =>
      typeof item === 'string' ? cleaned(item, IDENTITY_TEXT) : this.#wrong(name, 'list of texts'),
    );
  }

  numbers(name: string): readonly number[] {
    return this.#items(name).map((item) =>
      typeof item === 'number' && item >= 0 && item <= LATEST ? Math.floor(item) : this.#wrong(name, 'list of numbers'),
    );
  }

  #items(name: string): readonly unknown[] {
    const value = this.#get(name) ?? [];
    return Array.isArray(value) ? value.slice(0, MOST_ITEMS) : this.#wrong(name, 'list');
  }

  #under(name: string): string {
    return this.#at === '' ? name : `${this.#at}.${name}`;
  }
}

/** PostgreSQL stores no NUL and no half of a character. */
function cleaned(text: string, limit: number): string {
  const short = text.length > limit ? text.slice(0, limit) : text;
  return short.replaceAll('\0', '').toWellFormed();
}
