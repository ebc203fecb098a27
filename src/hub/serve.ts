import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Failure, fail } from '../kit/failure.ts';
import { ok, type Result } from '../kit/result.ts';
import type { ExitStatus, Input, Terminal } from '../platform/cli/command.ts';
import { readSettings, tellSettings, unknownVariables } from '../platform/config/read-settings.ts';
import { createLog } from '../platform/log/log.ts';
import type { Hub, HubCommandParts, HubSettings } from './hub.ts';
import { buildPages } from './pages.ts';
import { HUB_SETTINGS, type HubValues } from './settings.ts';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/u;

/** Runs the hub until somebody stops it. */
export async function serve(
  parts: HubCommandParts,
  { options }: Input,
  terminal: Terminal,
): Promise<Result<ExitStatus, Failure>> {
  const sources = { options, environment: parts.environment };
  const values = readSettings(HUB_SETTINGS, sources);
  if (!values.ok) {
    return values;
  }
  for (const name of unknownVariables(HUB_SETTINGS, parts.environment)) {
    terminal.note(`keyway: there is no setting ${name}`);
  }
  buildPages(parts);
  const checked = hubSettings(values.value, parts);
  if (!checked.ok) {
    return checked;
  }
  const settings = { ...checked.value, told: tellSettings(HUB_SETTINGS, sources) };
  if (settings.pages === undefined) {
    terminal.note('keyway: the console is not built (npm run build): only the API is served');
  }
  const log = createLog(values.value.logLevel);
  const started = await start(parts, settings, log);
  if (!started.ok) {
    return started;
  }
  const { url, firstRunCode, stop } = started.value;
  await terminal.print(
    options['json'] === true
      ? `${JSON.stringify({ url, firstRunCode: firstRunCode ?? null })}\n`
      : greeting(url, firstRunCode),
  );
  await new Promise<void>((resolve) => terminal.onStop(resolve));
  await stop();
  return ok(0);
}

async function start(
  { startHub }: HubCommandParts,
  settings: HubSettings,
  log: ReturnType<typeof createLog>,
): Promise<Result<Hub, Failure>> {
  try {
    return ok(await startHub(settings, log));
  } catch (error) {
    log.debug({ err: error }, 'not started');
    const reason = error instanceof Error ? error.message : String(error);
    return fail('unavailable', 'serve.not-started', `the hub does not start: ${reason}`);
  }
}

/** What the values of the settings mean together; a combination that would be unsafe is refused. */
export function hubSettings(
  values: HubValues,
  { pages, version }: Pick<HubCommandParts, 'pages' | 'version'>,
): Result<HubSettings, Failure> {
  const { data, database, host, port, tlsKey, tlsCert, behindTlsProxy } = values;
  if ((tlsKey === undefined) !== (tlsCert === undefined)) {
    return fail('invalid', 'settings.tls', '--tls-key and --tls-cert are set together or not at all');
  }
  if (tlsKey === undefined && !behindTlsProxy && !LOOPBACK.test(host)) {
    return fail(
      'invalid',
      'settings.tls',
      `--host ${host} is reachable from elsewhere, where passwords would travel in clear: set --tls-key and --tls-cert, ` +
        'or --behind-tls-proxy where a proxy in front speaks TLS',
    );
  }
  const tls = readTls(tlsKey, tlsCert);
  if (!tls.ok) {
    return tls;
  }
  return ok({
    data,
    database: locationOf(data, database),
    host,
    port,
    reserve: values.reserve,
    version,
    ...(tls.value === undefined ? {} : { tls: tls.value }),
    ...(existsSync(join(pages, 'index.html')) ? { pages } : {}),
  });
}

/** Where the database is: the server's, or the embedded one in the data folder. */
export function locationOf(data: string, database: string | undefined): string {
  return database ?? join(data, 'keyway.db');
}

function readTls(key: string | undefined, cert: string | undefined): Result<HubSettings['tls'], Failure> {
  if (key === undefined || cert === undefined) {
    return ok(undefined);
  }
  try {
    return ok({ key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') });
  } catch (error) {
    return fail('invalid', 'settings.tls', `the certificate or its key cannot be read: ${(error as Error).message}`);
  }
}

function greeting(url: string, firstRunCode: string | undefined): string {
  const lines = [`Keyway listens at ${url}`];
  if (firstRunCode !== undefined) {
    lines.push(`First start: open ${url}/setup and enter the code ${firstRunCode} (valid for 30 minutes, once).`);
  }
  return `${lines.join('\n')}\n`;
}
