import type { Atomically } from '../kit/atomically.ts';
import type { Micros } from '../kit/time.ts';
import { type AssetKey, type AssetKeys, addressKey, endKeys, keysOf, serialKey } from './asset-key.ts';
import { type Difference, differencesOf } from './differences/difference.ts';
import { areOfTwo, contradicts, DOCUMENT_KEYS, DocumentIndex } from './documents.ts';
import {
  changesOf,
  type EventKind,
  findingNews,
  type InventoryEvent,
  MOST_EVENTS_PER_MINUTE,
  MOST_LABELS,
  MOST_OPEN_EVENTS,
  type News,
  talkNews,
} from './event.ts';
import { bestValue, type KnownAsset, NEVER_SEEN, type ObservedAsset, shownLabel, shownOf } from './known-asset.ts';
import {
  conversationKey,
  joinConversation,
  joinOperations,
  type KnownConversation,
  operationKey,
  sharesByDay,
} from './known-conversation.ts';
import { findingKey, joinFinding, type KnownFinding } from './known-finding.ts';
import type { KeyOwner, Memory, OwnedKey } from './memory.ts';
import { joinObserved, observedOf } from './merge-sighting.ts';
import type { AssetSighting, ConversationSighting, End, FindingSighting, Sighting } from './sighting.ts';

export interface RecordParts {
  readonly now: () => Micros;
  /** Later ones are greater as text. */
  readonly newId: () => string;
  /** The same short text for the same text, and another one for any other. */
  readonly digest: (text: string) => string;
}

/** What became of sightings. */
export interface Recorded {
  readonly sightings: number;
  readonly newAssets: number;
  readonly newConversations: number;
  readonly newFindings: number;
  readonly events: number;
  /** The assets that are new or shown differently, for whoever places them. */
  readonly changedAssets: readonly string[];
}

export type RecordSightings = (site: string, sightings: readonly Sighting[]) => Promise<Recorded>;

/** Merges sightings into what is known of a site: all of them in one transaction. */
export function createRecordSightings(
  atomically: Atomically<{ readonly memory: Memory }>,
  parts: RecordParts,
): RecordSightings {
  return (site, sightings) => atomically((stores) => recordSightings(stores, parts, site, sightings));
}

/** The same within a transaction of the caller's, who writes there what else must be true with it. */
export async function recordSightings(
  { memory }: { readonly memory: Memory },
  parts: RecordParts,
  site: string,
  sightings: readonly Sighting[],
): Promise<Recorded> {
  const recording = new Recording(memory, parts, site);
  return await recording.run(sightings);
}

interface Change {
  readonly before: KnownAsset | undefined;
  after: KnownAsset;
}

class Recording {
  readonly #memory: Memory;
  readonly #parts: RecordParts;
  readonly #site: string;
  readonly #owners: Map<AssetKey, KeyOwner> = new Map();
  readonly #ownersBefore: Map<AssetKey, KeyOwner> = new Map();
  readonly #assets: Map<string, Change> = new Map();
  /** Assets that turned out to be another one. */
  readonly #absorbed: Map<string, string> = new Map();
  readonly #news: News[] = [];
  #documents: DocumentIndex | undefined;

  constructor(memory: Memory, parts: RecordParts, site: string) {
    this.#memory = memory;
    this.#parts = parts;
    this.#site = site;
  }

  async run(sightings: readonly Sighting[]): Promise<Recorded> {
    const assets = sightings.filter((one) => one.kind === 'asset');
    const conversations = sightings.filter((one) => one.kind === 'conversation');
    const findings = sightings.filter((one) => one.kind === 'finding');
    const keysOfAssets = assets.map((sighting) => ({ sighting, keys: keysOf(sighting) }));
    await this.#loadOwners(keysOfAssets, conversations, findings);
    // Those that speak for others come first: then these find them.
    for (const { sighting, keys } of keysOfAssets.toSorted(
      (a, b) => Number(a.sighting.behind !== undefined) - Number(b.sighting.behind !== undefined),
    )) {
      await this.#recordAsset(sighting, keys);
    }
    const talked = await this.#recordConversations(conversations);
    const found = await this.#recordFindings(findings);
    const newAssets = [...this.#assets.values()].filter(({ before }) => before === undefined).length;
    const changedAssets = await this.#write(talked, found);
    return {
      sightings: sightings.length,
      newAssets,
      newConversations: talked.created,
      newFindings: found.created,
      events: this.#news.length,
      changedAssets,
    };
  }

  // ── Recognising ───────────────────────────────────────────────────────────────────────────────────────────────────

  async #loadOwners(
    assets: readonly { readonly sighting: AssetSighting; readonly keys: AssetKeys }[],
    conversations: readonly ConversationSighting[],
    findings: readonly FindingSighting[],
  ): Promise<void> {
    const wanted = new Set<AssetKey>();
    const addEnd = (scope: string, end: End | undefined) => {
      for (const key of end === undefined ? [] : endKeys(scope, end)) {
        wanted.add(key);
      }
    };
    const loaded = new Set<AssetKey>();
    for (const { sighting, keys } of assets) {
      for (const key of allOf(keys)) {
        wanted.add(key);
        loaded.add(key);
      }
      addEnd(sighting.scope, sighting.parentEnd);
    }
    for (const { scope, client, server } of conversations) {
      addEnd(scope, client);
      addEnd(scope, server);
    }
    for (const { scope, assets: about } of findings) {
      for (const end of about) {
        addEnd(scope, end);
      }
    }
    const owners = await this.#memory.owners(this.#site, [...wanted]);
    for (const [key, owner] of owners) {
      this.#owners.set(key, owner);
      this.#ownersBefore.set(key, owner);
    }
    const ids = new Set([...loaded].flatMap((key) => owners.get(key)?.asset ?? []));
    await this.#loadAssets([...ids]);
  }

  async #loadAssets(ids: readonly string[]): Promise<void> {
    const missing = ids.filter((id) => !this.#assets.has(id));
    if (missing.length > 0) {
      for (const [id, before] of await this.#memory.assets(missing)) {
        this.#assets.set(id, { before, after: before });
      }
    }
  }

  #find(scope: string, end: End | undefined): string | undefined {
    for (const key of end === undefined ? [] : endKeys(scope, end)) {
      const owner = this.#owners.get(key);
      if (owner !== undefined) {
        return this.#living(owner.asset);
      }
    }
    return undefined;
  }

  #living(id: string): string {
    let living = id;
    for (let heir = this.#absorbed.get(living); heir !== undefined; heir = this.#absorbed.get(living)) {
      living = heir;
    }
    return living;
  }

  #owner(key: AssetKey | undefined): string | undefined {
    const owner = key === undefined ? undefined : this.#owners.get(key);
    return owner === undefined ? undefined : this.#living(owner.asset);
  }

  /** The assets that this sighting is of. Several: until now nothing showed that they are one. */
  #recognise(sighting: AssetSighting, keys: AssetKeys): readonly string[] {
    const found = new Set<string>();
    const bySerial = this.#owner(keys.serial);
    if (bySerial !== undefined) {
      found.add(bySerial);
    }
    for (const key of [...keys.macs, ...keys.behind]) {
      const owner = this.#owner(key);
      // A serial number beats a MAC: a module that moved to another device takes its MAC along.
      if (owner !== undefined && (bySerial === undefined || !this.#contradicts(owner, keys.serial))) {
        found.add(owner);
      }
    }
    for (const key of keys.addresses) {
      const owner = this.#owner(key);
      if (owner !== undefined && !found.has(owner) && this.#mayHave(owner, key, sighting, keys)) {
        found.add(owner);
      }
    }
    return [...found];
  }

  #contradicts(id: string, serial: AssetKey | undefined): boolean {
    const known = this.#assets.get(id)?.after;
    const other = known === undefined ? undefined : serialKey(known.observed.evidence);
    return serial !== undefined && other !== undefined && serial !== other;
  }

  /** Where one of the two has no MAC at this address, and no serial number says otherwise. */
  #mayHave(id: string, address: AssetKey, { scope }: AssetSighting, keys: AssetKeys): boolean {
    const known = this.#assets.get(id)?.after;
    if (known === undefined || known.behind !== undefined || this.#contradicts(id, keys.serial)) {
      return false;
    }
    const isOfMac = known.observed.interfaces.some(
      ({ mac, shared, vlan, addresses }) =>
        mac !== undefined && !shared && addresses.some((one) => addressKey(scope, vlan, one.address) === address),
    );
    return keys.macs.length === 0 || !isOfMac;
  }

  /** By all of it the one found asset was known before. */
  #saysNothingNew([id, ...others]: readonly string[], keys: AssetKeys, seen: ObservedAsset): boolean {
    const known = id === undefined || others.length > 0 ? undefined : this.#assets.get(id)?.after.observed;
    return (
      known !== undefined &&
      allOf(keys).every((key) => this.#owner(key) === id) &&
      (['name', 'serial'] as const).every((attribute) => {
        const told = bestValue(seen.evidence, attribute)?.value;
        return told === undefined || told === bestValue(known.evidence, attribute)?.value;
      })
    );
  }

  /** The asset that was documented and is none of those found, where only one fits. */
  async #documentOf(found: readonly string[], seen: ObservedAsset): Promise<string | undefined> {
    this.#documents ??= new DocumentIndex(await this.#memory.stated(this.#site));
    if (this.#documents.isEmpty) {
      return undefined;
    }
    const parts = found.flatMap((id) => this.#assets.get(id)?.after ?? []);
    const heard = parts.reduce((all, { observed }) => joinObserved(all, observed), seen);
    for (const key of DOCUMENT_KEYS) {
      const ids = [...new Set(this.#documents.find(key, heard).map((id) => this.#living(id)))];
      await this.#loadAssets(ids);
      const fitting = ids.filter((id) => {
        const known = this.#assets.get(id)?.after;
        return (
          known !== undefined &&
          !contradicts(known, heard, key) &&
          parts.every((part) => part.id === id || !areOfTwo(part.stated, known.stated))
        );
      });
      const [fit, ...others] = fitting;
      if (fit !== undefined) {
        return others.length > 0 || found.includes(fit) ? undefined : fit;
      }
    }
    return undefined;
  }

  // ── Assets ────────────────────────────────────────────────────────────────────────────────────────────────────────

  async #recordAsset(sighting: AssetSighting, keys: AssetKeys): Promise<void> {
    const seen = observedOf(sighting);
    const found = this.#recognise(sighting, keys);
    const document = this.#saysNothingNew(found, keys, seen) ? undefined : await this.#documentOf(found, seen);
    const same = document === undefined ? found : [...found, document];
    const id = same.length === 0 ? this.#create(sighting) : await this.#united(same);
    const change = this.#assets.get(id);
    if (change === undefined) {
      throw new Error(`asset ${id} has keys and is not there`);
    }
    const known = change.after;
    const observed = joinObserved(known.observed, seen);
    const parent = known.parent ?? this.#find(sighting.scope, sighting.parentEnd);
    this.#news.push(...changesOf(known, observed, seen));
    change.after = {
      ...known,
      observed,
      scope: known.scope === '' ? sighting.scope : known.scope,
      parent: parent === id ? undefined : parent,
      behind: known.behind ?? sighting.behind,
    };
    const serial = keys.serial ?? serialKey(observed.evidence);
    for (const key of allOf({ ...keys, serial })) {
      const owner = this.#owners.get(key);
      if (owner === undefined || sighting.lastSeen >= owner.seen || this.#living(owner.asset) === id) {
        this.#owners.set(key, { asset: id, seen: Math.max(owner?.seen ?? 0, sighting.lastSeen) });
      }
    }
  }

  #create({ scope, behind }: AssetSighting): string {
    const id = this.#parts.newId();
    const after: KnownAsset = {
      id,
      site: this.#site,
      scope,
      parent: undefined,
      behind,
      state: 'new',
      news: undefined,
      stated: {},
      observed: NEVER_SEEN,
      findings: 0,
      worst: 0,
    };
    this.#assets.set(id, { before: undefined, after });
    return id;
  }

  /** Makes one of several: the one that people said something of, else the one that was there first takes in the others. */
  async #united(same: readonly string[]): Promise<string> {
    await this.#loadAssets(same);
    const all = same.flatMap((id) => this.#assets.get(id)?.after ?? []).toSorted(byRank);
    const [oldest, ...others] = all;
    if (oldest === undefined) {
      throw new Error(`assets ${same.join(', ')} have keys and are not there`);
    }
    for (const other of others) {
      this.#absorb(oldest.id, other);
    }
    return oldest.id;
  }

  #absorb(id: string, other: KnownAsset): void {
    const change = this.#assets.get(id) as Change;
    const { after } = change;
    change.after = {
      ...after,
      observed: joinObserved(after.observed, other.observed),
      stated: { ...other.stated, ...after.stated },
      parent: after.parent ?? other.parent,
      behind: after.behind ?? other.behind,
      scope: after.scope === '' ? other.scope : after.scope,
      // What is documented needs nobody who accepts it: the question is answered.
      state: after.state === 'documented' && other.state !== 'new' ? other.state : after.state,
    };
    this.#absorbed.set(other.id, id);
    this.#assets.delete(other.id);
  }

  // ── Conversations ─────────────────────────────────────────────────────────────────────────────────────────────────

  async #recordConversations(sightings: readonly ConversationSighting[]): Promise<Talked> {
    const { digest } = this.#parts;
    const withId = sightings.map((sighting) => ({ id: digest(conversationKey(this.#site, sighting)), sighting }));
    const known = await this.#memory.conversations([...new Set(withId.map(({ id }) => id))]);
    const kept = new Map<string, KnownConversation>();
    const created = new Set<string>();
    const days = new Map<string, { conversation: string; day: Micros; packets: number; bytes: number }>();
    for (const { id, sighting } of withId) {
      const before = kept.get(id) ?? known.get(id);
      if (before === undefined) {
        created.add(id);
      }
      const joined =
        before === undefined ? newConversation(id, this.#site, sighting) : joinConversation(before, sighting);
      kept.set(id, {
        ...joined,
        client: this.#find(sighting.scope, sighting.client) ?? joined.client,
        server: this.#find(sighting.scope, sighting.server) ?? joined.server,
      });
      this.#tellPrograms(id, before, sighting);
      for (const share of sharesByDay(sighting)) {
        const key = `${id} ${share.day}`;
        const day = days.get(key) ?? { conversation: id, day: share.day, packets: 0, bytes: 0 };
        day.packets += share.packets;
        day.bytes += share.bytes;
        days.set(key, day);
      }
    }
    return { kept, created: created.size, createdIds: created, known, days: [...days.values()] };
  }

  #tellPrograms(id: string, before: KnownConversation | undefined, sighting: ConversationSighting): void {
    const had = new Set(before?.operations.map(operationKey));
    const operations = sighting.operations.filter(
      (operation) =>
        (operation.effect === 'program' || operation.effect === 'firmware') && !had.has(operationKey(operation)),
    );
    if (operations.length > 0) {
      this.#news.push({
        kind: 'program',
        at: sighting.firstSeen,
        conversation: id,
        asset: this.#find(sighting.scope, sighting.server),
        after: { operations, client: sighting.clientAddress, target: sighting.target },
        label: `${sighting.clientAddress} to ${sighting.target}`,
      });
    }
  }

  /**
   * Says of new conversations that they are new, unless one of the two parties is news itself or they changed a program: then they
   * belong to that.
   */
  async #tellConversations(talked: Talked): Promise<void> {
    const fresh = [...talked.createdIds].flatMap((id) => talked.kept.get(id) ?? []);
    const strangers = new Set(
      fresh.flatMap(({ client, server }) =>
        [client, server].flatMap((id) => (id === undefined || this.#assets.has(id) ? [] : [id])),
      ),
    );
    const news = await this.#memory.news([...strangers]);
    const programmed = new Set(
      this.#news.flatMap(({ kind, conversation }) => (kind === 'program' ? conversation : [])),
    );
    const newsOf = (id: string | undefined) =>
      id === undefined ? undefined : (this.#assets.get(id)?.after.news ?? news.get(id));
    for (const conversation of fresh) {
      const { id, client, server } = conversation;
      const asset = newsOf(server) ?? newsOf(client);
      if (asset !== undefined) {
        talked.kept.set(id, { ...conversation, news: asset });
      } else if (!programmed.has(id)) {
        this.#news.push(talkNews(conversation));
      }
    }
  }

  // ── Findings ──────────────────────────────────────────────────────────────────────────────────────────────────────

  async #recordFindings(sightings: readonly FindingSighting[]): Promise<Found> {
    const { digest } = this.#parts;
    const withId = sightings.map((sighting) => ({ id: digest(findingKey(this.#site, sighting)), sighting }));
    const known = await this.#memory.findings([...new Set(withId.map(({ id }) => id))]);
    const kept = new Map<string, KnownFinding>();
    const about = new Map<string, { finding: string; asset: string }>();
    let created = 0;
    for (const { id, sighting } of withId) {
      const before = kept.get(id) ?? known.get(id);
      kept.set(id, before === undefined ? newFinding(id, this.#site, sighting) : joinFinding(before, sighting));
      const assets = new Set(sighting.assets.flatMap((end) => this.#find(sighting.scope, end) ?? []));
      for (const asset of assets) {
        about.set(`${id} ${asset}`, { finding: id, asset });
      }
      if (before === undefined || (before.state !== 'open' && kept.get(id)?.state === 'open')) {
        created += before === undefined ? 1 : 0;
        const [asset] = assets;
        this.#news.push(findingNews({ ...sighting, id }, asset));
      }
    }
    return { kept, about: [...about.values()], created };
  }

  // ── Writing ───────────────────────────────────────────────────────────────────────────────────────────────────────

  async #write(talked: Talked, found: Found): Promise<readonly string[]> {
    const memory = this.#memory;
    await this.#takeIn();
    this.#settleDocumented();
    for (const { before, after } of this.#assets.values()) {
      if (before === undefined) {
        this.#news.push({
          kind: 'asset.new',
          at: after.observed.firstSeen ?? this.#parts.now(),
          asset: after.id,
          after: outline(after),
          label: shownLabel(shownOf(after), after.id),
        });
      }
    }
    const events = new EventBook(
      this.#parts,
      this.#site,
      await memory.openEvents(this.#site, minuteOf(this.#parts.now())),
    );
    for (const news of this.#news.filter(asksForAsset)) {
      const change = this.#assets.get(news.asset ?? '');
      const event = events.enter(news);
      if (change !== undefined) {
        change.after = { ...change.after, news: event };
      }
    }
    await this.#tellConversations(talked);
    const topics = new Set(this.#news.flatMap(({ topic }) => topic ?? []));
    events.resume(await memory.openTopics(this.#site, [...topics]));
    for (const news of this.#news.filter((one) => !asksForAsset(one))) {
      const event = events.enter({
        ...news,
        ...(news.asset === undefined ? {} : { asset: this.#living(news.asset) }),
      });
      const conversation = talked.kept.get(news.conversation ?? '');
      if (conversation !== undefined && conversation.news === undefined && talked.createdIds.has(conversation.id)) {
        talked.kept.set(conversation.id, { ...conversation, news: event });
      }
    }
    const shownAnew = await memory.putAssets(
      [...this.#assets.values()].filter(({ before, after }) => before !== after),
    );
    await memory.putKeys(this.#site, this.#changedKeys());
    await memory.putConversations(
      [...talked.kept.values()].map((after) => ({ before: talked.known.get(after.id), after })),
    );
    await memory.addDays(talked.days);
    await memory.addProtocols(this.#site, protocolsOf(talked));
    await memory.putFindings([...found.kept.values()], found.about);
    await memory.countFindings([...new Set(found.about.map(({ asset }) => asset))]);
    await memory.putEvents(events.all());
    return shownAnew;
  }

  /** A documented device that was seen is accepted, as long as it is as documented. */
  #settleDocumented(): void {
    const now = this.#parts.now();
    for (const change of this.#assets.values()) {
      const { after } = change;
      if (after.state === 'documented' && after.observed.sightings > 0) {
        const news = firstSeen(after, now);
        change.after = { ...after, state: news.state === 'noted' ? 'accepted' : 'new' };
        this.#news.push(news);
      }
    }
  }

  /** What was about an absorbed asset is about its heir from now on. */
  async #takeIn(): Promise<void> {
    if (this.#absorbed.size === 0) {
      return;
    }
    const moves = [...this.#absorbed.keys()].map((from) => ({ from, to: this.#living(from) }));
    for (const { key, asset, seen } of await this.#memory.keysOf(moves.map(({ from }) => from))) {
      if (!this.#owners.has(key)) {
        this.#owners.set(key, { asset: this.#living(asset), seen });
      }
    }
    for (const [key, owner] of this.#owners) {
      this.#owners.set(key, { ...owner, asset: this.#living(owner.asset) });
    }
    for (const change of this.#assets.values()) {
      const { parent } = change.after;
      if (parent !== undefined && this.#absorbed.has(parent)) {
        change.after = { ...change.after, parent: this.#living(parent) };
      }
    }
    await this.#memory.absorb(moves);
  }

  #changedKeys(): readonly OwnedKey[] {
    const changed: OwnedKey[] = [];
    for (const [key, owner] of this.#owners) {
      const before = this.#ownersBefore.get(key);
      if (before?.asset !== owner.asset || before.seen !== owner.seen) {
        changed.push({ key, ...owner });
      }
    }
    return changed;
  }
}

interface Talked {
  readonly kept: Map<string, KnownConversation>;
  readonly created: number;
  readonly createdIds: ReadonlySet<string>;
  readonly known: ReadonlyMap<string, KnownConversation>;
  readonly days: readonly { conversation: string; day: Micros; packets: number; bytes: number }[];
}

interface Found {
  readonly kept: ReadonlyMap<string, KnownFinding>;
  readonly about: readonly { finding: string; asset: string }[];
  readonly created: number;
}

function allOf({ serial, macs, behind, addresses }: AssetKeys): readonly AssetKey[] {
  return [...(serial === undefined ? [] : [serial]), ...macs, ...behind, ...addresses];
}

function byRank(one: KnownAsset, other: KnownAsset): number {
  const [a, b] = [one.observed.firstSeen ?? 0, other.observed.firstSeen ?? 0];
  return Number(isStated(other)) - Number(isStated(one)) || a - b || (one.id < other.id ? -1 : 1);
}

function isStated({ stated }: KnownAsset): boolean {
  return Object.keys(stated).length > 0;
}

function newConversation(id: string, site: string, sighting: ConversationSighting): KnownConversation {
  const { scope, clientAddress, target, transport, port, protocol, vlan, timing } = sighting;
  const { flows, packets, bytes, firstSeen, lastSeen } = sighting;
  return {
    ...{
      id,
      site,
      scope,
      client: undefined,
      server: undefined,
      clientAddress,
      target,
      transport,
      port,
      protocol,
      vlan,
    },
    ...{ flows, packets, bytes, firstSeen, lastSeen, timing, state: 'new', news: undefined },
    operations: joinOperations([], sighting.operations),
  };
}

function newFinding(id: string, site: string, sighting: FindingSighting): KnownFinding {
  const { kind: _, assets: __, ...told } = sighting;
  return { ...told, id, site, state: 'open', decided: undefined, decidedBy: undefined, note: undefined };
}

/** Who speaks what, where the conversation is new or its parties are. */
function protocolsOf({ kept, known }: Talked): readonly { protocol: string; asset: string }[] {
  const spoken = new Map<string, { protocol: string; asset: string }>();
  for (const { id, protocol, client, server } of kept.values()) {
    const before = known.get(id);
    for (const asset of [client, server]) {
      if (protocol !== undefined && asset !== undefined && asset !== before?.client && asset !== before?.server) {
        spoken.set(`${protocol} ${asset}`, { protocol, asset });
      }
    }
  }
  return [...spoken.values()];
}

/** Whether this asks if the asset itself may be there. */
function asksForAsset({ kind, state }: News): boolean {
  return kind === 'asset.new' || (kind === 'asset.seen' && state !== 'noted');
}

/** That a documented device was seen first: a question where it is not as documented. */
function firstSeen(asset: KnownAsset, now: Micros): News {
  const differences = differencesOf(asset, now).filter(({ attribute }) => attribute !== undefined);
  const told = {
    kind: 'asset.seen',
    at: asset.observed.firstSeen ?? now,
    asset: asset.id,
    label: shownLabel(shownOf(asset), asset.id),
  } as const;
  return differences.length === 0
    ? { ...told, after: outline(asset), state: 'noted' }
    : { ...told, before: valuesOf(differences, 'stated'), after: valuesOf(differences, 'observed'), state: 'open' };
}

function valuesOf(differences: readonly Difference[], side: 'stated' | 'observed'): Readonly<Record<string, string>> {
  return Object.fromEntries(differences.map((one) => [one.attribute, one[side]?.value ?? '']));
}

/** What an event says of a new asset. */
function outline(asset: KnownAsset) {
  const { name, role, vendor, product, firmware, addresses, macs } = shownOf(asset);
  return {
    name: name ?? null,
    role,
    vendor: vendor ?? null,
    product: product ?? null,
    firmware: firmware ?? null,
    addresses: addresses.slice(0, MOST_LABELS),
    macs: macs.slice(0, MOST_LABELS),
  };
}

const MINUTE: Micros = 60_000_000;

function minuteOf(time: Micros): Micros {
  return Math.floor(time / MINUTE) * MINUTE;
}

/** Events of one recording: one by one as long as there are few, else as a crowd with a number. */
class EventBook {
  readonly #parts: RecordParts;
  readonly #site: string;
  readonly #now: Micros;
  #open: number;
  readonly #recent: Map<EventKind, number>;
  readonly #events: Map<string, InventoryEvent> = new Map();
  readonly #topics: Map<string, string> = new Map();
  readonly #crowds: Map<string, { event: InventoryEvent; labels: string[] }> = new Map();

  constructor(
    parts: RecordParts,
    site: string,
    { open, recent }: { readonly open: number; readonly recent: ReadonlyMap<EventKind, number> },
  ) {
    this.#parts = parts;
    this.#site = site;
    this.#now = parts.now();
    this.#open = open;
    this.#recent = new Map(recent);
  }

  /** What is open already, by topic. */
  resume(topics: ReadonlyMap<string, string>): void {
    for (const [topic, event] of topics) {
      this.#topics.set(topic, event);
    }
  }

  /** Gives the id of the event under which this is told. */
  enter(news: News): string {
    const same = this.#topics.get(news.topic ?? '');
    if (same !== undefined) {
      const known = this.#events.get(same);
      this.#events.set(same, known === undefined ? this.#event(same, news) : { ...known, count: known.count + 1 });
      return same;
    }
    const recent = this.#recent.get(news.kind) ?? 0;
    this.#recent.set(news.kind, recent + 1);
    const isOpen = (news.state ?? 'open') === 'open';
    if (recent >= MOST_EVENTS_PER_MINUTE || (isOpen && this.#open >= MOST_OPEN_EVENTS)) {
      return this.#crowd(news);
    }
    const event = this.#event(this.#parts.newId(), news);
    this.#open += isOpen ? 1 : 0;
    this.#events.set(event.id, event);
    if (news.topic !== undefined) {
      this.#topics.set(news.topic, event.id);
    }
    return event.id;
  }

  all(): readonly InventoryEvent[] {
    const crowds = [...this.#crowds.values()].map(({ event, labels }) => ({ ...event, after: { among: labels } }));
    return [...this.#events.values(), ...crowds];
  }

  #crowd(news: News): string {
    const { kind, at, state = 'open' } = news;
    const crowd = `${kind} ${state}`;
    const known = this.#crowds.get(crowd);
    const label = news.label ?? '';
    if (known === undefined) {
      const id = this.#parts.digest(JSON.stringify([this.#site, crowd, minuteOf(this.#now)]));
      const event = this.#event(id, { kind, at, state });
      this.#crowds.set(crowd, { event, labels: label === '' ? [] : [label] });
      return id;
    }
    known.event = { ...known.event, count: known.event.count + 1, at: Math.min(known.event.at, news.at) };
    if (label !== '' && known.labels.length < MOST_LABELS) {
      known.labels.push(label);
    }
    return known.event.id;
  }

  #event(id: string, news: News): InventoryEvent {
    return {
      id,
      site: this.#site,
      kind: news.kind,
      state: news.state ?? 'open',
      asset: news.asset,
      conversation: news.conversation,
      finding: news.finding,
      topic: news.topic,
      count: 1,
      before: news.before,
      after: news.after,
      evidence: news.evidence,
      at: news.at,
      recorded: this.#now,
      decided: undefined,
      decidedBy: undefined,
      note: undefined,
    };
  }
}
