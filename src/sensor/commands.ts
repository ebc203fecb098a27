import type { Command, Option } from '../platform/cli/command.ts';
import type { SensorCommandParts } from './live/commands.ts';

const OPTIONS: readonly Option[] = [
  { flags: '--interface <name>', description: 'network interface to listen to' },
  { flags: '--replay <file>', description: 'read this capture instead, once: a trial of the whole path' },
  { flags: '--hub <url>', description: 'where the hub is: https, or http on this machine', required: true },
  { flags: '--id <id>', description: 'the number that the hub gave to this sensor', required: true },
  { flags: '--secret-file <file>', description: 'file that holds the secret of this sensor', required: true },
  { flags: '--name <name>', description: 'what the sensor is called in findings (default: its number)' },
  { flags: '--spool <folder>', description: 'where records wait for the hub (default ./keyway-spool)' },
  { flags: '--spool-days <days>', description: 'days that records wait at most (default 7)' },
  { flags: '--spool-gib <size>', description: 'GiB that wait at most; the least important goes first (default 10)' },
  { flags: '--fingerprint <sha256>', description: 'certificate of the hub by its SHA-256: no other is believed' },
  { flags: '--harvest <seconds>', description: 'seconds between two reports of what was heard (default 10)' },
  { flags: '--capture <program>', description: 'program that listens', choices: ['dumpcap', 'tcpdump'] },
];

export function sensorCommands(parts: SensorCommandParts): readonly Command[] {
  return [
    {
      name: 'sensor',
      summary: 'Listen to a network interface and deliver what is heard to the hub',
      details:
        'Listens through dumpcap or tcpdump and sends nothing on that interface. Packets are read in a process that can reach no file ' +
        'and start no program. What is heard waits on disk until the hub says that it is in its database; what had to be dropped is ' +
        'shown there as a gap.\n\n' +
        'Example: keyway sensor --interface eth1 --hub https://hub.plant.example --id 6f1c… --secret-file /etc/keyway/sensor.secret',
      arguments: [],
      options: OPTIONS,
      run: async (input, terminal) => (await import('./live/commands.ts')).listen(parts, input, terminal),
    },
  ];
}
