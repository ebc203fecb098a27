// The first five minutes: a capture of a simulated plant, and what Keyway makes of it.
// `npm start -- CAPTURE…` does the same for captures of your own.
import process from 'node:process';
import { buildConsole } from './build.mjs';
import { installPackages, node, root, run } from './prepare.mjs';

installPackages();
const keyway = `${root}bin/keyway.js`;
let captures = process.argv.slice(2);
if (captures.length === 0) {
  captures = ['plant.pcap'];
  const status = run(node, [
    keyway,
    'simulate',
    '--out',
    'plant.pcap',
    '--labels',
    'plant.labels.json',
    '--duration',
    '5m',
  ]);
  if (status !== 0) {
    process.exit(status);
  }
}
process.exitCode = run(node, [keyway, 'analyze', ...captures, '--html', 'keyway-report.html']);
if (buildConsole() !== 0) {
  console.error('The console could not be built: `keyway serve` has only the API.');
}
