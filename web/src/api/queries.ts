import { QueryCache, QueryClient, type QueryKey, queryOptions } from '@tanstack/react-query';
import { ApiFailure, apiGet, type Params } from './client.ts';
import type { Plant, Session, SystemState } from './types.ts';

/** What a query shows; the hub names these when they change, and the queries are asked anew. */
export type Topic =
  | 'assets'
  | 'conversations'
  | 'events'
  | 'findings'
  | 'sensors'
  | 'plant'
  | 'people'
  | 'uploads'
  | 'system';

export const SESSION_KEY: QueryKey = ['session'];

export const queryClient = new QueryClient({
  queryCache: new QueryCache({
    onError(error) {
      if (error instanceof ApiFailure && error.status === 401) {
        void queryClient.invalidateQueries({ queryKey: SESSION_KEY });
      }
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      retry: (count, error) =>
        count < 2 && (!(error instanceof ApiFailure) || error.status === 0 || error.status >= 500),
    },
  },
});

/** A read of the API that is asked again when one of its topics changes; the first topic is what it is mainly about. */
export function apiQuery<Reply>(topics: Topic | readonly Topic[], path: string, params: Params = {}) {
  return queryOptions({
    queryKey: ['api', topics, path, params] as const,
    queryFn: ({ signal }) => apiGet<Reply>(path, params, signal),
  });
}

/** Asks everything anew that shows one of these topics. */
export async function refresh(topics: readonly Topic[]): Promise<void> {
  await queryClient.invalidateQueries({
    predicate: ({ queryKey: [kind, shown] }) =>
      kind === 'api' && [shown].flat().some((topic) => topics.includes(topic as Topic)),
  });
}

export const sessionQuery = queryOptions({
  queryKey: SESSION_KEY,
  queryFn: ({ signal }) => apiGet<Session>('/session', {}, signal),
  staleTime: 60_000,
});

export const plantQuery = apiQuery<Plant>('plant', '/plant');
export const systemQuery = apiQuery<SystemState>('system', '/system');
