// Builds the console (web/dist) where it is missing or older than what it is made from. `npm run build` builds it anyway.
// Plain JavaScript on any Node from 20 on, as `npm start` and `npm test` come through here.
import { existsSync, readdirSync, statSync } from 'node:fs';
import process, { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { node, root, run } from './prepare.mjs';

const web = `${root}web/`;
const SOURCES = ['index.html', 'package.json', 'vite.config.ts', 'src', 'public'];

/** Exit status; 0 where there was nothing to do. */
export function buildConsole({ always = false } = {}) {
  const hasConsole = existsSync(`${web}index.html`) && existsSync(`${root}node_modules/.bin/vite`);
  if (!hasConsole || (!always && !isStale())) {
    return 0;
  }
  console.error('Building the console…');
  return run(node, [`${root}node_modules/vite/bin/vite.js`, 'build', '--logLevel', 'warn', 'web']);
}

function isStale() {
  const built = `${web}dist/index.html`;
  const newest = Math.max(...SOURCES.map((name) => newestIn(web + name)));
  return !existsSync(built) || statSync(built).mtimeMs < newest;
}

function newestIn(path) {
  if (!existsSync(path)) {
    return 0;
  }
  const own = statSync(path);
  return own.isDirectory() ? Math.max(0, ...readdirSync(path).map((name) => newestIn(`${path}/${name}`))) : own.mtimeMs;
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = buildConsole({ always: true });
}
