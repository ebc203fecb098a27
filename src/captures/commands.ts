import { type Failure, fail } from '../kit/failure.ts';
import { ok, type Result } from '../kit/result.ts';
import type { Command, ExitStatus, Input, Terminal } from '../platform/cli/command.ts';
import type { Dissector } from '../wire/dissector.ts';
import { LIMITS } from '../wire/limits.ts';
import { captureFilterOf, FILTER_HELP, FILTER_OPTIONS } from './capture-filter.ts';
import { type CaptureParts, type Decoding, decodeAlone, decodeTogether } from './jobs.ts';
import { limitOptions, limitSettings, settingsFor } from './limit-options.ts';
import { remarksOn } from './remarks.ts';
import { THREAD_OPTIONS, type ThreadParts, threadsFor } from './thread-choice.ts';

export interface DecodeParts extends CaptureParts {
  readonly seed: number;
  readonly threads: ThreadParts;
}

export function captureCommands(parts: DecodeParts): readonly Command[] {
  return [decodeCommand(parts)];
}

function decodeCommand(parts: DecodeParts): Command {
  return {
    name: 'decode',
    summary: 'Print one JSON line per application message',
    details:
      'Reads a capture (pcap, pcapng, gzip; - for standard input) and prints what each application message says, in the order ' +
      'of the frames in which messages end. Frames count from 1, as in Wireshark.\n\n' +
      `${FILTER_HELP}\n\n` +
      'Example: keyway decode plant.pcap --protocol modbus | jq .operation.name',
    arguments: [{ name: 'capture', description: 'the capture to decode' }],
    options: [
      { flags: '--protocol <name>', description: 'only messages of this protocol; may be repeated', repeatable: true },
      ...FILTER_OPTIONS,
      ...THREAD_OPTIONS,
      ...limitOptions(LIMITS),
    ],
    run: (input, terminal) => decode(parts, input, terminal),
  };
}

async function decode(
  parts: DecodeParts,
  { arguments: paths, options }: Input,
  terminal: Terminal,
): Promise<Result<ExitStatus, Failure>> {
  const { dissectors, seed, threads, openCapture } = parts;
  const named = namedProtocols(options['protocol'], dissectors);
  if (!named.ok) {
    return named;
  }
  const names = dissectors.map(({ name }) => name);
  const filter = captureFilterOf(options, names);
  if (!filter.ok) {
    return filter;
  }
  const settings = limitSettings(options, LIMITS);
  if (!settings.ok) {
    return settings;
  }
  const of = threadsFor(options['threads'], paths.map(openCapture), threads.useful);
  if (!of.ok) {
    return of;
  }
  const protocols = new Set([...named.value, ...(filter.value?.restrictions.protocols ?? [])]);
  const { limits, simulatedLimits } = settingsFor(settings.value, LIMITS);
  const wanted = protocols.size > 0 ? protocols : undefined;
  const decoding: Decoding = { paths, seed, wanted, filter: filter.value, limits, simulatedLimits };
  const inThreads = of.value > 1 && simulatedLimits.length === 0;
  const { ran, unreadLinkTypes } = inThreads
    ? await decodeTogether(parts, decoding, terminal, { entry: threads.entry, of: of.value })
    : await decodeAlone(parts, decoding, terminal);
  if (!ran.ok) {
    return ran;
  }
  if (ran.value.stopped) {
    terminal.note('keyway: stopped before the end; these are the messages so far');
  }
  for (const remark of remarksOn(ran.value.captures, unreadLinkTypes)) {
    terminal.note(`keyway: ${remark}`);
  }
  return ok(0);
}

function namedProtocols(
  option: string | boolean | readonly string[] | undefined,
  dissectors: readonly Dissector[],
): Result<ReadonlySet<string>, Failure> {
  if (option === undefined || typeof option === 'boolean') {
    return ok(new Set());
  }
  const names = [option].flat();
  const known = new Set(dissectors.map(({ name }) => name));
  const unknown = names.filter((name) => !known.has(name));
  return unknown.length === 0
    ? ok(new Set(names))
    : fail(
        'invalid',
        'decode.unknown-protocol',
        `no protocol ${unknown.join(', ')}; known: ${[...known].sort().join(', ')}`,
      );
}
