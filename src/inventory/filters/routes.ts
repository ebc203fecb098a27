import { z } from 'zod';
import { ok } from '../../kit/result.ts';
import { defineRoute, type Route } from '../../platform/http/route.ts';
import type { KeepFilters, SavedFilterStore } from './saved-filter.ts';

export interface FilterParts {
  readonly filters: SavedFilterStore;
  readonly keepFilters: KeepFilters;
}

const LONGEST_NAME = 100;
const LONGEST_QUERY = 50;
const Query = z
  .record(
    z.string().max(LONGEST_NAME),
    z.union([z.string().max(1000), z.number(), z.boolean(), z.array(z.string().max(1000)).max(LONGEST_QUERY)]),
  )
  .refine((query) => Object.keys(query).length <= LONGEST_QUERY, 'too many parts');

export function filterRoutes({ filters, keepFilters }: FilterParts): readonly Route[] {
  return [
    defineRoute({
      id: 'inventory.list-filters',
      method: 'GET',
      path: '/filters',
      summary: 'Filters that the caller keeps, and those that are shared',
      permission: 'inventory:read',
      reply: z.object({
        items: z.array(
          z.object({
            id: z.string(),
            name: z.string(),
            view: z.string(),
            query: Query,
            shared: z.boolean(),
            own: z.boolean(),
          }),
        ),
      }),
      async handle({ principal }) {
        const all = await filters.list(principal.id);
        return ok({
          items: all.map(({ id, owner, name, view, query, shared }) => ({
            ...{ id, name, view, shared, own: owner === principal.id },
            query: query as z.input<typeof Query>,
          })),
        });
      },
    }),
    defineRoute({
      id: 'inventory.save-filter',
      method: 'POST',
      path: '/filters',
      summary: 'Keep a filter under a name',
      permission: 'inventory:read',
      body: z.strictObject({
        name: z.string().trim().min(1).max(LONGEST_NAME),
        view: z.string().min(1).max(LONGEST_NAME),
        query: Query,
        shared: z.boolean().default(false),
      }),
      reply: z.object({ id: z.string() }),
      async handle({ principal, body }) {
        const saved = await keepFilters.save(principal, body);
        return saved.ok ? ok({ id: saved.value }) : saved;
      },
    }),
    defineRoute({
      id: 'inventory.remove-filter',
      method: 'DELETE',
      path: '/filters/:id',
      summary: 'Forget a filter of one’s own',
      permission: 'inventory:read',
      params: z.object({ id: z.string().max(200) }),
      reply: 'nothing',
      handle: ({ principal, params }) => keepFilters.remove(principal, params.id),
    }),
  ];
}
