import { z } from 'zod';
import { ok } from '../kit/result.ts';
import { defineRoute, type Route } from '../platform/http/route.ts';
import { CONTENTS, type ManagePlaces, type PlaceDetails } from './manage-places.ts';
import { occupancyOf, PLACE_KINDS, type Place, type PlaceStore } from './place.ts';
import type { Effect, PlaceAssets } from './place-assets.ts';
import { LONGEST_PATTERN, MOST_RULES, type PlaceRuleStore, RULE_KINDS } from './rule.ts';

const LONGEST_NAME = 200;
const MOST_ASSETS = 10_000;

const Name = z.string().trim().min(1).max(LONGEST_NAME);
const Details = {
  priority: z.int().min(1).max(5).nullable().describe('1 is the most important'),
  owner: Name.nullable(),
  lossPerHour: z.number().min(0).max(Number.MAX_SAFE_INTEGER).nullable().describe('What an hour of standstill costs'),
};
const PlaceReply = z.object({
  id: z.string(),
  site: z.string(),
  parent: z.string().nullable(),
  kind: z.enum(PLACE_KINDS),
  name: z.string(),
  ...Details,
});
const PlaceWithAssets = PlaceReply.extend({
  assets: z.int().describe('Assets in the place itself'),
  assetsWithin: z.int().describe('With those in the places below it'),
});
const NewPlace = z.strictObject({
  kind: z.enum(PLACE_KINDS),
  parent: z.string().nullable().default(null).describe('Null for a site'),
  name: Name,
  priority: Details.priority.default(null),
  owner: Details.owner.default(null),
  lossPerHour: Details.lossPerHour.default(null),
});
const PlaceChange = z.strictObject({ parent: z.string(), kind: z.enum(PLACE_KINDS), name: Name, ...Details }).partial();
const Rule = z.strictObject({
  kind: z.enum(RULE_KINDS),
  pattern: z.string().trim().min(1).max(LONGEST_PATTERN),
  place: z.string(),
});
const Rules = z.array(Rule).max(MOST_RULES);
const RuleEffect = z.object({
  moves: z.int().describe('Assets that stand elsewhere than before'),
  byHand: z.int().describe('Assets whose place a person said'),
  between: z.array(z.object({ from: z.string().nullable(), to: z.string().nullable(), assets: z.int() })),
});
const Site = z.object({ site: z.string() });

export interface PlantParts {
  readonly places: PlaceStore;
  readonly rules: PlaceRuleStore;
  readonly managePlaces: ManagePlaces;
  readonly placeAssets: PlaceAssets;
  /** Tells live views what changed. */
  publish(topic: 'plant' | 'assets'): void;
}

export function plantRoutes(parts: PlantParts): readonly Route[] {
  return [...placeRoutes(parts), ...ruleRoutes(parts)];
}

function placeRoutes({ places, managePlaces, publish }: PlantParts): readonly Route[] {
  return [
    defineRoute({
      id: 'plant.list',
      method: 'GET',
      path: '/plant',
      summary: 'Sites, areas, lines and cells, the whole before its parts',
      permission: 'plant:read',
      reply: z.object({ places: z.array(PlaceWithAssets) }),
      async handle({ scope }) {
        const all = await places.list(scope);
        const occupancy = occupancyOf(all, await places.occupants(scope));
        return ok({
          places: all.map((place) => ({
            ...replyOf(place),
            ...(occupancy.get(place.id) ?? { assets: 0, assetsWithin: 0 }),
          })),
        });
      },
    }),
    defineRoute({
      id: 'plant.add-place',
      method: 'POST',
      path: '/plant/places',
      summary: 'Add a site, area, line or cell',
      permission: 'plant:edit',
      body: NewPlace,
      reply: PlaceReply,
      async handle({ principal, scope, body: { kind, name, parent, ...details } }) {
        const added = await managePlaces.add(
          { actor: principal, scope },
          { kind, name, parent: parent ?? undefined, ...detailsOf(details) },
        );
        if (!added.ok) {
          return added;
        }
        publish('plant');
        return ok(replyOf(added.value));
      },
    }),
    defineRoute({
      id: 'plant.change-place',
      method: 'PATCH',
      path: '/plant/places/:id',
      summary: 'Change a place: what is missing stays as it is',
      permission: 'plant:edit',
      params: z.object({ id: z.string() }),
      body: PlaceChange,
      reply: PlaceReply,
      async handle({ principal, scope, params, body }) {
        const change = Object.fromEntries(Object.entries(body).map(([key, value]) => [key, value ?? undefined]));
        const changed = await managePlaces.change({ actor: principal, scope }, params.id, change);
        if (!changed.ok) {
          return changed;
        }
        publish('plant');
        return ok(replyOf(changed.value));
      },
    }),
    defineRoute({
      id: 'plant.remove-place',
      method: 'DELETE',
      path: '/plant/places/:id',
      summary: 'Remove a place, and say what becomes of the places and assets in it',
      permission: 'plant:edit',
      params: z.object({ id: z.string() }),
      query: z.object({ contents: z.enum(CONTENTS).default('keep') }),
      reply: 'nothing',
      async handle({ principal, scope, params, query }) {
        const removed = await managePlaces.remove({ actor: principal, scope }, params.id, query.contents);
        if (removed.ok) {
          publish('plant');
          publish('assets');
        }
        return removed;
      },
    }),
  ];
}

function ruleRoutes({ rules, placeAssets, publish }: PlantParts): readonly Route[] {
  return [
    defineRoute({
      id: 'plant.rules',
      method: 'GET',
      path: '/plant/rules',
      summary: 'The rules that say where assets of a site stand: the first that fits decides',
      permission: 'plant:read',
      query: Site,
      reply: z.array(Rule),
      async handle({ scope, query }) {
        return ok([...(await rules.rules(scope, query.site))]);
      },
    }),
    defineRoute({
      id: 'plant.set-rules',
      method: 'PUT',
      path: '/plant/rules',
      summary: 'Replace the rules of a site and run them',
      permission: 'plant:edit',
      query: Site,
      body: Rules,
      reply: RuleEffect,
      async handle({ principal, scope, query, body }) {
        const effect = await placeAssets.setRules({ actor: principal, scope }, query.site, body);
        if (!effect.ok) {
          return effect;
        }
        publish('plant');
        publish('assets');
        return ok(effectReply(effect.value));
      },
    }),
    defineRoute({
      id: 'plant.preview-rules',
      method: 'POST',
      path: '/plant/rules/preview',
      summary: 'How many assets would move if these were the rules of the site',
      permission: 'plant:read',
      query: Site,
      body: Rules,
      reply: RuleEffect,
      async handle({ scope, query, body }) {
        const effect = await placeAssets.preview(scope, query.site, body);
        return effect.ok ? ok(effectReply(effect.value)) : effect;
      },
    }),
    defineRoute({
      id: 'plant.assign',
      method: 'POST',
      path: '/plant/assign',
      summary: 'Say by hand where assets stand; null gives them back to the rules',
      permission: 'inventory:edit',
      body: z.strictObject({ assets: z.array(z.string()).min(1).max(MOST_ASSETS), place: z.string().nullable() }),
      reply: z.object({ count: z.int() }),
      async handle({ principal, scope, body }) {
        const assets = [...new Set(body.assets)];
        const assigned = await placeAssets.assign({ actor: principal, scope }, assets, body.place ?? undefined);
        if (!assigned.ok) {
          return assigned;
        }
        publish('plant');
        publish('assets');
        return ok({ count: assigned.value });
      },
    }),
  ];
}

function detailsOf(details: {
  readonly priority: number | null;
  readonly owner: string | null;
  readonly lossPerHour: number | null;
}): Omit<PlaceDetails, 'name'> {
  return {
    priority: details.priority ?? undefined,
    owner: details.owner ?? undefined,
    lossPerHour: details.lossPerHour ?? undefined,
  };
}

function replyOf({ parent, priority, owner, lossPerHour, ...place }: Place) {
  return {
    ...place,
    parent: parent ?? null,
    priority: priority ?? null,
    owner: owner ?? null,
    lossPerHour: lossPerHour ?? null,
  };
}

function effectReply({ moves, byHand, between }: Effect) {
  return {
    moves,
    byHand,
    between: between.map(({ from, to, assets }) => ({ from: from ?? null, to: to ?? null, assets })),
  };
}
