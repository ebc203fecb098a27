import { z } from 'zod';
import { ok } from '../../kit/result.ts';
import { inScope } from '../../kit/scope.ts';
import type { Topic } from '../../platform/bus/bus.ts';
import type { Principal } from '../../platform/http/principal.ts';
import { defineRoute, type Route } from '../../platform/http/route.ts';
import type { ChangedEntity } from '../change-set.ts';
import { FINDING_STATES } from '../known-finding.ts';
import { DECISIONS, type Decide } from './decide.ts';
import type { MayChange, Undo } from './undo.ts';

export interface DecidingParts {
  readonly decide: Decide;
  readonly undo: Undo;
  publish(topic: Topic): void;
}

const MOST_AT_ONCE = 5000;
const Ids = z.array(z.string().max(200)).min(1).max(MOST_AT_ONCE);
const Note = z.string().trim().max(2000).optional();
const Change = z.object({ change: z.string().nullable().describe('Null: nothing had to be changed') });

const TOPICS_OF_DECISIONS: readonly Topic[] = ['events', 'assets', 'conversations', 'findings'];

export function decidingRoutes({ decide, undo, publish }: DecidingParts): readonly Route[] {
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
    defineRoute({
      id: 'inventory.undo-change',
      method: 'POST',
      path: '/changes/:id/undo',
      summary: 'Make what one act changed as it was before; what was changed again since stays',
      permission: 'findings:decide',
      params: z.object({ id: z.string().max(200) }),
      reply: z.object({ undone: z.int(), kept: z.int() }),
      async handle({ principal, scope, params }) {
        const undone = await undo({ actor: principal, scope }, params.id, mayChange(principal));
        if (undone.ok) {
          publishAll();
          publish('plant');
        }
        return undone;
      },
    }),
  ];
}

const PERMISSION_OF: Readonly<Record<ChangedEntity, string>> = {
  asset: 'inventory:decide',
  conversation: 'inventory:decide',
  event: 'findings:decide',
  finding: 'findings:decide',
  placement: 'inventory:edit',
};

/** Who may decide or edit there. Of several sites only who may do so everywhere or did it, which the verb asks. */
function mayChange(principal: Principal): MayChange {
  return (entity, site) => {
    const scope = principal.scopeOf(PERMISSION_OF[entity]);
    return scope !== undefined && (site === undefined || inScope(scope, site));
  };
}
