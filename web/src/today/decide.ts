import i18next from 'i18next';
import { apiSend } from '../api/client.ts';
import { refresh } from '../api/queries.ts';
import { sayChanged } from '../inventory/undo-change.ts';
import type { Decision } from './event.ts';

/** Accepts or refuses events, and offers to take it back. */
export async function decide(ids: readonly string[], decision: Decision, note: string): Promise<void> {
  const body = { ids, decision, ...(note === '' ? {} : { note }) };
  const { change } = await apiSend<{ readonly change: string | null }>('POST', '/events/decide', body);
  const text =
    decision === 'accept'
      ? i18next.t('today.accepted', { count: ids.length })
      : i18next.t('today.refused', { count: ids.length });
  sayChanged(text, change);
  await refresh(['events', 'assets', 'conversations', 'findings']);
}
