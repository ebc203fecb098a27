import { z } from 'zod';
import { type Failure, fail } from '../../kit/failure.ts';
import { ok, type Result } from '../../kit/result.ts';
import type { Setting, Settings, ValuesOf } from './setting.ts';

/** What was said, by source. */
export interface SettingSources {
  /** By the option's name in camel case, as the command line was parsed. */
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The settings as they hold; or which one is wrong, where it was set, and why. */
export function readSettings<S extends Settings>(settings: S, sources: SettingSources): Result<ValuesOf<S>, Failure> {
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(settings)) {
    const { said, source } = saidOf(setting, optionOf(setting), sources);
    const parsed = setting.schema(z).safeParse(said);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      return fail(
        'invalid',
        'settings.wrong',
        `${source}: ${issue?.message ?? 'not a value that this setting can have'}`,
      );
    }
    values[name] = parsed.data;
  }
  return ok(values as ValuesOf<S>);
}

/** A setting as it holds, for people. */
export interface ToldSetting {
  readonly option: string;
  readonly variable: string;
  readonly value: string | undefined;
  /** `default`, the option, or the variable. */
  readonly source: string;
  readonly sentence: string;
}

/** Where each setting comes from and what was said; the password in a URL is left out. */
export function tellSettings(settings: Settings, sources: SettingSources): readonly ToldSetting[] {
  return Object.values(settings).map((setting) => {
    const { said, source } = saidOf(setting, optionOf(setting), sources);
    return {
      option: setting.flags,
      variable: setting.variable,
      value: said === undefined ? undefined : withoutPassword(String(said)),
      source: source === setting.variable ? 'default' : source,
      sentence: setting.sentence,
    };
  });
}

function withoutPassword(text: string): string {
  return text.replace(/:\/\/[^@/]*@/u, '://…@').replaceAll(/(password=)[^&]*/gu, '$1…');
}

/** Variables that look like ours and are none: a slip of the pen that nobody would notice otherwise. */
export function unknownVariables(settings: Settings, environment: SettingSources['environment']): readonly string[] {
  const known = new Set<string>(Object.values(settings).map(({ variable }) => variable));
  return Object.keys(environment)
    .filter((name) => name.startsWith('KEYWAY_') && !known.has(name))
    .toSorted();
}

function saidOf(setting: Setting, option: string, { options, environment }: SettingSources) {
  const { flags, variable } = setting;
  const typed = options[option];
  if (typed !== undefined) {
    return { said: typed === true ? 'true' : typed, source: flags.split(' ')[0] ?? flags };
  }
  const set = environment[variable];
  // An empty variable is how many service managers write "not set".
  return set === undefined || set === ''
    ? { said: setting.default, source: variable }
    : { said: set, source: `${variable} (environment)` };
}

/** `--tls-key <file>` → `tlsKey`, as the parser of the command line names it. */
function optionOf({ flags }: Setting): string {
  const name = /^--([a-z-]+)/u.exec(flags)?.[1] ?? flags;
  return name.replaceAll(/-([a-z])/gu, (_, letter: string) => letter.toUpperCase());
}
