// The dependency rules, and the check of the check: a cruise that sees no module finds no violation either.
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { stdout, stderr } = spawnSync(
  `${root}node_modules/.bin/depcruise`,
  ['src', 'web/src', '--config', '.dependency-cruiser.cjs', '--output-type', 'json'],
  { cwd: root, encoding: 'utf8', maxBuffer: 1 << 30 },
);
if (!stdout) {
  console.error(stderr);
  process.exit(1);
}
const { summary, modules } = JSON.parse(stdout);
const reasons = new Map(summary.ruleSetUsed.forbidden.map(({ name, comment }) => [name, comment]));
for (const { rule, from, to } of summary.violations) {
  console.error(`${rule.name}: ${from} → ${to}\n  ${reasons.get(rule.name)}`);
}
const files = globSync(['src/**/*.ts', 'web/src/**/*.{ts,tsx}'], { cwd: root }).length;
const seen = modules.filter(({ source }) => /^(web\/)?src\//u.test(source)).length;
if (seen < files) {
  console.error(`the dependency check saw ${seen} of ${files} files: it cannot be relied upon`);
}
console.log(
  `${seen} modules, ${summary.totalDependenciesCruised} dependencies, ${summary.violations.length} violations`,
);
process.exitCode = summary.violations.length === 0 && seen >= files ? 0 : 1;
