import { type Failure, fail } from '../kit/failure.ts';
import { ok, type Result } from '../kit/result.ts';
import type { Command, Terminal } from '../platform/cli/command.ts';
import type { CaptureSource } from '../wire/capture/source.ts';
import type { Dissector } from '../wire/dissector.ts';
import { Engine } from '../wire/engine.ts';
import type { CaptureSummary } from './cursor.ts';
import { createLineWriter } from './decode-lines.ts';
import { runCaptures } from './run-captures.ts';

/** Lines are handed to the terminal in blocks of about this many characters. */
const BLOCK = 256 * 1024;

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
      'Example: keyway decode plant.pcap --protocol modbus | jq .operation.name',
    arguments: [{ name: 'capture', description: 'the capture to decode' }],
    options: [{ flags: '--protocol <name...>', description: 'only these protocols' }],
    async run({ arguments: paths, options }, terminal) {
      const wanted = wantedProtocols(options['protocol'], dissectors);
      if (!wanted.ok) {
        return wanted;
      }
      let block = '';
      const lines = createLineWriter((line) => {
        block += line;
      }, wanted.value);
      const engine = new Engine({ dissectors, listener: lines.listener, seed });
      lines.follow(engine);
      const sources = paths.map(openCapture);
      const flush = async (least: number) => {
        if (block.length >= least && block.length > 0) {
          const text = block;
          block = '';
          await terminal.print(text);
        }
      };
      const ran = await runCaptures(sources, engine, {
        async breathe(consumed) {
          await flush(BLOCK);
          terminal.progress('decoding', shareOf(consumed, sources));
          return terminal.breathe();
        },
      });
      engine.end();
      lines.finish();
      await flush(0);
      if (!ran.ok) {
        return ran;
      }
      noteCaptures(ran.value, engine, terminal);
      return ok(0);
    },
  };
}

function wantedProtocols(
  option: string | boolean | readonly string[] | undefined,
  dissectors: readonly Dissector[],
): Result<ReadonlySet<string> | undefined, Failure> {
  if (option === undefined || typeof option === 'boolean') {
    return ok(undefined);
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

/** How far a run has come, 0 to 1; undefined where a source's size is not known. */
export function shareOf(consumed: number, sources: readonly CaptureSource[]): number | undefined {
  let total = 0;
  for (const { size } of sources) {
    if (size === undefined) {
      return undefined;
    }
    total += size;
  }
  return total > 0 ? consumed / total : undefined;
}

/** Says what could not be read, and where: the rest stands. */
export function noteCaptures(captures: readonly CaptureSummary[], engine: Engine, terminal: Terminal): void {
  for (const { path, damage, packets, filters } of captures) {
    if (damage) {
      terminal.note(
        `keyway: ${path}: ${damage.reason} at byte ${damage.offset}; the ${packets} packets before it were kept`,
      );
    }
    if (filters.length > 0) {
      terminal.note(`keyway: ${path}: was captured with a filter, so it shows a part of the traffic only`);
    }
  }
  for (const [linkType, packets] of engine.unreadLinkTypes) {
    terminal.note(`keyway: ${packets} packets of link type ${linkType}, which is not read, were passed over`);
  }
}
