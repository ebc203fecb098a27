import { el, link, name } from './dom.js';
import { addressOf, labelOf, protocolOf, serverOf } from './model.js';
import { badge, CHANGING, EFFECT_ORDER, roleName } from './terms.js';
import { cut, number, plural } from './text.js';

/** @import { Asset, Conversation, Finding } from './types.ts' */
/** @import { Model } from './model.js' */

/** Small things that several views show alike. */

const MOST_LABEL = 60;

/** @param {Asset} asset */
export function assetLink(asset) {
  return link(`#asset/${asset.id}`, name(cut(labelOf(asset), MOST_LABEL)));
}

/** With its address, where it has a name. @param {Asset} asset */
function assetWithAddress(asset) {
  const address = asset.name === null ? null : addressOf(asset);
  return [assetLink(asset), address && el('span', { class: 'sub' }, address)];
}

/**
 * @param {Model} model
 * @param {Conversation} conversation
 */
export function clientCell(model, conversation) {
  const asset = model.asset(conversation.client);
  return asset ? assetWithAddress(asset) : name(cut(conversation.clientAddress, MOST_LABEL));
}

/**
 * @param {Model} model
 * @param {Conversation} conversation
 */
export function serverCell(model, conversation) {
  const asset = model.asset(serverOf(conversation));
  if (asset) {
    return [...assetWithAddress(asset), conversation.server === null && el('span', { class: 'sub' }, 'did not answer')];
  }
  return name(cut(conversation.target, MOST_LABEL));
}

/**
 * @param {Model} model
 * @param {Conversation} conversation
 */
export function protocolCell(model, conversation) {
  const { protocol, transport, port } = conversation;
  const where = port === null ? transport : `${transport} ${port}`;
  return [
    link(`#conversation/${model.numberOf(conversation)}`, protocolOf(conversation)),
    protocol !== null && el('span', { class: 'sub' }, where),
  ];
}

/** What changes something first, then what is done most; both directions of one operation are one. @param {Conversation} conversation */
export function doesCell({ operations }) {
  /** @type {Map<string, { what: string, isChange: boolean, count: number }>} */
  const totals = new Map();
  for (const { name: what, effect, count } of operations) {
    const total = totals.get(what) ?? { what, isChange: false, count: 0 };
    total.isChange ||= CHANGING.has(effect);
    total.count += count;
    totals.set(what, total);
  }
  const sorted = [...totals.values()].toSorted((a, b) => Number(b.isChange) - Number(a.isChange) || b.count - a.count);
  const rest = sorted.length - MOST_OPERATIONS;
  return [
    ...sorted
      .slice(0, MOST_OPERATIONS)
      .map(({ what, count }) => el('span', { class: 'line' }, `${what} ×${number(count)}`)),
    rest > 0 && el('span', { class: 'sub' }, `and ${number(rest)} more`),
  ];
}

const MOST_OPERATIONS = 2;

/** @param {readonly Finding[]} findings worst first */
export function findingsCell(findings) {
  const [worst] = findings;
  return worst && badge(worst.severity, number(findings.length));
}

/**
 * Assets as links; the rest unfolds.
 * @param {readonly (Asset | undefined)[]} assets
 * @param {number} most
 */
export function assetChips(assets, most) {
  const known = assets.filter((asset) => asset !== undefined);
  /** @type {(asset: Asset) => HTMLElement} */
  const chip = (asset) => el('li', {}, assetLink(asset), el('span', { class: 'sub' }, roleName(asset.role)));
  const rest = known.slice(most);
  return [
    el('ul', { class: 'chips' }, known.slice(0, most).map(chip)),
    rest.length > 0 &&
      unfolding(plural(rest.length, 'more asset', 'more assets'), () => el('ul', { class: 'chips' }, rest.map(chip))),
  ];
}

/**
 * Content that is drawn when somebody wants to see it.
 * @param {string} title
 * @param {() => Node} content
 */
function unfolding(title, content) {
  const element = el('details', {}, el('summary', {}, title));
  element.addEventListener('toggle', () => element.append(content()), { once: true });
  return element;
}

/**
 * Values that occur, with how often, as the choices of a filter.
 * @param {Iterable<string>} values
 * @param {(value: string) => string} title
 * @returns {(readonly [string, string])[]}
 */
export function choices(values, title) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const value of values) {
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].map(([value, count]) => [value, `${cut(title(value), 48)} (${number(count)})`]);
}

/** @param {readonly (readonly [string, string])[]} options */
export function byEffect(options) {
  return options.toSorted(([a], [b]) => EFFECT_ORDER.indexOf(a) - EFFECT_ORDER.indexOf(b));
}

/** @param {readonly Conversation[]} conversations */
export function effectsOf(conversations) {
  const effects = new Set(conversations.flatMap(({ operations }) => operations.map(({ effect }) => effect)));
  return EFFECT_ORDER.filter((effect) => [...effects].some((one) => one === effect));
}

/**
 * @param {string} id
 * @param {string} title
 * @param {readonly (Node | null | undefined | false)[]} children
 */
export function section(id, title, ...children) {
  return el('section', { class: 'panel', 'aria-labelledby': id }, el('h3', { id }, title), ...children);
}

/**
 * @param {string} title
 * @param {string} [className]
 */
export function viewElement(title, className = '') {
  const heading = el('h2', { tabindex: -1 }, title);
  return { heading, element: el('section', { class: `view ${className}`, hidden: true }, heading) };
}
