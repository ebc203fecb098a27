import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Opens a page of this machine's own in its browser, where it has one and a screen. */
export function openPage(url: string, environment: Readonly<Record<string, string | undefined>>): boolean {
  const program = openerOf(environment);
  if (program === undefined) {
    return false;
  }
  // A fixed program with one argument, and no shell.
  const child = spawn(program, [url], { detached: true, stdio: 'ignore' });
  child.on('error', () => undefined);
  child.unref();
  return true;
}

function openerOf(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  switch (process.platform) {
    case 'darwin':
      return '/usr/bin/open';
    case 'win32':
      return 'explorer.exe';
    default:
      return hasScreen(environment) ? onPath('xdg-open', environment['PATH'] ?? '') : undefined;
  }
}

function hasScreen({ DISPLAY, WAYLAND_DISPLAY }: Readonly<Record<string, string | undefined>>): boolean {
  return Boolean(DISPLAY) || Boolean(WAYLAND_DISPLAY);
}

/** The program of this name that a user would run. */
export function onPath(name: string, path: string): string | undefined {
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
