import { type Failure, fail } from '../../kit/failure.ts';
import { ok, type Result } from '../../kit/result.ts';
import { BREACHED_PASSWORDS, COMMON_WORDS } from './breached-passwords.ts';

const SHORTEST = 12;
export const LONGEST_PASSWORD = 128;
/** A password that repeats fewer characters than this is as weak as they are. */
const LONGEST_UNIT = 4;
const ROWS = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890123456789',
  'qwertyuiopasdfghjklzxcvbnm',
  'qwertzuiopasdfghjklyxcvbnm',
];

/** What the words of a password must not be alone: who owns it. */
export interface PasswordOwner {
  readonly name: string;
  readonly email: string;
}

/** The password as it is hashed: the same text from every keyboard. */
export function normalPassword(password: string): string {
  return password.normalize('NFKC');
}

/** Long enough, and nothing that a guesser tries first. No rule says which characters it must have: such rules make passwords weaker. */
export function judgePassword(password: string, owner: PasswordOwner): Result<string, Failure> {
  const normal = normalPassword(password);
  const length = [...normal].length;
  if (length < SHORTEST || length > LONGEST_PASSWORD) {
    return fail('invalid', 'access.password-length', `A password has ${SHORTEST} to ${LONGEST_PASSWORD} characters.`);
  }
  if (isGuessable(normal.toLowerCase(), owner)) {
    return fail(
      'invalid',
      'access.password-known',
      'This password is among those that are guessed first: choose another.',
    );
  }
  return ok(normal);
}

function isGuessable(password: string, { name, email }: PasswordOwner): boolean {
  if (BREACHED_PASSWORDS.has(password) || isRepetition(password) || isRun(password)) {
    return true;
  }
  const [local = '', domain = ''] = email.toLowerCase().split('@');
  const own = [
    email.toLowerCase(),
    local,
    domain,
    domain.split('.')[0] ?? '',
    ...name.toLowerCase().split(/\s+/u),
    'keyway',
  ];
  const words = [...COMMON_WORDS, ...own].filter((word) => word.length > 2).toSorted((a, b) => b.length - a.length);
  return [password, unLeet(password)].some((text) => isMadeOf(words, text));
}

/** Nothing but these words, and digits and signs around them. Long words first: they hold shorter ones. */
function isMadeOf(words: readonly string[], text: string): boolean {
  return !/\p{L}/u.test(words.reduce((left, word) => left.replaceAll(word, ''), text));
}

function isRepetition(password: string): boolean {
  for (let unit = 1; unit <= LONGEST_UNIT; unit++) {
    if (
      password ===
      password
        .slice(0, unit)
        .repeat(Math.ceil(password.length / unit))
        .slice(0, password.length)
    ) {
      return true;
    }
  }
  return false;
}

function isRun(password: string): boolean {
  return ROWS.some((row) => {
    const wrapped = row + row;
    const back = [...wrapped].toReversed().join('');
    return wrapped.includes(password) || back.includes(password);
  });
}

const LEET: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
};

/** `p@ssw0rd` is `password`; digits at the end are digits. */
function unLeet(password: string): string {
  const [, head = '', tail = ''] = /^(.*?)([\d\W_]*)$/u.exec(password) ?? [];
  return [...head].map((letter) => LEET[letter] ?? letter).join('') + tail;
}
