import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { HubCommandParts } from './hub.ts';

/** In a checkout the console is built when it is first wanted; what is installed brings it along. */
export function buildPages({ pages, pagesBuilder }: HubCommandParts): void {
  if (!existsSync(join(pages, 'index.html')) && existsSync(pagesBuilder)) {
    const standardError = 2;
    spawnSync(process.execPath, [pagesBuilder], { stdio: ['ignore', standardError, standardError] });
  }
}
