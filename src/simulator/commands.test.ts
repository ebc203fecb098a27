import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requestOf, simulate } from './commands.ts';
import type { AttackLabel } from './labels.ts';
import type { Device } from './plant/model.ts';
import { DEFAULT_OPTIONS } from './simulation.ts';

const run = promisify(execFile);
const QUIET = { progress: () => undefined, breathe: async () => true };
const TWO_MINUTES = { ...DEFAULT_OPTIONS, duration: 120_000_000, seed: 7 };
const LARGE = { maxBuffer: 1 << 28 };
/** Enough frames of each attack to see that its filter is right. */
const CHECKED_FRAMES = 150;
const ERROR = 8_388_608;
const LOSSES = ['tcp.analysis.lost_segment', 'tcp.analysis.ack_lost_segment'];

const EXPECTED = [
  'ads-config-mode arp-impersonation cip-reset coil-brute-force command-and-control dcp-address-change',
  'fins-stop firmware-update ftp-default-credentials list-identity modbus-write network-scan plc-stop',
  'program-download program-upload register-sweep remote-desktop-bypass remote-identification request-flood',
  'rogue-dhcp s7-write slmp-stop telnet-default-credentials vnc-open',
]
  .join(' ')
  .split(' ');

const PROTOCOLS =
  'ams arp cip cipio cotp dcerpc dhcp dns enip ftp http lldp mbtcp modbus mqtt ntp omron opcua pn_dcp pn_io pn_rt rdp s7comm smb2 snmp ssh stp syslog telnet tls vnc'.split(
    ' ',
  );

const hasTshark = await run('tshark', ['--version']).then(
  () => true,
  () => false,
);
if (!hasTshark) {
  process.stderr.write('simulator: tshark is not installed, the written capture is not checked with it\n');
}

describe('simulate', () => {
  let folder = '';
  let labels: readonly AttackLabel[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keyway-simulate-'));
    const written = await simulate(
      {
        out: join(folder, 'plant.pcap'),
        labels: join(folder, 'labels.json'),
        assets: join(folder, 'assets.json'),
        settings: TWO_MINUTES,
      },
      QUIET,
    );
    expect(written.ok).toBe(true);
    labels = JSON.parse(await readFile(join(folder, 'labels.json'), 'utf8'));
  }, 120_000);

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('labels every attack that it knows', () => {
    expect(labels.map(({ name }) => name).toSorted()).toEqual(EXPECTED);
    for (const { techniques, from, to, frames } of labels) {
      expect(techniques[0]).toMatch(/^T0\d{3}$/);
      expect(from <= to).toBe(true);
      expect(frames).toEqual([...new Set(frames)].toSorted((one, other) => one - other));
    }
  });

  it('lists the devices that were there', async () => {
    const assets: readonly Device[] = JSON.parse(await readFile(join(folder, 'assets.json'), 'utf8'));
    const roles = new Set(assets.map(({ role }) => role));
    for (const role of ['plc', 'io', 'drive', 'robot', 'safety', 'hmi', 'engineering', 'scada', 'switch', 'firewall']) {
      expect(roles).toContain(role);
    }
    expect(assets.find(({ name }) => name === 'l1-press-hydraulics-plc')).toMatchObject({
      orderNumber: '6ES7 315-2EH14-0AB0',
      firmware: 'V3.2.6',
      ip: '10.20.11.11',
    });
  });

  it.runIf(hasTshark)(
    'writes nothing that Wireshark calls malformed, wrong or unexpected',
    async () => {
      const checksums = ['ip', 'tcp', 'udp'].flatMap((layer) => ['-o', `${layer}.check_checksum:TRUE`]);
      const fields = ['frame.protocols', '_ws.expert.severity', '_ws.malformed', ...LOSSES].flatMap((name) => [
        '-e',
        name,
      ]);
      const lines = await tshark(folder, [...checksums, '-T', 'fields', '-E', 'separator=;', ...fields]);
      const protocols = new Set<string>();
      const faults: string[] = [];
      for (const [index, line] of lines.entries()) {
        const [layers = '', severities = '', ...marks] = line.split(';');
        for (const layer of layers.split(':')) {
          protocols.add(layer);
        }
        if (severities.split(',').some((severity) => Number(severity) >= ERROR) || marks.join('') !== '') {
          faults.push(`frame ${index + 1}: ${line}`);
        }
      }
      expect(faults).toEqual([]);
      expect([...protocols]).toEqual(expect.arrayContaining(PROTOCOLS));
    },
    180_000,
  );

  it.runIf(hasTshark)(
    'gives each attack a filter that selects its frames',
    async () => {
      const statistics = labels.flatMap(({ filter, frames }) => [
        '-z',
        `io,stat,0,(${filter}) && (${numbersOf(frames.slice(0, CHECKED_FRAMES))})`,
      ]);
      const lines = await tshark(folder, ['-q', ...statistics]);
      const counts = lines.filter((line) => /^\|\s*[\d.]+\s*<>/.test(line)).map((line) => Number(line.split('|')[2]));
      const expected = labels.map(({ frames }) => Math.min(CHECKED_FRAMES, frames.length));
      expect(counts.toSorted(byNumber)).toEqual(expected.toSorted(byNumber));
    },
    180_000,
  );

  it('stops when nobody wants the rest, and keeps what it has', async () => {
    const out = join(folder, 'part.pcap');
    const stopped = await simulate({ out, settings: TWO_MINUTES }, { ...QUIET, breathe: async () => false });
    expect(stopped.ok && stopped.value.packets).toBeGreaterThan(1000);
  });

  it('says where it cannot write', async () => {
    const settings = { ...DEFAULT_OPTIONS, duration: 1_000_000 };
    const refused = await simulate({ out: join(folder, 'missing', 'plant.pcap'), settings }, QUIET);
    expect(refused).toMatchObject({ ok: false, error: { kind: 'unavailable', code: 'file.unwritable' } });
  });
});

describe('the options of simulate', () => {
  it('have defaults for all but the file', () => {
    expect(requestOf({ out: 'plant.pcap' })).toMatchObject({ ok: true, value: { settings: DEFAULT_OPTIONS } });
  });

  it('say what is wanted', () => {
    const asked = requestOf({ out: 'p', duration: '1.5m', seed: '9', lines: '4', density: '0.5', attacks: false });
    expect(asked).toMatchObject({
      ok: true,
      value: { settings: { duration: 90_000_000, seed: 9, lines: 4, density: 0.5, attacks: false, tagged: true } },
    });
  });

  it.each([
    { duration: 'soon' },
    { duration: '0s' },
    { start: 'yesterday' },
    { seed: '-1' },
    { seed: 'x' },
    { lines: '0' },
    { lines: '2.5' },
    { density: '0' },
    { out: undefined },
  ])('refuse %o', (options) => {
    expect(requestOf({ out: 'plant.pcap', ...options })).toMatchObject({ ok: false, error: { kind: 'invalid' } });
  });
});

function byNumber(one: number, other: number): number {
  return one - other;
}

async function tshark(folder: string, more: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await run('tshark', ['-n', '-r', join(folder, 'plant.pcap'), ...more], LARGE);
  return stdout.trimEnd().split('\n');
}

/** Display filter for a list of frame numbers, in ranges. */
function numbersOf(frames: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const frame of frames) {
    const last = ranges.at(-1);
    if (last && last[1] === frame - 1) {
      last[1] = frame;
    } else {
      ranges.push([frame, frame]);
    }
  }
  return ranges.map(([from, to]) => `(frame.number >= ${from} && frame.number <= ${to})`).join(' || ');
}
