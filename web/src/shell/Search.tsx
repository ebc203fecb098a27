import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, type ReactNode, useDeferredValue, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { apiQuery } from '../api/queries.ts';
import type { Page } from '../api/types.ts';
import type { AssetRow } from '../inventory/asset-row.ts';
import { Dialogue } from '../parts/Dialogue.tsx';
import { Icon, type IconName } from '../parts/Icon.tsx';
import { Wire } from '../parts/Wire.tsx';
import { VIEWS } from './navigation.ts';
import { useMay } from './session.ts';
import { useSite } from './site.ts';

interface Hit {
  readonly id: string;
  readonly icon: IconName;
  readonly title: ReactNode;
  readonly sub?: ReactNode;
  readonly go: () => void;
}

const MOST = 8;

/** Finds assets by whatever is known of them, and views by their name. */
export function Search({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }): ReactNode {
  const { t } = useTranslation();
  return (
    <Dialogue title={t('shell.search')} open={open} onClose={onClose}>
      <Finder onDone={onClose} />
    </Dialogue>
  );
}

function Finder({ onDone }: { readonly onDone: () => void }): ReactNode {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const list = useId();
  const { hits, isPending } = useHits(useDeferredValue(text.trim()));
  const active = Math.min(at, hits.length - 1);
  const go = (hit: Hit | undefined): void => {
    if (hit !== undefined) {
      onDone();
      hit.go();
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && hits.length > 0) {
      event.preventDefault();
      setAt((active + step + hits.length) % hits.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      go(hits[active]);
    }
  };
  return (
    <>
      <input
        type="search"
        className="search-text"
        role="combobox"
        aria-label={t('shell.searchFor')}
        aria-expanded={hits.length > 0}
        aria-controls={list}
        aria-activedescendant={hits[active] === undefined ? undefined : `${list}-${active}`}
        placeholder={t('shell.searchFor')}
        maxLength={200}
        spellCheck={false}
        value={text}
        onKeyDown={onKeyDown}
        onChange={({ target }) => {
          setText(target.value);
          setAt(0);
        }}
      />
      <div id={list} role="listbox" aria-label={t('shell.searchFound')} className="search-hits">
        {hits.map((hit, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the field above has the focus and moves through the list.
          <div
            key={hit.id}
            id={`${list}-${index}`}
            role="option"
            aria-selected={index === active}
            className="search-hit"
            onClick={() => go(hit)}
          >
            <Icon name={hit.icon} />
            <span className="grow">
              {hit.title}
              {hit.sub !== undefined && <span className="sub">{hit.sub}</span>}
            </span>
          </div>
        ))}
      </div>
      <p className="search-state" role="status">
        {text !== '' && hits.length === 0 && (isPending ? t('part.loading') : t('shell.searchNothing'))}
      </p>
    </>
  );
}

function useHits(text: string): { readonly hits: readonly Hit[]; readonly isPending: boolean } {
  const { t } = useTranslation();
  const can = useMay();
  const site = useSite();
  const navigate = useNavigate();
  const assets = useQuery({
    ...apiQuery<Page<AssetRow>>('assets', '/assets', { q: text, site, limit: MOST }),
    enabled: text !== '' && can('inventory:read'),
    placeholderData: (before) => before,
  });
  const views = VIEWS.filter(
    ({ name, permission }) => can(permission) && t(`view.${name}`).toLowerCase().includes(text.toLowerCase()),
  ).map(
    ({ name, path }): Hit => ({
      id: path,
      icon: name,
      title: t(`view.${name}`),
      go: () => void navigate({ to: path }),
    }),
  );
  const found = text === '' ? [] : (assets.data?.items ?? []);
  const hits = found.map(
    ({ id, name, role, addresses, product, vendor }): Hit => ({
      id,
      icon: 'inventory',
      title: <Wire text={name ?? addresses[0] ?? id} />,
      sub: <Wire text={[t(`role.${role}`), addresses[0], vendor, product].filter(Boolean).join(' · ')} most={90} />,
      go: () => void navigate({ to: '/assets/$id', params: { id } }),
    }),
  );
  return { hits: [...hits, ...views], isPending: assets.isFetching };
}
