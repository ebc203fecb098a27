import type { z } from 'zod';

/** One thing that whoever runs the program may decide, as data: the command line, the environment and the manual are made from it. */
export interface Setting<Value = unknown> {
  /** Where it comes from, each stronger than the next: `--port <number>`, then `KEYWAY_PORT`, then the default. */
  readonly flags: string;
  readonly variable: `KEYWAY_${string}`;
  /** As somebody would type it; undefined: nothing is set. */
  readonly default: string | undefined;
  /** What it decides, without a full stop. */
  readonly sentence: string;
  /** Reads what was typed. A function, so that a command that only lists its options does not load the package. */
  schema(zod: typeof z): z.ZodType<Value, unknown>;
}

export type Settings = Readonly<Record<string, Setting>>;

export type ValuesOf<S extends Settings> = {
  readonly [Name in keyof S]: S[Name] extends Setting<infer Value> ? Value : never;
};

/** Keeps the type of each value. */
export function defineSetting<Value>(setting: Setting<Value>): Setting<Value> {
  return setting;
}
