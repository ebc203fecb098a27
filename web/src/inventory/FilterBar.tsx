import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../parts/format.ts';
import { SEVERITIES } from '../parts/Severity.tsx';
import { shownCut } from '../parts/shown.ts';
import { useSite } from '../shell/site.ts';
import type { Role } from './asset-row.ts';
import { useFacets } from './facets.ts';
import type { AssetFilters, InventorySearch } from './inventory-search.ts';

const TYPING_MS = 250;
const MOST_NAME = 32;
const LEVELS = ['0', '1', '2', '3', '4', '5'];

interface Option {
  readonly value: string;
  readonly text: string;
}

/** Narrows the inventory; each choice is in the address at once. */
export function FilterBar({
  search,
  children,
}: {
  readonly search: InventorySearch;
  readonly children: ReactNode;
}): ReactNode {
  const { t } = useTranslation();
  const { number } = useFormat();
  const facets = useFacets(useSite());
  const choose = useChoose();
  const counted = (text: string, count: number): string => `${shownCut(text, MOST_NAME)} (${number(count)})`;
  const filters: readonly [keyof AssetFilters, string, readonly Option[]][] = [
    [
      'role',
      t('inventory.role'),
      facets?.roles.map(({ value, count }) => ({ value, text: counted(t(`role.${value as Role}`), count) })) ?? [],
    ],
    [
      'vendor',
      t('inventory.vendor'),
      facets?.vendors.map(({ value, count }) => ({ value, text: counted(value, count) })) ?? [],
    ],
    [
      'protocol',
      t('inventory.protocol'),
      facets?.protocols.map(({ value, count }) => ({ value, text: counted(value, count) })) ?? [],
    ],
    [
      'place',
      t('inventory.place'),
      facets?.places.map(({ value, name, count }) => ({ value, text: counted(name ?? value, count) })) ?? [],
    ],
    ['level', t('inventory.level'), LEVELS.map((value) => ({ value, text: `${t('inventory.level')} ${value}` }))],
    ['severity', t('inventory.findings'), SEVERITIES.map((value) => ({ value, text: t(`severity.${value}`) }))],
    [
      'state',
      t('inventory.state'),
      (['new', 'accepted', 'refused', 'documented'] as const).map((value) => ({ value, text: t(`state.${value}`) })),
    ],
  ];
  return (
    <search className="tool-bar">
      <SearchText text={search.q ?? ''} onText={(q) => choose({ q })} />
      {filters.map(([name, label, options]) => (
        <select
          key={name}
          aria-label={label}
          className={search[name] === undefined ? undefined : 'set'}
          value={search[name] ?? ''}
          onChange={({ target }) => choose({ [name]: target.value })}
        >
          <option value="">{label}</option>
          {search[name] !== undefined && !options.some(({ value }) => value === search[name]) && (
            <option value={search[name]}>{shownCut(search[name], MOST_NAME)}</option>
          )}
          {options.map(({ value, text }) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      ))}
      {children}
    </search>
  );
}

function SearchText({ text, onText }: { readonly text: string; readonly onText: (text: string) => void }): ReactNode {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(text);
  const [sent, setSent] = useState(text);
  if (text !== sent) {
    setSent(text);
    setTyped(text);
  }
  useEffect(() => {
    if (typed === sent) {
      return;
    }
    const waiting = setTimeout(() => {
      setSent(typed);
      onText(typed);
    }, TYPING_MS);
    return () => clearTimeout(waiting);
  });
  return (
    <input
      type="search"
      aria-label={t('inventory.search')}
      placeholder={t('inventory.search')}
      maxLength={200}
      spellCheck={false}
      value={typed}
      onChange={({ target }) => setTyped(target.value)}
    />
  );
}

function useChoose(): (filters: AssetFilters) => void {
  const navigate = useNavigate({ from: '/inventory' });
  return (filters) => {
    const set = Object.fromEntries(
      Object.entries(filters).map(([name, value]) => [name, value === '' ? undefined : value]),
    );
    void navigate({ to: '.', search: (before) => ({ ...before, ...set }), replace: true });
  };
}
