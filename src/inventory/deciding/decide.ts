import type { ActivityStore } from '../../access/activity.ts';
import type { Actor } from '../../kit/actor.ts';
import type { Atomically } from '../../kit/atomically.ts';
import { type Failure, fail } from '../../kit/failure.ts';
import { ok, type Result } from '../../kit/result.ts';
import type { Scope } from '../../kit/scope.ts';
import type { Micros } from '../../kit/time.ts';
import type { ChangedEntity, ChangedFields, ChangeItem, ChangeStore } from '../change-set.ts';
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
        const change = new Change(stores.changes, { id: newId(), ...made });
        await change.begin();
        const state = STATE_OF[decision];
        const after = open.map(({ id }) => ({ id, state, decided: at, decidedBy: actor.name, note }));
        await stores.decisions.putEvents(after);
        await change.add('event', open, after, decidedFields);
        for (const event of open) {
          await settleNewcomers(stores.decisions, change, event, state);
        }
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
        const change = new Change(stores.changes, { id: newId(), at, actor, title, site: siteOf(different) });
        await change.begin();
        const after = different.map(({ id }) => ({ id, state, decided: at, decidedBy: actor.name, note }));
        await decisions.putFindings(after);
        await change.add('finding', different, after, decidedFields);
        const events = await decisions.eventsOf(different.map(({ id }) => id));
        const noted = events.map(({ id }) => ({ id, state: 'noted' as const, decided: at, decidedBy: actor.name, note }));
        await decisions.putEvents(noted);
        await change.add('event', events, noted, decidedFields);
        await memory.countFindings(await decisions.about(different.map(({ id }) => id)));
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
    await change.add('asset', assets, assets.map(settled), newcomerFields);
    if (assets.length < PER_STEP) {
      break;
    }
  }
  for (;;) {
    const conversations = await decisions.newConversations(event.id, PER_STEP);
    await decisions.putConversations(conversations.map(settled));
    await change.add('conversation', conversations, conversations.map(settled), newcomerFields);
    if (conversations.length < PER_STEP) {
      break;
    }
  }
}

export function decidedFields(
  one: Pick<DecidableEvent | DecidableFinding, 'state' | 'decided' | 'decidedBy' | 'note'>,
): ChangedFields {
  const { state, decided, decidedBy, note } = one;
  return { state, decided: decided ?? null, decidedBy: decidedBy ?? null, note: note ?? null };
}

export function newcomerFields({ state, news }: Newcomer<string>): ChangedFields {
  return { state, news: news ?? null };
}

/** A change that is recorded while it is made. */
class Change {
  readonly #store: ChangeStore;
  readonly #set: Parameters<ChangeStore['record']>[0];
  #items = 0;

  constructor(store: ChangeStore, set: Parameters<ChangeStore['record']>[0]) {
    this.#store = store;
    this.#set = set;
  }

  get id(): string {
    return this.#set.id;
  }

  begin(): Promise<void> {
    return this.#store.record(this.#set);
  }

  async add<Before extends { readonly id: string }, After>(
    entity: ChangedEntity,
    before: readonly Before[],
    after: readonly After[],
    fieldsOf: (one: Before | After) => ChangedFields,
  ): Promise<void> {
    const items = before.flatMap((one, at): ChangeItem[] => {
      const other = after[at];
      return other === undefined ? [] : [{ entity, subject: one.id, before: fieldsOf(one), after: fieldsOf(other) }];
    });
    await this.#store.add(this.id, this.#items, items);
    this.#items += items.length;
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
