import { z } from 'zod';
import { ok } from '../../kit/result.ts';
import type { Topic } from '../../platform/bus/bus.ts';
import { defineRoute, type Route } from '../../platform/http/route.ts';
import { FINDING_STATES } from '../known-finding.ts';
import { DECISIONS, type Decide } from './decide.ts';

export interface DecidingParts {
  readonly decide: Decide;
  publish(topic: Topic): void;
}

const MOST_AT_ONCE = 5000;
const Ids = z.array(z.string().max(200)).min(1).max(MOST_AT_ONCE);
const Note = z.string().trim().max(2000).optional();
const Change = z.object({ change: z.string().nullable().describe('Null: nothing had to be changed') });

const TOPICS_OF_DECISIONS: readonly Topic[] = ['events', 'assets', 'conversations', 'findings'];

export function decidingRoutes({ decide, publish }: DecidingParts): readonly Route[] {
  const publishAll = () => {
    for (const topic of TOPICS_OF_DECISIONS) {
      publish(topic);
    }
  };
  return [
    defineRoute({
      id: 'inventory.decide-events',
      method: 'POST',
      path: '/events/decide',
      summary: 'Accept or refuse what is new or different',
      permission: 'inventory:decide',
      body: z.strictObject({ ids: Ids, decision: z.enum(DECISIONS), note: Note }),
      reply: Change,
      async handle({ principal, scope, body: { ids, decision, note } }) {
        const decided = await decide.events({ actor: principal, scope }, ids, decision, note);
        if (!decided.ok) {
          return decided;
        }
        publishAll();
        return ok({ change: decided.value ?? null });
      },
    }),
    defineRoute({
      id: 'inventory.decide-findings',
      method: 'POST',
      path: '/findings/decide',
      summary: 'Accept or resolve findings, or open them again',
      permission: 'findings:decide',
      body: z.strictObject({ ids: Ids, state: z.enum(FINDING_STATES), note: Note }),
      reply: Change,
      async handle({ principal, scope, body: { ids, state, note } }) {
        const decided = await decide.findings({ actor: principal, scope }, ids, state, note);
        if (!decided.ok) {
          return decided;
        }
        publishAll();
        return ok({ change: decided.value ?? null });
      },
    }),
  ];
}
