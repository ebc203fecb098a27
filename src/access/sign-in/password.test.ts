import { expect, it } from 'vitest';
import { judgePassword } from './password.ts';

const owner = { name: 'Ada Lovelace', email: 'ada.l@plant.example' };

it.each([
  { password: 'seven wet otters sing', code: undefined },
  { password: 'bvkrqmzwxtpd', code: undefined },
  { password: 'пароль из пяти слов', code: undefined },
  { password: 'x7 x7 x7 and a kettle', code: undefined },
  { password: 'eleven char', code: 'access.password-length' },
  { password: '😀'.repeat(11), code: 'access.password-length' },
  { password: 'a b '.repeat(33), code: 'access.password-length' },
  { password: 'password1234', code: 'access.password-known' },
  { password: 'P@ssw0rd2026!', code: 'access.password-known' },
  { password: 'Administrator1!', code: 'access.password-known' },
  { password: 'Sommer2026!!', code: 'access.password-known' },
  { password: 'siemens-simatic-s7', code: undefined },
  { password: 'scadascadascada', code: 'access.password-known' },
  { password: 'aaaaaaaaaaaaaa', code: 'access.password-known' },
  { password: '121212121212', code: 'access.password-known' },
  { password: 'qwertyuiopasdf', code: 'access.password-known' },
  { password: '0987654321098', code: 'access.password-known' },
  { password: '1qaz2wsx3edc', code: 'access.password-known' },
  { password: 'AdaLovelace1815', code: 'access.password-known' },
  { password: 'ada.l@plant.example', code: 'access.password-known' },
  { password: 'Keyway-2026-2026', code: 'access.password-known' },
])('judges $password: $code', ({ password, code }) => {
  const judged = judgePassword(password, owner);

  expect(judged.ok ? undefined : judged.error.code).toBe(code);
});

it('is the same password from every keyboard', () => {
  const [composed, decomposed] = ['zwölf süße Bären', 'zwo\u0308lf su\u0308ße Ba\u0308ren'].map((password) =>
    judgePassword(password, owner),
  );

  expect(composed).toEqual(decomposed);
});
