import { isoTime, type Micros } from '../kit/time.ts';
import type { Operation, Transport } from '../wire/dissector.ts';
import type { Flow, Listener, Message, Side } from '../wire/listener.ts';

const NO_TIME = Number.NEGATIVE_INFINITY;
const SECOND: Micros = 1e6;

/** Lines that may wait for earlier ones; beyond this, order yields to memory. */
const MOST_WAITING = 50_000;

export interface LineWriter {
  readonly listener: Listener;
  /** Tells from which frame on messages may still come; lines of later frames wait. */
  follow(source: { readonly earliestOpenFrame: number }): void;
  /** Writes what needs to wait no longer. */
  settle(): void;
  /** The run is over: what waits is written. */
  finish(): void;
}

/**
 * One JSON line per application message, in the order of the frames in which messages end.
 * `write` gets whole lines, each with its newline, and their frames; `wanted` names the protocols to print, all where undefined.
 */
export function createLineWriter(
  write: (line: string, frame: number) => void,
  wanted: ReadonlySet<string> | undefined,
): LineWriter {
  let source = { earliestOpenFrame: Number.POSITIVE_INFINITY };
  const waiting: { readonly frame: number; readonly line: string }[] = [];

  const release = (before: number): void => {
    let ready = 0;
    while (
      ready < waiting.length &&
      ((waiting[ready]?.frame ?? 0) <= before || waiting.length - ready > MOST_WAITING)
    ) {
      write(waiting[ready]?.line ?? '', waiting[ready]?.frame ?? 0);
      ready++;
    }
    waiting.splice(0, ready);
  };

  /** Behind all lines of this frame and earlier ones, by halving. */
  const placeBehind = (frame: number): number => {
    let from = 0;
    let to = waiting.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((waiting[middle]?.frame ?? 0) <= frame) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from;
  };

  /** A line of a frame waits while bytes of an earlier frame do: their messages come first. */
  const put = (frame: number, line: string): void => {
    const open = source.earliestOpenFrame;
    if (waiting.length === 0 && frame <= open) {
      write(line, frame);
      return;
    }
    waiting.splice(placeBehind(frame), 0, { frame, line });
    release(Math.min(open, frame));
  };

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

  const listener: Listener = {
    wantsObservations: false,
    wantsQuoted: true,
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
      if (message.quoted) {
        line += ',"quoted":true';
      }
      if (message.ambiguous) {
        line += ',"ambiguous":true';
      }
      if (reading) {
        line += `,"operation":${operationText(reading.operation)},"fields":${JSON.stringify(reading.fields)}`;
      } else {
        line += ',"fields":{}';
      }
      put(message.frame, `${line}}\n`);
    },
  };
  return {
    listener,
    follow(followed) {
      source = followed;
    },
    settle() {
      release(source.earliestOpenFrame);
    },
    finish() {
      release(Number.POSITIVE_INFINITY);
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
  const port = transport === 'ip' || transport === 'bus' ? '' : `,"port":${flow.port(side)}`;
  return `{"address":"${flow.address(side)}"${port}}`;
}
