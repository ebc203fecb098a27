import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { apiUrl, type Params } from '../api/client.ts';
import { Icon } from '../parts/Icon.tsx';
import { Page } from '../parts/Page.tsx';
import { Empty } from '../parts/States.tsx';
import { useMay } from '../shell/session.ts';
import { useSite } from '../shell/site.ts';
import { ColumnMenu } from '../table/ColumnMenu.tsx';
import { useColumnChoice } from '../table/columns.ts';
import { DataTable } from '../table/DataTable.tsx';
import { NOTHING_SELECTED, type Selection, selectedCount } from '../table/selection.ts';
import { useRows } from '../table/use-rows.ts';
import { AssetCard, useAssetColumns } from './asset-columns.tsx';
import type { AssetRow } from './asset-row.ts';
import { BulkEdit } from './BulkEdit.tsx';
import { FilterBar } from './FilterBar.tsx';
import { ImportDialogue } from './ImportDialogue.tsx';
import { ASSET_FILTERS, type AssetSort, type InventorySearch } from './inventory-search.ts';
import { SavedFilters } from './SavedFilters.tsx';
import './inventory.css';

const route = getRouteApi('/signed-in/inventory');

export function InventoryPage(): ReactNode {
  const { t } = useTranslation();
  const can = useMay();
  const site = useSite();
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/inventory' });
  const [selection, setSelection] = useState<Selection>(NOTHING_SELECTED);
  const columns = useAssetColumns();
  const choice = useColumnChoice('inventory', columns);
  const { sort = 'name', order = 'asc' } = search;
  const filters = { site, ...filtersOf(search) };
  const rows = useRows<AssetRow>('assets', '/assets', { ...filters, sort, order });
  const selected = selectedCount(selection, rows.total);
  return (
    <Page fill title={t('view.inventory')} actions={<Actions site={site} />}>
      <FilterBar search={search}>
        <SavedFilters search={search} />
        <span className="apart wide-only" />
        <ColumnMenu columns={columns} isShown={choice.isShown} toggle={choice.toggle} />
      </FilterBar>
      {selected > 0 && (
        <BulkEdit
          selection={selection}
          count={selected}
          filters={filters}
          onDone={() => setSelection(NOTHING_SELECTED)}
        />
      )}
      <DataTable
        label={t('view.inventory')}
        rows={rows}
        columns={choice.shown}
        rowId={({ id }) => id}
        narrow={(row) => <AssetCard row={row} />}
        sort={{ by: sort, order }}
        onSort={(next) =>
          void navigate({
            to: '.',
            search: (before) => ({ ...before, sort: next.by as AssetSort, order: next.order }),
            replace: true,
          })
        }
        onOpen={({ id }) => void navigate({ to: '/assets/$id', params: { id } })}
        {...(can('inventory:edit', site) ? { selection, onSelect: setSelection } : {})}
        empty={<NoAssets isFiltered={Object.keys(filtersOf(search)).length > 0} />}
      />
      <p className="table-foot" role="status">
        {t('inventory.count', { count: rows.total })}
      </p>
    </Page>
  );
}

function Actions({ site }: { readonly site: string | undefined }): ReactNode {
  const { t } = useTranslation();
  const can = useMay();
  const [isImporting, setImporting] = useState(false);
  return (
    <>
      {can('inventory:export') && (
        <a className="button" href={apiUrl('/assets.csv', { site })} download>
          <Icon name="download" />
          {t('inventory.export')}
        </a>
      )}
      {can('inventory:edit') && (
        <button type="button" className="button" onClick={() => setImporting(true)}>
          <Icon name="upload" />
          {t('inventory.import')}
        </button>
      )}
      {isImporting && <ImportDialogue onClose={() => setImporting(false)} />}
    </>
  );
}

function NoAssets({ isFiltered }: { readonly isFiltered: boolean }): ReactNode {
  const { t } = useTranslation();
  if (isFiltered) {
    return (
      <Empty icon="filter" title={t('inventory.noMatch')}>
        <Link to="/inventory" search={{}} className="button">
          {t('inventory.clear')}
        </Link>
      </Empty>
    );
  }
  return (
    <Empty icon="inventory" title={t('inventory.empty')}>
      <p>{t('inventory.emptyHelp')}</p>
      <Link to="/sensors" className="button">
        {t('view.sensors')}
      </Link>
    </Empty>
  );
}

function filtersOf(search: InventorySearch): Params {
  return Object.fromEntries(
    ASSET_FILTERS.flatMap((name) => (search[name] === undefined ? [] : [[name, search[name]] as const])),
  );
}
