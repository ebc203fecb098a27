import type { Command, Option } from '../platform/cli/command.ts';
import type { Settings } from '../platform/config/setting.ts';
import type { HubCommandParts } from './hub.ts';
import { DATABASE_SETTINGS, DEMO_SETTINGS, HUB_SETTINGS } from './settings.ts';

/** Commands around the hub. What they need is loaded when one runs: the others must not pay for it. */
export function hubCommands(parts: HubCommandParts): readonly Command[] {
  return [
    {
      name: 'serve',
      summary: 'Run the hub: HTTP API and console',
      details:
        'Keeps what sensors and captures tell, in a file of its own or in PostgreSQL, and serves the console. The first start prints ' +
        'a code with which the first administrator makes an account; there is no default password. Beyond loopback it speaks TLS, or ' +
        'does not start.\n\n' +
        'Every option is also an environment variable (docs/reference/settings.md); the option is stronger.\n\n' +
        'Example: keyway serve --data /var/lib/keyway --host 0.0.0.0 --tls-key key.pem --tls-cert cert.pem',
      arguments: [],
      options: optionsOf(HUB_SETTINGS),
      run: async (input, terminal) => (await import('./serve.ts')).serve(parts, input, terminal),
    },
    {
      name: 'demo',
      summary: 'Show a hub with a week of a simulated plant',
      details:
        'Simulates three shifts of a factory over a week (an ordinary one; a new station and other firmware; an intruder), hands them to a ' +
        'hub of its own on this machine, prints an account for it and opens the console. Nothing is kept, unless --data names a folder.\n\n' +
        'Example: keyway demo',
      arguments: [],
      options: [...demoOptions(), { flags: '--no-open', description: 'do not open the browser' }],
      run: async (input, terminal) => (await import('./demo.ts')).demonstrate(parts, input, terminal),
    },
    {
      name: 'backup',
      summary: 'Write everything that the hub keeps into one file',
      details:
        'The file shows one moment, also while the hub runs. It is the same from an embedded database and from PostgreSQL, and restores ' +
        'into either. It holds what is in the database: passwords as hashes, and secrets sealed with the key file of the data folder, ' +
        'which is kept apart from it.\n\n' +
        'Example: keyway backup --data /var/lib/keyway /mnt/backup/keyway-monday.ndjson.gz',
      arguments: [{ name: 'file', description: 'the file to write; compressed where its name ends in .gz' }],
      options: optionsOf(DATABASE_SETTINGS),
      run: async (input, terminal) => (await import('./keep.ts')).backUp(parts, input, terminal),
    },
    {
      name: 'restore',
      summary: 'Make a database from a backup',
      details:
        'Into a data folder without a database, or into an empty PostgreSQL database: all of the backup or nothing. A backup of an older ' +
        'Keyway is brought up to date afterwards.\n\n' +
        'Example: keyway restore --data /var/lib/keyway-new /mnt/backup/keyway-monday.ndjson.gz',
      arguments: [{ name: 'file', description: 'what keyway backup wrote' }],
      options: optionsOf(DATABASE_SETTINGS),
      run: async (input, terminal) => (await import('./keep.ts')).restore(parts, input, terminal),
    },
    {
      name: 'doctor',
      summary: 'Say whether this installation is sound',
      details:
        'Looks at versions, settings, permissions, the database and its disk, and changes nothing. Status 1 where something is wrong.',
      arguments: [],
      options: optionsOf(HUB_SETTINGS),
      run: async (input, terminal) => (await import('./doctor.ts')).examine(parts, input, terminal),
    },
  ];
}

function demoOptions(): readonly Option[] {
  const { data, ...others } = DEMO_SETTINGS;
  return optionsOf({ data: { ...data, default: undefined }, ...others });
}

function optionsOf(settings: Settings): readonly Option[] {
  return Object.values(settings).map(({ flags, sentence, default: value }) => ({
    flags,
    description: value === undefined || value === 'false' ? sentence : `${sentence} (default ${value})`,
  }));
}
