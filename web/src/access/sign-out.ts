import { apiSend } from '../api/client.ts';
import { queryClient } from '../api/queries.ts';

/** Ends the session, and forgets what it has seen. */
export async function signOut(navigate: (to: { to: '/sign-in' }) => Promise<void>): Promise<void> {
  await apiSend('DELETE', '/session').catch(() => undefined);
  queryClient.clear();
  await navigate({ to: '/sign-in' });
}
