import type { ActivityStore } from '../../access/activity.ts';
import type { Actor } from '../../kit/actor.ts';
import type { Atomically } from '../../kit/atomically.ts';
import { type Failure, fail } from '../../kit/failure.ts';
import { ok, type Result } from '../../kit/result.ts';
import type { Scope } from '../../kit/scope.ts';
import { isoTime, type Micros } from '../../kit/time.ts';
import type { ChangeEntity, ChangeItem, ChangeSet, ChangeStore, Columns } from '../changes/change-set.ts';
import type { FindingState } from '../known-finding.ts';
import type { Memory } from '../memory.ts';
import type { DecidableEvent, DecidableFinding, DecisionStore, Newcomer } from './decision.ts';

export interface DecideStores {
  readonly decisions: DecisionStore;
  readonly changes: ChangeStore;
  readonly memory: Memory;
  readonly activity: ActivityStore;
}

export interface DecideParts {
  readonly atomically: Atomically<DecideStores>;
  readonly now: () => Micros;
  readonly newId: () => string;
}

export interface Acting {
  readonly actor: Actor;
  readonly scope: Scope;
}

export const DECISIONS = ['accept', 'refuse'] as const;
export type Decision = (typeof DECISIONS)[number];

export interface Decide {
  /**
   * Says of open events that what they tell may be, or may not. What they ask about gets the state that was decided. Gives the
   * change; undefined where all of them were decided before.
   */
  events(acting: Acting, ids: readonly string[], decision: Decision, note: string | undefined): Promise<Outcome>;
  findings(acting: Acting, ids: readonly string[], state: FindingState, note: string | undefined): Promise<Outcome>;
}

type Outcome = Result<string | undefined, Failure>;

const STATE_OF = { accept: 'accepted', refuse: 'refused' } as const satisfies Record<Decision, string>;

export function createDecide({ atomically, now, newId }: DecideParts): Decide {
  return {
    events: ({ actor, scope }, ids, decision, note) =>
      atomically(async (stores) => {
        const events = await stores.decisions.events(scope, ids);
        if (events.length < new Set(ids).size) {
          return fail('not-found', 'inventory.no-event', 'There is no such event.');
        }
        const open = events.filter(({ state }) => state === 'open');
        if (open.length === 0) {
          return ok(undefined);
        }
        const at = now();
        const made = { at, actor, title: `${STATE_OF[decision]}: ${told(open)}`, site: siteOf(open) };
        const change = new Change({ id: newId(), ...made });
        const state = STATE_OF[decision];
        const after = open.map(({ id }) => ({ id, state, decided: at, decidedBy: actor.name, note }));
        await stores.decisions.putEvents(after);
        change.add('event', open, after, decidedColumns);
        for (const event of open) {
          await settleNewcomers(stores.decisions, change, event, state);
        }
        await stores.changes.add(change.set());
        await stores.activity.append(
          activities(open, { at, actor, act: `event.${decision}`, change: change.id, note }),
        );
        return ok(change.id);
      }),

    findings: ({ actor, scope }, ids, state, note) =>
      atomically(async (stores) => {
        const { decisions, memory } = stores;
        const findings = await decisions.findings(scope, ids);
        if (findings.length < new Set(ids).size) {
          return fail('not-found', 'inventory.no-finding', 'There is no such finding.');
        }
        const different = findings.filter((finding) => finding.state !== state || finding.note !== note);
        if (different.length === 0) {
          return ok(undefined);
        }
        const at = now();
        const title = `${state}: ${different.length === 1 ? (different[0]?.title ?? '') : `${different.length} findings`}`;
        const change = new Change({ id: newId(), at, actor, title, site: siteOf(different) });
        const after = different.map(({ id }) => ({ id, state, decided: at, decidedBy: actor.name, note }));
        await decisions.putFindings(after);
        change.add('finding', different, after, decidedColumns);
        const events = await decisions.eventsOf(different.map(({ id }) => id));
        const noted = events.map(({ id }) => ({
          id,
          state: 'noted' as const,
          decided: at,
          decidedBy: actor.name,
          note,
        }));
        await decisions.putEvents(noted);
        change.add('event', events, noted, decidedColumns);
        await memory.countFindings(await decisions.about(different.map(({ id }) => id)));
        await stores.changes.add(change.set());
        await stores.activity.append(
          activities(different, { at, actor, act: `finding.${state}`, change: change.id, note }),
        );
        return ok(change.id);
      }),
  };
}

const PER_STEP = 1000;

/** What the event asked about is accepted or refused with it. */
async function settleNewcomers(
  decisions: DecisionStore,
  change: Change,
  event: DecidableEvent,
  state: 'accepted' | 'refused',
): Promise<void> {
  const settled = ({ id }: { readonly id: string }) => ({ id, state, news: undefined });
  for (;;) {
    const assets = await decisions.newAssets(event.id, PER_STEP);
    await decisions.putAssets(assets.map(settled));
    change.add('asset', assets, assets.map(settled), newcomerColumns);
    if (assets.length < PER_STEP) {
      break;
    }
  }
  for (;;) {
    const conversations = await decisions.newConversations(event.id, PER_STEP);
    await decisions.putConversations(conversations.map(settled));
    change.add('conversation', conversations, conversations.map(settled), newcomerColumns);
    if (conversations.length < PER_STEP) {
      break;
    }
  }
}

function decidedColumns(
  one: Pick<DecidableEvent | DecidableFinding, 'state' | 'decided' | 'decidedBy' | 'note'>,
): Columns {
  const { state, decided, decidedBy, note } = one;
  const at = decided === undefined ? null : isoTime(decided);
  return { state, decided: at, decided_by: decidedBy ?? null, note: note ?? null };
}

function newcomerColumns({ state, news }: Newcomer<string>): Columns {
  return { state, news: news ?? null };
}

/** A change that is written down while it is made. */
class Change {
  readonly #made: Omit<ChangeSet, 'items'>;
  readonly #items: ChangeItem[] = [];

  constructor(made: Omit<ChangeSet, 'items'>) {
    this.#made = made;
  }

  get id(): string {
    return this.#made.id;
  }

  set(): ChangeSet {
    return { ...this.#made, items: this.#items };
  }

  add<Before extends { readonly id: string }, After>(
    entity: ChangeEntity,
    before: readonly Before[],
    after: readonly After[],
    columnsOf: (one: Before | After) => Columns,
  ): void {
    for (const [at, one] of before.entries()) {
      const other = after[at];
      if (other !== undefined) {
        this.#items.push({ entity, subject: one.id, before: columnsOf(one), after: columnsOf(other) });
      }
    }
  }
}

function siteOf(things: readonly { readonly site: string }[]): string | undefined {
  const sites = new Set(things.map(({ site }) => site));
  return sites.size === 1 ? things[0]?.site : undefined;
}

function told(events: readonly DecidableEvent[]): string {
  const count = events.reduce((sum, event) => sum + event.count, 0);
  const kinds = [...new Set(events.map(({ kind }) => kind))].toSorted();
  return `${count} ${kinds.join(', ')}`;
}

const MOST_NAMED = 100;

/** One line a site in the record of who did what. */
function activities(
  things: readonly { readonly id: string; readonly site: string }[],
  made: { at: Micros; actor: Actor; act: string; change: string; note: string | undefined },
) {
  const bySite = Map.groupBy(things, ({ site }) => site);
  return [...bySite].map(([site, here]) => ({
    at: made.at,
    actor: made.actor,
    act: made.act,
    subject: `change ${made.change}`,
    site,
    after: { count: here.length, ids: here.slice(0, MOST_NAMED).map(({ id }) => id), note: made.note ?? null },
  }));
}
