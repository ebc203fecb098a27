import type { Place, PlaceKind, Severity } from '../api/types.ts';
import { type Tone, toneOf } from '../parts/effects.ts';
import { shownCut } from '../parts/shown.ts';
import { layOut, type MapLayout } from './map-layout.ts';
import { type MapEdge, type MapNode, type PlantMap, titleOf } from './plant-map.ts';

/** What is drawn: nodes with where they stand, and edges between their indexes. */
export interface Scene {
  readonly nodes: readonly MapNode[];
  readonly labels: readonly string[];
  readonly severities: readonly (Severity | null)[];
  readonly layout: MapLayout;
  readonly edges: Readonly<Record<Tone, readonly SceneEdge[]>>;
  /** Edges of each node. */
  readonly edgesOf: readonly (readonly SceneEdge[])[];
  /** Plain edges gathered from cell to cell. */
  readonly bundles: readonly Bundle[];
  readonly columnNames: ReadonlyMap<string, string>;
}

export interface SceneEdge {
  readonly from: number;
  readonly to: number;
  readonly tone: Tone;
  readonly edge: MapEdge;
}

export interface Bundle {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly count: number;
}

export type Grouping = PlaceKind;

const LEVELS = ['5', '4', '3', '2', '1', '0', ''];
const MOST_LABEL = 16;
const MOST_COLUMN = 40;
const ELSEWHERE = '';

export function sceneOf(
  { nodes, edges }: Pick<PlantMap, 'nodes' | 'edges'>,
  places: readonly Place[],
  grouping: Grouping,
  aspect: number,
): Scene {
  const byId = new Map(places.map((place) => [place.id, place]));
  const columnNames = new Map<string, string>();
  const standings = nodes.map(({ level, place }) => {
    const column = columnOf(place, byId, grouping);
    columnNames.set(column?.id ?? ELSEWHERE, shownCut(column?.name ?? '', MOST_COLUMN));
    return { row: level === null ? '' : String(Math.round(level)), column: column?.id ?? ELSEWHERE };
  });
  const known = places.map(({ id }) => id).filter((id) => columnNames.has(id));
  const others = [...columnNames.keys()].filter((id) => id !== ELSEWHERE && !byId.has(id));
  const layout = layOut(standings, { rows: LEVELS, columns: [...known, ...others, ELSEWHERE] }, aspect);
  const indexes = new Map(nodes.map(({ id }, index) => [id, index]));
  const drawn = edges.flatMap((edge) => {
    const from = indexes.get(edge.client);
    const to = indexes.get(edge.server);
    return from === undefined || to === undefined ? [] : [{ from, to, tone: toneOf(edge.effect), edge }];
  });
  const edgesOf: SceneEdge[][] = nodes.map(() => []);
  for (const edge of drawn) {
    edgesOf[edge.from]?.push(edge);
    edgesOf[edge.to]?.push(edge);
  }
  return {
    nodes,
    labels: nodes.map((node) => shownCut(titleOf(node), MOST_LABEL)),
    severities: nodes.map(({ severity }) => severity),
    layout,
    edges: {
      plain: drawn.filter(({ tone }) => tone === 'plain'),
      writes: drawn.filter(({ tone }) => tone === 'writes'),
      acts: drawn.filter(({ tone }) => tone === 'acts'),
      grave: drawn.filter(({ tone }) => tone === 'grave'),
    },
    edgesOf,
    bundles: bundlesOf(
      drawn,
      standings.map(({ row, column }) => `${row}\n${column}`),
      layout,
    ),
    columnNames,
  };
}

/** The place of that kind that the node stands in; a node of a larger place alone is at the nearest that there is. */
function columnOf(
  place: MapNode['place'],
  byId: ReadonlyMap<string, Place>,
  grouping: Grouping,
): { readonly id: string; readonly name: string } | undefined {
  if (place === null) {
    return undefined;
  }
  for (let at = byId.get(place.id); at !== undefined; at = at.parent === null ? undefined : byId.get(at.parent)) {
    if (at.kind === grouping) {
      return at;
    }
  }
  return byId.get(place.id) ?? place;
}

function bundlesOf(edges: readonly SceneEdge[], cells: readonly string[], { x, y }: MapLayout): readonly Bundle[] {
  const middles = new Map<string, { x: number; y: number; count: number }>();
  for (const [index, cell] of cells.entries()) {
    const middle = middles.get(cell) ?? { x: 0, y: 0, count: 0 };
    middle.x += x[index] ?? 0;
    middle.y += y[index] ?? 0;
    middle.count++;
    middles.set(cell, middle);
  }
  const counts = new Map<string, { readonly a: string; readonly b: string; count: number }>();
  for (const { from, to, tone } of edges) {
    const [a = '', b = ''] = [cells[from], cells[to]].toSorted();
    if (tone !== 'plain' || a === b) {
      continue;
    }
    const key = `${a}\r${b}`;
    const bundle = counts.get(key) ?? { a, b, count: 0 };
    bundle.count++;
    counts.set(key, bundle);
  }
  return [...counts.values()].flatMap(({ a, b, count }) => {
    const [from, to] = [middles.get(a), middles.get(b)];
    return from === undefined || to === undefined
      ? []
      : [{ x1: from.x / from.count, y1: from.y / from.count, x2: to.x / to.count, y2: to.y / to.count, count }];
  });
}

/** The node nearest to `from` in a direction: what lies ahead counts, what lies aside costs double. */
export function neighbour({ layout: { x, y } }: Scene, from: number, dx: number, dy: number): number {
  const [x0 = 0, y0 = 0] = [x[from], y[from]];
  let best = from;
  let least = Number.POSITIVE_INFINITY;
  for (let index = 0; index < x.length; index++) {
    const [ox, oy] = [(x[index] ?? 0) - x0, (y[index] ?? 0) - y0];
    const ahead = ox * dx + oy * dy;
    const cost = ahead + 2 * Math.abs(ox * dy - oy * dx);
    if (ahead > 0.5 && cost < least) {
      best = index;
      least = cost;
    }
  }
  return best;
}
