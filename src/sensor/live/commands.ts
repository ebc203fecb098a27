import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Failure, fail } from '../../kit/failure.ts';
import { ok, type Result } from '../../kit/result.ts';
import {
  type CaptureProgram,
  findCaptureProgram,
  isInterfaceName,
  type Listened,
} from '../../platform/capture/live-capture.ts';
import type { ExitStatus, Input, Terminal } from '../../platform/cli/command.ts';
import { createPoster } from '../../platform/http/post.ts';
import { Courier, openSpool } from '../courier/jobs.ts';
import { ListeningPost } from './jobs.ts';

export interface SensorCommandParts {
  readonly version: string;
  /** Where the decoder begins, and the folder of this program. */
  readonly decoder: { readonly entry: URL; readonly root: URL };
}

const DAY = 86_400_000;
const GIB = 1_073_741_824;
const CANARY_EVERY = 60_000;
/** Milliseconds that what is left may take when the sensor is stopped. */
const FAREWELL = 2000;
const LOOK = 20;

interface SensorSettings {
  readonly listened: Listened;
  readonly program: CaptureProgram;
  readonly hub: URL;
  readonly id: string;
  readonly name: string;
  readonly secret: string;
  readonly spool: string;
  readonly mostAge: number;
  readonly mostBytes: number;
  readonly fingerprint: string | undefined;
  readonly harvestEvery: number;
}

export async function listen(
  { version, decoder }: SensorCommandParts,
  { options }: Input,
  terminal: Terminal,
): Promise<Result<ExitStatus, Failure>> {
  const checked = settingsOf(options);
  if (!checked.ok) {
    return checked;
  }
  const { listened, program, hub, id, name, secret, harvestEvery, fingerprint, ...settings } = checked.value;
  const told = (line: string) => terminal.note(`keyway: ${line}`);
  const spool = openSpool({
    folder: settings.spool,
    mostAge: settings.mostAge,
    mostBytes: settings.mostBytes,
    newEpoch: () => randomBytes(8).toString('hex'),
  });
  if (spool.isNew) {
    told(`a new spool begins, epoch ${spool.epoch}`);
  }
  const poster = createPoster(hub, fingerprint);
  const courier = new Courier({ spool, poster, sensor: id, secret, told });
  const post = new ListeningPost({
    version,
    spool,
    program,
    listened,
    ...decoder,
    order: { source: name, network: id, harvestEvery, canaryEvery: CANARY_EVERY },
    told,
  });
  terminal.onStop(() => post.stop());
  told(`listening through ${program}`);
  const delivering = courier.run();
  await post.run();
  for (let waited = 0; waited < FAREWELL && spool.through < spool.synced; waited += LOOK) {
    await sleep(LOOK);
  }
  courier.stop();
  await delivering;
  poster.close();
  spool.close();
  return ok(0);
}

function settingsOf(options: Input['options']): Result<SensorSettings, Failure> {
  const listened = listenedOf(options);
  const hub = hubOf(options['hub']);
  const secret = secretIn(String(options['secretFile']));
  const fingerprint = fingerprintOf(options['fingerprint']);
  const numbers = numbersOf(options);
  const program = findCaptureProgram(
    options['replay'] !== undefined ? 'tcpdump' : (options['capture'] as CaptureProgram | undefined),
  );
  for (const part of [listened, hub, secret, fingerprint, numbers]) {
    if (!part.ok) {
      return part;
    }
  }
  if (program === undefined) {
    return wrong('neither dumpcap nor tcpdump is installed: one of them has to listen');
  }
  if (!(listened.ok && hub.ok && secret.ok && fingerprint.ok && numbers.ok)) {
    return wrong('the settings do not fit');
  }
  const id = String(options['id']);
  if (!/^[\w-]{1,64}$/u.test(id)) {
    return wrong('--id: is not a number that the hub gives');
  }
  return ok({
    listened: listened.value,
    program,
    hub: hub.value,
    id,
    name: typeof options['name'] === 'string' ? options['name'] : id,
    secret: secret.value,
    spool: typeof options['spool'] === 'string' ? options['spool'] : 'keyway-spool',
    fingerprint: fingerprint.value,
    ...numbers.value,
  });
}

function listenedOf({ interface: name, replay }: Input['options']): Result<Listened, Failure> {
  if (typeof replay === 'string') {
    return ok({ file: replay });
  }
  if (typeof name !== 'string') {
    return wrong('--interface: say which interface to listen to');
  }
  return isInterfaceName(name)
    ? ok({ interface: name })
    : wrong(`--interface ${name}: this is no name of an interface`);
}

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

function hubOf(text: unknown): Result<URL, Failure> {
  if (typeof text !== 'string' || !URL.canParse(text)) {
    return wrong('--hub: must be an address such as https://hub.plant.example');
  }
  const url = new URL(text);
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname));
  return isSafe ? ok(url) : wrong('--hub: must be https; http is for this machine alone');
}

function secretIn(path: string): Result<string, Failure> {
  try {
    const secret = readFileSync(path, 'utf8').trim();
    return secret.startsWith('kws_') ? ok(secret) : wrong(`--secret-file ${path}: holds no secret of a sensor`);
  } catch {
    return wrong(`--secret-file ${path}: cannot be read`);
  }
}

function fingerprintOf(text: unknown): Result<string | undefined, Failure> {
  if (text === undefined) {
    return ok(undefined);
  }
  const digits = String(text)
    .replace(/^sha256:/u, '')
    .replaceAll(':', '')
    .toLowerCase();
  return /^[0-9a-f]{64}$/u.test(digits)
    ? ok(digits)
    : wrong('--fingerprint: must be sha256: and 64 hexadecimal digits');
}

function numbersOf(options: Input['options']) {
  const days = numberOf(options['spoolDays'], 7);
  const gib = numberOf(options['spoolGib'], 10);
  const harvest = numberOf(options['harvest'], 10);
  if (days === undefined || gib === undefined || harvest === undefined) {
    return wrong('--spool-days, --spool-gib and --harvest: must be numbers above 0');
  }
  return ok({ mostAge: days * DAY, mostBytes: gib * GIB, harvestEvery: Math.max(100, harvest * 1000) });
}

function numberOf(text: unknown, otherwise: number): number | undefined {
  const value = text === undefined ? otherwise : Number(text);
  return Number.isFinite(value) && value > 0 ? value : undefined;
}

function wrong(message: string): Result<never, Failure> {
  return fail('invalid', 'sensor.settings', message);
}
