import { randomInt } from 'node:crypto';
import { createRequire } from 'node:module';
import { argv, env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { captureCommands } from './captures/commands.ts';
import { hubCommands } from './hub/commands.ts';
import { inventoryCommands } from './inventory/commands.ts';
import { importCommands } from './inventory/imports/commands.ts';
import { registryVendors } from './inventory/oui-adapter.ts';
import { captureFile } from './platform/capture/capture-files.ts';
import { runCommandLine } from './platform/cli/run.ts';
import { usefulThreads } from './platform/threads/crew.ts';
import { writeText } from './platform/write-text.ts';
import { sensorCommands } from './sensor/commands.ts';
import { simulatorCommands } from './simulator/commands.ts';
import { dissectors } from './wire/protocols/index.ts';

/** The one place that knows every part of the command line. Read it top to bottom to see what `keyway` can do. */
const { version } = createRequire(import.meta.url)('../package.json') as { version: string };
const seed = randomInt(2 ** 32);
const openCapture = captureFile;
const vendorOfMac = registryVendors();
const threads = { useful: usefulThreads(), entry: new URL('./thread.ts', import.meta.url) };

const commands = [
  ...inventoryCommands({ version, dissectors, vendorOfMac, seed, threads, openCapture, writeText }),
  ...importCommands(),
  ...captureCommands({ dissectors, seed, threads, openCapture }),
  ...simulatorCommands(),
  ...sensorCommands({
    version,
    decoder: { entry: new URL('./decoder.ts', import.meta.url), root: new URL('../', import.meta.url) },
  }),
  ...hubCommands({
    version,
    environment: env,
    pages: fileURLToPath(new URL('../web/dist', import.meta.url)),
    pagesBuilder: fileURLToPath(new URL('../tools/build.mjs', import.meta.url)),
    startHub: async (settings, log) => (await import('./main.ts')).startHub(settings, log),
    record: async (db, activity) => (await import('./access/store.ts')).createActivityStore(db).append([activity]),
  }),
];

process.exitCode = await runCommandLine(commands, version, argv.slice(2));
