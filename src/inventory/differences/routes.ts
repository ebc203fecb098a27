import { z } from 'zod';
import { ok } from '../../kit/result.ts';
import { isoTime } from '../../kit/time.ts';
import { defineRoute, type Route } from '../../platform/http/route.ts';
import { STATED_NAMES } from '../known-asset.ts';
import { DIFFERENCE_KINDS, DIFFERENCE_STATES } from './difference.ts';
import type { JudgedDifference, Judging } from './judge-differences.ts';

const MOST_DECIDED = 10_000;

const DifferenceReply = z.object({
  id: z.string(),
  asset: z.object({ id: z.string(), name: z.string() }),
  site: z.string(),
  kind: z.enum(DIFFERENCE_KINDS),
  attribute: z.enum(STATED_NAMES).nullable(),
  stated: z.object({ value: z.string(), by: z.string(), source: z.string() }).nullable(),
  observed: z.object({ value: z.string(), protocol: z.string().nullable() }).nullable(),
  days: z.int().nullable().describe('Since it was last seen; null where it never was'),
  state: z.enum(DIFFERENCE_STATES),
  decision: z.object({ at: z.string(), by: z.string(), note: z.string().nullable() }).nullable(),
});

export interface DifferenceRouteParts {
  readonly judging: Judging;
  publish(topic: 'assets'): void;
}

export function differenceRoutes({ judging, publish }: DifferenceRouteParts): readonly Route[] {
  return [
    defineRoute({
      id: 'inventory.list-differences',
      method: 'GET',
      path: '/differences',
      summary: 'Where what is documented and what was observed do not agree',
      permission: 'inventory:read',
      query: z.object({
        site: z.string().optional(),
        state: z.enum(DIFFERENCE_STATES).optional(),
        kind: z.enum(DIFFERENCE_KINDS).optional(),
        offset: z.coerce.number().int().min(0).default(0),
        limit: z.coerce.number().int().min(1).max(200).default(50),
      }),
      reply: z.object({ items: z.array(DifferenceReply), total: z.int() }),
      async handle({ scope, query: { site, state, kind, offset, limit } }) {
        const { items, total } = await judging.list(scope, { site, state, kind, offset, limit });
        return ok({ items: items.map(replyOf), total });
      },
    }),
    defineRoute({
      id: 'inventory.decide-differences',
      method: 'POST',
      path: '/differences/decide',
      summary: 'Accept what was observed, or hold on to what is documented',
      permission: 'inventory:decide',
      body: z.strictObject({
        ids: z.array(z.string().max(300)).min(1).max(MOST_DECIDED),
        decision: z.enum(['accept', 'refuse']),
        note: z.string().max(1000).optional(),
      }),
      reply: z.object({ count: z.int(), change: z.string().nullable() }),
      async handle({ principal, scope, body: { ids, decision, note } }) {
        const decided = await judging.decide({ actor: principal, scope }, ids, { decision, note });
        if (!decided.ok) {
          return decided;
        }
        publish('assets');
        return ok({ count: decided.value.count, change: decided.value.change ?? null });
      },
    }),
  ];
}

function replyOf({ asset, label, attribute, stated, observed, days, decision, ...one }: JudgedDifference) {
  return {
    ...one,
    asset: { id: asset, name: label },
    attribute: attribute ?? null,
    stated: stated ?? null,
    observed: observed === undefined ? null : { value: observed.value, protocol: observed.protocol ?? null },
    days: days ?? null,
    decision:
      decision === undefined ? null : { at: isoTime(decision.at), by: decision.by, note: decision.note ?? null },
  };
}
