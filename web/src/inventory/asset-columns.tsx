import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../parts/format.ts';
import { SeverityBadge } from '../parts/Severity.tsx';
import { When } from '../parts/When.tsx';
import { Wire } from '../parts/Wire.tsx';
import type { Column } from '../table/columns.ts';
import type { AssetRow } from './asset-row.ts';
import { StateChip } from './StateChip.tsx';

export function useAssetColumns(): readonly Column<AssetRow>[] {
  const { t } = useTranslation();
  const { number } = useFormat();
  return [
    {
      id: 'name',
      head: t('inventory.name'),
      width: 160,
      grow: 2,
      sort: 'name',
      cell: (row) => <AssetLink row={row} />,
    },
    { id: 'role', head: t('inventory.role'), width: 100, sort: 'role', cell: ({ role }) => t(`role.${role}`) },
    {
      id: 'level',
      head: t('inventory.level'),
      width: 64,
      grow: 0,
      sort: 'level',
      cell: ({ purdueLevel }) => orDash(purdueLevel === null ? null : number(purdueLevel)),
    },
    {
      id: 'address',
      head: t('inventory.address'),
      width: 124,
      sort: 'address',
      cell: ({ addresses, macs }) => <AddressCell addresses={addresses.length > 0 ? addresses : macs} />,
    },
    {
      id: 'vendor',
      head: t('inventory.vendor'),
      width: 100,
      sort: 'vendor',
      cell: ({ vendor }) => orDash(vendor),
    },
    {
      id: 'product',
      head: t('inventory.product'),
      width: 110,
      grow: 2,
      sort: 'product',
      cell: ({ product }) => orDash(product),
    },
    {
      id: 'firmware',
      head: t('inventory.firmware'),
      width: 84,
      sort: 'firmware',
      cell: ({ firmware }) => orDash(firmware),
    },
    {
      id: 'place',
      head: t('inventory.place'),
      width: 90,
      sort: 'place',
      cell: ({ place }) => orDash(place?.name ?? null),
    },
    {
      id: 'findings',
      head: t('inventory.findings'),
      width: 84,
      grow: 0,
      cell: ({ findings: { count, worst } }) =>
        worst !== null && count > 0 && <SeverityBadge severity={worst}>{number(count)}</SeverityBadge>,
    },
    {
      id: 'state',
      head: t('inventory.state'),
      width: 96,
      grow: 0,
      sort: 'state',
      cell: ({ state }) => <StateChip state={state} />,
    },
    {
      id: 'completeness',
      head: t('inventory.completeness'),
      width: 120,
      grow: 0,
      sort: 'completeness',
      largestFirst: true,
      optional: true,
      cell: ({ completeness }) => <CompletenessBar share={completeness} />,
    },
    {
      id: 'mac',
      head: t('inventory.mac'),
      width: 160,
      optional: true,
      cell: ({ macs }) => <AddressCell addresses={macs} />,
    },
    {
      id: 'vlan',
      head: t('inventory.vlan'),
      width: 70,
      grow: 0,
      optional: true,
      cell: ({ vlan }) => orDash(vlan === null ? null : String(vlan)),
    },
    {
      id: 'firstSeen',
      head: t('inventory.firstSeen'),
      width: 124,
      grow: 0,
      sort: 'firstSeen',
      largestFirst: true,
      optional: true,
      cell: ({ firstSeen }) => moment(firstSeen),
    },
    {
      id: 'lastSeen',
      head: t('inventory.lastSeen'),
      width: 116,
      grow: 0,
      sort: 'lastSeen',
      largestFirst: true,
      cell: ({ lastSeen }) => moment(lastSeen),
    },
  ];
}

/** An asset as a line on a phone. */
export function AssetCard({ row }: { readonly row: AssetRow }): ReactNode {
  const { t } = useTranslation();
  const { number } = useFormat();
  const { count, worst } = row.findings;
  const about = [row.addresses[0] ?? row.macs[0], row.vendor, row.product].filter(Boolean).join(' · ');
  return (
    <>
      <div className="card-line">
        <span className="grow">
          <AssetLink row={row} />
        </span>
        {worst !== null && count > 0 && <SeverityBadge severity={worst}>{number(count)}</SeverityBadge>}
        {row.state === 'new' && <StateChip state={row.state} />}
      </div>
      <div className="card-line soft">
        <span className="grow">
          {t(`role.${row.role}`)} · <Wire text={about} />
        </span>
        {moment(row.lastSeen)}
      </div>
    </>
  );
}

function AssetLink({ row: { id, name, addresses, macs } }: { readonly row: AssetRow }): ReactNode {
  return (
    <Link to="/assets/$id" params={{ id }} tabIndex={-1}>
      <Wire text={name ?? addresses[0] ?? macs[0] ?? id} />
    </Link>
  );
}

function AddressCell({ addresses }: { readonly addresses: readonly string[] }): ReactNode {
  const [first, ...others] = addresses;
  if (first === undefined) {
    return orDash(null);
  }
  return (
    <span className="mono">
      <Wire text={first} />
      {others.length > 0 && <span className="soft"> +{others.length}</span>}
    </span>
  );
}

export function CompletenessBar({ share }: { readonly share: number }): ReactNode {
  const { percent } = useFormat();
  return (
    <span className="completeness">
      <span className="completeness-track" aria-hidden="true">
        <span className="completeness-bar" style={{ width: `${Math.round(share * 100)}%` }} />
      </span>
      {percent(share)}
    </span>
  );
}

function orDash(text: string | null): ReactNode {
  return text === null || text === '' ? <span className="soft">–</span> : <Wire text={text} />;
}

function moment(time: string | null): ReactNode {
  return time === null ? orDash(null) : <When time={time} />;
}
