import { Link } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { apiSend } from '../api/client.ts';
import { refresh } from '../api/queries.ts';
import type { Place } from '../api/types.ts';
import { Dialogue } from '../parts/Dialogue.tsx';
import { Fact, Facts } from '../parts/Facts.tsx';
import { SelectField } from '../parts/Field.tsx';
import { FormFault } from '../parts/FormFault.tsx';
import { useFormat } from '../parts/format.ts';
import { Icon } from '../parts/Icon.tsx';
import { say } from '../parts/toasts.ts';
import { Wire } from '../parts/Wire.tsx';
import { entered, useWork } from '../parts/work.ts';
import { useMay } from '../shell/session.ts';
import { AddPlace } from './AddPlace.tsx';
import { AssignDialogue } from './AssignDialogue.tsx';
import { PlaceFields, placeEntered } from './PlaceForm.tsx';
import { assetsWithin, kindsWithin } from './tree.ts';

/** One place: what is said of it, what stands in it, and what can be done with it. */
export function PlacePanel({
  place,
  places,
  onChoose,
}: {
  readonly place: Place;
  readonly places: readonly Place[];
  readonly onChoose: (id: string | undefined) => void;
}): ReactNode {
  const { t } = useTranslation();
  const { number } = useFormat();
  const can = useMay();
  const [open, setOpen] = useState<'add' | 'remove' | 'assign'>();
  const close = (): void => setOpen(undefined);
  const within = assetsWithin(places, place.id);
  return (
    <section className="panel">
      <div className="row apart place-head">
        <h2>
          <Wire text={place.name} /> <span className="soft">{t(`placeKind.${place.kind}`)}</span>
        </h2>
        <Link to="/inventory" search={{ place: place.id }}>
          {t('plant.assetCount', { count: within, number: number(within) })}
        </Link>
      </div>
      {can('plant:edit', place.site) ? <EditPlace key={place.id} place={place} /> : <PlaceFacts place={place} />}
      <div className="row place-acts">
        {can('plant:edit', place.site) && kindsWithin(place.kind).length > 0 && (
          <button type="button" className="button" onClick={() => setOpen('add')}>
            <Icon name="plus" />
            {t('plant.addWithin')}
          </button>
        )}
        {can('inventory:edit', place.site) && (
          <button type="button" className="button" onClick={() => setOpen('assign')}>
            {t('plant.assign')}
          </button>
        )}
        {can('plant:edit', place.site) && (
          <button type="button" className="button danger" onClick={() => setOpen('remove')}>
            {t('plant.remove')}
          </button>
        )}
      </div>
      {open === 'add' && <AddPlace parent={place} onClose={close} onAdded={onChoose} />}
      {open === 'assign' && <AssignDialogue place={place} onClose={close} />}
      {open === 'remove' && <RemovePlace place={place} onClose={close} onRemoved={() => onChoose(undefined)} />}
    </section>
  );
}

function PlaceFacts({ place: { priority, owner, lossPerHour } }: { readonly place: Place }): ReactNode {
  const { t } = useTranslation();
  const { number } = useFormat();
  return (
    <Facts>
      <Fact label={t('plant.priority')}>{priority}</Fact>
      <Fact label={t('plant.owner')}>{owner !== null && <Wire text={owner} />}</Fact>
      <Fact label={t('plant.loss')}>{lossPerHour === null ? null : number(lossPerHour)}</Fact>
    </Facts>
  );
}

function EditPlace({ place }: { readonly place: Place }): ReactNode {
  const { t } = useTranslation();
  const work = useWork();
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const said = placeEntered(event.currentTarget);
    work.run(async () => {
      await apiSend('PATCH', `/plant/places/${encodeURIComponent(place.id)}`, said);
      await refresh(['plant', 'assets']);
      say(t('plant.saved'));
    });
  };
  return (
    <form onSubmit={onSubmit}>
      <FormFault text={work.fault} />
      <div className="place-fields">
        <PlaceFields place={place} />
      </div>
      <button type="submit" className="button act" disabled={work.isBusy}>
        {t('plant.save')}
      </button>
    </form>
  );
}

/** What becomes of what stands in a place that is removed. */
const CONTENTS = ['keep', 'move-up', 'remove'] as const;

function RemovePlace({
  place,
  onClose,
  onRemoved,
}: {
  readonly place: Place;
  readonly onClose: () => void;
  readonly onRemoved: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const work = useWork();
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const contents = entered(event.currentTarget, 'contents');
    work.run(async () => {
      await apiSend('DELETE', `/plant/places/${encodeURIComponent(place.id)}?contents=${encodeURIComponent(contents)}`);
      await refresh(['plant', 'assets']);
      say(t('plant.removed'));
      onClose();
      onRemoved();
    });
  };
  return (
    <Dialogue title={t('plant.remove')} open onClose={onClose}>
      <form onSubmit={onSubmit}>
        <FormFault text={work.fault} />
        <SelectField label={t('plant.contents')} name="contents">
          {CONTENTS.map((one) => (
            <option key={one} value={one}>
              {t(`plantContents.${one}`)}
            </option>
          ))}
        </SelectField>
        <button type="submit" className="button danger" disabled={work.isBusy}>
          {t('plant.remove')}
        </button>
      </form>
    </Dialogue>
  );
}
