import { EDGE_LEFT, EDGE_TOP, type Size, type View } from './draw.ts';
import type { MapLayout } from './map-layout.ts';

const MARGIN = 14;
const MOST_SCALE = 3;
/** A map of three nodes is not blown up to the size of the window. */
const MOST_FIT = 1.4;

/** Shows the whole map in the middle of the window. */
export function fitted(layout: MapLayout, { width, height }: Size): View {
  const scale = fitScale(layout, { width, height });
  return {
    scale,
    left: EDGE_LEFT + MARGIN + Math.max(0, (width - EDGE_LEFT - 2 * MARGIN - layout.width * scale) / 2),
    top: EDGE_TOP + MARGIN + Math.max(0, (height - EDGE_TOP - 2 * MARGIN - layout.height * scale) / 2),
  };
}

function fitScale(layout: MapLayout, { width, height }: Size): number {
  return Math.min(
    MOST_FIT,
    (width - EDGE_LEFT - 2 * MARGIN) / Math.max(1, layout.width),
    (height - EDGE_TOP - 2 * MARGIN) / Math.max(1, layout.height),
  );
}

/** Larger or smaller around a point of the window, which stays where it is. */
export function zoomed(
  view: View,
  factor: number,
  at: { readonly x: number; readonly y: number },
  { layout, size }: { readonly layout: MapLayout; readonly size: Size },
): View {
  const least = fitScale(layout, size) * 0.6;
  const scale = Math.max(least, Math.min(MOST_SCALE, view.scale * factor));
  const real = scale / view.scale;
  return { scale, left: at.x - (at.x - view.left) * real, top: at.y - (at.y - view.top) * real };
}

/** Moved, but never so far that nothing of the map is left in the window. */
export function moved(
  view: View,
  dx: number,
  dy: number,
  { layout, size }: { readonly layout: MapLayout; readonly size: Size },
): View {
  const keep = 60;
  return {
    scale: view.scale,
    left: Math.max(keep - layout.width * view.scale, Math.min(size.width - keep, view.left + dx)),
    top: Math.max(keep - layout.height * view.scale, Math.min(size.height - keep, view.top + dy)),
  };
}

/** Moved as little as needed to have a point of the map in sight. */
export function revealed(view: View, point: { readonly x: number; readonly y: number }, { width, height }: Size): View {
  const border = 70;
  const x = point.x * view.scale + view.left;
  const y = point.y * view.scale + view.top;
  return {
    scale: view.scale,
    left: view.left + Math.max(0, EDGE_LEFT + border - x) - Math.max(0, x - width + border),
    top: view.top + Math.max(0, EDGE_TOP + border - y) - Math.max(0, y - height + border),
  };
}
