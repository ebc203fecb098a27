import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../parts/Icon.tsx';
import { MapCard } from './MapCard.tsx';
import { createPainter, type Painter } from './painter.ts';
import { onColoursChanged } from './palette.ts';
import { neighbour, type Scene } from './scene.ts';

const ZOOM_STEP = 1.35;
const MOVE_STEP = 80;
/** Pixels; a press that moves less is a click. */
const CLICK_REACH = 5;
const DIRECTIONS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** The picture. Arrows go from node to node, with shift they move the map; plus, minus and 0 zoom; Enter opens. */
export function MapCanvas({ scene }: { readonly scene: Scene }): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const box = useRef<HTMLDivElement>(null);
  const ground = useRef<HTMLCanvasElement>(null);
  const front = useRef<HTMLCanvasElement>(null);
  const painter = usePainter({ box, ground, front, scene });
  const [active, setActive] = useState<number>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: other nodes, another choice.
  useEffect(() => setActive(undefined), [scene.nodes]);
  const activate = (index: number | undefined, reveal = false): void => {
    painter.current?.activate(index, reveal);
    setActive(index);
  };
  const open = (index: number | undefined): void => {
    const node = index === undefined ? undefined : scene.nodes[index];
    if (node !== undefined) {
      void navigate({ to: '/assets/$id', params: { id: node.id } });
    }
  };
  const pointers = usePointers({ painter, active, activate, open });
  const onKeyDown = (event: KeyboardEvent): void => {
    const direction = DIRECTIONS[event.key];
    const act =
      direction === undefined
        ? actOf(event.key, painter.current, { open: () => open(active), leave: () => activate(undefined) })
        : () =>
            event.shiftKey
              ? painter.current?.move(-direction[0] * MOVE_STEP, -direction[1] * MOVE_STEP)
              : activate(active === undefined ? 0 : neighbour(scene, active, ...direction), true);
    if (act !== undefined) {
      event.preventDefault();
      act();
    }
  };
  return (
    <div className="map-box" ref={box}>
      <canvas ref={ground} />
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: it is moved and read with keys of its own. */}
      <canvas
        ref={front}
        className="map-front"
        tabIndex={0}
        role="application"
        aria-label={t('map.picture', { count: scene.nodes.length })}
        aria-describedby="map-keys"
        onKeyDown={onKeyDown}
        {...pointers}
      />
      <p id="map-keys" className="hidden">
        {t('map.keys')}
      </p>
      <div className="map-zoom">
        <ZoomButton label={t('map.closer')} icon="plus" onClick={() => painter.current?.zoom(ZOOM_STEP)} />
        <ZoomButton label={t('map.farther')} icon="minus" onClick={() => painter.current?.zoom(1 / ZOOM_STEP)} />
        <ZoomButton label={t('map.whole')} icon="whole" onClick={() => painter.current?.fit()} />
      </div>
      {active !== undefined && <MapCard scene={scene} index={active} />}
    </div>
  );
}

function actOf(
  key: string,
  painter: Painter | undefined,
  { open, leave }: { readonly open: () => void; readonly leave: () => void },
): (() => void) | undefined {
  switch (key) {
    case '+':
      return () => painter?.zoom(ZOOM_STEP);
    case '-':
      return () => painter?.zoom(1 / ZOOM_STEP);
    case '0':
      return () => painter?.fit();
    case 'Enter':
      return open;
    case 'Escape':
      return leave;
    default:
      return undefined;
  }
}

function ZoomButton({
  label,
  icon,
  onClick,
}: {
  readonly label: string;
  readonly icon: 'plus' | 'minus' | 'whole';
  readonly onClick: () => void;
}): ReactNode {
  return (
    <button type="button" className="button square" aria-label={label} title={label} onClick={onClick}>
      <Icon name={icon} />
    </button>
  );
}

interface Element<Kind> {
  readonly current: Kind | null;
}

function usePainter({
  box,
  ground,
  front,
  scene,
}: {
  readonly box: Element<HTMLElement>;
  readonly ground: Element<HTMLCanvasElement>;
  readonly front: Element<HTMLCanvasElement>;
  readonly scene: Scene;
}): { readonly current: Painter | undefined } {
  const painter = useRef<Painter>(undefined);
  useEffect(() => {
    if (box.current === null || ground.current === null || front.current === null) {
      return;
    }
    const made = createPainter(ground.current, front.current);
    painter.current = made;
    const sizes = new ResizeObserver(made.resize);
    sizes.observe(box.current);
    made.resize();
    const unwatch = onColoursChanged(made.recolour);
    const canvas = front.current;
    // React listens to wheels passively, and then the page would scroll too.
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault();
      made.zoom(Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0015)), {
        x: event.offsetX,
        y: event.offsetY,
      });
    };
    canvas.addEventListener('wheel', onWheel, { passive: false });
    return () => {
      sizes.disconnect();
      unwatch();
      canvas.removeEventListener('wheel', onWheel);
      made.close();
    };
  }, [box, ground, front]);
  useEffect(() => painter.current?.show(scene), [scene]);
  return painter;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** One finger or the mouse moves, two fingers zoom; the mouse over a node shows it, a click opens it, a tap shows it and the next opens it. */
function usePointers({
  painter,
  active,
  activate,
  open,
}: {
  readonly painter: { readonly current: Painter | undefined };
  readonly active: number | undefined;
  readonly activate: (index: number | undefined) => void;
  readonly open: (index: number | undefined) => void;
}) {
  const down = useRef(new Map<number, Point>());
  const travelled = useRef(0);
  const pointOf = ({ nativeEvent }: PointerEvent): Point => ({ x: nativeEvent.offsetX, y: nativeEvent.offsetY });
  const onPointerMove = (event: PointerEvent): void => {
    const point = pointOf(event);
    const before = down.current.get(event.pointerId);
    if (before === undefined) {
      const index = painter.current?.nodeAt(point.x, point.y);
      if (event.pointerType === 'mouse' && index !== active) {
        activate(index);
      }
      return;
    }
    const [dx, dy] = [point.x - before.x, point.y - before.y];
    travelled.current += Math.abs(dx) + Math.abs(dy);
    const other = [...down.current].find(([id]) => id !== event.pointerId)?.[1];
    down.current.set(event.pointerId, point);
    if (other === undefined) {
      if (travelled.current >= CLICK_REACH) {
        painter.current?.move(dx, dy);
      }
      return;
    }
    const middle = { x: (point.x + other.x) / 2, y: (point.y + other.y) / 2 };
    painter.current?.move(dx / 2, dy / 2);
    painter.current?.zoom(distance(point, other) / Math.max(1, distance(before, other)), middle);
  };
  const onPointerEnd = (event: PointerEvent): void => {
    const wasOne = down.current.size === 1;
    const wasDown = down.current.delete(event.pointerId);
    if (!wasDown || !wasOne || event.type !== 'pointerup' || travelled.current >= CLICK_REACH) {
      return;
    }
    const { x, y } = pointOf(event);
    const index = painter.current?.nodeAt(x, y);
    if (event.pointerType === 'mouse' || (index !== undefined && index === active)) {
      open(index);
    } else {
      activate(index);
    }
  };
  return {
    onPointerDown(event: PointerEvent): void {
      event.currentTarget.setPointerCapture(event.pointerId);
      if (down.current.size === 0) {
        travelled.current = 0;
      }
      down.current.set(event.pointerId, pointOf(event));
    },
    onPointerMove,
    onPointerUp: onPointerEnd,
    onPointerCancel: onPointerEnd,
  };
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
