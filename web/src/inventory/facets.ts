import { useQuery } from '@tanstack/react-query';
import { apiQuery } from '../api/queries.ts';

interface Facet {
  readonly value: string;
  /** Where the value is an id. */
  readonly name?: string;
  readonly count: number;
}

interface Facets {
  readonly roles: readonly Facet[];
  readonly vendors: readonly Facet[];
  readonly protocols: readonly Facet[];
  readonly places: readonly Facet[];
  readonly states: readonly Facet[];
}

/** What occurs in the inventory, with how often. */
export function useFacets(site: string | undefined): Facets | undefined {
  return useQuery(apiQuery<Facets>(['assets', 'plant'], '/facets', { site })).data;
}
