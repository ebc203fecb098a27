import { describe, expect, it } from 'vitest';
import type { Dissector } from '../src/wire/dissector.ts';
import { dissectors } from '../src/wire/protocols/index.ts';
import { Reader } from '../src/wire/reader.ts';
import { type Packet, packetsIn, TestConversation } from './captures.ts';
import { ACK, CLIENT, type End, runFrames, SERVER, SYN, tcpFrame, udpFrame } from './frames.ts';

/**
 * Every golden conversation on its own port, on a port of nobody, on the port of another protocol, and begun in the middle.
 * A strong mark is enough anywhere; with a weak one the conversation stays unknown. It never becomes a message of another.
 */
type Transport = 'tcp' | 'udp';

/** LLMNR (RFC 4795) and multicast DNS (RFC 6762) write the same bytes: on the other's port they are the other. */
const SAME_FORMAT = ['llmnr udp'];
const FOREIGN_PORT = 30_123;
const MOST_PACKETS = 40;
const protocols = new URL('../src/wire/protocols/', import.meta.url);
const subjects = (['tcp', 'udp'] as const).flatMap((transport) =>
  dissectors.flatMap((dissector) => {
    const port = portOf(dissector, transport);
    return port === undefined ? [] : [{ name: dissector.name, transport, dissector, port }];
  }),
);

function portOf(dissector: Dissector, transport: Transport): number | undefined {
  for (const place of dissector.at) {
    if (transport === 'tcp' && 'tcp' in place) {
      return place.tcp;
    }
    if (transport === 'udp' && 'udp' in place) {
      return place.udp;
    }
  }
  return undefined;
}

/** The next protocol of that transport whose port is another one. */
function neighbourOf(transport: Transport, port: number): number {
  const ports = subjects.filter((one) => one.transport === transport).map((one) => one.port);
  const at = ports.indexOf(port);
  return [...ports.slice(at), ...ports].find((other) => other !== port) ?? FOREIGN_PORT;
}

async function golden({ name }: Dissector): Promise<readonly Packet[]> {
  return (await packetsIn(new URL(`${name.replaceAll('_', '-')}/captures/`, protocols))).slice(0, MOST_PACKETS);
}

function framesOf(packets: readonly Packet[], transport: Transport, port: number, from = 0): readonly Uint8Array[] {
  const server: End = { ...SERVER, port };
  const next = { client: 1000, server: 9000 };
  const opening = [
    tcpFrame(CLIENT, server, 999, 0, SYN),
    tcpFrame(server, CLIENT, 8999, 1000, SYN | ACK),
    tcpFrame(CLIENT, server, 1000, 9000, ACK),
  ];
  const frames = packets.map(({ bytes, fromClient }) => {
    if (transport === 'udp') {
      return fromClient ? udpFrame(CLIENT, server, bytes) : udpFrame(server, CLIENT, bytes);
    }
    const frame = fromClient
      ? tcpFrame(CLIENT, server, next.client, next.server, ACK, bytes)
      : tcpFrame(server, CLIENT, next.server, next.client, ACK, bytes);
    next[fromClient ? 'client' : 'server'] += bytes.length;
    return frame;
  });
  return from === 0 && transport === 'tcp' ? [...opening, ...frames] : frames.slice(from);
}

/** How many whole messages of which protocol. */
function counted(frames: readonly Uint8Array[]): ReadonlyMap<string, number> {
  const { messages, engine } = runFrames(dissectors, frames);
  const { packets, decoded, filtered, dropped } = engine.counters;
  expect(decoded + filtered + dropped).toBe(packets);
  const counts = new Map<string, number>();
  for (const { protocol, outcome } of messages) {
    if (outcome === 'message') {
      counts.set(protocol, (counts.get(protocol) ?? 0) + 1);
    }
  }
  return counts;
}

function told(own: ReadonlyMap<string, number>, here: ReadonlyMap<string, number>): string {
  const others = [...here.keys()].filter((protocol) => !own.has(protocol));
  if (others.length > 0) {
    return `taken for ${others.toSorted().join(', ')}`;
  }
  const all = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((sum, count) => sum + count, 0);
  return here.size === 0 ? 'unknown' : all(here) < all(own) ? 'in part' : 'the same';
}

describe.each(subjects)('$name on $transport', ({ name, transport, dissector, port }) => {
  const isSameFormat = SAME_FORMAT.includes(`${name} ${transport}`);

  it('is itself or unknown on a wrong port, and begun in the middle', async () => {
    const packets = await golden(dissector);
    const own = counted(framesOf(packets, transport, port));
    const foreign = told(own, counted(framesOf(packets, transport, FOREIGN_PORT)));
    const middle = told(own, counted(framesOf(packets, transport, port, packets.length >> 1)));
    const other = told(own, counted(framesOf(packets, transport, neighbourOf(transport, port))));

    expect([foreign, middle, ...(isSameFormat ? [] : [other])].filter((text) => text.startsWith('taken'))).toEqual([]);
    if (own.has(name) && isStrong(packets, dissector, transport)) {
      expect(foreign).not.toBe('unknown');
    }
  });

  it('is told from its neighbour on the neighbour’s port', async () => {
    const other = neighbourOf(transport, port);
    const owner = subjects.find((one) => one.transport === transport && one.port === other);
    const host = owner ? framesOf(await golden(owner.dissector), transport, other) : [];
    const before = counted(host).get(owner?.name ?? '');
    const guest = framesOf(await golden(dissector), transport, other).map((frame) => moved(frame));

    const after = counted([...host, ...guest]).get(owner?.name ?? '');
    if (!isSameFormat) {
      expect(after).toBe(before);
    }
  });
});

/** The first message carries a mark that is enough on any port. */
function isStrong([first]: readonly Packet[], dissector: Dissector, transport: Transport): boolean {
  const context = new TestConversation({ transport, destinationPort: FOREIGN_PORT }).context(
    first?.fromClient === true,
  );
  return first !== undefined && dissector.recognise(Reader.of(first.bytes), context) === 'strong';
}

/** The same frame of a client at another address. */
function moved(frame: Uint8Array): Uint8Array {
  const copy = frame.slice();
  for (const at of [26, 30]) {
    if (copy[at + 3] === (CLIENT.address & 0xff)) {
      copy[at + 3] = 0x63;
    }
  }
  return copy;
}

it('says that a conversation is encrypted, whatever port it is on', async () => {
  const tls = dissectors.find(({ name }) => name === 'tls');
  const packets = tls ? await golden(tls) : [];
  for (const { port, transport } of subjects) {
    if (transport === 'tcp') {
      expect([...counted(framesOf(packets, 'tcp', port)).keys()], `port ${port}`).toEqual(['tls']);
    }
  }
});
