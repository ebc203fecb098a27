import { type Failure, fail } from '../kit/failure.ts';
import { ok, type Result } from '../kit/result.ts';
import type { Command } from '../platform/cli/command.ts';
import { TextBlocks } from '../platform/cli/text-blocks.ts';
import type { CaptureSource } from '../wire/capture/source.ts';
import type { Dissector } from '../wire/dissector.ts';
import { Engine } from '../wire/engine.ts';
import { LIMITS } from '../wire/limits.ts';
import { captureFilterOf, FILTER_HELP, FILTER_OPTIONS } from './capture-filter.ts';
import { createLineWriter } from './decode-lines.ts';
import { limitNotes, limitOptions, limitSettings, settingsFor } from './limit-options.ts';
import { PacketFilter } from './packet-filter.ts';
import { progressOf, remarksOn } from './remarks.ts';
import { runCaptures } from './run-captures.ts';

export interface DecodeParts {
  readonly dissectors: readonly Dissector[];
  readonly seed: number;
  openCapture(path: string): CaptureSource;
}

export function captureCommands(parts: DecodeParts): readonly Command[] {
  return [decodeCommand(parts)];
}

function decodeCommand({ dissectors, seed, openCapture }: DecodeParts): Command {
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
      ...limitOptions(LIMITS),
    ],
    async run({ arguments: paths, options }, terminal) {
      const named = namedProtocols(options['protocol'], dissectors);
      if (!named.ok) {
        return named;
      }
      const filter = captureFilterOf(
        options,
        dissectors.map(({ name }) => name),
      );
      if (!filter.ok) {
        return filter;
      }
      const wanted = new Set([...named.value, ...(filter.value?.restrictions.protocols ?? [])]);
      const blocks = new TextBlocks();
      const settings = limitSettings(options, LIMITS);
      if (!settings.ok) {
        return settings;
      }
      const lines = createLineWriter((line) => blocks.add(line), wanted.size > 0 ? wanted : undefined);
      const listener = { ...lines.listener, limitReached: limitNotes(terminal, LIMITS) };
      const engine = new Engine({ dissectors, listener, seed, ...settingsFor(settings.value, LIMITS) });
      lines.follow(engine);
      const sources = paths.map(openCapture);
      const flush = async (all: boolean) => {
        for (const block of blocks.take(all)) {
          await terminal.print(block);
        }
      };
      const ran = await runCaptures(sources, filter.value ? new PacketFilter(filter.value, engine) : engine, {
        async breathe(state) {
          await flush(false);
          terminal.progress(progressOf('decoding', state, sources));
          await terminal.breathe();
          return true;
        },
        onStop: (stop) => terminal.onStop(stop),
      });
      engine.end();
      lines.finish();
      await flush(true);
      if (!ran.ok) {
        return ran;
      }
      if (ran.value.stopped) {
        terminal.note('keyway: stopped before the end; these are the messages so far');
      }
      for (const remark of remarksOn(ran.value.captures, engine.unreadLinkTypes)) {
        terminal.note(`keyway: ${remark}`);
      }
      return ok(0);
    },
  };
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
