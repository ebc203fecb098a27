import { EFFECTS, type Effect } from '../parts/effects.ts';

export const CONVERSATION_SORTS = ['lastSeen', 'firstSeen', 'packets', 'bytes', 'protocol'] as const;

type ConversationSort = (typeof CONVERSATION_SORTS)[number];

/** What the address of the list of conversations carries; each filter is a parameter of the API too. */
export interface ConversationsSearch {
  readonly q?: string;
  readonly asset?: string;
  readonly protocol?: string;
  readonly effect?: Effect;
  readonly state?: string;
  readonly sort?: ConversationSort;
  readonly order?: 'asc' | 'desc';
}

export function conversationsSearch(given: Record<string, unknown>): ConversationsSearch {
  const texts = (['q', 'asset', 'protocol', 'state'] as const).flatMap((name) => {
    const value = given[name];
    return (typeof value === 'string' && value !== '') || typeof value === 'number' ? [[name, String(value)]] : [];
  });
  const effect = EFFECTS.find((one) => one === given['effect']);
  const sort = CONVERSATION_SORTS.find((one) => one === given['sort']);
  const order = (['asc', 'desc'] as const).find((one) => one === given['order']);
  return {
    ...Object.fromEntries(texts),
    ...(effect === undefined ? {} : { effect }),
    ...(sort === undefined ? {} : { sort }),
    ...(order === undefined ? {} : { order }),
  };
}
