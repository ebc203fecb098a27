import { type Failure, fail } from '../kit/failure.ts';
import { ok, type Result } from '../kit/result.ts';
import { isoTime } from '../kit/time.ts';
import { type Limit, type LimitEvent, mostOf } from '../wire/limits.ts';

type LimitTable = Readonly<Record<string, Limit>>;

/** What the user set, by name of the limit. */
export interface LimitSettings {
  readonly limits: Readonly<Record<string, number>>;
  readonly simulated: readonly string[];
}

type Options = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

export function limitOptions(table: LimitTable) {
  return [
    {
      flags: '--limit <name=number>',
      description: `set a limit, as in flows=1000; may be repeated; the names: ${Object.keys(table).join(', ')}`,
      repeatable: true,
    },
    {
      flags: '--simulate-limit <name>',
      description:
        'take this limit for reached the first time that it could be, to see what happens then; may be repeated',
      repeatable: true,
    },
  ];
}

export function limitSettings(options: Options, table: LimitTable): Result<LimitSettings, Failure> {
  const limits: Record<string, number> = {};
  for (const text of wordsOf(options['limit'])) {
    const at = text.indexOf('=');
    const name = at < 0 ? text : text.slice(0, at);
    const limit = limitOf(table, name);
    if (limit === undefined) {
      return unknownLimit(name, table);
    }
    const digits = at < 0 ? '' : text.slice(at + 1);
    const value = Number(digits);
    const most = mostOf(limit);
    if (!/^\d+$/.test(digits) || value < 1 || value > most) {
      return fail(
        'invalid',
        'limit.wrong-value',
        `the limit ${name} takes a whole number from 1 to ${most}, as in ${name}=${limit.value}; not "${digits}"`,
      );
    }
    limits[name] = value;
  }
  const simulated = wordsOf(options['simulateLimit']);
  const wrong = simulated.find((name) => limitOf(table, name) === undefined);
  return wrong === undefined ? ok({ limits, simulated }) : unknownLimit(wrong, table);
}

/** Tells whoever watches the run of each limit that was reached, the first time, where that is worth their attention. */
export function limitNotes(terminal: { note(line: string): void }, table: LimitTable): LimitEvent<string> {
  const told = new Set<string>();
  return (name, time) => {
    const limit = limitOf(table, name);
    if (limit !== undefined && !limit.everyday && !told.has(name)) {
      told.add(name);
      terminal.note(`keyway: the limit "${name}" was reached at ${isoTime(time)}. ${limit.reached}.`);
    }
  };
}

/** The part of what the user set that belongs to this table. */
export function settingsFor<Name extends string>(
  { limits, simulated }: LimitSettings,
  table: Readonly<Record<Name, Limit>>,
): { readonly limits: Partial<Record<Name, number>>; readonly simulatedLimits: readonly Name[] } {
  const own: Partial<Record<Name, number>> = {};
  for (const name of Object.keys(table) as Name[]) {
    const value = limits[name];
    if (value !== undefined) {
      own[name] = value;
    }
  }
  const isOwn = (name: string): name is Name => Object.hasOwn(table, name);
  return { limits: own, simulatedLimits: simulated.filter(isOwn) };
}

function wordsOf(option: Options[string]): readonly string[] {
  return option === undefined || typeof option === 'boolean' ? [] : [option].flat();
}

function limitOf(table: LimitTable, name: string): Limit | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function unknownLimit(name: string, table: LimitTable): Result<never, Failure> {
  return fail('invalid', 'limit.unknown', `no limit ${name}; known: ${Object.keys(table).toSorted().join(', ')}`);
}
