import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FilterChoice } from '../parts/FilterChoice.tsx';
import { useFormat } from '../parts/format.ts';
import { Page } from '../parts/Page.tsx';
import { SEVERITIES, SeverityBadge } from '../parts/Severity.tsx';
import { Empty } from '../parts/States.tsx';
import { When } from '../parts/When.tsx';
import { Wire } from '../parts/Wire.tsx';
import { useMay } from '../shell/session.ts';
import { useSite } from '../shell/site.ts';
import type { Column } from '../table/columns.ts';
import { DataTable } from '../table/DataTable.tsx';
import { NOTHING_SELECTED, type Selection, selectedCount } from '../table/selection.ts';
import { type RowSource, useRows } from '../table/use-rows.ts';
import { DecideDialogue } from './DecideDialogue.tsx';
import { FindingStateChip } from './FindingStateChip.tsx';
import type { FindingRow } from './finding-row.ts';
import { FINDING_STATES, type FindingState, type FindingsSearch } from './findings-search.ts';

const route = getRouteApi('/signed-in/findings');
/** As many as one act may name. */
const MOST_AT_ONCE = 200;

export function FindingsPage(): ReactNode {
  const { t } = useTranslation();
  const { number } = useFormat();
  const can = useMay();
  const site = useSite();
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/findings' });
  const [selection, setSelection] = useState<Selection>(NOTHING_SELECTED);
  const { state = 'open', ...filters } = search;
  const rows = useRows<FindingRow>('findings', '/findings', {
    site,
    ...filters,
    state: state === 'all' ? undefined : state,
  });
  const ids = idsOf(selection, rows);
  return (
    <Page fill title={t('view.findings')}>
      <Filters search={search} />
      {ids.length > 0 && <DecideBar ids={ids} onDone={() => setSelection(NOTHING_SELECTED)} />}
      <DataTable
        label={t('view.findings')}
        rows={rows}
        columns={useColumns()}
        rowId={({ id }) => id}
        narrow={(row) => <Card row={row} />}
        onOpen={({ id }) => void navigate({ to: '/findings/$id', params: { id } })}
        {...(can('findings:decide', site) ? { selection, onSelect: setSelection } : {})}
        empty={<NoFindings search={search} />}
      />
      <p className="table-foot" role="status">
        {t('findings.count', { count: rows.total, number: number(rows.total) })}
      </p>
    </Page>
  );
}

function DecideBar({ ids, onDone }: { readonly ids: readonly string[]; readonly onDone: () => void }): ReactNode {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState<FindingState>();
  return (
    <div className="selection-bar">
      <span role="status">{t('findings.selected', { count: ids.length })}</span>
      {FINDING_STATES.map((state) => (
        <button key={state} type="button" className="button small" onClick={() => setWanted(state)}>
          {t(`findings.do.${state}`)}
        </button>
      ))}
      <button type="button" className="button small plain" onClick={onDone}>
        {t('findings.deselect')}
      </button>
      {wanted !== undefined && (
        <DecideDialogue
          ids={ids}
          state={wanted}
          onClose={(isDone) => {
            setWanted(undefined);
            if (isDone) {
              onDone();
            }
          }}
        />
      )}
    </div>
  );
}

function useColumns(): readonly Column<FindingRow>[] {
  const { t } = useTranslation();
  const { number } = useFormat();
  return [
    {
      id: 'severity',
      head: t('findings.severity'),
      width: 110,
      grow: 0,
      cell: ({ severity }) => <SeverityBadge severity={severity} />,
    },
    { id: 'title', head: t('findings.what'), width: 260, grow: 4, cell: (row) => <TitleLink row={row} /> },
    { id: 'assets', head: t('findings.assets'), width: 180, grow: 2, cell: (row) => <Assets row={row} /> },
    {
      id: 'count',
      head: t('findings.times'),
      width: 80,
      grow: 0,
      align: 'end',
      cell: ({ count }) => number(count),
    },
    {
      id: 'state',
      head: t('findings.state'),
      width: 110,
      grow: 0,
      cell: ({ state }) => <FindingStateChip state={state} />,
    },
    {
      id: 'lastSeen',
      head: t('findings.lastSeen'),
      width: 124,
      grow: 0,
      cell: ({ lastSeen }) => <When time={lastSeen} />,
    },
  ];
}

function TitleLink({ row: { id, title } }: { readonly row: FindingRow }): ReactNode {
  return (
    <Link to="/findings/$id" params={{ id }} tabIndex={-1}>
      <Wire text={title} most={90} />
    </Link>
  );
}

function Assets({ row: { assets } }: { readonly row: FindingRow }): ReactNode {
  const [first, ...others] = assets;
  if (first === undefined) {
    return <span className="soft">–</span>;
  }
  return (
    <>
      <Wire text={first.name ?? first.address ?? first.id} most={30} />
      {others.length > 0 && <span className="soft"> +{others.length}</span>}
    </>
  );
}

/** A finding as a line on a phone. */
function Card({ row }: { readonly row: FindingRow }): ReactNode {
  return (
    <>
      <div className="card-line">
        <span className="grow">
          <TitleLink row={row} />
        </span>
      </div>
      <div className="card-line soft">
        <SeverityBadge severity={row.severity} />
        <span className="grow">
          <Assets row={row} />
        </span>
        <When time={row.lastSeen} />
      </div>
    </>
  );
}

function Filters({ search }: { readonly search: FindingsSearch }): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate({ from: '/findings' });
  const choose = (set: { readonly [Name in keyof FindingsSearch]: string | undefined }): void => {
    void navigate({ to: '.', search: (before) => ({ ...before, ...set }) as FindingsSearch, replace: true });
  };
  return (
    <search className="tool-bar">
      <select
        aria-label={t('findings.state')}
        value={search.state ?? 'open'}
        onChange={({ target }) => choose({ state: target.value === 'open' ? undefined : target.value })}
      >
        {FINDING_STATES.map((state) => (
          <option key={state} value={state}>
            {t(`findings.${state}`)}
          </option>
        ))}
        <option value="all">{t('findings.all')}</option>
      </select>
      <FilterChoice
        label={t('findings.severity')}
        value={search.severity}
        onChoose={(severity) => choose({ severity })}
        options={SEVERITIES.map((severity) => [severity, t(`severity.${severity}`)])}
      />
      {(search.code !== undefined || search.asset !== undefined) && (
        <button type="button" className="button" onClick={() => choose({ code: undefined, asset: undefined })}>
          {t('findings.clear')}
        </button>
      )}
    </search>
  );
}

function NoFindings({ search }: { readonly search: FindingsSearch }): ReactNode {
  const { t } = useTranslation();
  const { state = 'open', ...others } = search;
  if (Object.keys(others).length > 0) {
    return (
      <Empty icon="filter" title={t('findings.noMatch')}>
        <Link to="/findings" search={{}} className="button">
          {t('findings.clear')}
        </Link>
      </Empty>
    );
  }
  return (
    <Empty icon="findings" title={t(state === 'open' ? 'findings.noneOpen' : 'findings.none')}>
      <p>{t('findings.noneHelp')}</p>
    </Empty>
  );
}

function idsOf(selection: Selection, rows: RowSource<FindingRow>): readonly string[] {
  if (selection.kind === 'some') {
    return [...selection.ids];
  }
  const count = Math.min(selectedCount(selection, rows.total), MOST_AT_ONCE);
  return Array.from({ length: count }, (_, index) => rows.rowAt(index)?.id).filter((id) => id !== undefined);
}
