import pino, { type DestinationStream, type Logger } from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

const STANDARD_ERROR = 2;

/** Where a secret may sit in what is logged, at any of the depths that we log. */
const SECRET_KEYS = ['password', 'secret', 'token', 'cookie', 'set-cookie', 'authorization', 'database', 'totp'];

/**
 * One JSON line a record, to standard error: standard output is for results. JSON escapes control characters, so a name from the
 * wire can neither break a line nor move the cursor of who reads the log; the characters that JSON leaves alone are escaped too.
 */
export function createLog(level: LogLevel, destination?: DestinationStream): Logger {
  const lines = destination ?? pino.destination({ dest: STANDARD_ERROR, sync: true });
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: SECRET_KEYS.flatMap((key) => [`["${key}"]`, `*["${key}"]`]), censor: '[secret]' },
    },
    { write: (line: string) => lines.write(escapeUnseen(line)) },
  );
}

/** What JSON writes as it is, although a terminal obeys or hides it: C1 controls, marks of direction, invisible and private characters. */
function escapeUnseen(line: string): string {
  return line.replaceAll(/[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}\p{Co}]/gu, (character) =>
    [...Array(character.length).keys()]
      .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
