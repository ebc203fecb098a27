/** What may have changed for who looks at it. A page that shows such things asks anew. */
export type Topic = (typeof TOPICS)[number];

export const TOPICS = [
  'assets',
  'conversations',
  'events',
  'findings',
  'sensors',
  'plant',
  'people',
  'uploads',
  'system',
] as const;

/** Tells who listens in this process that something changed. It is transport, never memory: what counts is in the database. */
export interface Bus {
  /** Called after the commit. */
  readonly publish: (topic: Topic) => void;
  /** Gives back what ends the subscription. A listener must not throw. */
  readonly subscribe: (listener: (topic: Topic) => void) => () => void;
}

export function createBus(): Bus {
  const listeners = new Set<(topic: Topic) => void>();
  return {
    publish(topic) {
      for (const listener of listeners) {
        listener(topic);
      }
    },
    subscribe(listener) {
      // A wrapper of its own, so that the same listener may subscribe twice.
      const mine = (topic: Topic) => listener(topic);
      listeners.add(mine);
      return () => listeners.delete(mine);
    },
  };
}
