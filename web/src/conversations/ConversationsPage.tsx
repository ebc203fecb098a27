import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFacets } from '../inventory/facets.ts';
import { StateChip } from '../inventory/StateChip.tsx';
import { EffectMark } from '../parts/EffectMark.tsx';
import { EFFECTS } from '../parts/effects.ts';
import { FilterChoice } from '../parts/FilterChoice.tsx';
import { useFormat } from '../parts/format.ts';
import { Page } from '../parts/Page.tsx';
import { SearchField } from '../parts/SearchField.tsx';
import { Empty } from '../parts/States.tsx';
import { shownCut } from '../parts/shown.ts';
import { When } from '../parts/When.tsx';
import { Wire } from '../parts/Wire.tsx';
import { useSite } from '../shell/site.ts';
import { ColumnMenu } from '../table/ColumnMenu.tsx';
import { type Column, useColumnChoice } from '../table/columns.ts';
import { DataTable } from '../table/DataTable.tsx';
import { useRows } from '../table/use-rows.ts';
import { type ConversationRow, portText } from './conversation-row.ts';
import { CONVERSATION_SORTS, type ConversationsSearch } from './conversations-search.ts';
import { End } from './End.tsx';

const route = getRouteApi('/signed-in/conversations');
const MOST_NAME = 32;

export function ConversationsPage(): ReactNode {
  const { t } = useTranslation();
  const { number } = useFormat();
  const site = useSite();
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/conversations' });
  const columns = useColumns();
  const choice = useColumnChoice('conversations', columns);
  const { sort = 'lastSeen', order = 'desc', ...filters } = search;
  const rows = useRows<ConversationRow>(['conversations', 'assets'], '/conversations', {
    site,
    ...filters,
    sort,
    order,
  });
  return (
    <Page fill title={t('view.conversations')}>
      <Filters search={search}>
        <span className="apart wide-only" />
        <ColumnMenu columns={columns} isShown={choice.isShown} toggle={choice.toggle} />
      </Filters>
      <DataTable
        label={t('view.conversations')}
        rows={rows}
        columns={choice.shown}
        rowId={({ id }) => id}
        narrow={(row) => <Card row={row} />}
        sort={{ by: sort, order }}
        onSort={(next) => {
          const by = CONVERSATION_SORTS.find((one) => one === next.by);
          void navigate({
            to: '.',
            search: (before) => ({ ...before, ...(by === undefined ? {} : { sort: by }), order: next.order }),
            replace: true,
          });
        }}
        onOpen={({ id }) => void navigate({ to: '/conversations/$id', params: { id } })}
        empty={<NoConversations isFiltered={Object.keys(filters).length > 0} />}
      />
      <p className="table-foot" role="status">
        {t('conversations.count', { count: rows.total, number: number(rows.total) })}
      </p>
    </Page>
  );
}

function useColumns(): readonly Column<ConversationRow>[] {
  const { t } = useTranslation();
  const { number, size } = useFormat();
  return [
    {
      id: 'client',
      head: t('conversations.client'),
      width: 160,
      cell: ({ client, clientAddress }) => <End asset={client} address={clientAddress} inList />,
    },
    {
      id: 'server',
      head: t('conversations.server'),
      width: 160,
      cell: ({ server, target }) => <End asset={server} address={target} inList />,
    },
    {
      id: 'protocol',
      head: t('conversations.protocol'),
      width: 110,
      sort: 'protocol',
      cell: (row) => <OpenLink row={row} />,
    },
    { id: 'port', head: t('conversations.port'), width: 100, cell: (row) => <Wire text={portText(row)} /> },
    {
      id: 'effect',
      head: t('conversations.effect'),
      width: 130,
      cell: ({ effect }) => <EffectMark effect={effect} />,
    },
    {
      id: 'packets',
      head: t('conversations.packets'),
      width: 90,
      grow: 0,
      sort: 'packets',
      largestFirst: true,
      align: 'end',
      cell: ({ packets }) => number(packets),
    },
    {
      id: 'bytes',
      head: t('conversations.bytes'),
      width: 90,
      grow: 0,
      sort: 'bytes',
      largestFirst: true,
      align: 'end',
      cell: ({ bytes }) => size(bytes),
    },
    {
      id: 'state',
      head: t('conversations.state'),
      width: 110,
      grow: 0,
      cell: ({ state }) => <StateChip state={state} />,
    },
    {
      id: 'firstSeen',
      head: t('conversations.firstSeen'),
      width: 124,
      grow: 0,
      sort: 'firstSeen',
      largestFirst: true,
      optional: true,
      cell: ({ firstSeen }) => <When time={firstSeen} />,
    },
    {
      id: 'lastSeen',
      head: t('conversations.lastSeen'),
      width: 124,
      grow: 0,
      sort: 'lastSeen',
      largestFirst: true,
      cell: ({ lastSeen }) => <When time={lastSeen} />,
    },
  ];
}

function OpenLink({ row: { id, protocol } }: { readonly row: ConversationRow }): ReactNode {
  const { t } = useTranslation();
  return (
    <Link to="/conversations/$id" params={{ id }} tabIndex={-1}>
      {protocol === null ? t('conversations.noProtocol') : <Wire text={protocol} />}
    </Link>
  );
}

/** A conversation as a line on a phone. */
function Card({ row }: { readonly row: ConversationRow }): ReactNode {
  return (
    <>
      <div className="card-line">
        <span className="grow">
          <End asset={row.client} address={row.clientAddress} inList />
          {' → '}
          <End asset={row.server} address={row.target} inList />
        </span>
        {row.state === 'new' && <StateChip state={row.state} />}
      </div>
      <div className="card-line soft">
        <span className="grow">
          <OpenLink row={row} /> · <EffectMark effect={row.effect} />
        </span>
        <When time={row.lastSeen} />
      </div>
    </>
  );
}

function Filters({
  search,
  children,
}: {
  readonly search: ConversationsSearch;
  readonly children: ReactNode;
}): ReactNode {
  const { t } = useTranslation();
  const { number } = useFormat();
  const facets = useFacets(useSite());
  const navigate = useNavigate({ from: '/conversations' });
  const choose = (set: { readonly [Name in keyof ConversationsSearch]: string | undefined }): void => {
    void navigate({
      to: '.',
      search: (before) => ({ ...before, ...set }) as ConversationsSearch,
      replace: true,
    });
  };
  return (
    <search className="tool-bar">
      <SearchField
        label={t('conversations.search')}
        text={search.q ?? ''}
        onText={(q) => choose({ q: q === '' ? undefined : q })}
      />
      <FilterChoice
        label={t('conversations.protocol')}
        value={search.protocol}
        onChoose={(protocol) => choose({ protocol })}
        options={(facets?.protocols ?? []).map(({ value, count }) => [
          value,
          `${shownCut(value, MOST_NAME)} (${number(count)})`,
        ])}
      />
      <FilterChoice
        label={t('conversations.effect')}
        value={search.effect}
        onChoose={(effect) => choose({ effect })}
        options={EFFECTS.map((effect) => [effect, t(`effect.${effect}`)])}
      />
      <FilterChoice
        label={t('conversations.state')}
        value={search.state}
        onChoose={(state) => choose({ state })}
        options={(['new', 'accepted', 'refused'] as const).map((state) => [state, t(`state.${state}`)])}
      />
      {search.asset !== undefined && (
        <button type="button" className="button" onClick={() => choose({ asset: undefined })}>
          {t('conversations.anyAsset')}
        </button>
      )}
      {children}
    </search>
  );
}

function NoConversations({ isFiltered }: { readonly isFiltered: boolean }): ReactNode {
  const { t } = useTranslation();
  return (
    <Empty icon="conversations" title={t(isFiltered ? 'conversations.noMatch' : 'conversations.empty')}>
      {isFiltered ? (
        <Link to="/conversations" search={{}} className="button">
          {t('conversations.clear')}
        </Link>
      ) : (
        <>
          <p>{t('conversations.emptyHelp')}</p>
          <Link to="/sensors" className="button">
            {t('view.sensors')}
          </Link>
        </>
      )}
    </Empty>
  );
}
