import i18next from 'i18next';
import { apiSend } from '../api/client.ts';
import { refresh } from '../api/queries.ts';
import { say, sayFault } from '../parts/toasts.ts';

/** Says that a change was made, with a way back. */
export function sayChanged(text: string, change: string | null): void {
  if (change === null) {
    say(text);
    return;
  }
  say(text, { label: i18next.t('part.undo'), run: () => void undo(change) });
}

async function undo(change: string): Promise<void> {
  try {
    await apiSend('POST', `/changes/${encodeURIComponent(change)}/undo`);
    say(i18next.t('part.undone'));
  } catch (error) {
    sayFault(error instanceof Error ? error.message : i18next.t('failure.internal'));
  }
  await refresh(['assets', 'events', 'findings', 'plant']);
}
