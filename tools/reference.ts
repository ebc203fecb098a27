// Writes docs/reference/ from the code; with --check it only says whether what is there is still true.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import process, { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { captureCommands } from '../src/captures/commands.ts';
import { hubCommands } from '../src/hub/commands.ts';
import { HUB_SETTINGS } from '../src/hub/settings.ts';
import { inventoryCommands } from '../src/inventory/commands.ts';
import { INVENTORY_LIMITS } from '../src/inventory/limits.ts';
import { captureFile } from '../src/platform/capture/capture-files.ts';
import type { Command } from '../src/platform/cli/command.ts';
import { writeText } from '../src/platform/write-text.ts';
import { simulatorCommands } from '../src/simulator/commands.ts';
import type { Dissector, Place } from '../src/wire/dissector.ts';
import { LIMITS, type Limit, mostOf } from '../src/wire/limits.ts';
import { dissectors } from '../src/wire/protocols/index.ts';

const folder = fileURLToPath(new URL('../docs/reference/', import.meta.url));
const GENERATED = '<!-- Written by `npm run reference:write` from the code. Change the code, not this page. -->';

const pages: Readonly<Record<string, string>> = {
  'commands.md': commandsPage(),
  'protocols.md': protocolsPage(),
  'limits.md': limitsPage(),
  'settings.md': settingsPage(),
};

if (argv.includes('--check')) {
  const stale = Object.entries(pages).filter(([name, text]) => readOrNothing(name) !== text);
  for (const [name] of stale) {
    console.error(`docs/reference/${name} is not what the code says; run "npm run reference:write"`);
  }
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(pages)) {
    writeFileSync(folder + name, text);
  }
}

function readOrNothing(name: string): string | undefined {
  try {
    return readFileSync(folder + name, 'utf8');
  } catch {
    return undefined;
  }
}

function notHere(): Promise<never> {
  return Promise.reject(new Error('this only lists commands'));
}

function commandsPage(): string {
  const threads = { useful: 1, entry: new URL('../src/thread.ts', import.meta.url) };
  const parts = { dissectors, seed: 0, threads, openCapture: captureFile };
  const commands = [
    ...inventoryCommands({ ...parts, version: '', vendorOfMac: () => undefined, writeText }),
    ...captureCommands(parts),
    ...simulatorCommands(),
    ...hubCommands({ version: '', environment: {}, pages: '', pagesBuilder: '', startHub: notHere, record: notHere }),
  ];
  return [
    GENERATED,
    '',
    '# Commands',
    '',
    'Every command also takes `--json` (machine-readable result on standard output, nothing else there), `--quiet` (no progress and no',
    'notes) and `--help`. Exit status: 0 done, 1 findings at or above `--fail-on`, 2 wrong use or nothing readable, 3 an internal fault.',
    '',
    ...commands.flatMap(commandSection),
  ].join('\n');
}

function commandSection({ name, summary, details, arguments: taken, options }: Command): string[] {
  const words = taken.map(({ name: word, variadic, optional }) => {
    const text = variadic ? `${word}...` : word;
    return optional ? `[${text}]` : `<${text}>`;
  });
  return [
    `## keyway ${[name, ...words].join(' ')}`,
    '',
    `${summary}.`,
    '',
    ...(details ? ['```text', details, '```', ''] : []),
    ...(options.length > 0 ? ['| option | meaning |', '| --- | --- |'] : []),
    ...options.map(({ flags, description }) => `| \`${cell(flags)}\` | ${cell(description)} |`),
    '',
  ];
}

function protocolsPage(): string {
  const overview = dissectors.map(
    ({ name, title, at, operations }) =>
      `| [\`${name}\`](#${name}) | ${cell(title)} | ${cell(at.map(placeText).join(', '))} | ${operations.length} |`,
  );
  return [
    GENERATED,
    '',
    '# Protocols',
    '',
    `Keyway reads ${dissectors.length} protocols. A port only orders the trial: the content decides, on any port.`,
    '',
    '| name | protocol | found at | operations |',
    '| --- | --- | --- | --- |',
    ...overview,
    '',
    ...dissectors.flatMap(protocolSection),
  ].join('\n');
}

function protocolSection({ name, title, source, at, operations, fields }: Dissector): string[] {
  return [
    `## ${name}`,
    '',
    `${title}. Written from: ${source}. Found at ${at.map(placeText).join(', ')}.`,
    '',
    '| field | meaning |',
    '| --- | --- |',
    ...Object.entries(fields).map(([field, meaning]) => `| \`${field}\` | ${cell(meaning)} |`),
    '',
    '| operation | effect |',
    '| --- | --- |',
    ...operations.map((operation) => `| ${cell(operation.name)} | ${operation.effect} |`),
    '',
  ];
}

function placeText(place: Place): string {
  if ('tcp' in place) {
    return `TCP ${place.tcp}`;
  }
  if ('udp' in place) {
    return `UDP ${place.udp}`;
  }
  if ('ethertype' in place) {
    return `EtherType 0x${place.ethertype.toString(16)}`;
  }
  if ('llc' in place) {
    return `LLC 0x${place.llc.toString(16)}`;
  }
  if ('snap' in place) {
    return `SNAP ${place.snap.toString(16).padStart(10, '0')}`;
  }
  if ('linkType' in place) {
    return `link type ${place.linkType}`;
  }
  if ('ipProtocol' in place) {
    return `IP protocol ${place.ipProtocol}`;
  }
  return place.key === undefined ? `inside \`${place.within}\`` : `inside \`${place.within}\` (${place.key})`;
}

function limitsPage(): string {
  return [
    GENERATED,
    '',
    '# Limits',
    '',
    'Everything that traffic can grow has a limit. Reaching one is never fatal: it is counted, told, and what is given up is chosen so that',
    'known devices suffer last.',
    '',
    '| | |',
    '| --- | --- |',
    '| setting | `--limit NAME=NUMBER` of `analyze` and `decode`, may be repeated |',
    '| counter | `limits` in `analyze --json`: `limit`, `reached` (how often), `everyday` |',
    '| event | one line on standard error, the first time and then at most once a minute of packet time; not for *everyday* ones |',
    '| switch | `--simulate-limit NAME`: the limit is taken for reached the first time that it could be, and then is what was set |',
    '',
    '*Everyday*: reached in every plant, and nothing is lost by it.',
    '',
    '## Engine',
    '',
    'For `analyze` and `decode`.',
    '',
    ...limitRows(LIMITS),
    '',
    '## Inventory',
    '',
    'For `analyze`.',
    '',
    ...limitRows(INVENTORY_LIMITS),
    '',
  ].join('\n');
}

function settingsPage(): string {
  return [
    GENERATED,
    '',
    '# Settings of the hub',
    '',
    'For `keyway serve` and the commands beside it. An option is stronger than a variable, and a variable than the default; an empty',
    'variable is not set. A wrong setting names itself and its source, and the hub does not start.',
    '',
    '| option | variable | default | what it decides |',
    '| --- | --- | --- | --- |',
    ...Object.values(HUB_SETTINGS).map(
      ({ flags, variable, default: value, sentence }) =>
        `| \`${flags}\` | \`${variable}\` | ${value === undefined ? '' : `\`${value}\``} | ${cell(sentence)} |`,
    ),
    '',
  ].join('\n');
}

function limitRows(limits: Readonly<Record<string, Limit>>): string[] {
  return [
    '| limit | bounds | default | unit | most | when it is reached | |',
    '| --- | --- | ---: | --- | ---: | --- | --- |',
    ...Object.entries(limits).map(([name, limit]) => {
      const { value, unit, bounds, reached, everyday } = limit;
      const numbers = `${value.toLocaleString('en')} | ${unit} | ${mostOf(limit).toLocaleString('en')}`;
      return `| \`${name}\` | ${cell(bounds)} | ${numbers} | ${cell(reached)} | ${everyday ? 'everyday' : ''} |`;
    }),
  ];
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
