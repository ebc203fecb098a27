import type { Failure } from '../../kit/failure.ts';
import type { Result } from '../../kit/result.ts';

/** A command as data: `--help`, the manual and the parser are made from it. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** What a user should know beyond the summary: a paragraph or two, and examples. */
  readonly details?: string;
  readonly arguments: readonly Argument[];
  readonly options: readonly Option[];
  run(input: Input, terminal: Terminal): Promise<Result<ExitStatus, Failure>>;
}

export interface Argument {
  readonly name: string;
  readonly description: string;
  readonly variadic?: boolean;
  readonly optional?: boolean;
}

export interface Option {
  /** As commander writes it: `--out <file>`, `--no-attacks`. */
  readonly flags: string;
  readonly description: string;
  readonly required?: boolean;
  readonly choices?: readonly string[];
  /** May be given several times; the value is a list. */
  readonly repeatable?: boolean;
}

/** What the user typed, by the option's long name in camel case. */
export interface Input {
  readonly arguments: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
}

/** 0 done, 1 findings at or above `--fail-on`; failures become 2, bugs 3. */
export type ExitStatus = 0 | 1;

export interface Progress {
  /** What is being done: `analysing`. */
  readonly label: string;
  /** 0 to 1; undefined where nobody knows. */
  readonly share: number | undefined;
  /** Things done so far, and what they are called. */
  readonly count?: number;
  readonly unit?: string;
  /** The place that was reached, in the words of the work: a time. */
  readonly at?: string;
}

/** Where a command speaks. Standard output holds the result and nothing else. */
export interface Terminal {
  readonly isInteractive: boolean;
  readonly hasColour: boolean;
  readonly columns: number;
  /** Resolves once the text is on its way, so that a slow reader slows the writer down. */
  print(text: string | Uint8Array): Promise<void>;
  /** One line to standard error; nothing with `--quiet`. */
  note(line: string): void;
  /** How far long work has come, drawn on a terminal only. */
  progress(progress: Progress): void;
  /** Resolves to false once the user wants to stop; lets signals through. */
  breathe(): Promise<boolean>;
  /** Calls back once the user wants to stop: at once where that is already so. */
  onStop(stop: () => void): void;
}
