// Everything that says whether Keyway works: types, lint, dependency rules, then all tests.
// `npm test -- PATTERN…` runs only the tests whose file matches, without the checks.
import { mkdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { buildConsole } from './build.mjs';
import { installPackages, installPrograms, root, run } from './prepare.mjs';

installPackages();
installPrograms({
  tshark: 'tshark',
  chromium: 'chromium',
  strace: 'strace',
  pg_ctlcluster: 'postgresql',
  tcpdump: 'tcpdump',
  nft: 'nftables',
  ip: 'iproute2',
});

const patterns = process.argv.slice(2);
let failedChecks = buildConsole() === 0 ? 0 : 1;
if (patterns.length === 0) {
  for (const check of ['typecheck', 'lint', 'deps', 'unused', 'reference']) {
    if (run('npm', ['run', '--silent', check]) !== 0) {
      console.error(`npm run ${check}: failed`);
      failedChecks++;
    }
  }
}

mkdirSync(`${root}.cache`, { recursive: true });
const results = `${root}.cache/tests.json`;
const status = run('vitest', [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${results}`,
  ...patterns,
]);
const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
  readFileSync(results, 'utf8'),
);
const brokenFiles = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
const failed =
  numFailedTests + failedChecks + brokenFiles + (status !== 0 && numFailedTests + brokenFiles === 0 ? 1 : 0);
console.log(`${numPassedTests} passed, ${failed} failed, ${numPendingTests + numTodoTests} skipped`);
process.exitCode = failed === 0 ? 0 : 1;
