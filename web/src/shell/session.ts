import { useQuery } from '@tanstack/react-query';
import { sessionQuery } from '../api/queries.ts';
import type { Person, Session } from '../api/types.ts';

const NO_SESSION: Session = { person: null, setupNeeded: false, oidc: null };

export function useSession(): Session {
  return useQuery(sessionQuery).data ?? NO_SESSION;
}

/** Whether the person may do this, here or (without a site) anywhere. */
export function may(person: Person | null, permission: string, site?: string): boolean {
  const sites = person?.permissions[permission];
  if (sites === undefined) {
    return false;
  }
  return sites === 'all' || (site === undefined ? sites.length > 0 : sites.includes(site));
}

export function useMay(): (permission: string, site?: string) => boolean {
  const { person } = useSession();
  return (permission, site) => may(person, permission, site);
}
