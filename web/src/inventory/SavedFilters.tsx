import { Popover } from '@base-ui/react/popover';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { apiSend } from '../api/client.ts';
import { apiQuery, refresh } from '../api/queries.ts';
import { FormFault } from '../parts/FormFault.tsx';
import { Icon } from '../parts/Icon.tsx';
import { Wire } from '../parts/Wire.tsx';
import { entered, useWork } from '../parts/work.ts';
import { type InventorySearch, inventorySearch } from './inventory-search.ts';

interface SavedFilter {
  readonly id: string;
  readonly name: string;
  readonly view: string;
  readonly query: Record<string, unknown>;
  readonly own: boolean;
}

const VIEW = 'inventory';

/** Filters that a person keeps under a name. */
export function SavedFilters({ search }: { readonly search: InventorySearch }): ReactNode {
  const { t } = useTranslation();
  const navigate = useNavigate({ from: '/inventory' });
  const [isOpen, setOpen] = useState(false);
  const { data } = useQuery(apiQuery<{ readonly items: readonly SavedFilter[] }>('assets', '/filters'));
  const work = useWork();
  const isFiltered = Object.keys(search).length > 0;
  const save = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    const { q, role, level, vendor, protocol, place, state, severity, sort, order } = search;
    const query = { q, role, level, vendor, protocol, place, state, severity, sort, order };
    work.run(async () => {
      await apiSend('POST', '/filters', { name: entered(form, 'name').trim(), view: VIEW, query });
      form.reset();
      await refresh(['assets']);
    });
  };
  const remove = (id: string): void =>
    work.run(async () => {
      await apiSend('DELETE', `/filters/${encodeURIComponent(id)}`);
      await refresh(['assets']);
    });
  return (
    <Popover.Root open={isOpen} onOpenChange={setOpen}>
      <Popover.Trigger className="button">
        <Icon name="filter" />
        {t('inventory.saved')}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner className="positioner" align="start" sideOffset={4}>
          <Popover.Popup className="floating" aria-label={t('inventory.saved')}>
            <FormFault text={work.fault} />
            {(data?.items ?? [])
              .filter(({ view }) => view === VIEW)
              .map(({ id, name, query, own }) => (
                <div key={id} className="row">
                  <button
                    type="button"
                    className="button plain grow saved-filter"
                    onClick={() => {
                      setOpen(false);
                      void navigate({ to: '/inventory', search: ({ site }) => ({ site, ...inventorySearch(query) }) });
                    }}
                  >
                    <Wire text={name} />
                  </button>
                  <button
                    type="button"
                    disabled={!own}
                    className="button plain square"
                    aria-label={t('inventory.forget')}
                    onClick={() => remove(id)}
                  >
                    <Icon name="trash" />
                  </button>
                </div>
              ))}
            {isFiltered ? (
              <form className="row saved-new" onSubmit={save}>
                <input
                  name="name"
                  className="grow"
                  aria-label={t('inventory.filterName')}
                  placeholder={t('inventory.filterName')}
                  maxLength={100}
                  required
                />
                <button type="submit" className="button" disabled={work.isBusy}>
                  {t('inventory.save')}
                </button>
              </form>
            ) : (
              <p className="saved-hint soft">{t('inventory.savedHint')}</p>
            )}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
