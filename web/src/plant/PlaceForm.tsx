import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Place, PlaceKind } from '../api/types.ts';
import { SelectField, TextField } from '../parts/Field.tsx';
import { entered } from '../parts/work.ts';

const PRIORITIES = [1, 2, 3, 4, 5] as const;

/** The fields of a place; `kinds` where its kind is still to be chosen. */
export function PlaceFields({
  place,
  kinds,
}: {
  readonly place?: Place;
  readonly kinds?: readonly PlaceKind[];
}): ReactNode {
  const { t } = useTranslation();
  return (
    <>
      {kinds !== undefined && (
        <SelectField label={t('plant.kind')} name="kind">
          {kinds.map((kind) => (
            <option key={kind} value={kind}>
              {t(`placeKind.${kind}`)}
            </option>
          ))}
        </SelectField>
      )}
      <TextField label={t('plant.name')} name="name" required maxLength={200} defaultValue={place?.name ?? ''} />
      <SelectField
        label={t('plant.priority')}
        help={t('plant.priorityHelp')}
        name="priority"
        defaultValue={place?.priority ?? ''}
      >
        <option value="">{t('plant.notSaid')}</option>
        {PRIORITIES.map((priority) => (
          <option key={priority} value={priority}>
            {t(`plantPriority.${priority}`)}
          </option>
        ))}
      </SelectField>
      <TextField
        label={t('plant.owner')}
        help={t('plant.ownerHelp')}
        name="owner"
        maxLength={200}
        defaultValue={place?.owner ?? ''}
      />
      <TextField
        label={t('plant.loss')}
        help={t('plant.lossHelp')}
        name="loss"
        type="number"
        min={0}
        step="any"
        inputMode="decimal"
        defaultValue={place?.lossPerHour ?? ''}
      />
    </>
  );
}

/** What stands in the fields, as the hub takes it. */
export function placeEntered(form: HTMLFormElement): {
  readonly name: string;
  readonly priority: number | null;
  readonly owner: string | null;
  readonly lossPerHour: number | null;
} {
  const owner = entered(form, 'owner').trim();
  return {
    name: entered(form, 'name').trim(),
    priority: numberOf(entered(form, 'priority')),
    owner: owner === '' ? null : owner,
    lossPerHour: numberOf(entered(form, 'loss')),
  };
}

function numberOf(text: string): number | null {
  return text === '' ? null : Number(text);
}
