import { createLineWriter } from '../../src/captures/decode-lines.ts';
import { runCaptures } from '../../src/captures/run-captures.ts';
import { captureFile } from '../../src/platform/capture/capture-files.ts';
import { Engine } from '../../src/wire/engine.ts';
import { dissectors } from '../../src/wire/protocols/index.ts';
import { CATALOGUE } from './catalogue.ts';
import { plainValue, type SeenMessage } from './message.ts';

export interface KeywayReading {
  readonly messages: readonly SeenMessage[];
  /** What is wrong with the output as such: lines out of order, counters that do not add up, nothing readable. */
  readonly faults: readonly string[];
  /** All packets are of link types that Keyway passes over, and says so: there is nothing to compare. */
  readonly isPassedOver: boolean;
}

interface Line {
  readonly frame: number;
  readonly protocol: string;
  readonly direction?: string;
  readonly outcome: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What `keyway decode` prints of a capture, made in this process. */
export async function readWithKeyway(path: string): Promise<KeywayReading> {
  const messages: SeenMessage[] = [];
  const faults: string[] = [];
  let last = 0;
  const lines = createLineWriter(
    (text) => {
      const line: Line = JSON.parse(text);
      if (line.frame < last) {
        faults.push(`frame ${line.frame} after frame ${last}`);
      }
      last = line.frame;
      const message = messageOf(line);
      if (message) {
        messages.push(message);
      }
    },
    new Set(Object.keys(CATALOGUE)),
  );
  const engine = new Engine({ dissectors, listener: lines.listener, seed: 1 });
  lines.follow(engine);
  const ran = await runCaptures([captureFile(path)], engine, { breathe: async () => true });
  engine.end();
  lines.finish();
  const { packets, decoded, filtered, dropped } = engine.counters;
  if (packets !== decoded + filtered + dropped) {
    faults.push(`${packets} packets are not ${decoded} decoded + ${filtered} filtered + ${dropped} dropped`);
  }
  if (!ran.ok) {
    faults.push(ran.error.message);
  }
  return { messages, faults, isPassedOver: packets > 0 && filtered === packets };
}

function messageOf({ frame, protocol, direction, outcome, fields }: Line): SeenMessage | undefined {
  const compared = CATALOGUE[protocol];
  if (!compared || (compared.only !== undefined && plainValue(fields[compared.only]) === undefined)) {
    return undefined;
  }
  const names = Object.keys(compared.fields);
  const values = names.map((name) => [name, plainValue(name === 'direction' ? direction : fields[name])] as const);
  return { frame, protocol, values: new Map(values), damaged: outcome !== 'message' };
}
