import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getuid } from 'node:process';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hex } from './captures.ts';
import { ACK, bytesOf, CLIENT, type End, ethernet, SERVER, SYN, tcpFrame, udpFrame } from './frames.ts';
import { pcapOf, type Record } from './pcap.ts';
import { type Ended, runKeyway } from './program.ts';

const START = Date.UTC(2026, 2, 2, 6) * 1000;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;

/** The program as a user runs it, with the test's folder as the current one. */
function keyway(args: readonly string[], input: Uint8Array | readonly Uint8Array[] = []): Promise<Ended> {
  return runKeyway(args, { folder }, input);
}

let folder = '';
const inFolder = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyway-cli-'));
  await writeFile(inFolder('plant.pcap'), PLANT);
  await writeFile(inFolder('plant.pcap.gz'), gzipSync(PLANT));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** A client reads registers of a controller, writes one, and asks another device by SNMP with a community in clear. */
const READ = hex('0001 0000 0006 01 03 0000 0002');
const READ_ANSWER = hex('0001 0000 0007 01 03 04 0001 0002');
const WRITE = hex('0002 0000 0006 01 06 0001 00ff');
const AGENT: End = { mac: 0x0200_0000_0003, address: 0x0a00_0003, port: 161 };
const SNMP_GET = hex('3026 020101 0406 7075626c6963 a019 020101 020100 020100 300e 300c 0608 2b06010201010500 0500');
const SNMP_ANSWER = hex(
  '3029 020101 0406 7075626c6963 a21c 020101 020100 020100 3011 300f 0608 2b06010201010500 0403 616263',
);

function plantFrames(): readonly Uint8Array[] {
  const { length } = READ;
  return [
    tcpFrame(CLIENT, SERVER, 100, 0, SYN),
    tcpFrame(SERVER, CLIENT, 500, 101, SYN | ACK),
    tcpFrame(CLIENT, SERVER, 101, 501, ACK),
    tcpFrame(CLIENT, SERVER, 101, 501, ACK, READ),
    tcpFrame(SERVER, CLIENT, 501, 101 + length, ACK, READ_ANSWER),
    tcpFrame(CLIENT, SERVER, 101 + length, 501 + READ_ANSWER.length, ACK, WRITE),
    tcpFrame(SERVER, CLIENT, 501 + READ_ANSWER.length, 101 + length + WRITE.length, ACK, WRITE),
    udpFrame(CLIENT, AGENT, SNMP_GET),
    udpFrame(AGENT, CLIENT, SNMP_ANSWER),
  ];
}

function recordsOf(frames: readonly Uint8Array[]): readonly Record[] {
  return frames.map((bytes, at) => ({ time: START + at * 10_000, bytes }));
}

const RECORDS = recordsOf(plantFrames());
const PLANT = pcapOf(RECORDS);

/** Byte at which the record of this number (from 0) begins. */
function offsetOf(record: number): number {
  return RECORDS.slice(0, record).reduce((sum, { bytes }) => sum + RECORD_HEADER + bytes.length, FILE_HEADER);
}

describe.concurrent('analyze', () => {
  it('prints a summary', async () => {
    const { status, stdout, stderr } = await keyway(['analyze', 'plant.pcap']);

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^9 packets, .*: 3 assets, 2 conversations\n/);
    expect(stdout).toContain('read holding registers');
    expect(stdout).not.toContain('\x1b');
  });

  it('prints JSON and nothing else with --json; the same bytes each time', async () => {
    const [first, second] = await Promise.all([
      keyway(['analyze', '--json', 'plant.pcap', '--html', 'one.html']),
      keyway(['analyze', '--json', 'plant.pcap', '--html', 'two.html']),
    ]);

    expect(first.status).toBe(0);
    expect(JSON.parse(first.stdout)).toMatchObject({
      captures: [{ path: 'plant.pcap', packets: 9, lost: 0, damage: null, firstSeen: '2026-03-02T06:00:00.000000Z' }],
      counters: { packets: 9, decoded: 9, filtered: 0, dropped: 0, truncated: 0, malformed: 0, duplicates: 0 },
      assets: [{}, {}, {}],
    });
    expect(second.stdout).toBe(first.stdout);
    expect(await readFile(inFolder('two.html'), 'utf8')).toBe(await readFile(inFolder('one.html'), 'utf8'));
  });

  it.each([
    { name: 'a packed file', args: ['plant.pcap.gz'], input: [] },
    { name: 'standard input', args: ['-'], input: PLANT },
    { name: 'standard input, packed', args: ['-'], input: gzipSync(PLANT) },
    { name: 'standard input in small pieces', args: ['-'], input: [PLANT.subarray(0, 1), PLANT.subarray(1)] },
  ])('reads $name as it reads the plain file', async ({ args, input }) => {
    const [plain, other] = await Promise.all([
      keyway(['analyze', '--json', 'plant.pcap']),
      keyway(['analyze', '--json', ...args], input),
    ]);
    const { captures: _, ...expected } = JSON.parse(plain.stdout);

    expect(other).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(other.stdout)).toMatchObject(expected);
  });

  it('merges captures by packet time', async () => {
    const odd = RECORDS.filter((_, at) => at % 2 === 1);
    const even = RECORDS.filter((_, at) => at % 2 === 0);
    await writeFile(inFolder('odd.pcap'), pcapOf(odd));
    await writeFile(inFolder('even.pcap'), pcapOf(even));
    const [whole, merged] = await Promise.all([
      keyway(['analyze', '--json', 'plant.pcap']),
      keyway(['analyze', '--json', 'odd.pcap', 'even.pcap']),
    ]);
    const { counters, conversations } = JSON.parse(whole.stdout);

    expect(JSON.parse(merged.stdout)).toMatchObject({
      captures: [
        { path: 'odd.pcap', packets: odd.length },
        { path: 'even.pcap', packets: even.length },
      ],
      counters,
      conversations,
    });
  });

  it('writes one self-contained page and a file per table', async () => {
    const { status, stderr } = await keyway(['analyze', 'plant.pcap', '--html', 'new/plant.html', '--csv', 'tables']);
    const page = await readFile(inFolder('new/plant.html'), 'utf8');

    expect(status).toBe(0);
    expect(stderr).toBe('keyway: wrote new/plant.html\nkeyway: wrote the tables into tables\n');
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).not.toMatch(/(?:src|href)="?https?:/);
    expect(await readdir(inFolder('tables'))).toEqual(expect.arrayContaining(['assets.csv', 'findings.csv']));
    expect(await readFile(inFolder('tables/operations.csv'), 'utf8')).toContain(
      'modbus,read holding registers,read,1,0',
    );
  });

  it('says nothing beside the result with --quiet', async () => {
    const args = ['analyze', 'plant.pcap', '--csv', 'quiet', '--quiet'];

    expect(await keyway(args)).toMatchObject({ status: 0, stderr: '', stdout: expect.stringMatching(/^9 packets/) });
  });

  it('ends with 1 when a finding is as severe as --fail-on says, and 0 when none is', async () => {
    const order = ['info', 'low', 'medium', 'high', 'critical'];
    const { findings } = JSON.parse((await keyway(['analyze', 'plant.pcap', '--json'])).stdout) as {
      findings: readonly { readonly severity: string }[];
    };
    const worst = Math.max(...findings.map(({ severity }) => order.indexOf(severity)));
    expect(worst).toBeGreaterThan(0);
    expect(worst).toBeLessThan(order.length - 1);
    const statuses = order.map(async (severity) => {
      const { status, stdout } = await keyway(['analyze', 'plant.pcap', '--fail-on', severity, '--json']);
      expect(JSON.parse(stdout).findings).toEqual(findings);
      return status;
    });

    expect(await Promise.all(statuses)).toEqual(order.map((_, at) => (at <= worst ? 1 : 0)));
  });

  it('says what cannot be written', async () => {
    const { status, stderr } = await keyway(['analyze', 'plant.pcap', '--html', 'plant.pcap/page.html']);

    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringMatching(/^keyway: plant\.pcap\/page\.html cannot be written \([A-Z]+\)\n$/),
    });
  });
});

interface Analysed {
  readonly counters: { readonly packets: number; readonly decoded: number; readonly filtered: number };
  readonly filter: object | null;
  readonly assets: readonly object[];
  readonly conversations: readonly { readonly protocol: string; readonly packets: number }[];
  readonly findings: readonly { readonly code: string; readonly explanation: string }[];
}

describe.concurrent('a part of a capture', () => {
  const asked = { since: null, until: null, only: [] };

  it.each([
    { args: ['--since', '+0.07s'], kept: ['snmp'], packets: 2, filter: { since: '2026-03-02T06:00:00.070000Z' } },
    {
      args: ['--until', '2026-03-02T06:00:00.07Z'],
      kept: ['modbus'],
      packets: 7,
      filter: { until: '2026-03-02T06:00:00.070000Z' },
    },
    {
      args: ['--since', '2026-03-02T07:00+01:00', '--until', '2026-03-03'],
      kept: ['modbus', 'snmp'],
      packets: 9,
      filter: {},
    },
    { args: ['--since', '2026-03-03'], kept: [], packets: 0, filter: {} },
    { args: ['--only', '10.0.0.3'], kept: ['snmp'], packets: 2, filter: { only: ['10.0.0.3'] } },
    {
      args: ['--only', 'port:502', '--only', '10.0.0.0/29'],
      kept: ['modbus'],
      packets: 7,
      filter: { only: ['port:502', '10.0.0.0/29'] },
    },
    { args: ['--only', 'protocol:modbus'], kept: ['modbus'], packets: 7, filter: { only: ['protocol:modbus'] } },
    { args: ['--only', 'protocol:modbus', '--only', '02:00:00:00:00:03'], kept: [], packets: 0, filter: {} },
    {
      args: ['--only', 'protocol:modbus', '--only', 'protocol:snmp'],
      kept: ['modbus', 'snmp'],
      packets: 9,
      filter: {},
    },
  ])('$args', async ({ args, kept, packets, filter }) => {
    const { status, stdout, stderr } = await keyway(['analyze', '--json', 'plant.pcap', ...args]);
    const analysed = JSON.parse(stdout) as Analysed;

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(analysed.counters).toMatchObject({ packets: 9, decoded: packets, filtered: 9 - packets });
    expect(analysed.filter).toMatchObject({
      ...(Object.keys(filter).length > 0 ? { ...asked, ...filter } : {}),
      leftOut: 9 - packets,
    });
    expect(analysed.conversations.map(({ protocol }) => protocol).toSorted()).toEqual(kept);
    expect(analysed.assets).toHaveLength(kept.length === 0 ? 0 : kept.length + 1);
    const coverage = analysed.findings.filter(({ code }) => code === 'coverage.filtered');
    expect(coverage).toHaveLength(packets === 9 ? 0 : 1);
    expect(coverage.every(({ explanation }) => explanation.startsWith(`${9 - packets} packets were left out`))).toBe(
      true,
    );
  });

  it('is told on the terminal', async () => {
    const { stdout } = await keyway(['analyze', 'plant.pcap', '--only', 'port:502', '--until', '+1m']);

    expect(stdout).toMatch(
      /^7 of 9 packets, .*: 2 assets, 1 conversation\n {2}before 2026-03-02T06:01:00.000000Z, only port:502\n/,
    );
  });

  it.each([
    { args: ['--only', '10.0.0.3'], frames: [8, 9] },
    { args: ['--since', '+0.05s'], frames: [6, 7, 8, 9] },
    { args: ['--only', 'protocol:snmp'], frames: [8, 9] },
    { args: ['--only', 'protocol:snmp', '--protocol', 'modbus', '--until', '+0.05s'], frames: [4, 5] },
  ])('decode $args', async ({ args, frames }) => {
    const { stdout } = await keyway(['decode', 'plant.pcap', ...args]);

    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).frame),
    ).toEqual(frames);
  });
});

describe.concurrent('decode', () => {
  it('prints a JSON line per message, in the order of frames', async () => {
    const { status, stdout, stderr } = await keyway(['decode', 'plant.pcap']);
    const lines = stdout.trimEnd().split('\n');
    const messages = lines.map((line) => JSON.parse(line));

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(messages.map(({ frame, protocol, direction }) => [frame, protocol, direction])).toEqual([
      [4, 'modbus', 'request'],
      [5, 'modbus', 'response'],
      [6, 'modbus', 'request'],
      [7, 'modbus', 'response'],
      [8, 'snmp', 'request'],
      [9, 'snmp', 'response'],
    ]);
    expect(messages[0]).toEqual({
      frame: 4,
      time: '2026-03-02T06:00:00.030000Z',
      protocol: 'modbus',
      source: { address: '10.0.0.1', port: 50_000 },
      destination: { address: '10.0.0.2', port: 502 },
      direction: 'request',
      outcome: 'message',
      operation: { name: 'read holding registers', effect: 'read' },
      fields: expect.objectContaining({ transactionId: 1, unitId: 1, functionCode: 3 }),
    });
  });

  it.each([
    { args: ['plant.pcap', '--protocol', 'modbus'], protocols: ['modbus'] },
    { args: ['--protocol', 'snmp', 'plant.pcap'], protocols: ['snmp'] },
    { args: ['--protocol', 'snmp', '--protocol', 'modbus', 'plant.pcap', '--json'], protocols: ['modbus', 'snmp'] },
    { args: ['plant.pcap', '--protocol', 'dns'], protocols: [] },
  ])('keeps to $args', async ({ args, protocols }) => {
    const { status, stdout } = await keyway(['decode', ...args]);
    const seen = stdout.split('\n').filter((line) => line !== '');

    expect(status).toBe(0);
    expect(new Set(seen.map((line) => JSON.parse(line).protocol))).toEqual(new Set(protocols));
  });
});

describe.concurrent('wrong use ends with 2 and one sentence', () => {
  it.each([
    { args: ['nonsense'], says: "unknown command 'nonsense'" },
    { args: ['analyse', 'plant.pcap'], says: "unknown command 'analyse' (Did you mean analyze?)" },
    { args: ['\x1b[2Jx'], says: String.raw`unknown command '\u{1b}[2Jx'` },
    { args: ['analyze', '--nonsense', 'plant.pcap'], says: "unknown option '--nonsense'" },
    { args: ['analyze'], says: "missing required argument 'capture'" },
    { args: ['analyze', 'plant.pcap', '--fail-on', 'awful'], says: /'awful' is invalid.*info, low, medium, high/ },
    { args: ['analyze', 'plant.pcap', '--html'], says: "option '--html <file>' argument missing" },
    { args: ['decode'], says: "missing required argument 'capture'" },
    { args: ['decode', 'plant.pcap', 'plant.pcap.gz'], says: /too many arguments for 'decode'/ },
    { args: ['decode', 'plant.pcap', '--protocol', 'nonsense'], says: /^no protocol nonsense; known: .*modbus/ },
    { args: ['analyze', '-', 'plant.pcap', '-'], says: 'standard input (-) can be read once only' },
    { args: ['analyze', 'mirror-*.pcap'], says: 'mirror-*.pcap: no file fits this pattern' },
    { args: ['analyze', 'plant.pcap', '--since', 'yesterday'], says: /^--since yesterday is no time: write 2026-/ },
    { args: ['analyze', 'plant.pcap', '--only', 'modbus'], says: '--only modbus is unclear: write protocol:modbus' },
    { args: ['decode', 'plant.pcap', '--only', 'protocol:x'], says: /^--only: no protocol x; known: .*modbus/ },
    { args: ['simulate'], says: "required option '--out <file>' not specified" },
    { args: ['simulate', '--out', 'x.pcap', '--duration', 'long'], says: /^--duration long is none/ },
  ])('$args', async ({ args, says }) => {
    const { status, stdout, stderr } = await keyway(args);

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^keyway: [^\n]+\n$/);
    expect(stderr.slice('keyway: '.length, -1)).toEqual(typeof says === 'string' ? says : expect.stringMatching(says));
  });

  it.each([[['--help']], [['help']], [['analyze', '--help']], [['decode', '--help']], [['simulate', '--help']]])(
    'but %s helps',
    async (args) => {
      expect(await keyway(args)).toMatchObject({
        status: 0,
        stdout: expect.stringMatching(/^Usage: keyway/),
        stderr: '',
      });
    },
  );

  it('shows its commands to whoever names none', async () => {
    expect(await keyway([])).toMatchObject({ status: 2, stdout: '', stderr: expect.stringMatching(/^Usage: keyway/) });
  });
});

const PACKED = gzipSync(PLANT);
const claiming = (length: number) => bytesOf([0, 8], [length, 4], [length, 4], new Uint8Array(8));

/** Files that are not what they should be: what is said of them, and how many packets are kept. */
const BAD: readonly {
  readonly name: string;
  readonly content: Uint8Array;
  readonly says: string;
  readonly kept?: number;
}[] = [
  { name: 'text.pcap', content: Buffer.from('no capture at all'), says: 'this is no pcap or pcapng file' },
  { name: 'empty.pcap', content: new Uint8Array(0), says: 'the file is empty' },
  { name: 'byte.pcap', content: hex('a1'), says: 'the file is too short to be a capture' },
  { name: 'header.pcap', content: PLANT.subarray(0, 10), says: 'the file header is cut short' },
  { name: 'packed-text.gz', content: gzipSync('no capture'), says: 'this is no pcap or pcapng file' },
  {
    name: 'noise.gz',
    content: bytesOf([0x1f8b, 2], Buffer.from('not packed')),
    says: 'the archive is damaged or cut short',
  },
  {
    name: 'first-cut.pcap',
    content: PLANT.subarray(0, offsetOf(1) - 1),
    says: 'the last packet is cut short (at byte 24); there is no packet before it',
  },
  {
    name: 'giant.pcap',
    content: bytesOf(PLANT.subarray(0, FILE_HEADER), claiming(0xffff_ffff)),
    says: 'a packet claims 4294967295 bytes (at byte 24); there is no packet before it',
  },
  {
    name: 'cut.pcap',
    content: PLANT.subarray(0, offsetOf(5) + 20),
    says: `the last packet is cut short (at byte ${offsetOf(5)}); the 5 packets before it were kept`,
    kept: 5,
  },
  {
    name: 'cut-in-header.pcap',
    content: PLANT.subarray(0, offsetOf(1) + 3),
    says: `the last packet is cut short (at byte ${offsetOf(1)}); the packet before it was kept`,
    kept: 1,
  },
  {
    name: 'giant-later.pcap',
    content: bytesOf(PLANT.subarray(0, offsetOf(5)), claiming(0xffff_ffff), PLANT.subarray(offsetOf(5))),
    says: `a packet claims 4294967295 bytes (at byte ${offsetOf(5)}); the 5 packets before it were kept`,
    kept: 5,
  },
  {
    name: 'cut.pcap.gz',
    content: PACKED.subarray(0, -12),
    says: 'the archive is damaged or cut short',
    kept: -1,
  },
  {
    name: 'damaged.pcap.gz',
    content: Buffer.concat([PACKED.subarray(0, -8), Buffer.alloc(8)]),
    says: `the archive is damaged or cut short (at byte ${PLANT.length}); the 9 packets before it were kept`,
    kept: 9,
  },
];

describe.concurrent('a bad file', () => {
  it.each(BAD)('$name', async ({ name, content, says, kept = 0 }) => {
    await writeFile(inFolder(name), content);
    const [analysed, decoded] = await Promise.all([keyway(['analyze', '--json', name]), keyway(['decode', name])]);

    for (const { status, stderr } of [analysed, decoded]) {
      expect(stderr).toMatch(/^keyway: [^\n]+\n$/);
      expect(stderr).toContain(`${name}: ${says}`);
      expect(status).toBe(kept === 0 ? 2 : 0);
    }
    if (kept === 0) {
      expect(analysed.stdout + decoded.stdout).toBe('');
      return;
    }
    const { captures, counters } = JSON.parse(analysed.stdout);
    const packets = kept > 0 ? kept : captures[0].packets;
    expect(packets).toBeGreaterThan(0);
    expect(captures).toMatchObject([{ packets, damage: { offset: expect.any(Number), reason: expect.any(String) } }]);
    expect(counters.packets).toBe(packets);
    expect(counters.decoded + counters.filtered + counters.dropped).toBe(packets);
    expect(decoded.stdout.startsWith('{"frame":') || packets < 4).toBe(true);
  });

  it('that is a folder', async () => {
    await mkdir(inFolder('folder'));
    const stderr = 'keyway: folder: this is a folder; name the captures in it\n';

    expect(await keyway(['analyze', 'folder'])).toMatchObject({ status: 2, stdout: '', stderr });
  });

  it('that is missing', async () => {
    const stderr = 'keyway: missing.pcap: there is no such file\n';

    expect(await keyway(['decode', 'missing.pcap'])).toMatchObject({ status: 2, stdout: '', stderr });
  });

  it('that may not be read', async ({ skip }) => {
    skip(getuid?.() === 0, 'root may read every file');
    await writeFile(inFolder('secret.pcap'), PLANT);
    await chmod(inFolder('secret.pcap'), 0);
    const stderr = 'keyway: secret.pcap: you may not read this file\n';

    expect(await keyway(['decode', 'secret.pcap'])).toMatchObject({ status: 2, stdout: '', stderr });
  });

  it('on standard input', async () => {
    const stderr = 'keyway: standard input: this is no pcap or pcapng file\n';

    expect(await keyway(['analyze', '-'], Buffer.from('nothing of use'))).toMatchObject({
      status: 2,
      stdout: '',
      stderr,
    });
  });

  it('among good ones is left out', async () => {
    const { status, stdout, stderr } = await keyway(['analyze', '--json', 'absent.pcap', 'plant.pcap']);

    expect({ status, stderr }).toEqual({ status: 0, stderr: 'keyway: absent.pcap: there is no such file\n' });
    expect(JSON.parse(stdout)).toMatchObject({
      captures: [{ path: 'absent.pcap', packets: 0, damage: { reason: 'there is no such file' } }, { packets: 9 }],
      counters: { packets: 9 },
    });
  });

  it('among bad ones is one reason of several', async () => {
    const stderr = 'keyway: absent.pcap: there is no such file; gone.pcap: there is no such file\n';

    expect(await keyway(['analyze', 'absent.pcap', 'gone.pcap'])).toMatchObject({ status: 2, stdout: '', stderr });
  });

  it('is told apart from an empty capture', async () => {
    await writeFile(inFolder('no-packets.pcap'), pcapOf([]));

    expect(await keyway(['decode', 'no-packets.pcap'])).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(JSON.parse((await keyway(['analyze', '--json', 'no-packets.pcap'])).stdout)).toMatchObject({
      captures: [{ packets: 0, damage: null, firstSeen: null }],
      assets: [],
    });
  });
});

/** Names that a hostile device may give itself. */
const HOSTILE = [
  '\x1b[2J\x1b]0;owned\x07',
  "=cmd|' /C calc'!A0",
  '+1;=2',
  '</script><script>alert(1)</script><img src=x onerror=alert(1)>',
  '\u202egnp.exe\u2066',
  'two\r\nlines\u2028three',
  `"quoted",'and' more`,
];

/** An LLDP announcement with this system name (IEEE 802.1AB 8.5). */
function announcement(name: string, at: number): Uint8Array {
  const mac = 0x0200_0000_0100 + at;
  const text = Buffer.from(name);
  const tlv = (type: number, ...value: readonly (readonly [number, number] | Uint8Array)[]) => {
    const bytes = bytesOf(...value);
    return bytesOf([(type << 9) | bytes.length, 2], bytes);
  };
  const station = { mac, address: 0, port: 0 };
  return ethernet(
    station,
    { mac: 0x0180_c200_000e, address: 0, port: 0 },
    0x88cc,
    bytesOf(tlv(1, [4, 1], [mac, 6]), tlv(2, [3, 1], [mac, 6]), tlv(3, [120, 2]), tlv(5, text), tlv(6, text), [0, 2]),
  );
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that must not get through.
const OBEYED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069]/;

describe.concurrent('names that hostile devices give themselves', () => {
  const capture = pcapOf(recordsOf(HOSTILE.map(announcement)));

  it('are kept as they are in JSON', async () => {
    const { stdout } = await keyway(['analyze', '--json', '-'], capture);
    const { assets } = JSON.parse(stdout) as { assets: readonly { readonly name: string }[] };

    expect(assets.map(({ name }) => name).sort()).toEqual([...HOSTILE].sort());
  });

  it('are escaped on the terminal', async () => {
    const { stdout } = await keyway(['analyze', '-'], capture);

    expect(stdout).not.toMatch(OBEYED);
    expect(stdout).toContain(String.raw`\u{1b}[2J\u{1b}]0;owned\u{7}`);
    expect(stdout).toContain(String.raw`\u{202e}gnp.exe\u{2066}`);
  });

  it('neither run nor move anything in CSV', async () => {
    await keyway(['analyze', '-', '--csv', 'hostile'], capture);

    for (const file of await readdir(inFolder('hostile'))) {
      const text = await readFile(inFolder(`hostile/${file}`), 'utf8');
      const lines = text.split('\r\n');
      expect(lines.join('')).not.toMatch(OBEYED);
      expect(text).not.toMatch(/(?:^|[,;"\n]\s*)[=+@-][^"]/);
    }
    expect(await readFile(inFolder('hostile/assets.csv'), 'utf8')).toContain(`"'=cmd|' /C calc'!A0"`);
  });

  it('are data in HTML', async () => {
    await keyway(['analyze', '-', '--html', 'hostile.html'], capture);
    await keyway(['analyze', 'plant.pcap', '--html', 'harmless.html']);
    const [hostile, harmless] = await Promise.all(
      ['hostile.html', 'harmless.html'].map((name) => readFile(inFolder(name), 'utf8')),
    );
    const elements = (page = '') => page.match(/<\/?(?:script|img)\b/g);

    expect(elements(hostile)).toEqual(elements(harmless));
    expect(hostile).not.toContain('\x1b');
  });
});

describe('limits', () => {
  it.each([
    { args: ['--limit', 'flow=3'], says: 'no limit flow; known: ' },
    { args: ['--limit', 'constructor=3'], says: 'no limit constructor; known: ' },
    { args: ['--simulate-limit', 'all'], says: 'no limit all; known: ' },
    { args: ['--limit', 'flows'], says: 'the limit flows takes a whole number from 1 to 50000000' },
    { args: ['--limit', 'flows=0'], says: 'the limit flows takes a whole number' },
    { args: ['--limit', 'flows=1e3'], says: 'not "1e3"' },
    { args: ['--limit', 'tunnelDepth=65'], says: 'from 1 to 64' },
  ])('refuses $args, and says what is right', async ({ args, says }) => {
    for (const command of ['analyze', 'decode']) {
      const { status, stdout, stderr } = await keyway([command, 'plant.pcap', ...args]);

      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toContain(says);
    }
  });

  it('that the user set are told of when they are reached, once, and counted', async () => {
    const { status, stdout, stderr } = await keyway(['analyze', 'plant.pcap', '--json', '--limit', 'flows=1']);
    const { limits } = JSON.parse(stdout) as { limits: { limit: string; reached: number; everyday: boolean }[] };

    expect(status).toBe(0);
    expect(limits).toContainEqual({ limit: 'flows', reached: expect.any(Number), everyday: false });
    expect(stderr.split('the limit "flows" was reached')).toHaveLength(2);
  });

  it('can be simulated, also where nothing is near', async () => {
    const { status, stdout, stderr } = await keyway(['decode', 'plant.pcap', '--simulate-limit', 'questions']);

    expect(status).toBe(0);
    expect(stdout).toContain('"protocol":"modbus"');
    expect(stderr).toContain('the limit "questions" was reached at 2026-03-02T06:00:0');
  });
});
