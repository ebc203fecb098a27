import { compareText } from './text.js';

/** @import { Box, MapLayout, MapNode, MapZone } from './types.ts' */

/**
 * Where everything stands on the map: levels are rows, zones are columns. A zone that spans several levels has a column
 * of its own on the left; zones within one level stand beside them and wrap, so that a plant of many small zones stays
 * on the screen. The same plant always gives the same drawing.
 */

/** From the outside down to the process, then what serves all levels, then what is not known. */
const ROWS = ['5', '4', '3', '2', '1', '0', 'network', 'none'];

const GAP = 8;
const TITLE = 34;
const LABEL_COLUMN = 92;
const LEAST_ZONE = 118;

/**
 * @typedef {object} Sizes
 * @property {number} nodeWidth
 * @property {number} nodeHeight
 * @property {number} perColumn most nodes of a zone above each other in one row
 * @property {number} width that the drawing should have if it can
 */

/**
 * @param {readonly MapNode[]} nodes
 * @param {readonly MapZone[]} zones
 * @param {Sizes} sizes
 * @returns {MapLayout}
 */
export function layOut(nodes, zones, sizes) {
  const blocks = blocksOf(nodes, zones, sizes);
  const used = ROWS.filter((row) => nodes.some((node) => node.row === row));
  const tall = blocks.filter(({ rows }) => rows.size > 1);
  const flat = blocks.filter(({ rows }) => rows.size === 1);
  const columns = columnsOf(tall);
  /** @type {Map<string, Box>} */
  const placed = new Map();
  /** @type {MapLayout['zones'][number][]} */
  const boxes = [];
  /** @type {{ key: string, y: number, height: number }[]} */
  const rows = [];
  let y = 0;
  let width = columns.reduce(
    (end, { blocks }) => Math.max(end, xOf(columns, blocks[0]) + widthOf(blocks) + GAP),
    sizes.width,
  );
  for (const key of used) {
    const inTall = tall.filter((block) => block.rows.has(key));
    const start = columns.reduce(
      (end, { blocks }) =>
        blocks.some((block) => spans(block, key)) ? xOf(columns, blocks[0]) + widthOf(blocks) + GAP : end,
      LABEL_COLUMN,
    );
    const room = Math.max(width - start - GAP, 2 * LEAST_ZONE);
    const own = flat.filter((block) => block.rows.has(key));
    for (const block of own) {
      block.narrow(room);
    }
    const flow = flowOf(own, key, room);
    const height = Math.max(flow.height, ...inTall.map((block) => TITLE + block.heightOf(key))) + 2 * GAP;
    for (const { block, x, top } of flow.places) {
      const corner = { x: start + x, y: y + GAP + top };
      boxes.push({ title: block.zone.title, ...corner, width: block.width, height: TITLE + block.heightOf(key) });
      placeNodes(placed, block, key, { x: corner.x, y: corner.y + TITLE });
      width = Math.max(width, corner.x + block.width + GAP);
    }
    for (const block of inTall) {
      placeNodes(placed, block, key, { x: xOf(columns, block), y: y + GAP + TITLE });
    }
    rows.push({ key, y, height });
    y += height;
  }
  for (const block of tall) {
    const own = rows.filter(({ key }) => block.rows.has(key));
    const first = own[0];
    const last = own.at(-1);
    if (first && last) {
      boxes.push({
        title: block.zone.title,
        x: xOf(columns, block),
        y: first.y + GAP,
        width: block.width,
        height: last.y + last.height - first.y - 2 * GAP,
      });
    }
  }
  return { width, height: y, rows, zones: boxes, nodes: placed };
}

/** A zone with its nodes by row. */
class Block {
  /**
   * @param {MapZone} zone
   * @param {readonly MapNode[]} nodes
   * @param {Sizes} sizes
   */
  constructor(zone, nodes, sizes) {
    this.zone = zone;
    this.sizes = sizes;
    /** @type {Map<string, MapNode[]>} */
    this.rows = new Map();
    for (const node of nodes) {
      this.rows.set(node.row, [...(this.rows.get(node.row) ?? []), node]);
    }
    const most = Math.max(...[...this.rows.values()].map(({ length }) => length));
    const least = Math.max(1, Math.floor(LEAST_ZONE / (sizes.nodeWidth + GAP)));
    this.across = Math.max(Math.ceil(most / sizes.perColumn), Math.min(least, most));
    const indexes = [...this.rows.keys()].map((row) => ROWS.indexOf(row));
    this.top = Math.min(...indexes);
    this.bottom = Math.max(...indexes);
  }

  get width() {
    return Math.max(LEAST_ZONE, this.across * (this.sizes.nodeWidth + GAP) + GAP);
  }

  /** Stands in less room by growing taller. @param {number} room */
  narrow(room) {
    this.across = Math.min(this.across, Math.max(1, Math.floor((room - GAP) / (this.sizes.nodeWidth + GAP))));
  }

  /** @param {string} row */
  heightOf(row) {
    return Math.ceil((this.rows.get(row)?.length ?? 0) / this.across) * (this.sizes.nodeHeight + GAP);
  }
}

/**
 * @param {readonly MapNode[]} nodes
 * @param {readonly MapZone[]} zones
 * @param {Sizes} sizes
 */
function blocksOf(nodes, zones, sizes) {
  return zones
    .map((zone) => ({ zone, inside: nodes.filter((node) => node.zone === zone.id) }))
    .filter(({ inside }) => inside.length > 0)
    .map(
      ({ zone, inside }) =>
        new Block(
          zone,
          inside.toSorted((a, b) => compareText(a.tag, b.tag) || compareText(a.text, b.text)),
          sizes,
        ),
    )
    .toSorted((a, b) => compareText(a.zone.title, b.zone.title));
}

/**
 * Columns for zones of several levels; those that do not meet share one.
 * @param {readonly Block[]} blocks
 */
function columnsOf(blocks) {
  /** @type {{ blocks: Block[] }[]} */
  const columns = [];
  for (const block of blocks) {
    const free = columns.find(({ blocks: others }) =>
      others.every((other) => other.bottom < block.top || other.top > block.bottom),
    );
    if (free) {
      free.blocks.push(block);
    } else {
      columns.push({ blocks: [block] });
    }
  }
  return columns;
}

/** @param {readonly Block[]} blocks */
function widthOf(blocks) {
  return Math.max(...blocks.map(({ width }) => width));
}

/**
 * @param {Block} block
 * @param {string} row
 */
function spans({ top, bottom }, row) {
  const at = ROWS.indexOf(row);
  return top <= at && at <= bottom;
}

/**
 * @param {readonly { readonly blocks: readonly Block[] }[]} columns
 * @param {Block | undefined} block
 */
function xOf(columns, block) {
  let x = LABEL_COLUMN;
  for (const { blocks } of columns) {
    if (block && blocks.includes(block)) {
      return x;
    }
    x += widthOf(blocks) + GAP;
  }
  return x;
}

/**
 * Zones of one level, side by side, in lines of a width.
 * @param {readonly Block[]} blocks
 * @param {string} row
 * @param {number} width
 */
function flowOf(blocks, row, width) {
  /** @type {{ block: Block, x: number, top: number }[]} */
  const places = [];
  let x = 0;
  let top = 0;
  let lineHeight = 0;
  for (const block of blocks) {
    if (x > 0 && x + block.width > width) {
      x = 0;
      top += lineHeight + GAP;
      lineHeight = 0;
    }
    places.push({ block, x, top });
    x += block.width + GAP;
    lineHeight = Math.max(lineHeight, TITLE + block.heightOf(row));
  }
  return { places, height: top + lineHeight };
}

/**
 * @param {Map<string, Box>} placed
 * @param {Block} block
 * @param {string} row
 * @param {{ readonly x: number, readonly y: number }} corner
 */
function placeNodes(placed, block, row, corner) {
  const { nodeWidth, nodeHeight } = block.sizes;
  for (const [at, { id }] of (block.rows.get(row) ?? []).entries()) {
    placed.set(id, {
      x: corner.x + GAP + (at % block.across) * (nodeWidth + GAP),
      y: corner.y + Math.floor(at / block.across) * (nodeHeight + GAP),
      width: nodeWidth,
      height: nodeHeight,
    });
  }
}
