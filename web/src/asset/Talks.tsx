import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { apiQuery } from '../api/queries.ts';
import type { Page } from '../api/types.ts';
import { EffectMark } from '../parts/EffectMark.tsx';
import { useFormat } from '../parts/format.ts';
import { Loaded } from '../parts/States.tsx';
import { When } from '../parts/When.tsx';
import { Wire } from '../parts/Wire.tsx';
import type { ConversationRow } from './asset-detail.ts';

const MOST = 50;

/** Who talks to it, and what they do. */
export function Talks({ asset }: { readonly asset: string }): ReactNode {
  const { t } = useTranslation();
  const { number, size } = useFormat();
  const query = useQuery(apiQuery<Page<ConversationRow>>('conversations', '/conversations', { asset, limit: MOST }));
  return (
    <section className="panel wide" aria-labelledby="talks">
      <h2 id="talks">{t('asset.talks')}</h2>
      <Loaded query={query}>
        {({ items, total }) => (
          <>
            {items.length === 0 && <p className="soft">{t('asset.none')}</p>}
            {items.length > 0 && (
              <div className="scroll">
                <table className="plain-table">
                  <thead>
                    <tr>
                      <th scope="col">{t('asset.peer')}</th>
                      <th scope="col">{t('inventory.protocol')}</th>
                      <th scope="col">{t('asset.does')}</th>
                      <th scope="col" className="number">
                        {t('asset.amount')}
                      </th>
                      <th scope="col">{t('inventory.lastSeen')}</th>
                    </tr>
                  </thead>
                  <tbody>
                    {items.map((row) => (
                      <tr key={row.id}>
                        <td>
                          <Peer row={row} asset={asset} />
                        </td>
                        <td>
                          <Wire text={row.protocol ?? t('asset.notKnown')} />
                          <span className="sub">
                            <Wire text={row.transport} most={20} /> {row.port !== null && row.port > 0 && row.port}
                          </span>
                        </td>
                        <td>
                          {row.effect === null ? <span className="soft">–</span> : <EffectMark effect={row.effect} />}
                        </td>
                        <td className="number">
                          {size(row.bytes)}
                          <span className="sub">{t('asset.packetCount', { count: row.packets })}</span>
                        </td>
                        <td>
                          <When time={row.lastSeen} />
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
            {total > MOST && <p className="sub">{t('asset.ofAll', { shown: number(MOST), count: total })}</p>}
          </>
        )}
      </Loaded>
    </section>
  );
}

function Peer({
  row: { client, server, clientAddress, target },
  asset,
}: {
  readonly row: ConversationRow;
  readonly asset: string;
}): ReactNode {
  const { t } = useTranslation();
  const isServer = server?.id === asset;
  const peer = isServer ? client : server;
  const address = isServer ? clientAddress : target;
  return (
    <>
      <span className="soft">{isServer ? t('asset.from') : t('asset.to')} </span>
      {peer === null ? (
        <Wire text={address} />
      ) : (
        <Link to="/assets/$id" params={{ id: peer.id }}>
          <Wire text={peer.name ?? address} />
        </Link>
      )}
      <span className="sub mono">
        <Wire text={address} />
      </span>
    </>
  );
}
