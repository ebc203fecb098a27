import { isoTime, type Micros } from '../kit/time.ts';
import type { Operation, Transport } from '../wire/dissector.ts';
import type { Flow, Listener, Message, Side } from '../wire/listener.ts';

const NO_TIME = Number.NEGATIVE_INFINITY;
const SECOND: Micros = 1e6;

/**
 * One JSON line per application message, in the order of the frames in which messages end.
 * `write` gets whole lines, each with its newline; `wanted` names the protocols to print, all where undefined.
 */
export function createLineWriter(write: (line: string) => void, wanted: ReadonlySet<string> | undefined): Listener {
  const operations = new Map<Operation, string>();
  let second = NO_TIME;
  let prefix = '';

  const timeText = (time: Micros): string => {
    const whole = Math.floor(time / SECOND);
    if (whole !== second) {
      second = whole;
      prefix = isoTime(whole * SECOND).slice(0, -'000000Z'.length);
    }
    return `${prefix}${String(Math.floor(time - whole * SECOND)).padStart(6, '0')}Z`;
  };

  const operationText = (operation: Operation): string => {
    let text = operations.get(operation);
    if (text === undefined) {
      text = JSON.stringify({ name: operation.name, effect: operation.effect });
      operations.set(operation, text);
    }
    return text;
  };

  return {
    wantsObservations: false,
    message(message: Message) {
      const { dissector, reading, side, flow } = message;
      if (wanted && !wanted.has(dissector.name)) {
        return;
      }
      const [source, destination] = endsOf(flow, side);
      let line = `{"frame":${message.frame},"time":"${timeText(message.time)}","protocol":"${dissector.name}"`;
      line += `,"source":${source},"destination":${destination}`;
      if (reading) {
        line += `,"direction":"${reading.direction}"`;
      }
      line += `,"outcome":"${message.outcome}"`;
      if (message.reason !== undefined) {
        line += `,"reason":${JSON.stringify(message.reason)}`;
      }
      if (message.ambiguous) {
        line += ',"ambiguous":true';
      }
      if (reading) {
        line += `,"operation":${operationText(reading.operation)},"fields":${JSON.stringify(reading.fields)}`;
      } else {
        line += ',"fields":{}';
      }
      write(`${line}}\n`);
    },
  };
}

/** The two ends as JSON, sender first; written once per flow. */
function endsOf(flow: Flow, side: Side): readonly [source: string, destination: string] {
  let ends = flow.data as readonly [string, string] | undefined;
  if (!ends) {
    const { transport } = flow;
    ends = [endText(flow, 0, transport), endText(flow, 1, transport)];
    flow.data = ends;
  }
  return side === 0 ? ends : [ends[1], ends[0]];
}

function endText(flow: Flow, side: Side, transport: Transport): string {
  if (transport === 'ethernet') {
    return `{"mac":"${flow.address(side)}"}`;
  }
  const port = transport === 'ip' ? '' : `,"port":${flow.port(side)}`;
  return `{"address":"${flow.address(side)}"${port}}`;
}
