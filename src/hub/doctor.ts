import { existsSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Failure } from '../kit/failure.ts';
import { ok, type Result } from '../kit/result.ts';
import type { ExitStatus, Input, Terminal } from '../platform/cli/command.ts';
import { readSettings, unknownVariables } from '../platform/config/read-settings.ts';
import { onPath } from '../platform/open-page.ts';
import { stepsOf } from '../platform/store/migrate.ts';
import { migrations } from '../platform/store/migrations/index.ts';
import { isPostgres, openStore } from '../platform/store/open-store.ts';
import type { HubCommandParts } from './hub.ts';
import { hubSettings, locationOf } from './serve.ts';
import { HUB_SETTINGS, type HubValues } from './settings.ts';

/** The security releases of October 2026. */
const PATCHED_NODE = [24, 22, 1] as const;
const GIBIBYTE = 1_073_741_824;
const PRIVATE = 0o077;

interface Sign {
  readonly state: 'ok' | 'doubtful' | 'wrong';
  /** What was looked at: `node`. */
  readonly of: string;
  readonly says: string;
}

/** `keyway doctor`. */
export async function examine(
  parts: HubCommandParts,
  { options }: Input,
  terminal: Terminal,
): Promise<Result<ExitStatus, Failure>> {
  const { environment, pages, version } = parts;
  const values = readSettings(HUB_SETTINGS, { options, environment });
  const signs: Sign[] = [{ state: 'ok', of: 'keyway', says: version }, nodeSign(process.versions.node)];
  if (values.ok) {
    const checked = hubSettings(values.value, parts);
    signs.push(
      checked.ok
        ? { state: 'ok', of: 'settings', says: 'each can be what it is' }
        : { state: 'wrong', of: 'settings', says: checked.error.message },
      ...folderSigns(values.value),
      await databaseSign(locationOf(values.value.data, values.value.database)),
    );
  } else {
    signs.push({ state: 'wrong', of: 'settings', says: values.error.message });
  }
  for (const name of unknownVariables(HUB_SETTINGS, environment)) {
    signs.push({ state: 'doubtful', of: 'settings', says: `there is no setting ${name}` });
  }
  signs.push(consoleSign(pages), captureSign(environment['PATH'] ?? ''));
  await terminal.print(
    options['json'] === true
      ? `${JSON.stringify(signs)}\n`
      : signs.map(({ state, of, says }) => `${state.padEnd(9)} ${of.padEnd(9)} ${says}\n`).join(''),
  );
  return ok(signs.some(({ state }) => state === 'wrong') ? 1 : 0);
}

export function nodeSign(version: string): Sign {
  const parts = version.split('.').map(Number);
  const at = PATCHED_NODE.findIndex((least, index) => parts[index] !== least);
  const isPatched = at === -1 || (parts[at] ?? 0) > (PATCHED_NODE[at] ?? 0);
  return isPatched
    ? { state: 'ok', of: 'node', says: version }
    : { state: 'doubtful', of: 'node', says: `${version} lacks the security fixes of ${PATCHED_NODE.join('.')}` };
}

function folderSigns({ data, reserve }: HubValues): readonly Sign[] {
  const folder = statSync(data, { throwIfNoEntry: false });
  if (folder === undefined) {
    return [{ state: 'ok', of: 'data', says: `${data} is made at the first start` }];
  }
  const { bavail, bsize } = statfsSync(data);
  const free = bavail * bsize;
  return [
    (folder.mode & PRIVATE) === 0
      ? { state: 'ok', of: 'data', says: `${data} is readable by its owner alone` }
      : { state: 'doubtful', of: 'data', says: `${data} is readable by others: chmod 700` },
    {
      state: free < 2 * reserve ? 'wrong' : free < GIBIBYTE ? 'doubtful' : 'ok',
      of: 'disk',
      says: `${(free / GIBIBYTE).toFixed(1)} GiB free`,
    },
  ];
}

async function databaseSign(location: string): Promise<Sign> {
  if (!isPostgres(location) && !existsSync(location)) {
    return { state: 'ok', of: 'database', says: `${location} is made at the first start` };
  }
  try {
    const store = await openStore(location, { steps: 'as-is' });
    const steps = await stepsOf(store.read);
    await store.close();
    const known = new Set(migrations.map(({ name }) => name));
    const newer = [...steps].find((name) => !known.has(name));
    const open = migrations.filter(({ name }) => !steps.has(name)).length;
    if (newer !== undefined) {
      return { state: 'wrong', of: 'database', says: `written by a newer Keyway (it has ${newer})` };
    }
    return {
      state: 'ok',
      of: 'database',
      says: open === 0 ? 'durable and up to date' : `durable; the next start brings it up to date (${open} steps)`,
    };
  } catch (error) {
    return { state: 'wrong', of: 'database', says: error instanceof Error ? error.message : String(error) };
  }
}

function consoleSign(pages: string): Sign {
  return existsSync(join(pages, 'index.html'))
    ? { state: 'ok', of: 'console', says: 'built' }
    : { state: 'doubtful', of: 'console', says: `not built (npm run build in ${dirname(dirname(pages))})` };
}

function captureSign(path: string): Sign {
  const found = ['dumpcap', 'tcpdump'].find((program) => onPath(program, path) !== undefined);
  return found === undefined
    ? { state: 'doubtful', of: 'sensor', says: 'neither dumpcap nor tcpdump is installed: no live capture from here' }
    : { state: 'ok', of: 'sensor', says: `captures through ${found}` };
}
