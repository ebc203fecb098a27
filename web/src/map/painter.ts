import { drawGround, drawNodes, nodeAt, type Size, type View } from './draw.ts';
import { type Palette, paletteOf } from './palette.ts';
import type { Scene } from './scene.ts';
import { fitted, moved, revealed, zoomed } from './view.ts';

/** Draws a scene into two canvases, one above the other, and keeps what part of it is in sight. */
export interface Painter {
  show(scene: Scene): void;
  resize(): void;
  recolour(): void;
  fit(): void;
  move(dx: number, dy: number): void;
  /** Around a point of the window; without one around its middle. */
  zoom(factor: number, at?: { readonly x: number; readonly y: number }): void;
  activate(index: number | undefined, reveal: boolean): void;
  nodeAt(x: number, y: number): number | undefined;
  close(): void;
}

/** If the edges take longer to draw than this, they are shifted as a picture while the map moves, and drawn when it rests. */
const SLOW_MS = 7;
const REST_MS = 90;

export function createPainter(ground: HTMLCanvasElement, front: HTMLCanvasElement): Painter {
  const [below, above] = [ground.getContext('2d'), front.getContext('2d')];
  if (below === null || above === null) {
    throw new Error('This browser draws no canvas.');
  }
  let scene: Scene | undefined;
  let palette: Palette = paletteOf(document.body);
  let size: Size = { width: 0, height: 0 };
  let view: View = { scale: 1, left: 0, top: 0 };
  let active: number | undefined;
  /** How the ground was drawn last, and how long that took. */
  let drawn: View | undefined;
  let groundMs = 0;
  let frame: number | undefined;
  let resting: number | undefined;

  const paintGround = (): void => {
    if (scene === undefined) {
      return;
    }
    const began = performance.now();
    drawGround(below, scene, { view, size, palette });
    groundMs = performance.now() - began;
    drawn = view;
    ground.style.transform = 'none';
  };
  const paint = (): void => {
    frame = undefined;
    if (scene === undefined || size.width === 0) {
      return;
    }
    if (drawn !== view) {
      if (drawn === undefined || groundMs < SLOW_MS) {
        paintGround();
      } else {
        const ratio = view.scale / drawn.scale;
        ground.style.transform = `matrix(${ratio}, 0, 0, ${ratio}, ${view.left - drawn.left * ratio}, ${view.top - drawn.top * ratio})`;
        clearTimeout(resting);
        resting = window.setTimeout(paintGround, REST_MS);
      }
    }
    drawNodes(above, scene, { view, size, palette, active });
  };
  const repaint = (): void => {
    frame ??= requestAnimationFrame(paint);
  };
  const look = (next: View): void => {
    view = next;
    repaint();
  };
  const sizeOf = (): Size => ({ width: front.clientWidth, height: front.clientHeight });

  return {
    show(next) {
      const isOther = scene === undefined || !sameLayout(scene, next);
      scene = next;
      drawn = undefined;
      if (isOther) {
        active = undefined;
        view = fitted(scene.layout, size);
      }
      repaint();
    },
    resize() {
      const ratio = window.devicePixelRatio;
      const before = size;
      size = sizeOf();
      for (const [canvas, context] of [
        [ground, below],
        [front, above],
      ] as const) {
        canvas.width = Math.round(size.width * ratio);
        canvas.height = Math.round(size.height * ratio);
        context.setTransform(ratio, 0, 0, ratio, 0, 0);
      }
      drawn = undefined;
      if (scene !== undefined && before.width !== size.width) {
        view = fitted(scene.layout, size);
      }
      // A canvas that was resized is empty: waiting for the next frame would flicker.
      paint();
    },
    recolour() {
      palette = paletteOf(document.body);
      drawn = undefined;
      repaint();
    },
    fit() {
      if (scene !== undefined) {
        look(fitted(scene.layout, size));
      }
    },
    move(dx, dy) {
      if (scene !== undefined) {
        look(moved(view, dx, dy, { layout: scene.layout, size }));
      }
    },
    zoom(factor, at = { x: size.width / 2, y: size.height / 2 }) {
      if (scene !== undefined) {
        look(zoomed(view, factor, at, { layout: scene.layout, size }));
      }
    },
    activate(index, reveal) {
      active = index;
      if (scene !== undefined && index !== undefined && reveal) {
        const { x, y } = scene.layout;
        view = revealed(view, { x: x[index] ?? 0, y: y[index] ?? 0 }, size);
      }
      repaint();
    },
    nodeAt: (x, y) => (scene === undefined ? undefined : nodeAt(scene, view, x, y)),
    close() {
      if (frame !== undefined) {
        cancelAnimationFrame(frame);
      }
      clearTimeout(resting);
    },
  };
}

/** Then what is in sight stays where it is. */
function sameLayout(a: Scene, b: Scene): boolean {
  return a.nodes.length === b.nodes.length && a.layout.width === b.layout.width && a.layout.height === b.layout.height;
}
