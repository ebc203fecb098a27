import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { apiGet, apiSend, type Params } from '../api/client.ts';
import { plantQuery, refresh } from '../api/queries.ts';
import type { Page } from '../api/types.ts';
import { Dialogue } from '../parts/Dialogue.tsx';
import { SelectField, TextField } from '../parts/Field.tsx';
import { FormFault } from '../parts/FormFault.tsx';
import { Icon } from '../parts/Icon.tsx';
import { shownCut } from '../parts/shown.ts';
import { entered, useWork } from '../parts/work.ts';
import type { Selection } from '../table/selection.ts';
import { type AssetRow, ROLES } from './asset-row.ts';
import { sayChanged } from './undo-change.ts';

interface BulkEditProps {
  readonly selection: Selection;
  readonly count: number;
  /** What the list shows, where all of it is selected. */
  readonly filters: Params;
  readonly onDone: () => void;
}

/** How many assets are selected, and what can be stated of all of them at once. */
export function BulkEdit(props: BulkEditProps): ReactNode {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  return (
    <div className="selection-bar">
      <span className="grow" role="status">
        {t('inventory.selected', { count: props.count })}
      </span>
      <button type="button" className="button" onClick={() => setOpen(true)}>
        <Icon name="edit" />
        {t('inventory.editAll')}
      </button>
      <button type="button" className="button plain" onClick={props.onDone}>
        {t('inventory.deselect')}
      </button>
      {isOpen && <BulkForm {...props} onClose={() => setOpen(false)} />}
    </div>
  );
}

function BulkForm({
  selection,
  count,
  filters,
  onDone,
  onClose,
}: BulkEditProps & { readonly onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const plant = useQuery(plantQuery);
  const work = useWork();
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    const names = ['role', 'owner', 'vendor', 'product', 'firmware'] as const;
    const stated = Object.fromEntries(
      names.map((name) => [name, entered(form, name).trim()] as const).filter(([, value]) => value !== ''),
    );
    const place = entered(form, 'place');
    const set = { stated, ...(place === '' ? {} : { place }) };
    work.run(async () => {
      const reply = await apiSend<{ readonly change: string | null; readonly count: number }>('POST', '/assets/bulk', {
        ids: selection.kind === 'all' ? await allIds(filters) : [...selection.ids],
        set,
      });
      sayChanged(t('inventory.changed', { count: reply.count }), reply.change);
      onClose();
      onDone();
      await refresh(['assets', 'plant']);
    });
  };
  return (
    <Dialogue
      title={t('inventory.editTitle', { count })}
      open
      onClose={onClose}
      foot={
        <>
          <button type="button" className="button" onClick={onClose}>
            {t('part.cancel')}
          </button>
          <button type="submit" form="bulk" className="button act" disabled={work.isBusy}>
            {t('inventory.apply')}
          </button>
        </>
      }
    >
      <form id="bulk" onSubmit={onSubmit}>
        <FormFault text={work.fault} />
        <p className="field soft">{t('inventory.editLead')}</p>
        <SelectField label={t('inventory.role')} name="role">
          <option value="">{t('inventory.leave')}</option>
          {ROLES.map((role) => (
            <option key={role} value={role}>
              {t(`role.${role}`)}
            </option>
          ))}
        </SelectField>
        <SelectField label={t('inventory.place')} name="place">
          <option value="">{t('inventory.leave')}</option>
          {(plant.data?.places ?? []).map(({ id, name }) => (
            <option key={id} value={id}>
              {shownCut(name, 60)}
            </option>
          ))}
        </SelectField>
        {(['owner', 'vendor', 'product', 'firmware'] as const).map((name) => (
          <TextField
            key={name}
            label={t(`inventory.${name}`)}
            name={name}
            placeholder={t('inventory.leave')}
            maxLength={256}
          />
        ))}
      </form>
    </Dialogue>
  );
}

/** As many as the API lists at once. */
const STEP = 200;

/** The ids of all that the filter lets through, as it is now. */
async function allIds(filters: Params): Promise<readonly string[]> {
  const ids: string[] = [];
  for (;;) {
    const { items, total } = await apiGet<Page<AssetRow>>('/assets', { ...filters, offset: ids.length, limit: STEP });
    ids.push(...items.map(({ id }) => id));
    if (items.length === 0 || ids.length >= total) {
      return ids;
    }
  }
}
