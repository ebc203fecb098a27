import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { apiSend } from '../api/client.ts';
import { apiQuery, refresh } from '../api/queries.ts';
import type { Page as List, Place } from '../api/types.ts';
import type { AssetRow } from '../inventory/asset-row.ts';
import { Dialogue } from '../parts/Dialogue.tsx';
import { FormFault } from '../parts/FormFault.tsx';
import { SearchField } from '../parts/SearchField.tsx';
import { Loaded } from '../parts/States.tsx';
import { shownCut } from '../parts/shown.ts';
import { say } from '../parts/toasts.ts';
import { Wire } from '../parts/Wire.tsx';
import { useWork } from '../parts/work.ts';

const MOST_NAME = 40;
const FOUND = 30;

/** Says by hand that assets stand in a place. */
export function AssignDialogue({ place, onClose }: { readonly place: Place; readonly onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  const work = useWork();
  const [q, setText] = useState('');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const query = useQuery({
    ...apiQuery<List<AssetRow>>('assets', '/assets', { site: place.site, q, limit: FOUND, sort: 'name' }),
    placeholderData: keepPreviousData,
  });
  const toggle = (id: string): void => {
    const next = new Set(chosen);
    if (!next.delete(id)) {
      next.add(id);
    }
    setChosen(next);
  };
  const assign = (): void =>
    work.run(async () => {
      const { count } = await apiSend<{ readonly count: number }>('POST', '/plant/assign', {
        assets: [...chosen],
        place: place.id,
      });
      await refresh(['plant', 'assets']);
      say(t('plant.assigned', { count }));
      onClose();
    });
  return (
    <Dialogue
      title={t('plant.assignTo', { name: shownCut(place.name, MOST_NAME) })}
      open
      onClose={onClose}
      foot={
        <>
          <button type="button" className="button" onClick={onClose}>
            {t('part.cancel')}
          </button>
          <button type="button" className="button act" disabled={work.isBusy || chosen.size === 0} onClick={assign}>
            {t('plant.assignCount', { count: chosen.size })}
          </button>
        </>
      }
    >
      <FormFault text={work.fault} />
      <SearchField label={t('plant.searchAssets')} text={q} onText={setText} />
      <Loaded query={query}>
        {({ items }) => (
          <ul className="assign-list">
            {items.length === 0 && <li className="soft">{t('plant.noAssets')}</li>}
            {items.map((asset) => (
              <li key={asset.id}>
                <label className="choice">
                  <input type="checkbox" checked={chosen.has(asset.id)} onChange={() => toggle(asset.id)} />
                  <span className="grow">
                    <Wire text={asset.name ?? asset.addresses[0] ?? asset.macs[0] ?? asset.id} />
                  </span>
                  <span className="soft">{asset.place !== null && <Wire text={asset.place.name} most={24} />}</span>
                </label>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Dialogue>
  );
}
