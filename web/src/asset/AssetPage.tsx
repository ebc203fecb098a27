import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { apiQuery } from '../api/queries.ts';
import { CompletenessBar } from '../inventory/asset-columns.tsx';
import { StateChip } from '../inventory/StateChip.tsx';
import { Copyable } from '../parts/Copyable.tsx';
import { useFormat } from '../parts/format.ts';
import { Icon } from '../parts/Icon.tsx';
import { Page } from '../parts/Page.tsx';
import { SeverityBadge } from '../parts/Severity.tsx';
import { Loaded } from '../parts/States.tsx';
import { shownCut } from '../parts/shown.ts';
import { When } from '../parts/When.tsx';
import { Wire } from '../parts/Wire.tsx';
import { useMay } from '../shell/session.ts';
import { AssetHistory } from './AssetHistory.tsx';
import type { AssetDetail } from './asset-detail.ts';
import { EditAsset } from './EditAsset.tsx';
import { Identity } from './Identity.tsx';
import { Modules, Network, Services } from './Network.tsx';
import { Talks } from './Talks.tsx';
import { wiresharkFilter } from './wireshark-filter.ts';
import './asset.css';

const route = getRouteApi('/signed-in/assets/$id');
const MOST_TITLE = 80;

/** One device: what it is and who says so, what it talks to, and what happened to it. */
export function AssetPage(): ReactNode {
  const { id } = route.useParams();
  const query = useQuery(
    apiQuery<AssetDetail>(['assets', 'events', 'findings', 'plant'], `/assets/${encodeURIComponent(id)}`),
  );
  return <Loaded query={query}>{(asset) => <Whole asset={asset} />}</Loaded>;
}

function Whole({ asset }: { readonly asset: AssetDetail }): ReactNode {
  const { t } = useTranslation();
  const can = useMay();
  const [isEditing, setEditing] = useState(false);
  const label = asset.name ?? asset.addresses[0] ?? asset.macs[0] ?? asset.id;
  return (
    <Page
      title={shownCut(label, MOST_TITLE)}
      heading={<Wire text={label} most={MOST_TITLE} />}
      lead={<Lead asset={asset} />}
      actions={
        can('inventory:edit', asset.site) && (
          <button type="button" className="button" onClick={() => setEditing(true)}>
            <Icon name="edit" />
            {t('asset.edit')}
          </button>
        )
      }
    >
      <Facts asset={asset} />
      <div className="panels">
        <Identity asset={asset} />
        <AssetHistory asset={asset.id} />
        <Talks asset={asset.id} />
        <Network interfaces={asset.interfaces} />
        <Services services={asset.services} />
        {asset.modules.length > 0 && <Modules modules={asset.modules} />}
        <section className="panel" aria-labelledby="packets">
          <h2 id="packets">{t('asset.packets')}</h2>
          <p className="sub">{t('asset.packetsHelp')}</p>
          <Copyable text={wiresharkFilter(asset.addresses, asset.macs)} label={t('copy.filter')} />
        </section>
      </div>
      {isEditing && <EditAsset asset={asset} onClose={() => setEditing(false)} />}
    </Page>
  );
}

function Lead({ asset: { role, purdueLevel, vendor, product, place } }: { readonly asset: AssetDetail }): ReactNode {
  const { t } = useTranslation();
  const make = [vendor, product].filter((text) => text !== null).join(' ');
  const parts = [
    t(`role.${role}`),
    purdueLevel === null ? undefined : t('asset.level', { level: purdueLevel }),
    make === '' ? undefined : <Wire key="make" text={make} />,
    place === null ? undefined : <Wire key="place" text={place.name} />,
  ].filter((part) => part !== undefined);
  return parts.flatMap((part, index) => (index === 0 ? [part] : [' · ', part]));
}

function Facts({ asset }: { readonly asset: AssetDetail }): ReactNode {
  const { t } = useTranslation();
  const { number } = useFormat();
  const { state, findings, completeness, missing, firstSeen, lastSeen, parent, roleReason } = asset;
  return (
    <dl className="asset-facts">
      <Fact name={t('inventory.state')}>
        <StateChip state={state} />
      </Fact>
      <Fact name={t('inventory.findings')}>
        {findings.worst === null || findings.count === 0 ? (
          <span className="soft">{t('asset.none')}</span>
        ) : (
          <Link to="/findings" search={({ site }) => ({ site, asset: asset.id })}>
            <SeverityBadge severity={findings.worst}>{number(findings.count)}</SeverityBadge>
          </Link>
        )}
      </Fact>
      {lastSeen !== null && (
        <Fact name={t('inventory.lastSeen')}>
          <When time={lastSeen} />
        </Fact>
      )}
      {firstSeen !== null && (
        <Fact name={t('inventory.firstSeen')}>
          <When time={firstSeen} exact />
        </Fact>
      )}
      <Fact name={t('inventory.completeness')}>
        <CompletenessBar share={completeness} />
        {missing.length > 0 && (
          <details className="sub">
            <summary>{t('asset.missing', { count: missing.length })}</summary>
            {missing.join(', ')}
          </details>
        )}
      </Fact>
      {roleReason !== null && (
        <Fact name={t('asset.whyRole')}>
          <Wire text={roleReason} most={120} whole />
        </Fact>
      )}
      {parent !== null && (
        <Fact name={t('asset.behind')}>
          <Link to="/assets/$id" params={{ id: parent.id }}>
            <Wire text={parent.name ?? parent.id} />
          </Link>
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  return (
    <div className="asset-fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
