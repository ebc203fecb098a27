import { inScope } from '../../kit/scope.ts';
import { isoTime, microsOf } from '../../kit/time.ts';
import type { Queries } from '../../platform/store/store.ts';
import type { EventState } from '../event.ts';
import type { AssetState } from '../known-asset.ts';
import type { ConversationState } from '../known-conversation.ts';
import type { FindingState } from '../known-finding.ts';
import { looked } from '../store.ts';
import type { Decided, DecisionStore, Newcomer } from './decision.ts';

export function createDecisionStore(db: Queries): DecisionStore {
  return {
    async events(scope, ids) {
      const rows = await looked(ids, (some) =>
        db
          .selectFrom('event')
          .select(EVENT_COLUMNS)
          .where('id', 'in', [...some])
          .orderBy('id')
          .execute(),
      );
      return rows.filter(({ site }) => inScope(scope, site)).map(eventOf);
    },

    putEvents: (events) => putDecided(db, 'event', events),

    async findings(scope, ids) {
      const rows = await looked(ids, (some) =>
        db
          .selectFrom('finding')
          .select(['id', 'site', 'title', 'state', 'decided', 'decided_by', 'note'])
          .where('id', 'in', [...some])
          .orderBy('id')
          .execute(),
      );
      return rows
        .filter(({ site }) => inScope(scope, site))
        .map(({ id, site, title, state, ...row }) => ({
          id,
          site,
          title,
          state: state as FindingState,
          ...decidedOf(row),
        }));
    },

    putFindings: (findings) => putDecided(db, 'finding', findings),

    async about(findings) {
      const rows = await looked(findings, (some) =>
        db
          .selectFrom('finding_asset')
          .select('asset')
          .where('finding', 'in', [...some])
          .execute(),
      );
      return [...new Set(rows.map(({ asset }) => asset))];
    },

    async eventsOf(findings) {
      const rows = await looked(findings, (some) =>
        db
          .selectFrom('event')
          .select(EVENT_COLUMNS)
          .where('finding', 'in', [...some])
          .where('state', '=', 'open')
          .orderBy('id')
          .execute(),
      );
      return rows.map(eventOf);
    },

    async newAssets(event, limit) {
      const rows = await db
        .selectFrom('asset')
        .select(['id', 'state', 'news'])
        .where('news', '=', event)
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map((row) => newcomerOf<AssetState>(row));
    },

    async newConversations(event, limit) {
      const rows = await db
        .selectFrom('conversation')
        .select(['id', 'state', 'news'])
        .where('news', '=', event)
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map((row) => newcomerOf<ConversationState>(row));
    },

    putAssets: (assets) => putNewcomers(db, 'asset', assets),
    putConversations: (conversations) => putNewcomers(db, 'conversation', conversations),
  };
}

const EVENT_COLUMNS = ['id', 'site', 'kind', 'state', 'count', 'decided', 'decided_by', 'note'] as const;

interface DecidedRow {
  readonly decided: string | null;
  readonly decided_by: string | null;
  readonly note: string | null;
}

function decidedOf({ decided, decided_by, note }: DecidedRow): Decided {
  return {
    decided: decided === null ? undefined : microsOf(decided),
    decidedBy: decided_by ?? undefined,
    note: note ?? undefined,
  };
}

function eventOf(row: DecidedRow & { id: string; site: string; kind: string; state: string; count: number }) {
  const { id, site, kind, state, count } = row;
  return { id, site, kind, state: state as EventState, count, ...decidedOf(row) };
}

function newcomerOf<State>(row: { id: string; state: string; news: string | null }): Newcomer<State> {
  return { id: row.id, state: row.state as State, news: row.news ?? undefined };
}

/** Those that get the same values are written together. */
async function putDecided(
  db: Queries,
  table: 'event' | 'finding',
  things: readonly (Decided & { readonly id: string; readonly state: string })[],
): Promise<void> {
  const groups = Map.groupBy(things, ({ id: _, ...values }) => JSON.stringify(values));
  for (const same of groups.values()) {
    const [{ state, decided, decidedBy, note }] = same as [(typeof same)[number]];
    const values = {
      ...{ state, note: note ?? null, decided_by: decidedBy ?? null },
      decided: decided === undefined ? null : isoTime(decided),
    };
    await looked(
      same.map(({ id }) => id),
      async (some) => {
        await db
          .updateTable(table)
          .set(values)
          .where('id', 'in', [...some])
          .execute();
        return [];
      },
    );
  }
}

async function putNewcomers(
  db: Queries,
  table: 'asset' | 'conversation',
  things: readonly Newcomer<string>[],
): Promise<void> {
  const groups = Map.groupBy(things, ({ state, news }) => JSON.stringify([state, news]));
  for (const same of groups.values()) {
    const [{ state, news }] = same as [Newcomer<string>];
    await looked(
      same.map(({ id }) => id),
      async (some) => {
        await db
          .updateTable(table)
          .set({ state, news: news ?? null })
          .where('id', 'in', [...some])
          .execute();
        return [];
      },
    );
  }
}
