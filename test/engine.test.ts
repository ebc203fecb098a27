import { describe, expect, it } from 'vitest';
import { Engine } from '../src/wire/engine.ts';
import { PacketHead } from '../src/wire/packet-head.ts';
import { dissectors } from '../src/wire/protocols/index.ts';
import { hex } from './captures.ts';
import {
  ACK,
  bytesOf,
  CLIENT,
  captured,
  type End,
  ethernet,
  FIN,
  ipv4,
  runFrames,
  SERVER,
  SYN,
  tcp,
  tcpFrame,
  udp,
  udpFrame,
} from './frames.ts';

const READ = hex('0001 0000 0006 01 03 0000 000a');
const ANSWER = hex('0001 0000 0017 01 03 14 0001 0002 0003 0004 0005 0006 0007 0008 0009 000a');
const IPV4 = 0x0800;
const TCP = 6;
const UDP = 17;

const segment = tcp(CLIENT, SERVER, 1, 1, ACK, READ);
const datagram = ipv4(CLIENT, SERVER, TCP, segment);
const inIpv6 = bytesOf(
  [0x6000_0000, 4],
  [segment.length, 2],
  [6, 1],
  [64, 1],
  hex('fd00 0000 0000 0000 0000 0000 0000 0001'),
  hex('fd00 0000 0000 0000 0000 0000 0000 0002'),
  segment,
);

/** A frame of IPv6 whose first header behind the fixed one has this number. */
function ipv6Frame(next: number, payload: Uint8Array): Uint8Array {
  const head = bytesOf(inIpv6.slice(0, 4), [payload.length, 2], [next, 1], inIpv6.slice(7, 40));
  return ethernet(CLIENT, SERVER, 0x86dd, bytesOf(head, payload));
}

describe('the way to a message', () => {
  it.each([
    { name: 'Ethernet', link: 1, frame: ethernet(CLIENT, SERVER, IPV4, datagram) },
    { name: 'VLAN', link: 1, frame: ethernet(CLIENT, SERVER, 0x8100, bytesOf([10, 2], [IPV4, 2], datagram)) },
    {
      name: 'two VLAN tags',
      link: 1,
      frame: ethernet(CLIENT, SERVER, 0x88a8, bytesOf([10, 2], [0x8100, 2], [20, 2], [IPV4, 2], datagram)),
    },
    { name: 'Ethernet with padding', link: 1, frame: ethernet(CLIENT, SERVER, IPV4, bytesOf(datagram, [0, 8])) },
    { name: 'IPv6', link: 1, frame: ethernet(CLIENT, SERVER, 0x86dd, inIpv6) },
    {
      name: 'IPv6 with extension headers',
      link: 1,
      frame: ipv6Frame(0, bytesOf(hex('3c00 0104 0000 0000 0600 0104 0000 0000'), segment)),
    },
    {
      name: 'IPv6 with a dozen extension headers',
      link: 1,
      frame: ipv6Frame(60, bytesOf(hex(`${'3c00 0104 0000 0000 '.repeat(11)} 0600 0104 0000 0000`), segment)),
    },
    {
      name: 'IPv6 with mobility and authentication',
      link: 1,
      frame: ipv6Frame(135, bytesOf(hex('3300 0000 0000 0000 0601 0000 00000001 00000002'), segment)),
    },
    {
      name: 'IPv6 in one fragment',
      link: 1,
      frame: ipv6Frame(44, bytesOf(hex('0600 0000 00000009'), segment)),
    },
    {
      name: 'SNAP',
      link: 1,
      frame: ethernet(CLIENT, SERVER, datagram.length + 8, bytesOf(hex('aaaa03 000000 0800'), datagram)),
    },
    {
      name: 'SNAP behind a VLAN tag, with one behind it',
      link: 1,
      frame: ethernet(
        CLIENT,
        SERVER,
        0x8100,
        bytesOf([10, 2], [datagram.length + 12, 2], hex('aaaa03 000000 8100 0014 0800'), datagram),
      ),
    },
    {
      name: 'PPPoE',
      link: 1,
      frame: ethernet(
        CLIENT,
        SERVER,
        0x8864,
        bytesOf(hex('1100 0001'), [datagram.length + 2, 2], [0x0021, 2], datagram),
      ),
    },
    { name: 'MPLS', link: 1, frame: ethernet(CLIENT, SERVER, 0x8847, bytesOf(hex('0001 0040 0002 0140'), datagram)) },
    {
      name: 'HSR',
      link: 1,
      frame: ethernet(CLIENT, SERVER, 0x892f, bytesOf([datagram.length, 2], [7, 2], [IPV4, 2], datagram)),
    },
    {
      name: 'GRE',
      link: 1,
      tunnel: true,
      frame: ethernet(CLIENT, SERVER, IPV4, ipv4(CLIENT, SERVER, 47, bytesOf(hex('0000 0800'), datagram))),
    },
    {
      name: 'IP in IP',
      link: 1,
      tunnel: true,
      frame: ethernet(CLIENT, SERVER, IPV4, ipv4(CLIENT, SERVER, 4, datagram)),
    },
    { name: 'Linux cooked', link: 113, frame: bytesOf(hex('0000 0001 0006 020000000001 0000 0800'), datagram) },
    {
      name: 'Linux cooked, version 2',
      link: 276,
      frame: bytesOf(hex('0800 0000 00000001 0001 00 06 020000000001 0000'), datagram),
    },
    { name: 'loopback, little-endian', link: 0, frame: bytesOf(hex('02000000'), datagram) },
    { name: 'loopback, big-endian', link: 108, frame: bytesOf(hex('00000002'), datagram) },
    { name: 'raw IP', link: 101, frame: datagram },
  ])('leads through $name, and whoever chooses packets by port sees it', ({ link, frame, tunnel = false }) => {
    const { messages, engine } = runFrames(dissectors, [frame], { linkType: link });
    const head = new PacketHead();
    head.read(captured(frame, 1, 0, link));

    expect(head.destinationPort).toBe(tunnel ? 0 : SERVER.port);

    expect(messages.filter(({ protocol }) => protocol === 'modbus')).toMatchObject([
      { operation: 'read holding registers', outcome: 'message' },
    ]);
    expect(engine.counters).toMatchObject({
      packets: 1,
      decoded: 1,
      filtered: 0,
      dropped: 0,
      malformed: 0,
      truncated: 0,
    });
  });

  it('passes over link types that are not read, and says how many', () => {
    const { engine } = runFrames(dissectors, [hex('0102'), hex('0304')], { linkType: 147 });

    expect(engine.counters).toMatchObject({ packets: 2, decoded: 0, filtered: 2 });
    expect([...engine.unreadLinkTypes]).toEqual([[147, 2]]);
  });

  it('is gone by one share of the traffic alone', () => {
    // Its ports would pass for the start of GRE, and packets of others lie behind them.
    const inside = [1, 2, 3, 4, 5, 6, 7, 8].map((host) => ipv4({ ...CLIENT, address: host }, SERVER, TCP, segment));
    const frames = inside.map((packet) =>
      ipv6Frame(UDP, udp({ ...CLIENT, port: 0x8008 }, { ...SERVER, port: IPV4 }, packet)),
    );
    let flows = 0;
    for (const index of [0, 1]) {
      const listener = { wantsObservations: false, flowOpened: () => flows++ };
      const engine = new Engine({ dissectors, listener, seed: 7, share: { index, of: 2 } });
      for (const [at, frame] of frames.entries()) {
        engine.packet(captured(frame, at + 1, 0));
      }
      engine.end();
    }

    expect(flows).toBe(1);
  });

  it('never throws on any prefix of a frame, and the counters balance', () => {
    const whole = ethernet(CLIENT, SERVER, 0x86dd, inIpv6);
    const frames = Array.from({ length: whole.length }, (_, length) => whole.slice(0, length));
    const { engine } = runFrames(dissectors, frames);
    const { packets, decoded, filtered, dropped } = engine.counters;

    expect(packets).toBe(whole.length);
    expect(decoded + filtered + dropped).toBe(packets);
  });
});

describe('fragments', () => {
  const whole = udp(CLIENT, { ...SERVER, port: 502 }, READ);
  const part = (from: number, to: number, more: boolean) =>
    ethernet(
      CLIENT,
      SERVER,
      IPV4,
      ipv4(CLIENT, SERVER, UDP, whole.slice(from, to), { id: 9, fragmentOffset: from, more }),
    );

  it.each([
    { name: 'in order', frames: [part(0, 8, true), part(8, 16, true), part(16, 20, false)] },
    { name: 'the last one first', frames: [part(16, 20, false), part(8, 16, true), part(0, 8, true)] },
    { name: 'one twice', frames: [part(0, 8, true), part(0, 8, true), part(8, 16, true), part(16, 20, false)] },
    { name: 'overlapping', frames: [part(0, 16, true), part(8, 20, false)] },
  ])('are joined when they come $name', ({ frames }) => {
    const { messages } = runFrames(dissectors, frames);

    expect(messages).toMatchObject([{ frame: frames.length, protocol: 'modbus', outcome: 'message' }]);
  });

  it('of IPv6 are joined before the headers behind them are read', () => {
    const options = bytesOf(hex('1100 0104 0000 0000'), whole);
    const piece = (from: number, to: number, more: number) =>
      ipv6Frame(44, bytesOf(hex('3c00'), [from | more, 2], [9, 4], options.slice(from, to)));
    const { messages, engine } = runFrames(dissectors, [piece(0, 16, 1), piece(16, 28, 0)]);

    expect(messages).toMatchObject([{ frame: 2, protocol: 'modbus', outcome: 'message' }]);
    expect(engine.counters).toMatchObject({ decoded: 2, malformed: 0 });
  });

  it('of fragments are malformed', () => {
    const inner = bytesOf(hex('1100 0001 00000009'), whole);
    const piece = (from: number, to: number, more: number) =>
      ipv6Frame(44, bytesOf(hex('2c00'), [from | more, 2], [9, 4], inner.slice(from, to)));
    const { messages, engine } = runFrames(dissectors, [piece(0, 16, 1), piece(16, 28, 0)]);

    expect(messages).toEqual([]);
    expect(engine.counters).toMatchObject({ decoded: 2, malformed: 1 });
  });

  const contradicting = whole.slice();
  contradicting[15] = (contradicting[15] ?? 0) ^ 1;
  const other = (from: number, to: number, more: boolean) =>
    ethernet(
      CLIENT,
      SERVER,
      IPV4,
      ipv4(CLIENT, SERVER, UDP, contradicting.slice(from, to), { id: 9, fragmentOffset: from, more }),
    );

  it.each([
    { name: 'overlap', frames: [part(0, 16, true), other(8, 20, false)] },
    { name: 'come twice', frames: [part(0, 8, true), part(8, 16, true), other(8, 16, true), part(16, 20, false)] },
  ])('that $name with different bytes are ambiguous, and the first bytes count', ({ frames }) => {
    const { messages, ambiguities } = runFrames(dissectors, frames);

    expect(ambiguities).toBe(1);
    expect(messages).toMatchObject([{ protocol: 'modbus', operation: 'read holding registers', ambiguous: true }]);
  });

  it('that overlap with the same bytes are not ambiguous', () => {
    const { messages, ambiguities } = runFrames(dissectors, [part(0, 16, true), part(8, 20, false)]);

    expect(ambiguities).toBe(0);
    expect(messages).toMatchObject([{ ambiguous: false }]);
  });

  it('wait only within their limit, and the packet that cost another its place is counted as dropped', () => {
    const frames = Array.from({ length: 30 }, (_, id) =>
      ethernet(CLIENT, SERVER, IPV4, ipv4(CLIENT, SERVER, UDP, whole.slice(0, 8), { id, more: true })),
    );
    const { engine, limits } = runFrames(dissectors, frames, { limits: { fragmentedDatagrams: 10 } });

    expect(engine.counters).toMatchObject({ packets: 30, dropped: 20, decoded: 10 });
    expect(limits).toContain('fragmentedDatagrams');
  });
});

describe('a TCP connection', () => {
  const opened = [tcpFrame(CLIENT, SERVER, 0, 0, SYN), tcpFrame(SERVER, CLIENT, 0, 1, SYN | ACK)];
  const ask = (sequence: number, bytes = READ) => tcpFrame(CLIENT, SERVER, sequence, 1, ACK, bytes);
  const answer = (sequence: number, acknowledgement: number, bytes = ANSWER) =>
    tcpFrame(SERVER, CLIENT, sequence, acknowledgement, ACK, bytes);

  it('pairs answers with questions and measures the time between', () => {
    const { messages } = runFrames(dissectors, [...opened, ask(1), answer(1, 13)]);

    expect(messages).toMatchObject([
      { direction: 'request', responseTime: undefined },
      { direction: 'response', responseTime: 1000 },
    ]);
  });

  it('is told client from server by the handshake, even on ports the other way round', () => {
    const strange: End = { ...CLIENT, port: 502 };
    const server: End = { ...SERVER, port: 50_001 };
    const frames = [
      tcpFrame(strange, server, 0, 0, SYN),
      tcpFrame(server, strange, 0, 1, SYN | ACK),
      tcpFrame(strange, server, 1, 1, ACK, READ),
    ];

    expect(runFrames(dissectors, frames).messages).toMatchObject([{ direction: 'request' }]);
  });

  it('is told client from server by the port of the recognised protocol without one', () => {
    const { messages } = runFrames(dissectors, [answer(1, 13), ask(13)]);

    expect(messages.map(({ direction }) => direction)).toEqual(['response', 'request']);
  });

  it('goes on behind a hole as soon as the receiver acknowledges past it, with the frame that the message came in', () => {
    const { messages, gaps } = runFrames(dissectors, [...opened, ask(1), answer(1, 13), ask(25), answer(60, 37)]);

    expect(gaps).toEqual([12, 30]);
    expect(messages.map(({ frame }) => frame)).toEqual([3, 4, 5, 6]);
  });

  it('keeps the first of two contents and says that it is ambiguous', () => {
    const other = hex('0001 0000 0006 01 05 0000 ff00');
    const { messages, ambiguities } = runFrames(dissectors, [...opened, ask(1), ask(1, other), answer(1, 13)]);

    expect(ambiguities).toBe(1);
    expect(messages).toMatchObject([
      { operation: 'read holding registers' },
      { operation: 'read holding registers', ambiguous: true, responseTime: undefined },
    ]);
  });

  it('opens anew when the same ports are used again', () => {
    let flows = 0;
    const listener = { flowClosed: () => void flows++ };
    const first = [...opened, ask(1), tcpFrame(CLIENT, SERVER, 13, 1, FIN | ACK)];
    const again = [
      tcpFrame(CLIENT, SERVER, 70_000, 0, SYN),
      tcpFrame(SERVER, CLIENT, 90_000, 70_001, SYN | ACK),
      tcpFrame(CLIENT, SERVER, 70_001, 90_001, ACK, READ),
    ];
    const { messages } = runFrames(dissectors, [...first, ...again], { listener });

    expect(flows).toBe(2);
    expect(messages).toHaveLength(2);
  });

  it('of which one side only was captured is read without waiting for the other', () => {
    const { messages, gaps } = runFrames(dissectors, [ask(1), ask(101), ask(201)]);

    expect(messages.map(({ frame }) => frame)).toEqual([1, 2, 3]);
    expect(gaps).toEqual([88, 88]);
  });

  it('marks what the capture cut off', () => {
    const { engine } = runFrames(dissectors, [ethernet(CLIENT, SERVER, IPV4, datagram).slice(0, 60)]);

    expect(engine.counters).toMatchObject({ decoded: 1, truncated: 1 });
  });

  it('never holds more behind a hole than its limit', () => {
    const frames = [...opened, ask(1), ...Array.from({ length: 50 }, (_, at) => ask(1000 + at * 12))];
    const { messages } = runFrames(dissectors, [...frames, answer(1, 13)], { limits: { heldBytesPerDirection: 100 } });

    expect(messages.filter(({ direction }) => direction === 'request')).toHaveLength(51);
  });
});

describe('one packet seen twice', () => {
  it('is one packet, whatever its TTL, and no second question', () => {
    const twin = (ttl: number) =>
      ethernet(CLIENT, SERVER, IPV4, ipv4(CLIENT, SERVER, UDP, udp(CLIENT, SERVER, READ), { id: 5, ttl }));
    const { engine, messages } = runFrames(dissectors, [twin(64), twin(63)]);

    expect(engine.counters).toMatchObject({ packets: 2, decoded: 2, duplicates: 1 });
    expect(messages.map(({ duplicate }) => duplicate)).toEqual([false, true]);
  });

  it('is not what a device sends again later', () => {
    const again = ethernet(CLIENT, SERVER, IPV4, ipv4(CLIENT, SERVER, UDP, udp(CLIENT, SERVER, READ), { id: 5 }));
    const others = Array.from({ length: 20 }, (_, port) => udpFrame({ ...CLIENT, port: port + 1 }, SERVER, READ));
    const { engine } = runFrames(dissectors, [again, ...others, again]);

    expect(engine.counters.duplicates).toBe(0);
  });
});

describe('whose protocol it is', () => {
  it('is never said from the port alone', () => {
    const frames = Array.from({ length: 9 }, (_, at) =>
      tcpFrame(CLIENT, SERVER, 1 + at * 8, 1, ACK, hex('deadbeef00112233')),
    );

    expect(runFrames(dissectors, frames).messages).toEqual([]);
  });

  it('needs several plausible messages, an answer among them, on a foreign port', () => {
    const foreign: End = { ...SERVER, port: 30_123 };
    const pair = (at: number) => [
      tcpFrame(CLIENT, foreign, 1 + at * 12, 1 + at * 29, ACK, READ),
      tcpFrame(foreign, CLIENT, 1 + at * 29, 13 + at * 12, ACK, ANSWER),
    ];

    expect(runFrames(dissectors, [...pair(0)]).messages).toEqual([]);
    expect(runFrames(dissectors, [0, 1, 2].flatMap(pair)).messages.map(({ protocol }) => protocol)).toEqual(
      Array.from({ length: 3 }, () => 'modbus'),
    );
  });

  it('is asked anew when something else takes the stream over', () => {
    const hello = hex('1603010005 01 000001 00');
    const frames = [tcpFrame(CLIENT, SERVER, 1, 1, ACK, READ), tcpFrame(CLIENT, SERVER, 13, 1, ACK, hello)];

    expect(runFrames(dissectors, frames).messages.map(({ protocol }) => protocol)).toContain('modbus');
  });
});

it('tells each dissector of its own packet, not of the one before', () => {
  const contexts: string[] = [];
  const listener = { message: () => undefined };
  const arp = dissectors.find(({ name }) => name === 'arp');
  const spy = arp && {
    ...arp,
    read(...args: Parameters<typeof arp.read>) {
      const { transport, sourcePort, toMany } = args[1];
      contexts.push(`${transport} ${sourcePort} ${toMany}`);
      return arp.read(...args);
    },
  };
  const request = hex('0001 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002');
  const broadcast: End = { ...SERVER, mac: 0xffff_ffff_ffff };
  const others = dissectors.filter(({ name }) => name !== 'arp');
  runFrames(
    [...others, ...(spy ? [spy] : [])],
    [udpFrame(CLIENT, SERVER, READ), ethernet(CLIENT, broadcast, 0x0806, request)],
    {
      listener,
    },
  );

  expect(contexts).toEqual(['ethernet 0 true']);
});

describe('limits', () => {
  it('keeps the flows of those who answer when a flood of made-up senders comes', () => {
    const known = [tcpFrame(CLIENT, SERVER, 0, 0, SYN), tcpFrame(SERVER, CLIENT, 0, 1, SYN | ACK)];
    const flood = Array.from({ length: 3000 }, (_, at) =>
      tcpFrame({ mac: 0x0200_0000_0099, address: 0x0b00_0000 + at, port: 1024 + (at % 60_000) }, SERVER, at, 0, SYN),
    );
    const polling = Array.from({ length: 5 }, (_, at) => tcpFrame(CLIENT, SERVER, 1 + at * 12, 1, ACK, READ));
    let answered = 0;
    const listener = {
      flowClosed: (flow: { readonly answered: boolean }): void => {
        answered += flow.answered ? 1 : 0;
      },
    };
    const { messages, limits, engine } = runFrames(dissectors, [...known, ...flood, ...polling], {
      limits: { flows: 500 },
      listener,
    });

    expect(limits).toContain('flows');
    expect(messages).toHaveLength(5);
    expect(answered).toBe(1);
    expect(engine.counters).toMatchObject({ packets: 3007, decoded: 3007, dropped: 0 });
  });

  it('counts a question that pushes out the oldest unanswered one', () => {
    const unanswered: number[] = [];
    const frames = Array.from({ length: 70 }, (_, at) =>
      tcpFrame(CLIENT, SERVER, 1 + at * 12, 1, ACK, bytesOf([at, 2], READ.slice(2))),
    );
    runFrames(dissectors, frames, { listener: { unanswered: (_flow, { frame }) => void unanswered.push(frame) } });

    expect(unanswered.slice(0, 6)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('forgets the oldest question even where nobody wants to know', () => {
    const ask = (at: number) => tcpFrame(CLIENT, SERVER, 1 + at * 12, 1, ACK, bytesOf([at, 2], READ.slice(2)));
    const frames = Array.from({ length: 1000 }, (_, at) => ask(at));
    const answer = tcpFrame(SERVER, CLIENT, 1, 12_001, ACK, bytesOf([0, 2], ANSWER.slice(2)));

    expect(runFrames(dissectors, [...frames, answer]).messages.at(-1)).toMatchObject({
      direction: 'response',
      responseTime: undefined,
    });
  });

  it('passes over a message longer than any may be', () => {
    const huge = hex('48454c46 ffffff7f');
    const server: End = { ...SERVER, port: 4840 };
    const { messages } = runFrames(dissectors, [tcpFrame(CLIENT, server, 1, 1, ACK, huge)]);

    expect(messages.every(({ outcome }) => outcome !== 'message')).toBe(true);
  });
});
