import type { AccessParts } from '../access-parts.ts';
import type { Person } from '../caller.ts';

export type SignOut = (person: Person) => Promise<void>;

export function createSignOut({ atomically, now }: AccessParts): SignOut {
  return ({ id, name, session }) =>
    atomically(async ({ sessions, activity }) => {
      await sessions.end(session.hash, now());
      await activity.append([
        { at: now(), actor: { id, name }, act: 'session.end', subject: `account ${id}`, site: undefined },
      ]);
    });
}
