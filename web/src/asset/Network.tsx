import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Values } from '../parts/Values.tsx';
import { When } from '../parts/When.tsx';
import { Wire } from '../parts/Wire.tsx';
import type { AssetDetail } from './asset-detail.ts';

export function Network({ interfaces }: { readonly interfaces: AssetDetail['interfaces'] }): ReactNode {
  const { t } = useTranslation();
  return (
    <section className="panel" aria-labelledby="network">
      <h2 id="network">{t('asset.network')}</h2>
      {interfaces.length === 0 && <p className="soft">{t('asset.none')}</p>}
      <ul className="lines">
        {interfaces.map(({ scope, vlan, mac, vendor, addresses }) => (
          <li key={`${scope} ${vlan} ${mac} ${addresses[0]?.address}`}>
            <span className="mono">
              <Wire text={mac ?? '–'} />
            </span>
            <span className="sub">
              {vendor !== null && <Wire text={vendor} />}
              {vlan !== null && <> · VLAN {vlan}</>} · <Wire text={scope} most={40} />
            </span>
            {addresses.map(({ address, lastSeen }) => (
              <span key={address} className="line-address">
                <span className="mono">
                  <Wire text={address} />
                </span>{' '}
                <small>
                  <When time={lastSeen} />
                </small>
              </span>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Services({ services }: { readonly services: AssetDetail['services'] }): ReactNode {
  const { t } = useTranslation();
  return (
    <section className="panel" aria-labelledby="services">
      <h2 id="services">{t('attribute.services')}</h2>
      {services.length === 0 && <p className="soft">{t('asset.none')}</p>}
      <ul className="lines">
        {services.map(({ protocol, transport, port, firstSeen, lastSeen }) => (
          <li key={`${protocol} ${transport} ${port}`} className="row apart">
            <span>
              <Wire text={protocol ?? t('asset.notKnown')} />{' '}
              <span className="soft">
                <Wire text={transport} most={20} /> {port > 0 && port}
              </span>
            </span>
            <small>
              {t('asset.since')} <When time={firstSeen} /> · <When time={lastSeen} />
            </small>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Modules({ modules }: { readonly modules: AssetDetail['modules'] }): ReactNode {
  const { t } = useTranslation();
  return (
    <section className="panel" aria-labelledby="modules">
      <h2 id="modules">{t('asset.modules')}</h2>
      <ul className="lines">
        {modules.map(({ slot, firstSeen: _first, lastSeen: _last, ...values }) => (
          <li key={slot}>
            <b>{t('asset.slot', { slot })}</b> <Values value={values} />
          </li>
        ))}
      </ul>
    </section>
  );
}
