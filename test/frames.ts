import type { Micros } from '../src/kit/time.ts';
import type { CapturedPacket } from '../src/wire/capture/packet-sink.ts';
import type { Dissector } from '../src/wire/dissector.ts';
import { Engine } from '../src/wire/engine.ts';
import type { Limits } from '../src/wire/limits.ts';
import type { Listener, Message } from '../src/wire/listener.ts';

/** One end of a made-up conversation. */
export interface End {
  readonly mac: number;
  readonly address: number;
  readonly port: number;
}

export const CLIENT: End = { mac: 0x0200_0000_0001, address: 0x0a00_0001, port: 50_000 };
export const SERVER: End = { mac: 0x0200_0000_0002, address: 0x0a00_0002, port: 502 };

export const SYN = 2;
export const FIN = 1;
export const ACK = 16;

/** Network byte order from parts: `[value, bytes]` or raw bytes. */
export function bytesOf(...parts: readonly (readonly [value: number, length: number] | Uint8Array)[]): Uint8Array {
  const all: number[] = [];
  for (const part of parts) {
    if (part instanceof Uint8Array) {
      all.push(...part);
      continue;
    }
    const [value, length] = part;
    for (let at = length - 1; at >= 0; at--) {
      all.push(Math.floor(value / 256 ** at) % 256);
    }
  }
  return Uint8Array.from(all);
}

export function ethernet(from: End, to: End, etherType: number, payload: Uint8Array): Uint8Array {
  return bytesOf([to.mac, 6], [from.mac, 6], [etherType, 2], payload);
}

export interface Ipv4Options {
  readonly id?: number;
  readonly ttl?: number;
  /** In bytes; `more` says that this is not the last fragment. */
  readonly fragmentOffset?: number;
  readonly more?: boolean;
  readonly announced?: number;
}

export function ipv4(from: End, to: End, protocol: number, payload: Uint8Array, options: Ipv4Options = {}): Uint8Array {
  const { id = 0, ttl = 64, fragmentOffset = 0, more = false, announced = payload.length + 20 } = options;
  const fragment = (more ? 0x2000 : 0) | (fragmentOffset / 8);
  return bytesOf(
    ...([
      [0x4500, 2],
      [announced, 2],
      [id, 2],
      [fragment, 2],
      [ttl, 1],
      [protocol, 1],
      [0, 2],
      [from.address, 4],
      [to.address, 4],
    ] as const),
    payload,
  );
}

export function tcp(
  from: End,
  to: End,
  sequence: number,
  acknowledgement: number,
  flags: number,
  payload: Uint8Array = new Uint8Array(0),
) {
  return bytesOf(
    ...([
      [from.port, 2],
      [to.port, 2],
      [sequence >>> 0, 4],
      [acknowledgement >>> 0, 4],
      [0x50, 1],
      [flags, 1],
      [0xffff, 2],
      [0, 4],
    ] as const),
    payload,
  );
}

export function udp(from: End, to: End, payload: Uint8Array): Uint8Array {
  return bytesOf([from.port, 2], [to.port, 2], [payload.length + 8, 2], [0, 2], payload);
}

const IPV4 = 0x0800;
const TCP = 6;
const UDP = 17;
let nextId = 1;

export function tcpFrame(
  from: End,
  to: End,
  sequence: number,
  acknowledgement: number,
  flags: number,
  payload?: Uint8Array,
) {
  nextId = (nextId + 1) & 0xffff;
  return ethernet(
    from,
    to,
    IPV4,
    ipv4(from, to, TCP, tcp(from, to, sequence, acknowledgement, flags, payload), { id: nextId }),
  );
}

export function udpFrame(from: End, to: End, payload: Uint8Array): Uint8Array {
  nextId = (nextId + 1) & 0xffff;
  return ethernet(from, to, IPV4, ipv4(from, to, UDP, udp(from, to, payload), { id: nextId }));
}

/** A frame as a capture reader hands it on; `cut` leaves only that many bytes of it. */
export function captured(
  bytes: Uint8Array,
  frame: number,
  time: Micros,
  linkType = 1,
  cut = bytes.length,
): CapturedPacket {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    bytes,
    view,
    start: 0,
    end: Math.min(cut, bytes.length),
    original: bytes.length,
    time,
    linkType,
    interfaceId: 0,
    frame,
  };
}

/** What a test wants to know of a message; copied, as the engine's own object is used again. */
export interface Heard {
  readonly frame: number;
  readonly protocol: string;
  readonly outcome: string;
  readonly direction: string | undefined;
  readonly operation: string | undefined;
  readonly fields: object | undefined;
  readonly responseTime: number | undefined;
  readonly duplicate: boolean;
  readonly ambiguous: boolean;
}

function heardOf(message: Message): Heard {
  const { frame, dissector, outcome, reading, responseTime, duplicate, ambiguous } = message;
  const said = { direction: reading?.direction, operation: reading?.operation.name, fields: reading?.fields };
  return { frame, protocol: dissector.name, outcome, ...said, responseTime, duplicate, ambiguous };
}

export interface Run {
  readonly messages: Heard[];
  readonly gaps: number[];
  readonly limits: string[];
  readonly ambiguities: number;
  readonly engine: Engine;
}

/** Runs frames a millisecond apart through an engine, and tells what it said. */
export function runFrames(
  dissectors: readonly Dissector[],
  frames: readonly Uint8Array[],
  options: {
    readonly limits?: Partial<Limits>;
    readonly listener?: Partial<Listener>;
    readonly linkType?: number;
  } = {},
): Run {
  const messages: Heard[] = [];
  const gaps: number[] = [];
  const limits: string[] = [];
  let ambiguities = 0;
  const listener: Listener = {
    wantsObservations: true,
    message: (message) => messages.push(heardOf(message)),
    gap: (_flow, _side, bytes) => gaps.push(bytes),
    ambiguous: () => {
      ambiguities++;
    },
    limitReached: (limit) => limits.push(limit),
    ...options.listener,
  };
  const engine = new Engine({ dissectors, listener, seed: 7, ...(options.limits ? { limits: options.limits } : {}) });
  for (const [at, frame] of frames.entries()) {
    engine.packet(captured(frame, at + 1, 1e15 + at * 1000, options.linkType));
  }
  engine.end();
  return { messages, gaps, limits, ambiguities, engine };
}
