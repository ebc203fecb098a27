import { el, refill } from './dom.js';
import { labelled, selectField } from './listing.js';
import { contentFor, linksFor, MOST_SINGLE, oneEnded } from './map-content.js';
import { drawing } from './map-drawing.js';
import { layOut } from './map-layout.js';
import { linkListing } from './map-table.js';
import { protocolOf } from './model.js';
import { byEffect, choices, effectsOf, viewElement } from './parts.js';
import { badge } from './terms.js';
import { compareText, cut, number, plural } from './text.js';

/** @import { MapLayout, MapNode, View } from './types.ts' */
/** @import { MapChoice, MapContent } from './map-content.js' */
/** @import { Model } from './model.js' */

/** Who talks to whom: levels in rows, zones in columns. Grey, unless a finding is about it. */

/** With names, as wide as there is room for; without, when there are too many. */
const LABELLED = [184, 160, 140].map((nodeWidth) => ({ nodeWidth, nodeHeight: 26, perColumn: 8 }));
const COMPACT = [{ nodeWidth: 44, nodeHeight: 24, perColumn: 10 }];
const LEAST_WIDTH = 960;
/** More nodes than these are drawn without their names, which stand in the line above the map. */
const MOST_LABELLED = 160;
const ZOOMS = [0.35, 0.5, 0.7, 0.85, 1, 1.25, 1.6, 2];

/** @param {Model} model @returns {View} */
export function mapView(model) {
  const { element } = viewElement('Map');
  const map = new PlantMap(model);
  element.append(map.element);
  return {
    element,
    title: 'Map',
    show(_id, params) {
      map.show(params);
      return true;
    },
    showAll: () => map.fit(),
  };
}

class PlantMap {
  /** @param {Model} model */
  constructor(model) {
    this.model = model;
    this.zoom = 1;
    this.protocol = selectField([['', 'All'], ...protocolChoices(model)], () => this.#changed());
    this.effect = selectField([['', 'All'], ...effectChoices(model)], () => this.#changed());
    this.zone = selectField([['', 'All'], ...zoneChoices(model)], () => this.#changed());
    this.onlyTalking = el('input', { type: 'checkbox', change: () => this.#changed() });
    this.info = el('p', { class: 'map-info' });
    this.box = el('div', { class: 'map-box', role: 'region', 'aria-label': 'Map of who talks to whom', tabindex: 0 });
    this.note = el('p', { class: 'sub' });
    this.table = el('div', {});
    /** @type {MapLayout | undefined} */
    this.layout = undefined;
    this.element = el(
      'div',
      { class: 'map' },
      this.#toolbar(),
      this.info,
      this.box,
      legend(),
      this.note,
      el('h3', {}, 'The same as a table'),
      this.table,
    );
  }

  #toolbar() {
    const zoomBy = (/** @type {number} */ step) => () => this.#zoomBy(step);
    return el(
      'div',
      { class: 'toolbar', role: 'search', 'aria-label': 'Choose what the map shows' },
      labelled('Protocol', this.protocol, 'choice'),
      labelled('Effect', this.effect, 'choice'),
      labelled('Zone', this.zone, 'choice'),
      el('label', { class: 'check' }, this.onlyTalking, 'Only assets with a link'),
      el(
        'div',
        { class: 'zoom', role: 'group', 'aria-label': 'Size of the map' },
        el('button', { type: 'button', 'aria-label': 'Smaller', click: zoomBy(-1) }, '−'),
        el('button', { type: 'button', click: () => this.fit() }, 'Fit'),
        el('button', { type: 'button', 'aria-label': 'Larger', click: zoomBy(1) }, '+'),
      ),
    );
  }

  /** @param {URLSearchParams} params */
  show(params) {
    for (const [key, select] of this.#selects()) {
      const value = params.get(key) ?? '';
      select.value = [...select.options].some((option) => option.value === value) ? value : '';
    }
    this.onlyTalking.checked = params.get('talking') === '1';
    this.#draw();
    this.zoom = 1;
    this.#resize();
  }

  /** The whole width on the screen. */
  fit() {
    this.zoom = Math.min(1, (this.box.clientWidth - 2) / (this.layout?.width ?? 1));
    this.#resize();
  }

  /** @param {number} step */
  #zoomBy(step) {
    const next =
      step > 0 ? ZOOMS.find((zoom) => zoom > this.zoom + 0.01) : ZOOMS.findLast((zoom) => zoom < this.zoom - 0.01);
    this.zoom = next ?? this.zoom;
    this.#resize();
  }

  #resize() {
    const drawing = this.box.querySelector('svg');
    if (drawing && this.layout) {
      drawing.setAttribute('width', String(Math.round(this.layout.width * this.zoom)));
      drawing.setAttribute('height', String(Math.round(this.layout.height * this.zoom)));
    }
  }

  /** @returns {(readonly [string, HTMLSelectElement])[]} */
  #selects() {
    return [
      ['protocol', this.protocol],
      ['effect', this.effect],
      ['zone', this.zone],
    ];
  }

  #changed() {
    const params = new URLSearchParams();
    for (const [key, { value }] of this.#selects()) {
      if (value) {
        params.set(key, value);
      }
    }
    if (this.onlyTalking.checked) {
      params.set('talking', '1');
    }
    const text = params.toString();
    history.replaceState(null, '', `#map${text ? `?${text}` : ''}`);
    this.#draw();
    this.#resize();
  }

  #draw() {
    /** @type {MapChoice} */
    const choice = {
      protocol: this.protocol.value,
      effect: this.effect.value,
      zone: this.zone.value,
      onlyTalking: this.onlyTalking.checked,
    };
    const links = linksFor(this.model, choice);
    const content = contentFor(this.model, links, choice);
    const width = Math.max(LEAST_WIDTH, this.box.clientWidth - 2);
    const isLabelled = content.nodes.length <= MOST_LABELLED || content.isGrouped;
    this.layout = widest(content, isLabelled ? LABELLED : COMPACT, width);
    this.#tell(undefined, content);
    refill(
      this.box,
      content.nodes.length === 0 || !this.layout
        ? el('p', { class: 'empty' }, 'No asset talks like this. Choose another protocol, effect or zone.')
        : drawing(content, this.layout, isLabelled, (node) => this.#tell(node, content)),
    );
    refill(this.note, noteOn(this.model, content));
    const table = linkListing(this.model, links);
    table.show(new URLSearchParams());
    refill(this.table, table.element);
  }

  /**
   * @param {MapNode | undefined} node
   * @param {MapContent} content
   */
  #tell(node, { nodes, links, isGrouped }) {
    refill(
      this.info,
      node
        ? [el('strong', {}, cut(node.text, 60)), ` ${node.description}`]
        : `${plural(nodes.length, isGrouped ? 'group' : 'asset', isGrouped ? 'groups' : 'assets')}, ${plural(links.length, 'link', 'links')}. Point at one, or reach it with Tab and the arrow keys, to see whom it talks to; Enter opens it.`,
    );
  }
}

/**
 * The first of some sizes that fits into a width, else the last.
 * @param {MapContent} content
 * @param {typeof LABELLED} sizes from wide to narrow
 * @param {number} width
 */
function widest({ nodes, zones }, sizes, width) {
  const [first, ...others] = sizes.map((one) => layOut(nodes, zones, { ...one, width }));
  return [first, ...others].find((layout) => layout && layout.width <= width) ?? others.at(-1) ?? first;
}

/** @param {Model} model */
function protocolChoices({ links }) {
  const protocols = links.flatMap(({ conversations }) => [...new Set(conversations.map(protocolOf))]);
  return choices(protocols, (protocol) => protocol).toSorted(([a], [b]) => compareText(a, b));
}

/** @param {Model} model */
function effectChoices({ links }) {
  return byEffect(
    choices(
      links.flatMap(({ conversations }) => effectsOf(conversations)),
      (effect) => effect,
    ),
  );
}

/** @param {Model} model @returns {(readonly [string, string])[]} */
function zoneChoices({ zones }) {
  return zones
    .map(({ id, name, assets }) => /** @type {const} */ ([id, `${cut(name, 48)} (${number(assets.length)})`]))
    .toSorted(([, a], [, b]) => compareText(a, b));
}

/**
 * @param {Model} model
 * @param {MapContent} content
 */
function noteOn(model, { isGrouped }) {
  const alone = oneEnded(model.conversations);
  return [
    isGrouped &&
      `More than ${number(MOST_SINGLE)} assets would be drawn, so they stand in groups of one role, level and zone. Choose a zone to see them one by one. `,
    alone > 0 &&
      `${plural(alone, 'conversation has', 'conversations have')} no second asset (to everybody, or to somebody silent) and no line here; `,
    alone > 0 && el('a', { href: '#conversations' }, 'the list of conversations'),
    alone > 0 && ' has all.',
  ];
}

function legend() {
  return el(
    'p',
    { class: 'legend' },
    el('span', {}, el('span', { class: 'line-sample' }), 'talks, nothing found'),
    el('span', {}, el('span', { class: 'line-sample found' }), 'a finding is about these two:'),
    badge('critical'),
    badge('high'),
    badge('medium'),
    badge('low'),
  );
}
