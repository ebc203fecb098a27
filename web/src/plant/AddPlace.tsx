import { type FormEvent, type ReactNode, useId } from 'react';
import { useTranslation } from 'react-i18next';
import { apiSend } from '../api/client.ts';
import { refresh } from '../api/queries.ts';
import type { Place } from '../api/types.ts';
import { Dialogue } from '../parts/Dialogue.tsx';
import { FormFault } from '../parts/FormFault.tsx';
import { shownCut } from '../parts/shown.ts';
import { entered, useWork } from '../parts/work.ts';
import { PlaceFields, placeEntered } from './PlaceForm.tsx';
import { kindsWithin } from './tree.ts';

const MOST_NAME = 40;

/** Adds a part to a place, or a site. */
export function AddPlace({
  parent,
  onClose,
  onAdded,
}: {
  /** Undefined for a site. */
  readonly parent?: Place;
  readonly onClose: () => void;
  readonly onAdded: (id: string) => void;
}): ReactNode {
  const { t } = useTranslation();
  const work = useWork();
  const form = useId();
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const target = event.currentTarget;
    const kind = parent === undefined ? 'site' : entered(target, 'kind');
    work.run(async () => {
      const { id } = await apiSend<{ readonly id: string }>('POST', '/plant/places', {
        kind,
        parent: parent?.id ?? null,
        ...placeEntered(target),
      });
      await refresh(['plant']);
      onClose();
      onAdded(id);
    });
  };
  return (
    <Dialogue
      title={parent === undefined ? t('plant.addSite') : t('plant.addTo', { name: shownCut(parent.name, MOST_NAME) })}
      open
      onClose={onClose}
      foot={
        <>
          <button type="button" className="button" onClick={onClose}>
            {t('part.cancel')}
          </button>
          <button type="submit" form={form} className="button act" disabled={work.isBusy}>
            {t('plant.add')}
          </button>
        </>
      }
    >
      <form id={form} onSubmit={onSubmit}>
        <FormFault text={work.fault} />
        <PlaceFields {...(parent === undefined ? {} : { kinds: kindsWithin(parent.kind) })} />
      </form>
    </Dialogue>
  );
}
