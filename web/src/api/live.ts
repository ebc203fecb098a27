import { useEffect, useState } from 'react';
import { refresh, type Topic } from './queries.ts';

export type LiveState = 'open' | 'lost';

/** Changes are gathered, so that a busy plant does not ask for the same list many times a second. */
const GATHER_MS = 1000;
/** Shorter breaks are mended by the browser itself before anybody needs to know. */
const PATIENCE_MS = 4000;

/** Listens to what changes in the hub, and has the views that show it ask again. */
export function useLive(): LiveState {
  const [state, setState] = useState<LiveState>('open');
  useEffect(() => {
    const source = new EventSource('/api/live');
    const changed = new Set<Topic>();
    let gathering: number | undefined;
    let losing: number | undefined;
    let wasLost = false;
    source.addEventListener('open', () => {
      clearTimeout(losing);
      losing = undefined;
      setState('open');
      if (wasLost) {
        wasLost = false;
        void refresh(ALL_TOPICS);
      }
    });
    source.addEventListener('error', () => {
      losing ??= window.setTimeout(() => {
        wasLost = true;
        setState('lost');
      }, PATIENCE_MS);
    });
    source.addEventListener('changed', ({ data }: MessageEvent<string>) => {
      for (const topic of topicsOf(data)) {
        changed.add(topic);
      }
      gathering ??= window.setTimeout(() => {
        gathering = undefined;
        const topics = [...changed];
        changed.clear();
        void refresh(topics);
      }, GATHER_MS);
    });
    return () => {
      source.close();
      clearTimeout(gathering);
      clearTimeout(losing);
    };
  }, []);
  return state;
}

const ALL_TOPICS: readonly Topic[] = [
  'assets',
  'conversations',
  'events',
  'findings',
  'sensors',
  'plant',
  'people',
  'uploads',
  'system',
];

function topicsOf(data: string): readonly Topic[] {
  try {
    const { topics } = JSON.parse(data) as { topics?: unknown };
    return ALL_TOPICS.filter((topic) => Array.isArray(topics) && topics.includes(topic));
  } catch {
    return [];
  }
}
