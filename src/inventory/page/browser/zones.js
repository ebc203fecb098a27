import { el, link, refill } from './dom.js';
import { Listing } from './listing.js';
import { labelOf, partiesOf, protocolOf } from './model.js';
import { assetChips, choices, effectsOf, viewElement } from './parts.js';
import { badge, rank, roleName, worse } from './terms.js';
import { compareText, number, plural, some } from './text.js';

/** @import { Body, Conversation, Severity, View, Zone } from './types.ts' */
/** @import { Model } from './model.js' */

const MOST_CHIPS = 12;
const MOST_REASONS = 4;

/** @param {Model} model @returns {View} */
export function zonesView(model) {
  const { element } = viewElement('Zones');
  const zones = new Listing({
    rows: model.zones,
    noun: ['zone', 'zones'],
    columns: [
      {
        key: 'size',
        title: 'Assets',
        order: ({ assets }) => assets.length,
        orderNames: ['fewest first', 'most first'],
        cell: ({ assets }) => assets.length,
      },
      { key: 'name', title: 'Name', order: ({ name }) => name, cell: ({ name }) => name },
    ],
    sort: '-size',
    filters: [],
    words: (zone) => zoneWords(model, zone),
    searchHint: 'Zone, asset …',
    nothing: 'No zone is proposed, because no asset was seen.',
    route: 'zones',
    pageSize: 12,
    caption: 'Zones',
    body: zonesBody(model),
  });
  const conduits = conduitsListing(model);
  const crossing = el('h3', { tabindex: -1 }, 'Traffic between zones');
  element.append(
    el(
      'p',
      { class: 'lead' },
      'Assets that belong together, as the traffic shows it. A first proposal: people who know the plant change it. ',
      el('button', { type: 'button', class: 'small', click: () => reveal(crossing) }, 'To the traffic between zones'),
    ),
    zones.element,
    crossing,
    conduits.element,
  );
  return {
    element,
    title: 'Zones',
    show(_id, params) {
      zones.show(params);
      conduits.show(new URLSearchParams());
      return true;
    },
    showAll() {
      zones.showAll();
      conduits.showAll();
    },
  };
}

/** @param {HTMLElement} heading */
function reveal(heading) {
  heading.scrollIntoView({ block: 'start' });
  heading.focus({ preventScroll: true });
}

/**
 * @param {Model} model
 * @param {Zone} zone
 */
function zoneWords(model, { name, assets, reasons }) {
  const inside = assets.map((id) => model.asset(id)).filter((asset) => asset !== undefined);
  return [name, ...reasons, ...inside.map(labelOf)].join('\n');
}

/** @param {Model} model @returns {Body<Zone>} */
function zonesBody(model) {
  const element = el('div', { class: 'zones' });
  return {
    element,
    draw: (zones) =>
      refill(
        element,
        zones.map((zone) => zoneCard(model, zone)),
      ),
  };
}

/**
 * @param {Model} model
 * @param {Zone} zone
 */
function zoneCard(model, { id, name, assets, reasons }) {
  const inside = assets.map((one) => model.asset(one)).filter((asset) => asset !== undefined);
  const roles = choices(
    inside.map(({ role }) => role),
    roleName,
  ).map(([, label]) => label);
  return el(
    'article',
    { class: 'panel' },
    el('h3', {}, link(`#assets?zone=${encodeURIComponent(id)}`, name)),
    el('p', { class: 'sub' }, `${plural(assets.length, 'asset', 'assets')}: ${roles.join(', ')}`),
    assetChips(inside, MOST_CHIPS),
    el('h4', {}, 'Why'),
    el(
      'ul',
      { class: 'reasons' },
      reasons.slice(0, MOST_REASONS).map((reason) => el('li', {}, reason)),
    ),
    reasons.length > MOST_REASONS &&
      el('p', { class: 'sub' }, `and ${plural(reasons.length - MOST_REASONS, 'more reason', 'more reasons')}`),
  );
}

/**
 * @typedef {object} Conduit
 * @property {Zone} from
 * @property {Zone} to
 * @property {Conversation[]} conversations
 * @property {Severity | undefined} severity
 */

/** @param {Model} model */
function conduitsListing(model) {
  return new Listing({
    rows: conduitsOf(model),
    noun: ['pair of zones', 'pairs of zones'],
    columns: [
      {
        key: 'from',
        title: 'Client’s zone',
        order: ({ from }) => from.name,
        cell: ({ from }) => from.name,
        isName: true,
      },
      { key: 'to', title: 'Server’s zone', order: ({ to }) => to.name, cell: ({ to }) => to.name },
      {
        key: 'protocols',
        title: 'Protocols',
        cell: ({ conversations }) => some([...new Set(conversations.map(protocolOf))].toSorted(compareText), 6),
      },
      { key: 'effects', title: 'Effects', cell: ({ conversations }) => effectsOf(conversations).join(', ') },
      {
        key: 'conversations',
        title: 'Conversations',
        order: ({ conversations }) => conversations.length,
        cell: ({ conversations }) => number(conversations.length),
        isNumber: true,
        isLargestFirst: true,
      },
      {
        key: 'packets',
        title: 'Packets',
        order: ({ conversations }) => packetsOf(conversations),
        cell: ({ conversations }) => number(packetsOf(conversations)),
        isNumber: true,
        isLargestFirst: true,
      },
      {
        key: 'worst',
        title: 'Worst finding',
        order: ({ severity }) => rank(severity),
        orderNames: ['worst first', 'worst last'],
        cell: ({ severity }) => severity && badge(severity),
      },
    ],
    sort: 'worst',
    filters: [],
    nothing: 'No asset talks to one in another zone.',
    pageSize: 25,
    caption: 'What crosses from one proposed zone into another: each line would need a conduit',
  });
}

/** @param {readonly Conversation[]} conversations */
function packetsOf(conversations) {
  return conversations.reduce((sum, { packets }) => sum + packets, 0);
}

/** @param {Model} model @returns {Conduit[]} */
function conduitsOf(model) {
  /** @type {Map<string, Conduit>} */
  const conduits = new Map();
  for (const { conversations, severity } of model.links) {
    for (const conversation of conversations) {
      const [from, to] = partiesOf(conversation).map((id) => model.zoneByAsset.get(id));
      if (!from || !to || from === to) {
        continue;
      }
      const key = `${from.id} ${to.id}`;
      const known = conduits.get(key) ?? { from, to, conversations: [], severity: undefined };
      known.conversations.push(conversation);
      known.severity = worse(known.severity, severity);
      conduits.set(key, known);
    }
  }
  return [...conduits.values()];
}
