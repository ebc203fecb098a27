import type { ActivityStore } from '../../access/activity.ts';
import type { Actor } from '../../kit/actor.ts';
import type { Atomically } from '../../kit/atomically.ts';
import { type Failure, fail } from '../../kit/failure.ts';
import { ok, type Result } from '../../kit/result.ts';
import { inScope, type Scope } from '../../kit/scope.ts';
import type { Micros } from '../../kit/time.ts';
import type { ChangeItem, ChangeStore } from '../changes/change-set.ts';
import type { AssetBook } from '../imports/asset-book.ts';
import type { KnownAsset } from '../known-asset.ts';
import type { Memory } from '../memory.ts';
import {
  aboutOf,
  type Decision,
  type Difference,
  type DifferenceKind,
  type DifferenceState,
  differencesOf,
  type JudgementStore,
  stateOf,
} from './difference.ts';

export interface DifferenceStores {
  readonly book: AssetBook;
  readonly memory: Memory;
  readonly judgements: JudgementStore;
  readonly changes: ChangeStore;
  readonly activity: ActivityStore;
}

export interface DifferenceParts {
  readonly atomically: Atomically<DifferenceStores>;
  readonly read: Pick<DifferenceStores, 'book' | 'judgements'>;
  readonly now: () => Micros;
  readonly newId: () => string;
}

export interface DifferenceQuery {
  readonly site: string | undefined;
  readonly state: DifferenceState | undefined;
  readonly kind: DifferenceKind | undefined;
  readonly offset: number;
  readonly limit: number;
}

export interface JudgedDifference extends Difference {
  readonly state: DifferenceState;
  readonly decision: Pick<Decision, 'at' | 'by' | 'note'> | undefined;
}

export interface Judging {
  list(
    scope: Scope,
    query: DifferenceQuery,
  ): Promise<{ readonly items: readonly JudgedDifference[]; readonly total: number }>;
  /**
   * `accept`: what was observed is right, and is stated from now on where an attribute differs. `refuse`: the document is right, and what
   * was observed must not stay so.
   */
  decide(
    acting: { readonly actor: Actor; readonly scope: Scope },
    ids: readonly string[],
    decision: { readonly decision: 'accept' | 'refuse'; readonly note: string | undefined },
  ): Promise<Result<{ readonly count: number; readonly change: string | undefined }, Failure>>;
}

const PER_PAGE = 500;

export function createJudging({ atomically, read, now, newId }: DifferenceParts): Judging {
  return {
    async list(scope, { site, state, kind, offset, limit }) {
      const items: JudgedDifference[] = [];
      let total = 0;
      for await (const judged of differencesAt(read, scope, site, now())) {
        if ((state ?? judged.state) === judged.state && (kind ?? judged.kind) === judged.kind) {
          if (total >= offset && items.length < limit) {
            items.push(judged);
          }
          total++;
        }
      }
      return { items, total };
    },

    decide: ({ actor, scope }, ids, { decision, note }) =>
      atomically(async (stores) => {
        const known = await stores.memory.assets([...new Set(ids.map(assetIn))]);
        const seen = [...known.values()].filter(({ site }) => inScope(scope, site));
        const all = new Map(seen.flatMap((asset) => differencesOf(asset, now())).map((one) => [one.id, one]));
        const missing = ids.find((id) => !all.has(id));
        if (missing !== undefined) {
          return fail('not-found', 'inventory.no-difference', `There is no such difference any more: ${missing}`);
        }
        const chosen = [...new Set(ids)].flatMap((id) => all.get(id) ?? []);
        const at = now();
        const state = decision === 'accept' ? 'accepted' : 'refused';
        // Where a value is taken over there is no difference any more, and there is one again when that is undone.
        const kept = chosen.filter(({ attribute }) => decision === 'refuse' || attribute === undefined);
        await stores.judgements.put(
          kept.map((one) => ({
            ...{ id: one.id, asset: one.asset, site: one.site, about: aboutOf(one), state, at, by: actor.name, note },
          })),
        );
        const items = decision === 'accept' ? await takeOver(stores, known, chosen, { at, by: actor.name }) : [];
        await stores.activity.append(
          chosen.map((one) => ({
            ...{ at, actor, act: `difference.${decision}`, subject: `asset ${one.asset}`, site: one.site },
            before: { stated: one.stated?.value },
            after: { kind: one.kind, attribute: one.attribute, observed: one.observed?.value, note },
          })),
        );
        if (items.length === 0) {
          return ok({ count: chosen.length, change: undefined });
        }
        const change = newId();
        const [site, ...others] = new Set(chosen.map((one) => one.site));
        const title = `${chosen.length} differences accepted`;
        await stores.changes.add({ id: change, site: others.length === 0 ? site : undefined, at, actor, title, items });
        return ok({ count: chosen.length, change });
      }),
  };
}

async function* differencesAt(
  { book, judgements }: DifferenceParts['read'],
  scope: Scope,
  site: string | undefined,
  now: Micros,
): AsyncGenerator<JudgedDifference> {
  let page: readonly KnownAsset[] = [];
  do {
    page = await book.page(scope, site, page.at(-1)?.id, PER_PAGE);
    yield* await judgedOf(judgements, page, now);
  } while (page.length === PER_PAGE);
}

/** The id of a difference begins with that of its asset. */
function assetIn(id: string): string {
  return id.slice(0, Math.max(0, id.search(/:(?:not-seen|not-documented|differs|moved|replaced)(?::\w+)?$/)));
}

async function judgedOf(
  judgements: JudgementStore,
  assets: readonly KnownAsset[],
  now: Micros,
): Promise<readonly JudgedDifference[]> {
  const found = assets.flatMap((asset) => differencesOf(asset, now));
  const made = await judgements.of([...new Set(found.map(({ asset }) => asset))]);
  return found.map((one) => {
    const decision = made.get(one.id);
    const state = stateOf(one, decision);
    return { ...one, state, decision: state === 'open' ? undefined : decision };
  });
}

/** States what was observed, where an attribute differs. */
async function takeOver(
  { memory }: DifferenceStores,
  known: ReadonlyMap<string, KnownAsset>,
  chosen: readonly Difference[],
  { at, by }: { readonly at: Micros; readonly by: string },
): Promise<readonly ChangeItem[]> {
  const after = new Map<string, KnownAsset>();
  for (const { asset: id, attribute, observed } of chosen) {
    const asset = after.get(id) ?? known.get(id);
    if (asset !== undefined && attribute !== undefined && observed !== undefined) {
      const said = { value: observed.value, at, by, source: 'observation' };
      after.set(id, { ...asset, stated: { ...asset.stated, [attribute]: said } });
    }
  }
  const puts = [...after.values()].map((asset) => ({ before: known.get(asset.id), after: asset }));
  await memory.putAssets(puts);
  return puts.map(({ before, after: asset }) => ({
    entity: 'asset',
    subject: asset.id,
    before: { stated: JSON.stringify(before?.stated ?? {}) },
    after: { stated: JSON.stringify(asset.stated) },
  }));
}
