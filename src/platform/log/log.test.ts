import { expect, it } from 'vitest';
import { createLog } from './log.ts';

function logged(write: (log: ReturnType<typeof createLog>) => void): string {
  let text = '';
  write(
    createLog('debug', {
      write(line: string) {
        text += line;
      },
    }),
  );
  return text;
}

it('is one line of plain text whatever a name holds', () => {
  const name = 'a\nb\x1b[2J\u0007\u009b\u202e\u2028\u{e0041}';

  const line = logged((log) => log.info({ name }, name));

  expect(line).toMatch(/^[\x20-\x7e]+\n$/u);
  expect(JSON.parse(line)).toMatchObject({ name, msg: name });
});

it.each(['password', 'secret', 'token', 'cookie', 'authorization', 'database'])('never holds %s', (key) => {
  expect(logged((log) => log.info({ [key]: 'hunter2', request: { [key]: 'hunter2' } }, 'x'))).not.toContain('hunter2');
});
