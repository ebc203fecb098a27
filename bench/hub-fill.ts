import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { sql } from 'kysely';
import type { EventKind, InventoryEvent } from '../src/inventory/event.ts';
import { type KnownAsset, NEVER_SEEN } from '../src/inventory/known-asset.ts';
import { conversationKey, type KnownConversation, sharesByDay } from '../src/inventory/known-conversation.ts';
import { joinObserved, observedOf } from '../src/inventory/merge-sighting.ts';
import type { AssetSighting, ConversationSighting, End } from '../src/inventory/sighting.ts';
import { createMemory } from '../src/inventory/store.ts';
import { digest, newId } from '../src/platform/ids.ts';
import { openStore } from '../src/platform/store/open-store.ts';
import type { Store } from '../src/platform/store/store.ts';
import { type Size, sightingsOfPlant } from './hub-plant.ts';

export const SITE = 'ulm';
const PER_COMMIT = 20_000;
/** What waits for a person. */
const OPEN_EVENTS = 10_000;
const KINDS: readonly EventKind[] = ['asset.new', 'conversation.new', 'firmware.changed'];

/** A database that knows a plant of this size; made once, then found under its name. */
export async function filledFile(path: string, size: Size): Promise<void> {
  if (existsSync(path)) {
    return;
  }
  mkdirSync(dirname(path), { recursive: true });
  const part = `${path}.part`;
  rmSync(part, { force: true });
  const store = await openStore(part);
  await fill(store, size);
  await store.close();
  renameSync(part, path);
}

/** The same rows that recording would write, without asking first what is known; indexes are made afterwards. */
export async function fill({ dialect, read, write }: Store, size: Size): Promise<void> {
  const { rows: indexes } = await (dialect === 'sqlite'
    ? sql<{
        name: string;
        made: string;
      }>`select name, sql as made from sqlite_master where type = 'index' and sql is not null`
    : sql<{ name: string; made: string }>`
        select indexname as name, indexdef as made from pg_indexes
        where schemaname = 'public' and indexname like '%\\_by\\_%'`
  ).execute(read);
  await write(async (db) => {
    for (const { name } of indexes) {
      await sql`drop index ${sql.ref(name)}`.execute(db);
    }
  });
  const assets = new Map<string, string>();
  let some: (AssetSighting | ConversationSighting)[] = [];
  const flush = async () => {
    const batch = some;
    some = [];
    await write(async (db) => {
      const memory = createMemory(db);
      const found = batch.filter((one) => one.kind === 'asset').map((one) => assetFrom(one, assets));
      const talked = batch.filter((one) => one.kind === 'conversation').map((one) => conversationFrom(one, assets));
      await memory.putAssets(found.map((after) => ({ before: undefined, after })));
      await memory.putConversations(talked.map(({ after }) => ({ before: undefined, after })));
      await memory.addDays(talked.flatMap(({ days }) => days));
      const spoken = new Map(
        talked.flatMap(({ after: { protocol = '', client = '', server = '' } }) =>
          [client, server].map((asset) => [`${protocol} ${asset}`, { protocol, asset }] as const),
        ),
      );
      await memory.addProtocols(SITE, [...spoken.values()]);
    });
  };
  for (const sighting of sightingsOfPlant(size).everything()) {
    if (sighting.kind !== 'finding') {
      some.push(sighting);
    }
    if (some.length >= PER_COMMIT) {
      await flush();
    }
  }
  await flush();
  const asked = [...assets.values()].slice(0, OPEN_EVENTS);
  await write((db) => createMemory(db).putEvents(asked.map(openEvent)));
  await write(async (db) => {
    for (const { made } of indexes) {
      await sql.raw(made).execute(db);
    }
    if (dialect === 'postgres') {
      // There it happens by itself, later.
      await sql`analyze`.execute(db);
    }
  });
}

function openEvent(asset: string, number: number): InventoryEvent {
  const at = Date.UTC(2026, 2, 2, 6) * 1000 + number;
  return {
    ...{ id: newId(), site: SITE, kind: KINDS[number % KINDS.length] ?? 'asset.new', state: 'open', count: 1, at },
    ...{
      asset,
      conversation: undefined,
      finding: undefined,
      topic: undefined,
      before: undefined,
      after: { number },
      evidence: undefined,
    },
    ...{ recorded: at, decided: undefined, decidedBy: undefined, note: undefined },
  };
}

function macOf({ mac = '' }: End): string {
  return mac;
}

function assetFrom(sighting: AssetSighting, assets: Map<string, string>): KnownAsset {
  const id = newId();
  assets.set(sighting.interfaces[0]?.mac ?? '', id);
  const observed = joinObserved(NEVER_SEEN, observedOf(sighting));
  const nothing = { parent: undefined, behind: undefined, news: undefined, stated: {}, findings: 0, worst: 0 };
  return { ...nothing, id, site: SITE, scope: sighting.scope, state: 'accepted', observed };
}

function conversationFrom(sighting: ConversationSighting, assets: ReadonlyMap<string, string>) {
  const { kind: _, client, server, ...told } = sighting;
  const id = digest(conversationKey(SITE, sighting));
  const after: KnownConversation = {
    ...told,
    ...{ id, site: SITE, state: 'accepted', news: undefined, vlan: undefined, timing: undefined },
    protocol: told.protocol,
    client: client && assets.get(macOf(client)),
    server: server && assets.get(macOf(server)),
  };
  return { after, days: sharesByDay(sighting).map((share) => ({ ...share, conversation: id })) };
}
