import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { plantQuery } from '../api/queries.ts';
import type { Place } from '../api/types.ts';
import { Icon } from '../parts/Icon.tsx';
import { Page } from '../parts/Page.tsx';
import { Empty, Loaded } from '../parts/States.tsx';
import { useMay } from '../shell/session.ts';
import { useSite } from '../shell/site.ts';
import { AddPlace } from './AddPlace.tsx';
import { PlacePanel } from './PlacePanel.tsx';
import { PlaceTree } from './PlaceTree.tsx';
import { RulesPanel } from './RulesPanel.tsx';
import './plant.css';

export function PlantPage(): ReactNode {
  const { t } = useTranslation();
  const can = useMay();
  const site = useSite();
  const query = useQuery(plantQuery);
  const [chosen, setChosen] = useState<string>();
  const [isAdding, setAdding] = useState(false);
  const mayAdd = can('plant:edit');
  return (
    <Page
      title={t('view.plant')}
      actions={
        mayAdd && (
          <button type="button" className="button" onClick={() => setAdding(true)}>
            <Icon name="plus" />
            {t('plant.addSite')}
          </button>
        )
      }
    >
      <Loaded query={query}>
        {({ places }) => {
          const seen = places.filter((place) => site === undefined || place.site === site);
          return seen.length === 0 ? (
            <Empty icon="plant" title={t('plant.empty')}>
              <p>{t('plant.emptyHelp')}</p>
            </Empty>
          ) : (
            <Plant places={seen} chosen={chosen} onChoose={setChosen} />
          );
        }}
      </Loaded>
      {isAdding && <AddPlace onClose={() => setAdding(false)} onAdded={setChosen} />}
    </Page>
  );
}

function Plant({
  places,
  chosen,
  onChoose,
}: {
  readonly places: readonly Place[];
  readonly chosen: string | undefined;
  readonly onChoose: (id: string | undefined) => void;
}): ReactNode {
  const place = places.find(({ id }) => id === chosen) ?? places[0];
  const site = places.find(({ id }) => id === place?.site);
  return (
    <div className="plant">
      <section className="panel tree-panel">
        <PlaceTree places={places} chosen={place?.id} onChoose={onChoose} />
      </section>
      <div className="stack">
        {place !== undefined && <PlacePanel place={place} places={places} onChoose={onChoose} />}
        {site !== undefined && (
          <RulesPanel key={site.id} site={site} places={places.filter((one) => one.site === site.id)} />
        )}
      </div>
    </div>
  );
}
