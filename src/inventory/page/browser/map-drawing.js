import { svg } from './dom.js';
import { rowName } from './map-content.js';
import { markShape, rank } from './terms.js';
import { cut } from './text.js';

/** @import { Box, MapLayout, MapNode } from './types.ts' */
/** @import { MapContent, MapLink } from './map-content.js' */

/** The map as a drawing: what stands where, who lights up with whom, and how the arrow keys go from one to the next. */

/** More links than these are drawn fainter, so that they do not hide each other. */
const MOST_PLAIN = 250;
/** Where the name begins, behind the role. */
const LABEL_START = 36;
const LABEL_FONT = '12px system-ui';
const MEASURE = document.createElement('canvas').getContext('2d');

/**
 * @param {MapContent} content
 * @param {MapLayout} layout
 * @param {boolean} isLabelled
 * @param {(node: MapNode | undefined) => void} tell
 */
export function drawing({ nodes, links }, layout, isLabelled, tell) {
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
  const perLine = Math.floor((width - 12) / 5.7);
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
        svg('tspan', { class: 'node-label', x: LABEL_START }, fitted(node.text, width - LABEL_START - 7)),
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
 * As much of a name as a width holds.
 * @param {string} text
 * @param {number} width
 */
function fitted(text, width) {
  if (MEASURE) {
    MEASURE.font = LABEL_FONT;
    for (let most = MOST_LETTERS; most > 1; most--) {
      const shown = cut(text, most);
      if (MEASURE.measureText(shown).width <= width) {
        return shown;
      }
    }
  }
  return cut(text, 14);
}

const MOST_LETTERS = 24;

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
