import type { Severity } from '../api/types.ts';
import type { Tone } from '../parts/effects.ts';
import { SEVERITY_SHAPES } from '../parts/Severity.tsx';
import { PITCH_X, PITCH_Y } from './map-layout.ts';
import type { Palette } from './palette.ts';
import type { Scene, SceneEdge } from './scene.ts';

/** A point of the map at (x, y) is drawn at (x · scale + left, y · scale + top). */
export interface View {
  readonly scale: number;
  readonly left: number;
  readonly top: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Room of the names of levels and places at the edges. */
export const EDGE_LEFT = 30;
export const EDGE_TOP = 24;

const WIDTHS: Readonly<Record<Tone, number>> = { plain: 0.8, writes: 1.3, acts: 2.2, grave: 3 };
const ALPHAS: Readonly<Record<Tone, number>> = { plain: 0.55, writes: 0.6, acts: 0.85, grave: 0.95 };
const TONES: readonly Tone[] = ['plain', 'writes', 'acts', 'grave'];
/** Above so many plain edges, and below this scale, they are drawn as bundles between cells. */
const MOST_PLAIN = 1500;
const BUNDLES_BELOW = 0.8;
const LABELS_FROM = 0.72;
const NODE_SIZE = 13;
const NODE_LEAST = 3.2;
const FONT = 'system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif';

/** Cells, edges: what changes little while somebody moves about. */
export function drawGround(
  context: CanvasRenderingContext2D,
  scene: Scene,
  { view, size, palette }: { view: View; size: Size; palette: Palette },
): void {
  context.clearRect(0, 0, size.width, size.height);
  drawCells(context, scene, view, palette);
  const { edges, bundles } = scene;
  const isBundled = view.scale < BUNDLES_BELOW && edges.plain.length > MOST_PLAIN;
  if (isBundled) {
    drawBundles(context, bundles, view, palette);
  }
  for (const tone of TONES) {
    if (!(isBundled && tone === 'plain')) {
      strokeEdges(context, scene, edges[tone], { view, size, palette, tone });
    }
  }
}

/** Nodes, their names, and what is pointed at. */
export function drawNodes(
  context: CanvasRenderingContext2D,
  scene: Scene,
  { view, size, palette, active }: { view: View; size: Size; palette: Palette; active: number | undefined },
): void {
  context.clearRect(0, 0, size.width, size.height);
  const near = active === undefined ? undefined : new Set(scene.edgesOf[active]?.flatMap(({ from, to }) => [from, to]));
  if (active !== undefined) {
    for (const tone of TONES) {
      const edges = (scene.edgesOf[active] ?? []).filter((edge) => edge.tone === tone);
      strokeEdges(context, scene, edges, { view, size, palette, tone, isStrong: true });
    }
  }
  const visible = visibleNodes(scene, view, size);
  drawMarks(context, scene, visible, { view, palette, active, near });
  if (view.scale >= LABELS_FROM) {
    drawLabels(context, scene, visible, { view, palette });
  }
  drawEdgeNames(context, scene, { view, size, palette });
}

export function nodeSize(scale: number): number {
  return Math.max(NODE_LEAST, Math.min(20, NODE_SIZE * scale));
}

/** The node at a point of the window. */
export function nodeAt({ layout: { x, y } }: Scene, view: View, left: number, top: number): number | undefined {
  const reach = Math.max(9, nodeSize(view.scale) / 2 + 4);
  let best: number | undefined;
  let least = reach * reach;
  for (let index = 0; index < x.length; index++) {
    const dx = (x[index] ?? 0) * view.scale + view.left - left;
    const dy = (y[index] ?? 0) * view.scale + view.top - top;
    const distance = dx * dx + dy * dy;
    if (distance < least) {
      best = index;
      least = distance;
    }
  }
  return best;
}

function drawCells(context: CanvasRenderingContext2D, { layout }: Scene, view: View, palette: Palette): void {
  context.fillStyle = palette.band;
  for (const row of layout.rows) {
    for (const column of layout.columns) {
      context.fillRect(
        column.at * view.scale + view.left,
        row.at * view.scale + view.top,
        column.size * view.scale,
        row.size * view.scale,
      );
    }
  }
}

function drawBundles(
  context: CanvasRenderingContext2D,
  bundles: Scene['bundles'],
  { scale, left, top }: View,
  palette: Palette,
): void {
  context.strokeStyle = palette.tones.plain;
  context.globalAlpha = 0.5;
  for (const { x1, y1, x2, y2, count } of bundles) {
    context.lineWidth = Math.min(9, 0.8 + Math.log2(count));
    context.beginPath();
    context.moveTo(x1 * scale + left, y1 * scale + top);
    context.lineTo(x2 * scale + left, y2 * scale + top);
    context.stroke();
  }
  context.globalAlpha = 1;
}

interface Strokes {
  readonly view: View;
  readonly size: Size;
  readonly palette: Palette;
  readonly tone: Tone;
  readonly isStrong?: boolean;
}

/** All of one tone in one path: a canvas draws that fastest. */
function strokeEdges(
  context: CanvasRenderingContext2D,
  { layout: { x, y } }: Scene,
  edges: readonly SceneEdge[],
  { view: { scale, left, top }, size, palette, tone, isStrong = false }: Strokes,
): void {
  if (edges.length === 0) {
    return;
  }
  context.strokeStyle = isStrong && (tone === 'plain' || tone === 'writes') ? palette.text : palette.tones[tone];
  context.lineWidth = isStrong ? WIDTHS[tone] + 0.7 : WIDTHS[tone];
  context.globalAlpha = isStrong ? 1 : ALPHAS[tone];
  context.beginPath();
  for (const { from, to } of edges) {
    const x1 = (x[from] ?? 0) * scale + left;
    const y1 = (y[from] ?? 0) * scale + top;
    const x2 = (x[to] ?? 0) * scale + left;
    const y2 = (y[to] ?? 0) * scale + top;
    if (!isBeside(x1, x2, size.width) && !isBeside(y1, y2, size.height)) {
      context.moveTo(x1, y1);
      context.lineTo(x2, y2);
    }
  }
  context.stroke();
  context.globalAlpha = 1;
}

/** Whether both ends are on the same side outside of the window. */
function isBeside(from: number, to: number, most: number): boolean {
  return (from < 0 && to < 0) || (from > most && to > most);
}

function visibleNodes(
  { layout: { x, y } }: Scene,
  { scale, left, top }: View,
  { width, height }: Size,
): readonly number[] {
  const visible: number[] = [];
  const [reachX, reachY] = [PITCH_X * scale, PITCH_Y * scale];
  for (let index = 0; index < x.length; index++) {
    const atX = (x[index] ?? 0) * scale + left;
    const atY = (y[index] ?? 0) * scale + top;
    if (atX > -reachX && atY > -reachY && atX < width + reachX && atY < height + reachY) {
      visible.push(index);
    }
  }
  return visible;
}

interface Marks {
  readonly view: View;
  readonly palette: Palette;
  readonly active: number | undefined;
  readonly near: ReadonlySet<number> | undefined;
}

function drawMarks(
  context: CanvasRenderingContext2D,
  { nodes, severities, layout: { x, y } }: Scene,
  visible: readonly number[],
  { view: { scale, left, top }, palette, active, near }: Marks,
): void {
  const side = nodeSize(scale);
  const squareAt = (index: number, reach: number) =>
    [(x[index] ?? 0) * scale + left - reach, (y[index] ?? 0) * scale + top - reach, 2 * reach, 2 * reach] as const;
  context.fillStyle = palette.node;
  context.beginPath();
  for (const index of visible) {
    if (!isLoud(severities[index])) {
      context.rect(...squareAt(index, side / 2));
    }
  }
  context.fill();
  for (const index of visible) {
    const severity = severities[index];
    if (isLoud(severity)) {
      const [atX, atY] = squareAt(index, 0);
      drawShape(context, severity, { x: atX, y: atY, side, palette });
    }
  }
  context.strokeStyle = palette.text;
  context.lineWidth = 1.4;
  for (const index of visible.filter((one) => nodes[one]?.state === 'new' || near?.has(one))) {
    context.strokeRect(...squareAt(index, side / 2 + 2.5));
  }
  if (active !== undefined) {
    context.strokeStyle = palette.focus;
    context.lineWidth = 3;
    context.strokeRect(...squareAt(active, side / 2 + 6));
  }
}

type Loud = Exclude<Severity, 'info'>;

function isLoud(severity: Severity | null | undefined): severity is Loud {
  return severity !== null && severity !== undefined && severity !== 'info';
}

const shapes = new Map<Severity, Path2D>();

function drawShape(
  context: CanvasRenderingContext2D,
  severity: Severity,
  { x, y, side, palette }: { x: number; y: number; side: number; palette: Palette },
): void {
  const shape = shapes.get(severity) ?? new Path2D(SEVERITY_SHAPES[severity]);
  shapes.set(severity, shape);
  const scale = Math.max(7, side * 1.25) / 16;
  context.save();
  context.translate(x - 8 * scale, y - 8 * scale);
  context.scale(scale, scale);
  context.fillStyle = palette.severities[severity];
  context.fill(shape);
  context.restore();
}

function drawLabels(
  context: CanvasRenderingContext2D,
  { labels, layout: { x, y } }: Scene,
  visible: readonly number[],
  { view: { scale, left, top }, palette }: { view: View; palette: Palette },
): void {
  context.font = `${Math.min(13, 11 * scale)}px ${FONT}`;
  context.fillStyle = palette.text;
  context.textAlign = 'center';
  context.textBaseline = 'top';
  const below = nodeSize(scale) / 2 + 2.5;
  for (const index of visible) {
    context.fillText(
      labels[index] ?? '',
      (x[index] ?? 0) * scale + left,
      (y[index] ?? 0) * scale + top + below,
      PITCH_X * scale - 4,
    );
  }
}

/** The names of levels and places stay at the edges of the window. */
function drawEdgeNames(
  context: CanvasRenderingContext2D,
  { layout, columnNames }: Scene,
  { view: { scale, left, top }, size, palette }: { view: View; size: Size; palette: Palette },
): void {
  context.fillStyle = palette.ground;
  context.fillRect(0, 0, size.width, EDGE_TOP);
  context.fillRect(0, 0, EDGE_LEFT, size.height);
  context.fillStyle = palette.text;
  context.textBaseline = 'middle';
  context.font = `600 12px ${FONT}`;
  context.textAlign = 'center';
  for (const { key, at, size: extent } of layout.columns) {
    const from = Math.max(EDGE_LEFT, at * scale + left);
    const to = Math.min(size.width, (at + extent) * scale + left);
    const name = columnNames.get(key) ?? '';
    if (to - from > 20) {
      context.fillText(fitting(context, name === '' ? '–' : name, to - from - 4), (from + to) / 2, EDGE_TOP / 2);
    }
  }
  for (const { key, at, size: extent } of layout.rows) {
    const from = Math.max(EDGE_TOP, at * scale + top);
    const to = Math.min(size.height, (at + extent) * scale + top);
    if (to - from > 10) {
      context.fillText(key === '' ? '?' : `L${key}`, EDGE_LEFT / 2, (from + to) / 2);
    }
  }
}

const widths = new Map<string, number>();

function fitting(context: CanvasRenderingContext2D, name: string, room: number): string {
  const width = widths.get(name) ?? context.measureText(name).width;
  widths.set(name, width);
  if (width <= room) {
    return name;
  }
  const most = Math.floor((Array.from(name).length * room) / width) - 1;
  return most < 1 ? '' : `${Array.from(name).slice(0, most).join('')}…`;
}
