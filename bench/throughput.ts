// How fast captures are read, beside the programs that people use for it. Options: --packets, --rounds.
import { join } from 'node:path';
import {
  hasProgram,
  inTurn,
  KEYWAY,
  type Made,
  makeCapture,
  numberOption,
  printMachine,
  printTable,
  type Subject,
  type Taken,
  type TRAFFIC,
  withFolder,
} from './measure.ts';

const PACKETS = numberOption('packets', 500_000);
const ROUNDS = numberOption('rounds', 3);

const FIELDS = [
  'frame.number',
  'frame.time_epoch',
  'ip.src',
  'ip.dst',
  'tcp.srcport',
  'tcp.dstport',
  '_ws.col.Protocol',
  'modbus.func_code',
  's7comm.param.func',
  'opcua.servicenodeid.numeric',
];

/** The measured programs, each with the peer that does the same kind of work. */
function subjectsFor({ path }: Made): readonly (Subject & { readonly peer: string })[] {
  const tshark = hasProgram('tshark')
    ? [
        { name: 'tshark conversations', command: ['tshark', '-n', '-r', path, '-q', '-z', 'conv,ip'] },
        {
          name: 'tshark ten fields',
          command: ['tshark', '-n', '-r', path, '-T', 'fields', ...FIELDS.flatMap((field) => ['-e', field])],
        },
      ]
    : [];
  const tcpdump = hasProgram('tcpdump')
    ? [{ name: 'tcpdump (copies only)', command: ['tcpdump', '-r', path, '-w', '/dev/null'] }]
    : [];
  return [
    {
      name: 'keyway analyze',
      command: [...KEYWAY, 'analyze', '--quiet', '--json', path],
      peer: 'tshark conversations',
    },
    { name: 'keyway decode', command: [...KEYWAY, 'decode', '--quiet', path], peer: 'tshark ten fields' },
    ...[...tshark, ...tcpdump].map((subject) => ({ ...subject, peer: '' })),
  ];
}

printMachine();
await withFolder(async (folder) => {
  for (const kind of ['industrial', 'mixed'] as const satisfies readonly (keyof typeof TRAFFIC)[]) {
    const made = makeCapture(join(folder, `${kind}.pcap`), kind, PACKETS);
    const subjects = subjectsFor(made);
    const taken = await inTurn(subjects, ROUNDS);
    console.log(
      `${kind}: ${made.packets} packets, ${(made.bytes / 1e6).toFixed(1)} MB, one processor, median of ${ROUNDS}\n`,
    );
    printTable(
      ['subject', 'CPU s', 'wall s', 'packets per CPU s', 'MB per CPU s', 'peak MB', 'times as fast as its peer'],
      subjects.map(({ name, peer }) => {
        const { cpuSeconds, wallSeconds, peakMegabytes } = taken.get(name) as Taken;
        const other = taken.get(peer);
        return [
          name,
          cpuSeconds.toFixed(2),
          wallSeconds.toFixed(2),
          Math.round(made.packets / cpuSeconds).toLocaleString('en'),
          (made.bytes / 1e6 / cpuSeconds).toFixed(1),
          peakMegabytes.toFixed(0),
          other === undefined ? '' : `${(other.cpuSeconds / cpuSeconds).toFixed(1)} (${peer})`,
        ];
      }),
    );
    console.log('');
  }
});
