// What the README's two commands need, brought in by themselves: npm packages, and for the tests programs of Debian.
// Plain JavaScript on any Node from 20 on, because nothing is installed yet when it runs.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
/** The Node that came with the packages: the program needs a newer one than npm does. */
export const node = `${root}node_modules/.bin/node`;
/** Programs of administrators (nft, ip) are not on everybody's path. */
const PROGRAMS = `${root}node_modules/.bin:${process.env.PATH}:/usr/sbin:/sbin`;

export function installPackages() {
  const installed = `${root}node_modules/.package-lock.json`;
  const isCurrent =
    existsSync(installed) && statSync(installed).mtimeMs >= statSync(`${root}package-lock.json`).mtimeMs;
  if (!isCurrent) {
    console.error('Installing the packages (npm ci)…');
    execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
}

/** Installs missing programs with apt where that is possible; tests that lack one are skipped and say so. */
export function installPrograms(packageOf) {
  const missing = Object.entries(packageOf).filter(([program]) => !hasProgram(program));
  if (missing.length === 0) {
    return;
  }
  const packages = missing.map(([, name]) => name);
  const isRoot = process.getuid?.() === 0;
  const [command, ...before] = isRoot ? ['apt-get'] : ['sudo', '-n', 'apt-get'];
  if (!hasProgram('apt-get') || (!isRoot && spawnSync('sudo', ['-n', 'true']).status !== 0)) {
    console.error(
      `Not installed, and not to be installed from here: ${packages.join(', ')}. Tests that need them are skipped.`,
    );
    return;
  }
  console.error(`Installing ${packages.join(', ')} (apt-get)…`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args) => spawnSync(command, [...before, ...args], { env, stdio: 'ignore' });
  apt('update');
  if (apt('install', '-y', '--no-install-recommends', ...packages).status !== 0) {
    console.error(`apt-get could not install ${packages.join(', ')}. Tests that need them are skipped.`);
  }
}

export function run(command, args) {
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: PROGRAMS },
  });
  return status ?? 1;
}

function hasProgram(program) {
  return (
    spawnSync('sh', ['-c', `command -v "$1"`, 'sh', program], {
      stdio: 'ignore',
      env: { ...process.env, PATH: PROGRAMS },
    }).status === 0
  );
}
