#!/usr/bin/env node
// Starts Keyway on the Node that it needs: the one that runs this file, or the one that came with the package.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const compiled = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const entry = existsSync(compiled) ? compiled : fileURLToPath(new URL('../src/cli.ts', import.meta.url));

if (major > 24 || (major === 24 && minor >= 11)) {
  // Stripping the types takes longer than most commands do: what was compiled once is kept.
  module.enableCompileCache?.();
  await import(entry);
} else {
  const own = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));
  if (!existsSync(own)) {
    process.stderr.write(
      `keyway: needs Node 24.11 or later, this is ${process.versions.node}; run "npm install" first\n`,
    );
    process.exit(2);
  }
  const { status, signal } = spawnSync(own, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  process.exitCode = status ?? (signal === 'SIGINT' ? 130 : 3);
}
