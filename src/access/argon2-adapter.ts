import { hash, verify } from '@node-rs/argon2';
import type { PasswordHasher } from './secrets.ts';

/** OWASP's least for argon2id, RFC 9106. Memory in KiB. */
const COST = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** Each takes 19 MiB and a thread: more at once would starve what else the hub does. */
const MOST_AT_ONCE = 2;

export async function createPasswordHasher(): Promise<PasswordHasher> {
  const inTurn = createTurns(MOST_AT_ONCE);
  const ofNobody = await hash('the password of nobody', COST);
  return {
    hash: (password) => inTurn(() => hash(password, COST)),
    async matches(password, stored) {
      const isSame = await inTurn(() => verify(stored ?? ofNobody, password));
      return isSame && stored !== undefined;
    },
  };
}

function createTurns(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running < most) {
      running++;
    } else {
      await new Promise<void>((go) => waiting.push(go));
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) {
        running--;
      } else {
        next();
      }
    }
  };
}
