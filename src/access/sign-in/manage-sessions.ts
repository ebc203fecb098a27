import { type Failure, fail } from '../../kit/failure.ts';
import { ok, type Result } from '../../kit/result.ts';
import type { AccessParts } from '../access-parts.ts';
import type { Person } from '../caller.ts';
import { isAlive, type Session } from '../session.ts';

/** Where one is signed in. */
export interface ManageSessions {
  list(person: Person): Promise<readonly Session[]>;
  /** One of one's own. */
  end(person: Person, id: string): Promise<Result<undefined, Failure>>;
  endOthers(person: Person): Promise<void>;
}

export function createManageSessions({ stores, atomically, now }: AccessParts): ManageSessions {
  async function list({ id }: Person): Promise<readonly Session[]> {
    return (await stores.sessions.listOf(id)).filter((session) => isAlive(session, now()));
  }
  const record = ({ id, name }: Person, after: unknown) => ({
    at: now(),
    actor: { id, name },
    act: 'session.end',
    subject: `account ${id}`,
    site: undefined,
    after,
  });

  return {
    list,
    async end(person, id) {
      const session = (await list(person)).find((one) => one.id === id);
      if (session === undefined) {
        return fail('not-found', 'access.no-session', 'There is no such session.');
      }
      await atomically(async ({ sessions, activity }) => {
        await sessions.end(session.hash, now());
        await activity.append([record(person, { session: id })]);
      });
      return ok(undefined);
    },
    endOthers: (person) =>
      atomically(async ({ sessions, activity }) => {
        await sessions.endAll(person.id, now(), person.session.hash);
        await activity.append([record(person, { sessions: 'all others' })]);
      }),
  };
}
