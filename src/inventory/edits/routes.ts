import { z } from 'zod';
import { type Failure, fail } from '../../kit/failure.ts';
import { ok, type Result } from '../../kit/result.ts';
import { inScope } from '../../kit/scope.ts';
import { type Place, type PlaceStore, stepsTo } from '../../plant/place.ts';
import type { PlacementStore } from '../../plant/placement.ts';
import { csvText } from '../../platform/csv.ts';
import { type Call, defineRoute, type Route } from '../../platform/http/route.ts';
import type { UndoChange } from '../changes/undo-change.ts';
import { COLUMN_USES, type ColumnUse } from '../imports/columns.ts';
import {
  EXPORT_COLUMNS,
  EXPORT_FOOT,
  EXPORT_HEAD,
  type ExportedAsset,
  exportCells,
  exportedOf,
  exportLine,
} from '../imports/exported-asset.ts';
import { IMPORT_KINDS, readerOf } from '../imports/formats.ts';
import type { ImportAssets, Imported } from '../imports/import-assets.ts';
import { LARGEST_IMPORT, readDocument, readExported } from '../imports/jobs.ts';
import { STATED_NAMES } from '../known-asset.ts';
import type { Listing } from '../listing/listing.ts';
import { AssetFilterQuery, placesBelow } from '../listing/routes.ts';
import type { Memory } from '../memory.ts';
import { LONGEST_STATED } from '../stated.ts';
import { type EditAssets, type Edited, MOST_EDITED } from './edit-assets.ts';

export interface EditRouteParts {
  readonly listing: Pick<Listing, 'assetIds'>;
  readonly memory: Pick<Memory, 'assets'>;
  readonly places: PlaceStore;
  readonly placements: PlacementStore;
  readonly importAssets: ImportAssets;
  readonly editAssets: EditAssets;
  readonly undoChange: UndoChange;
  publish(topic: 'plant' | 'assets' | 'events' | 'findings' | 'conversations'): void;
}

const Statement = z.string().max(LONGEST_STATED).nullable().describe('Null takes it back');
const Edit = z.strictObject({
  stated: z.partialRecord(z.enum(STATED_NAMES), Statement).default({}),
  place: z.string().nullable().optional().describe('Null gives it back to the rules'),
  note: z.string().max(LONGEST_STATED).optional(),
});
const EditReply = z.object({ count: z.int(), change: z.string().nullable() });
const Problem = z.object({ at: z.string(), message: z.string() });
const ImportReply = z.object({
  rows: z.int(),
  created: z.int(),
  changed: z.int(),
  unchanged: z.int(),
  errors: z.array(Problem).describe('Where there is one, nothing was imported'),
  columns: z.array(z.object({ title: z.string(), attribute: z.string().nullable() })).nullable(),
  change: z.string().nullable().describe('By which it can be undone'),
  kind: z.enum(IMPORT_KINDS),
});
const AssetQuery = z.object(AssetFilterQuery);

export function editRoutes(parts: EditRouteParts): readonly Route[] {
  return [...exportRoutes(parts), importRoute(parts), ...changeRoutes(parts)];
}

function exportRoutes(parts: EditRouteParts): readonly Route[] {
  return [
    defineRoute({
      id: 'inventory.export-csv',
      method: 'GET',
      path: '/assets.csv',
      summary: 'All assets as a table, which imports back',
      permission: 'inventory:export',
      query: AssetQuery,
      reply: 'text/csv',
      async handle({ scope, query }) {
        return ok({ body: csvOf(exported(parts, scope, query)), fileName: 'keyway-assets.csv' });
      },
    }),
    defineRoute({
      id: 'inventory.export-json',
      method: 'GET',
      path: '/assets.json',
      summary: 'All assets with everything that is known of them, which imports back',
      permission: 'inventory:export',
      query: AssetQuery,
      reply: 'application/json',
      async handle({ scope, query }) {
        return ok({ body: jsonOf(exported(parts, scope, query)), fileName: 'keyway-assets.json' });
      },
    }),
  ];
}

const PER_PAGE = 500;

async function* exported(
  { listing, memory, places, placements }: EditRouteParts,
  scope: Call<never, never, never>['scope'],
  { place, ...filter }: z.infer<typeof AssetQuery>,
): AsyncGenerator<readonly ExportedAsset[]> {
  const byId = new Map((await places.list(scope)).map((place): [string, Place] => [place.id, place]));
  const narrowed = { ...filter, places: await placesBelow(places, scope, place) };
  let after = '';
  for (;;) {
    const ids = await listing.assetIds(scope, narrowed, after, PER_PAGE);
    const assets = await memory.assets(ids);
    const page = ids.flatMap((id) => assets.get(id) ?? []);
    const standing = await placements.placements(
      scope,
      page.map(({ id }) => id),
    );
    yield page.map((asset) => {
      const placement = standing.get(asset.id);
      return exportedOf(asset, stepsTo(byId, placement?.place), placement?.by);
    });
    after = ids.at(-1) ?? '';
    if (ids.length < PER_PAGE) {
      return;
    }
  }
}

async function* csvOf(pages: AsyncIterable<readonly ExportedAsset[]>): AsyncGenerator<string> {
  const titles = EXPORT_COLUMNS.map(({ title }) => title);
  let isFirst = true;
  for await (const page of pages) {
    const text = [...csvText(titles, page.map(exportCells))].join('');
    yield isFirst ? text : text.slice(text.indexOf('\r\n') + 2);
    isFirst = false;
  }
}

async function* jsonOf(pages: AsyncIterable<readonly ExportedAsset[]>): AsyncGenerator<string> {
  yield EXPORT_HEAD;
  let isFirst = true;
  for await (const page of pages) {
    if (page.length > 0) {
      yield `${isFirst ? '' : ',\n'}${page.map(exportLine).join(',\n')}`;
      isFirst = false;
    }
  }
  yield EXPORT_FOOT;
}

const MappingText = z
  .string()
  .max(65_536)
  .transform((text, context) => {
    const mapping = parsedMapping(text);
    if (mapping === undefined) {
      context.addIssue({ code: 'custom', message: 'it is a JSON object of a title and an attribute (or null) each' });
      return z.NEVER;
    }
    return mapping;
  });

function importRoute({ importAssets, publish }: EditRouteParts): Route {
  return defineRoute({
    id: 'inventory.import',
    method: 'POST',
    path: '/imports',
    summary: 'Import a document about assets: all of it, or nothing where something in it is wrong',
    permission: 'inventory:edit',
    query: z.object({
      kind: z.enum(IMPORT_KINDS),
      site: z.string(),
      name: z.string().max(200).default('a file').describe('What it is called, for the record'),
      dryRun: z.enum(['true', 'false']).default('false'),
      mapping: MappingText.optional(),
    }),
    body: 'stream',
    bodyLimit: LARGEST_IMPORT,
    reply: ImportReply,
    async handle({ principal, scope, query, request }) {
      const reading = await readDocument(request.raw, readerOf(query.kind, query.mapping ?? new Map(), readExported));
      if (reading === undefined) {
        return fail('too-large', 'inventory.import-size', 'An import has 2 GiB at most.');
      }
      const mayPlaces = principal.scopeOf('plant:edit');
      const imported = await importAssets(
        {
          actor: principal,
          scope,
          site: query.site,
          mayMakePlaces: mayPlaces !== undefined && inScope(mayPlaces, query.site),
          source: query.name,
          isDryRun: query.dryRun === 'true',
        },
        reading,
      );
      if (imported.ok && imported.value.change !== undefined) {
        publish('assets');
        publish('plant');
      }
      return imported.ok ? ok({ ...importReply(imported.value), kind: query.kind }) : imported;
    },
  });
}

function importReply({ columns, change, ...counts }: Imported) {
  return {
    ...counts,
    errors: [...counts.errors],
    columns: columns?.map(({ title, attribute }) => ({ title, attribute: attribute ?? null })) ?? null,
    change: change ?? null,
  };
}

function parsedMapping(text: string): ReadonlyMap<string, ColumnUse | undefined> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const entries =
    typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : undefined;
  const isGood = entries?.every(([, use]) => use === null || (typeof use === 'string' && COLUMN_USES.has(use)));
  return isGood === true
    ? new Map(entries?.map(([title, use]) => [title, (use ?? undefined) as ColumnUse]))
    : undefined;
}

function changeRoutes({ editAssets, undoChange, listing, places, publish }: EditRouteParts): readonly Route[] {
  const answer = (edited: Result<Edited, Failure>) => {
    if (!edited.ok) {
      return edited;
    }
    publish('assets');
    publish('plant');
    return ok({ count: edited.value.count, change: edited.value.change ?? null });
  };
  return [
    defineRoute({
      id: 'inventory.edit-asset',
      method: 'PATCH',
      path: '/assets/:id',
      summary: 'State attributes of an asset, which stand beside what was observed',
      permission: 'inventory:edit',
      params: z.object({ id: z.string() }),
      body: Edit,
      reply: EditReply,
      async handle({ principal, scope, params, body }) {
        return answer(await editAssets({ actor: principal, scope }, [params.id], body));
      },
    }),
    defineRoute({
      id: 'inventory.edit-assets',
      method: 'POST',
      path: '/assets/bulk',
      summary: 'State attributes of many assets at once',
      permission: 'inventory:edit',
      body: z.union([
        z.strictObject({ ids: z.array(z.string()).min(1).max(MOST_EDITED), set: Edit }),
        z.strictObject({ filter: z.strictObject(AssetFilterQuery), set: Edit }),
      ]),
      bodyLimit: 8 * 1024 * 1024,
      reply: EditReply,
      async handle({ principal, scope, body }) {
        if ('ids' in body) {
          return answer(await editAssets({ actor: principal, scope }, [...new Set(body.ids)], body.set));
        }
        const { place, ...filter } = body.filter;
        const narrowed = { ...filter, places: await placesBelow(places, scope, place) };
        const ids = await listing.assetIds(scope, narrowed, '', MOST_EDITED + 1);
        return ids.length > MOST_EDITED
          ? fail('invalid', 'inventory.too-many', `At most ${MOST_EDITED} assets are edited at once.`)
          : answer(await editAssets({ actor: principal, scope }, ids, body.set));
      },
    }),
    defineRoute({
      id: 'inventory.undo-change',
      method: 'POST',
      path: '/changes/:id/undo',
      summary: 'Take back a change, except where somebody has gone on from there',
      permission: 'inventory:edit',
      params: z.object({ id: z.string() }),
      reply: z.object({ count: z.int(), kept: z.int().describe('Changed again since, and left as they are') }),
      async handle({ principal, scope, params }) {
        const undone = await undoChange(principal, scope, params.id);
        if (undone.ok) {
          for (const topic of ['assets', 'plant', 'events', 'findings', 'conversations'] as const) {
            publish(topic);
          }
        }
        return undone;
      },
    }),
  ];
}
