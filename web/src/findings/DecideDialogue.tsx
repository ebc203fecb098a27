import { type FormEvent, type ReactNode, useId } from 'react';
import { useTranslation } from 'react-i18next';
import { apiSend } from '../api/client.ts';
import { refresh } from '../api/queries.ts';
import { sayChanged } from '../inventory/undo-change.ts';
import { Dialogue } from '../parts/Dialogue.tsx';
import { FormFault } from '../parts/FormFault.tsx';
import { entered, useWork } from '../parts/work.ts';
import type { FindingState } from './findings-search.ts';

const MOST_NOTE = 2000;

/** Asks why before findings are accepted, resolved or opened again. */
export function DecideDialogue({
  ids,
  state,
  onClose,
}: {
  readonly ids: readonly string[];
  readonly state: FindingState;
  readonly onClose: (isDone: boolean) => void;
}): ReactNode {
  const { t } = useTranslation();
  const work = useWork();
  const form = useId();
  const note = useId();
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const text = entered(event.currentTarget, 'note').trim();
    work.run(async () => {
      const { change } = await apiSend<{ readonly change: string | null }>('POST', '/findings/decide', {
        ids,
        state,
        note: text,
      });
      sayChanged(t(`findings.done.${state}`, { count: ids.length }), change);
      await refresh(['findings', 'assets', 'events']);
      onClose(true);
    });
  };
  return (
    <Dialogue
      title={t(`findings.decide.${state}`, { count: ids.length })}
      open
      onClose={() => onClose(false)}
      foot={
        <>
          <button type="button" className="button" onClick={() => onClose(false)}>
            {t('part.cancel')}
          </button>
          <button type="submit" form={form} className="button act" disabled={work.isBusy}>
            {t(`findings.do.${state}`)}
          </button>
        </>
      }
    >
      <form id={form} onSubmit={onSubmit}>
        <FormFault text={work.fault} />
        <p className="soft">{t(`findings.help.${state}`)}</p>
        <label className="field-label" htmlFor={note}>
          {t('findings.note')}
        </label>
        <textarea id={note} name="note" required maxLength={MOST_NOTE} rows={4} />
      </form>
    </Dialogue>
  );
}
