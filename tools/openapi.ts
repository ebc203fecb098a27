// Writes docs/reference/openapi.json, the types of the console and the permission matrix from the routes; with --check it only says
// whether what is there is still true.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process, { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { assembleHub } from '../src/main.ts';
import { openApi } from '../src/platform/http/openapi.ts';
import { createLog } from '../src/platform/log/log.ts';
import { permissionsPage } from './permissions-page.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = createRequire(import.meta.url)('../package.json') as { version: string };
const allRoutes = await routes();
const description = `${JSON.stringify(openApi(allRoutes, version), null, 1)}\n`;

const files: Readonly<Record<string, string>> = {
  'docs/reference/openapi.json': description,
  'docs/reference/permissions.md': permissionsPage(allRoutes),
  'web/src/api/schema.d.ts': consoleTypes(description),
};

if (argv.includes('--check')) {
  const stale = Object.entries(files).filter(([name, text]) => !isSame(root + name, text));
  for (const [name] of stale) {
    console.error(`${name} is not what the routes say; run "npm run reference:write"`);
  }
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(root + name), { recursive: true });
    writeFileSync(root + name, text);
  }
}

/** The hub is put together as it is served, over an empty database that goes at once. */
async function routes() {
  const data = mkdtempSync(join(tmpdir(), 'keyway-'));
  try {
    const settings = { data, database: join(data, 'keyway.db'), host: '127.0.0.1', port: 0, version };
    const { routes: all, stop } = await assembleHub(settings, createLog('silent'));
    await stop();
    return all;
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

function consoleTypes(text: string): string {
  const program = [`${root}web/node_modules`, `${root}node_modules`]
    .map((folder) => `${folder}/openapi-typescript/bin/cli.js`)
    .find((path) => existsSync(path));
  if (program === undefined) {
    throw new Error('openapi-typescript is not installed: npm ci');
  }
  const folder = mkdtempSync(join(tmpdir(), 'keyway-'));
  try {
    const [from, to] = [join(folder, 'openapi.json'), join(folder, 'schema.d.ts')];
    writeFileSync(from, text);
    execFileSync(process.execPath, [program, from, '--output', to], { stdio: ['ignore', 'ignore', 'inherit'] });
    return readFileSync(to, 'utf8');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function isSame(path: string, text: string): boolean {
  return existsSync(path) && readFileSync(path, 'utf8') === text;
}
