import { labelOf, partiesOf, protocolOf, worstOf } from './model.js';
import { levelName, NETWORK_ROLES, roleName, roleTag, worse } from './terms.js';
import { number, plural } from './text.js';

/** @import { Asset, Conversation, Link, MapNode, MapZone, Severity } from './types.ts' */
/** @import { Model } from './model.js' */

/** What the map shows: which assets, one by one or by kind, and which links between them. */

/** More assets than these are drawn as groups of one kind, level and zone. */
export const MOST_SINGLE = 300;
/** More groups than these, and the smallest zones are drawn as one. */
const MOST_GROUPS = 250;
const MOST_ZONES = 24;
const OTHER_ZONES = 'others';

/**
 * @typedef {object} MapLink
 * @property {string} a
 * @property {string} b
 * @property {readonly Conversation[]} conversations
 * @property {Severity | undefined} severity
 */

/**
 * @typedef {object} MapContent
 * @property {readonly MapNode[]} nodes
 * @property {readonly MapZone[]} zones
 * @property {readonly MapLink[]} links
 * @property {boolean} isGrouped
 */

/**
 * @typedef {object} MapChoice
 * @property {string} protocol
 * @property {string} effect
 * @property {string} zone
 * @property {boolean} onlyTalking leave out assets without a link that fits
 */

/**
 * The links that fit the choice, each with the conversations that fit.
 * @param {Model} model
 * @param {MapChoice} choice
 * @returns {Link[]}
 */
export function linksFor(model, { protocol, effect, zone }) {
  return model.links
    .filter(({ a, b }) => zone === '' || [a, b].some((id) => model.zoneByAsset.get(id)?.id === zone))
    .map((link) => ({
      ...link,
      conversations: link.conversations.filter(
        (conversation) =>
          (protocol === '' || protocolOf(conversation) === protocol) &&
          (effect === '' || conversation.operations.some((operation) => operation.effect === effect)),
      ),
    }))
    .filter(({ conversations }) => conversations.length > 0);
}

/**
 * @param {Model} model
 * @param {readonly Link[]} links
 * @param {MapChoice} choice
 * @returns {MapContent}
 */
export function contentFor(model, links, { zone, onlyTalking }) {
  const talking = new Set(links.flatMap(({ a, b }) => [a, b]));
  const assets = model.assets.filter(
    ({ id }) => talking.has(id) || (!onlyTalking && (zone === '' || model.zoneByAsset.get(id)?.id === zone)),
  );
  const zones = model.zones.map(({ id, name }) => ({ id: String(id), title: name }));
  if (assets.length <= MOST_SINGLE) {
    const nodes = assets.map((asset) => assetNode(model, asset));
    return { nodes, zones, links, isGrouped: false };
  }
  return grouped(model, assets, zones, links);
}

/** @param {Asset} asset */
function rowOf({ role, purdueLevel }) {
  if (purdueLevel !== null) {
    return String(purdueLevel);
  }
  return NETWORK_ROLES.has(role) ? 'network' : 'none';
}

/** @param {string} row */
export function rowName(row) {
  return row === 'network' ? 'Network and time' : levelName(row);
}

/**
 * @param {Model} model
 * @param {Asset} asset
 * @returns {MapNode}
 */
function assetNode(model, asset) {
  const found = model.findingsOf(asset.id).filter(({ severity }) => severity !== 'info');
  const zone = model.zoneByAsset.get(asset.id);
  return {
    id: asset.id,
    row: rowOf(asset),
    zone: zone?.id ?? '',
    text: labelOf(asset),
    tag: roleTag(asset.role),
    description: [
      roleName(asset.role),
      levelName(asset.purdueLevel),
      ...(zone ? [`zone ${zone.name}`] : []),
      `talks to ${number(model.peersOf(asset.id).size)}`,
      ...(found.length > 0 ? [plural(found.length, 'finding', 'findings')] : []),
    ].join(', '),
    href: `#asset/${asset.id}`,
    severity: worstOf(found),
  };
}

/**
 * @param {Model} model
 * @param {readonly Asset[]} assets
 * @param {readonly MapZone[]} zones
 * @param {readonly Link[]} links
 * @returns {MapContent}
 */
function grouped(model, assets, zones, links) {
  const all = new Map(zones.map(({ id }) => [id, id]));
  let groups = groupsOf(model, assets, all);
  let shown = zones;
  if (groups.length > MOST_GROUPS) {
    const kept = new Set(
      model.zones
        .toSorted((a, b) => b.assets.length - a.assets.length)
        .slice(0, MOST_ZONES)
        .map(({ id }) => String(id)),
    );
    const merged = new Map(zones.map(({ id }) => [id, kept.has(id) ? id : OTHER_ZONES]));
    groups = groupsOf(model, assets, merged);
    const others = { id: OTHER_ZONES, title: `${number(zones.length - kept.size)} smaller zones` };
    shown = [...zones.filter(({ id }) => kept.has(id)), others];
  }
  const groupByAsset = new Map(groups.flatMap((group) => group.members.map((id) => [id, group.node.id])));
  return {
    nodes: groups.map(({ node }) => node),
    zones: shown,
    links: mergedLinks(links, groupByAsset),
    isGrouped: true,
  };
}

/**
 * @param {Model} model
 * @param {readonly Asset[]} assets
 * @param {ReadonlyMap<string, string>} zoneShown zone by the zone that stands for it
 */
function groupsOf(model, assets, zoneShown) {
  /** @type {Map<string, { zone: string, members: Asset[] }>} */
  const groups = new Map();
  for (const asset of assets) {
    const zone = zoneShown.get(model.zoneByAsset.get(asset.id)?.id ?? '') ?? '';
    const key = `${zone} ${rowOf(asset)} ${asset.role}`;
    const group = groups.get(key) ?? { zone, members: [] };
    group.members.push(asset);
    groups.set(key, group);
  }
  return [...groups].map(([id, { zone, members }]) => ({
    node: groupNode(model, id, zone, members),
    members: members.map((asset) => asset.id),
  }));
}

/**
 * @param {Model} model
 * @param {string} id
 * @param {string} zone
 * @param {readonly Asset[]} members
 * @returns {MapNode}
 */
function groupNode(model, id, zone, members) {
  const [first] = members;
  const role = first?.role ?? 'unknown';
  const level = first?.purdueLevel ?? null;
  const severity = members.reduce((/** @type {Severity | undefined} */ worst, asset) => {
    const own = model.worstOf(asset.id);
    return own === 'info' ? worst : worse(worst, own);
  }, undefined);
  const params = new URLSearchParams({ role, level: level === null ? 'none' : String(level) });
  if (zone !== OTHER_ZONES) {
    params.set('zone', zone);
  }
  return {
    id,
    row: first ? rowOf(first) : 'none',
    zone,
    text: members.length === 1 && first ? labelOf(first) : `${roleName(role)} ×${number(members.length)}`,
    tag: roleTag(role),
    description: `${plural(members.length, 'asset', 'assets')}, ${levelName(level)}${severity ? `, worst finding ${severity}` : ''}`,
    href: members.length === 1 && first ? `#asset/${first.id}` : `#assets?${params}`,
    severity,
  };
}

/**
 * @param {readonly Link[]} links
 * @param {ReadonlyMap<string, string>} groupByAsset
 * @returns {MapLink[]}
 */
function mergedLinks(links, groupByAsset) {
  /** @type {Map<string, { a: string, b: string, conversations: Conversation[], severity: Severity | undefined }>} */
  const merged = new Map();
  for (const link of links) {
    const [a, b] = [groupByAsset.get(link.a) ?? '', groupByAsset.get(link.b) ?? ''];
    const key = a < b ? `${a}\n${b}` : `${b}\n${a}`;
    const known = merged.get(key) ?? { a, b, conversations: [], severity: undefined };
    for (const conversation of link.conversations) {
      known.conversations.push(conversation);
    }
    known.severity = worse(known.severity, link.severity);
    merged.set(key, known);
  }
  return [...merged.values()].filter(({ a, b }) => a !== b);
}

/** Conversations that have no second asset: to all, or to somebody silent. @param {readonly Conversation[]} conversations */
export function oneEnded(conversations) {
  return conversations.filter((conversation) => partiesOf(conversation).length < 2).length;
}
