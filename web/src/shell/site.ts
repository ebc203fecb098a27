import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { plantQuery } from '../api/queries.ts';
import type { Place } from '../api/types.ts';
import { useMay } from './session.ts';

/** The site that the person looks at; undefined: all that they may see. It stays in the address from view to view. */
export function useSite(): string | undefined {
  return useSearch({ strict: false }).site;
}

export function useSites(): readonly Place[] {
  const can = useMay();
  const { data } = useQuery({ ...plantQuery, enabled: can('plant:read') });
  return data?.places.filter(({ kind }) => kind === 'site') ?? [];
}
