import { expect, it } from 'vitest';
import { readSettings, unknownVariables } from './read-settings.ts';
import { defineSetting } from './setting.ts';

const settings = {
  tlsPort: defineSetting({
    flags: '--tls-port <number>',
    variable: 'KEYWAY_TLS_PORT',
    default: '1',
    sentence: 'a port',
    schema: (z) => z.string().regex(/^\d+$/u, 'must be a number').transform(Number),
  }),
};

it.each([
  { name: 'an option is stronger than a variable', options: { tlsPort: '3' }, variable: '2', value: 3 },
  { name: 'a variable is stronger than the default', options: {}, variable: '2', value: 2 },
  { name: 'an empty variable is not set', options: {}, variable: '', value: 1 },
  { name: 'nothing said is the default', options: {}, variable: undefined, value: 1 },
])('$name', ({ options, variable, value }) => {
  const read = readSettings(settings, { options, environment: { KEYWAY_TLS_PORT: variable } });

  expect(read).toEqual({ ok: true, value: { tlsPort: value } });
});

it.each([
  { options: { tlsPort: 'x' }, environment: {}, message: '--tls-port: must be a number' },
  { options: {}, environment: { KEYWAY_TLS_PORT: 'x' }, message: 'KEYWAY_TLS_PORT (environment): must be a number' },
])('a wrong setting names itself and its source: $message', ({ options, environment, message }) => {
  expect(readSettings(settings, { options, environment })).toMatchObject({ ok: false, error: { message } });
});

it('names variables that look like ours', () => {
  expect(unknownVariables(settings, { KEYWAY_TLS_PRT: '1', KEYWAY_TLS_PORT: '1', HOME: '/' })).toEqual([
    'KEYWAY_TLS_PRT',
  ]);
});
