import { el, refill, svg } from './dom.js';
import { Listing, labelled, selectField } from './listing.js';
import { contentFor, linksFor, MOST_SINGLE, oneEnded, rowName } from './map-content.js';
import { layOut } from './map-layout.js';
import { labelOf, protocolOf } from './model.js';
import { assetLink, byEffect, choices, effectsOf, viewElement } from './parts.js';
import { badge, markShape, rank } from './terms.js';
import { compareText, cut, number, plural, some } from './text.js';

/** @import { Box, Link, MapLayout, MapNode, Severity, View } from './types.ts' */
/** @import { MapChoice, MapContent, MapLink } from './map-content.js' */
/** @import { Model } from './model.js' */

/** Who talks to whom: levels in rows, zones in columns. Grey, unless a finding is about it. */

const LABELLED = { nodeWidth: 152, nodeHeight: 26, perColumn: 8 };
const COMPACT = { nodeWidth: 44, nodeHeight: 24, perColumn: 10 };
const LEAST_WIDTH = 960;
/** More nodes than these are drawn without their names, which stand in the line above the map. */
const MOST_LABELLED = 160;
/** More links than these are drawn fainter, so that they do not hide each other. */
const MOST_PLAIN = 250;
const LABEL_LENGTH = 17;
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
    this.layout = layOut(content.nodes, content.zones, { ...(isLabelled ? LABELLED : COMPACT), width });
    this.#tell(undefined, content);
    refill(
      this.box,
      content.nodes.length === 0
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

/**
 * @param {MapContent} content
 * @param {MapLayout} layout
 * @param {boolean} isLabelled
 * @param {(node: MapNode | undefined) => void} tell
 */
function drawing({ nodes, links }, layout, isLabelled, tell) {
  const lines = links
    .toSorted((a, b) => rank(b.severity) - rank(a.severity))
    .map((link) => ({ link, line: linkLine(link, layout) }));
  const marks = nodes.map((node) => drawNode(node, layout, isLabelled));
  const root = svg(
    'svg',
    {
      viewBox: `0 0 ${layout.width} ${layout.height}`,
      width: layout.width,
      height: layout.height,
      class: links.length > MOST_PLAIN ? 'dense' : undefined,
      role: 'group',
      'aria-label': 'Assets by level and zone',
    },
    layout.rows.map((row, at) => rowBand(row, layout.width, at)),
    layout.zones.map(zoneFrame),
    lines.map(({ line }) => line),
    layout.zones.map(zoneName),
    marks.map(({ place }) => place),
  );
  listen(root, { lines, marks, layout, tell });
  return root;
}

/**
 * @typedef {object} Drawn
 * @property {readonly { readonly link: MapLink, readonly line: SVGElement | null }[]} lines
 * @property {readonly { readonly node: MapNode, readonly mark: SVGElement, readonly place: SVGElement }[]} marks
 * @property {MapLayout} layout
 * @property {(node: MapNode | undefined) => void} tell
 */

/**
 * @param {SVGElement} root
 * @param {Drawn} drawn
 */
function listen(root, drawn) {
  const { marks, layout, tell } = drawn;
  const nodeOf = (/** @type {EventTarget | null} */ target) =>
    target instanceof Element ? marks.find(({ place }) => place.contains(target))?.node : undefined;
  const show = (/** @type {MapNode | undefined} */ node) => {
    highlight(root, drawn, node);
    tell(node);
  };
  root.addEventListener('pointerover', ({ target }) => show(nodeOf(target)));
  root.addEventListener('pointerleave', () => show(undefined));
  root.addEventListener('focusin', ({ target }) => show(nodeOf(target)));
  root.addEventListener('focusout', () => show(undefined));
  root.addEventListener('keydown', (event) => {
    const from = nodeOf(event.target);
    const next =
      from &&
      neighbourOf(
        from,
        event.key,
        marks.map(({ node }) => node),
        layout,
      );
    const mark = next && marks.find(({ node }) => node === next)?.mark;
    if (mark) {
      event.preventDefault();
      moveFocus(
        marks.map((one) => one.mark),
        mark,
      );
    }
  });
  const [first] = marks;
  first?.mark.setAttribute('tabindex', '0');
}

/**
 * One stop for Tab in the whole map; the arrow keys move it.
 * @param {readonly SVGElement[]} marks
 * @param {SVGElement} next
 */
function moveFocus(marks, next) {
  for (const mark of marks) {
    mark.setAttribute('tabindex', mark === next ? '0' : '-1');
  }
  next.focus();
}

/** @type {Readonly<Record<string, readonly [x: number, y: number]>>} */
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * The nearest node in a direction: what lies aside counts twice.
 * @param {MapNode} from
 * @param {string} key
 * @param {readonly MapNode[]} nodes
 * @param {MapLayout} layout
 */
function neighbourOf(from, key, nodes, layout) {
  const direction = DIRECTIONS[key];
  const start = layout.nodes.get(from.id);
  if (!direction || !start) {
    return undefined;
  }
  const [dx, dy] = direction;
  let best;
  let least = Number.POSITIVE_INFINITY;
  for (const node of nodes) {
    const box = layout.nodes.get(node.id);
    if (!box || node === from) {
      continue;
    }
    const [x, y] = [box.x - start.x, box.y - start.y];
    const ahead = x * dx + y * dy;
    const aside = Math.abs(x * dy) + Math.abs(y * dx);
    if (ahead > 0 && ahead + 2 * aside < least) {
      least = ahead + 2 * aside;
      best = node;
    }
  }
  return best;
}

/**
 * @param {SVGElement} root
 * @param {Drawn} drawn
 * @param {MapNode | undefined} node
 */
function highlight(root, { lines, marks }, node) {
  root.classList.toggle('is-asked', node !== undefined);
  const near = new Set([node?.id]);
  for (const { link, line } of lines) {
    const isOwn = node !== undefined && (link.a === node.id || link.b === node.id);
    line?.classList.toggle('is-near', isOwn);
    if (isOwn) {
      near.add(link.a).add(link.b);
    }
  }
  for (const { node: other, place } of marks) {
    place.classList.toggle('is-near', near.has(other.id));
  }
}

/**
 * @param {MapLayout['rows'][number]} row
 * @param {number} width
 * @param {number} at
 */
function rowBand({ key, y, height }, width, at) {
  const [level = '', word] = BAND_WORDS[key] ?? rowName(key).split(': ');
  return svg(
    'g',
    {},
    svg('rect', { class: at % 2 === 0 ? 'band even' : 'band', x: 0, y, width, height }),
    svg('text', { class: 'band-name', x: 10, y: y + 26 }, level),
    word !== undefined && svg('text', { x: 10, y: y + 43, class: 'band-word' }, word),
  );
}

/** Names of rows in two lines, where there is no number. @type {Readonly<Record<string, readonly string[]>>} */
const BAND_WORDS = { network: ['Network', 'and time'], none: ['Level', 'not known'] };

/** @param {MapLayout['zones'][number]} zone */
function zoneFrame({ title, x, y, width, height }) {
  return svg('rect', { class: 'zone-frame', x, y, width, height, rx: 3 }, svg('title', {}, title));
}

/** @param {MapLayout['zones'][number]} zone */
function zoneName({ title, x, y, width }) {
  const perLine = Math.floor((width - 12) / 6.1);
  const { first, second } = twoLines(title, perLine);
  return svg(
    'g',
    {},
    svg('title', {}, title),
    svg('text', { class: 'zone-name', x: x + 8, y: y + 14 }, cut(first, perLine)),
    second && svg('text', { class: 'zone-name', x: x + 8, y: y + 27 }, cut(second, perLine)),
  );
}

/**
 * @param {string} text
 * @param {number} perLine
 */
function twoLines(text, perLine) {
  const words = text.split(' ');
  let first = words.shift() ?? '';
  while (words[0] !== undefined && first.length + words[0].length < perLine) {
    first += ` ${words.shift()}`;
  }
  return { first, second: words.join(' ') };
}

/**
 * The node as a link, and its place with the mark of the worst finding.
 * @param {MapNode} node
 * @param {MapLayout} layout
 * @param {boolean} isLabelled
 */
function drawNode(node, layout, isLabelled) {
  const { x, y, width, height } = boxOf(layout, node.id);
  const label = `${node.tag} ${cut(node.text, 60)}, ${node.description}`;
  const baseline = height / 2 + 4;
  const shown = isLabelled
    ? [
        svg('tspan', { class: 'node-tag', x: 7 }, node.tag),
        ' ',
        svg('tspan', { class: 'node-label', x: 36 }, cut(node.text, LABEL_LENGTH)),
      ]
    : [svg('tspan', { class: 'node-tag', x: width / 2, 'text-anchor': 'middle' }, node.tag)];
  const mark = svg(
    'a',
    { href: node.href, class: 'node', tabindex: -1, 'aria-label': label },
    svg('title', {}, label),
    svg('rect', { class: 'node-box', width, height, rx: 3 }),
    svg('text', { y: baseline }, shown),
  );
  const sign = node.severity && markShape(node.severity);
  sign?.setAttribute('transform', `translate(${width - 9} -6)`);
  const place = svg('g', { class: 'node-place', transform: `translate(${x} ${y})` }, mark, sign);
  return { node, mark, place };
}

/**
 * @param {MapLink} link
 * @param {MapLayout} layout
 */
function linkLine({ a, b, severity }, layout) {
  const [one, other] = [boxOf(layout, a), boxOf(layout, b)].toSorted((p, q) => p.y - q.y);
  if (!one || !other) {
    return null;
  }
  return svg('path', { class: `link ${severity ?? ''}`, d: curve(one, other) });
}

/**
 * From the foot of the upper to the head of the lower; within one row, in an arc below both.
 * @param {Box} upper
 * @param {Box} lower
 */
function curve(upper, lower) {
  const [x1, x2] = [upper.x + upper.width / 2, lower.x + lower.width / 2];
  const y1 = upper.y + upper.height;
  if (lower.y - y1 < upper.height) {
    const bend = Math.min(60, 14 + Math.abs(x2 - x1) / 12);
    const y2 = lower.y + lower.height;
    return `M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 + bend} ${x2} ${y2}`;
  }
  const bend = Math.max(24, (lower.y - y1) * 0.45);
  return `M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${lower.y - bend} ${x2} ${lower.y}`;
}

/**
 * @param {MapLayout} layout
 * @param {string} id
 */
function boxOf({ nodes }, id) {
  return nodes.get(id) ?? { x: 0, y: 0, width: 0, height: 0 };
}

/**
 * @param {Model} model
 * @param {readonly Link[]} links
 */
function linkListing(model, links) {
  const labelById = (/** @type {string} */ id) => {
    const asset = model.asset(id);
    return asset ? labelOf(asset) : id;
  };
  const cellById = (/** @type {string} */ id) => {
    const asset = model.asset(id);
    return asset ? assetLink(asset) : id;
  };
  const packets = (/** @type {Link} */ { conversations }) => conversations.reduce((sum, one) => sum + one.packets, 0);
  return new Listing({
    rows: links,
    noun: ['link', 'links'],
    columns: [
      { key: 'a', title: 'Asset', order: ({ a }) => labelById(a), cell: ({ a }) => cellById(a), isName: true },
      { key: 'b', title: 'Talks to', order: ({ b }) => labelById(b), cell: ({ b }) => cellById(b) },
      {
        key: 'protocols',
        title: 'Protocols',
        cell: ({ conversations }) => some([...new Set(conversations.map(protocolOf))], 6),
      },
      { key: 'effects', title: 'Effects', cell: ({ conversations }) => effectsOf(conversations).join(', ') },
      {
        key: 'packets',
        title: 'Packets',
        order: packets,
        cell: (link) => number(packets(link)),
        isNumber: true,
        isLargestFirst: true,
      },
      {
        key: 'worst',
        title: 'Worst finding',
        order: ({ severity }) => rank(severity),
        cell: ({ severity }) => severity && badge(/** @type {Severity} */ (severity)),
      },
    ],
    sort: 'worst',
    filters: [],
    nothing: 'No two assets talk to each other like this. Choose another protocol, effect or zone.',
    pageSize: 25,
    caption: 'Links that the map shows',
  });
}
