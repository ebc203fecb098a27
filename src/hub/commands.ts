import type { Command, Option } from '../platform/cli/command.ts';
import type { Settings } from '../platform/config/setting.ts';
import type { HubCommandParts } from './hub.ts';
import { HUB_SETTINGS } from './settings.ts';

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
  ];
}

function optionsOf(settings: Settings): readonly Option[] {
  return Object.values(settings).map(({ flags, sentence, default: value }) => ({
    flags,
    description: value === undefined || value === 'false' ? sentence : `${sentence} (default ${value})`,
  }));
}
