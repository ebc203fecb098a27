import { Command as Commander, CommanderError, Option as CommanderOption } from 'commander';
import type { Failure, FailureKind } from '../../kit/failure.ts';
import type { Command, Input } from './command.ts';
import { printable } from './printable.ts';
import { ProcessTerminal } from './terminal.ts';

const WRONG_USE = 2;
const INTERNAL_FAULT = 3;

/** A failure that a user can act on is wrong use or bad input; what is out of reach now is no fault of ours either. */
const STATUS = {
  invalid: WRONG_USE,
  'not-found': WRONG_USE,
  conflict: WRONG_USE,
  forbidden: WRONG_USE,
  unavailable: WRONG_USE,
  unauthenticated: WRONG_USE,
  'too-large': WRONG_USE,
  'too-many': WRONG_USE,
} as const satisfies Record<FailureKind, number>;

/** Parses the command line, runs the one command that it names, and returns the exit status. */
export async function runCommandLine(
  commands: readonly Command[],
  version: string,
  argv: readonly string[],
): Promise<number> {
  let status = 0;
  const program = new Commander('keyway')
    .description('Joins a manufacturer’s IT and OT in one security practice.')
    .version(version)
    .exitOverride()
    .configureHelp({ helpWidth: Math.min(process.stdout.columns ?? 100, 110) })
    .showSuggestionAfterError()
    .configureOutput({ outputError: (text, write) => write(`keyway: ${complaintOf(text)}\n`) });
  for (const command of commands) {
    const act = async (input: Input) => {
      status = await runOne(command, input);
    };
    program.addCommand(commanderOf(command, act).copyInheritedSettings(program));
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? 0 : WRONG_USE;
    }
    process.stderr.write(
      `keyway: internal fault: ${printable(String(error instanceof Error ? error.stack : error))}\n`,
    );
    return INTERNAL_FAULT;
  }
  return status;
}

/** What commander says of a wrong command line, on one line; it may quote what the user typed. */
function complaintOf(text: string): string {
  const lines = text
    .replace(/^error: /, '')
    .trim()
    .split('\n');
  return lines.map(printable).join(' ');
}

function commanderOf(command: Command, act: (input: Input) => Promise<void>): Commander {
  const built = new Commander(command.name).summary(command.summary);
  built.description(command.details ? `${command.summary}.\n\n${command.details}` : `${command.summary}.`);
  for (const { name, description, variadic, optional } of command.arguments) {
    const text = variadic ? `${name}...` : name;
    built.argument(optional ? `[${text}]` : `<${text}>`, description);
  }
  for (const { flags, description, required, choices, repeatable } of command.options) {
    const option = new CommanderOption(flags, description).makeOptionMandatory(required === true);
    if (repeatable) {
      option.argParser<readonly string[] | undefined>((value, earlier) => [...(earlier ?? []), value]);
    }
    built.addOption(choices ? option.choices([...choices]) : option);
  }
  built.option('--json', 'machine-readable result on standard output, nothing else there');
  built.option('--quiet', 'no progress and no notes');
  built.action(async () => {
    await act({ arguments: built.args, options: built.opts() });
  });
  return built;
}

async function runOne(command: Command, input: Input): Promise<number> {
  const terminal = new ProcessTerminal(input.options['quiet'] === true);
  try {
    const result = await command.run(input, terminal);
    return result.ok ? result.value : failed(terminal, result.error);
  } finally {
    terminal.finish();
  }
}

function failed(terminal: ProcessTerminal, { kind, message }: Failure): number {
  terminal.warn(`keyway: ${printable(message)}`);
  return STATUS[kind];
}
