import { queryClient, SESSION_KEY } from '../api/queries.ts';
import type { Session } from '../api/types.ts';

/** What the hub said of the session after an act that changed it. */
export function takeSession({ person, setupNeeded, oidc }: Session): void {
  queryClient.setQueryData(SESSION_KEY, { person, setupNeeded, oidc });
}
