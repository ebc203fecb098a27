import type { FormEvent, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { apiSend } from '../api/client.ts';
import { refresh } from '../api/queries.ts';
import { ROLES } from '../inventory/asset-row.ts';
import { sayChanged } from '../inventory/undo-change.ts';
import { Dialogue } from '../parts/Dialogue.tsx';
import { SelectField, TextField } from '../parts/Field.tsx';
import { FormFault } from '../parts/FormFault.tsx';
import { shownCut } from '../parts/shown.ts';
import { entered, useWork } from '../parts/work.ts';
import type { AssetDetail } from './asset-detail.ts';

const TEXTS = [
  'name',
  'vendor',
  'product',
  'orderNumber',
  'firmware',
  'hardware',
  'serial',
  'os',
  'owner',
  'location',
  'function',
  'criticality',
  'assetNumber',
  'comment',
] as const;

/** What a person states of an asset; an empty field states nothing. */
export function EditAsset({
  asset: { id, stated, evidence },
  onClose,
}: {
  readonly asset: AssetDetail;
  readonly onClose: () => void;
}): ReactNode {
  const { t } = useTranslation();
  const work = useWork();
  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    const all = ['role', ...TEXTS].map((name) => [name, entered(form, name).trim()] as const);
    const changed = all.filter(([name, value]) => value !== (stated[name]?.value ?? ''));
    const note = entered(form, 'note').trim();
    const body = {
      stated: Object.fromEntries(changed.map(([name, value]) => [name, value === '' ? null : value])),
      ...(note === '' ? {} : { note }),
    };
    work.run(async () => {
      const reply = await apiSend<{ readonly change: string | null }>(
        'PATCH',
        `/assets/${encodeURIComponent(id)}`,
        body,
      );
      sayChanged(t('asset.saved'), reply.change);
      onClose();
      await refresh(['assets']);
    });
  };
  return (
    <Dialogue
      title={t('asset.editTitle')}
      open
      wide
      onClose={onClose}
      foot={
        <>
          <button type="button" className="button" onClick={onClose}>
            {t('part.cancel')}
          </button>
          <button type="submit" form="edit-asset" className="button act" disabled={work.isBusy}>
            {t('asset.save')}
          </button>
        </>
      }
    >
      <form id="edit-asset" onSubmit={onSubmit}>
        <FormFault text={work.fault} />
        <p className="field soft">{t('asset.editLead')}</p>
        <div className="mapping">
          <SelectField label={t('attribute.role')} name="role" defaultValue={stated['role']?.value ?? ''}>
            <option value="">{t('asset.asObserved')}</option>
            {ROLES.map((role) => (
              <option key={role} value={role}>
                {t(`role.${role}`)}
              </option>
            ))}
          </SelectField>
          {TEXTS.map((name) => (
            <TextField
              key={name}
              label={t(`attribute.${name}`)}
              name={name}
              defaultValue={stated[name]?.value ?? ''}
              placeholder={shownCut(evidence.find(({ attribute }) => attribute === name)?.value ?? '', 60)}
              maxLength={1024}
            />
          ))}
        </div>
        <TextField label={t('today.note')} name="note" maxLength={1000} />
      </form>
    </Dialogue>
  );
}
