import type { Severity } from '../api/types.ts';
import type { Tone } from '../parts/effects.ts';

/** The colours of the page as a canvas takes them. */
export interface Palette {
  readonly ground: string;
  readonly band: string;
  readonly line: string;
  readonly text: string;
  readonly soft: string;
  readonly node: string;
  readonly nodeLine: string;
  readonly focus: string;
  readonly tones: Readonly<Record<Tone, string>>;
  readonly severities: Readonly<Record<Severity, string>>;
}

export function paletteOf(element: HTMLElement): Palette {
  const probe = document.createElement('span');
  probe.hidden = true;
  element.append(probe);
  const colour = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const palette = {
    ground: colour('panel'),
    band: colour('band'),
    line: colour('line'),
    text: colour('text'),
    soft: colour('soft'),
    node: colour('bar'),
    nodeLine: colour('strong-line'),
    focus: colour('focus'),
    tones: { plain: colour('bar'), writes: colour('strong-line'), acts: colour('medium'), grave: colour('high') },
    severities: {
      critical: colour('critical'),
      high: colour('high'),
      medium: colour('medium'),
      low: colour('low'),
      info: colour('soft'),
    },
  };
  probe.remove();
  return palette;
}

/** Calls back whenever the page changes between dark and light; returns how to end that. */
export function onColoursChanged(changed: () => void): () => void {
  const query = window.matchMedia('(prefers-color-scheme: dark)');
  const observer = new MutationObserver(changed);
  query.addEventListener('change', changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  return () => {
    query.removeEventListener('change', changed);
    observer.disconnect();
  };
}
