export const ASSET_SORTS = [
  'name',
  'role',
  'level',
  'vendor',
  'product',
  'firmware',
  'address',
  'lastSeen',
  'firstSeen',
  'completeness',
  'place',
  'state',
] as const;

export type AssetSort = (typeof ASSET_SORTS)[number];

/** Narrows the inventory; each is a parameter of the API too. */
export const ASSET_FILTERS = ['q', 'role', 'level', 'vendor', 'protocol', 'place', 'state', 'severity'] as const;

export type AssetFilters = { readonly [Name in (typeof ASSET_FILTERS)[number]]?: string };

/** What the address of the inventory carries: so that a list can be sent to a colleague as a link. */
export interface InventorySearch extends AssetFilters {
  readonly sort?: AssetSort;
  readonly order?: 'asc' | 'desc';
}

export function inventorySearch(given: Record<string, unknown>): InventorySearch {
  const filters = ASSET_FILTERS.flatMap((name) => {
    const value = given[name];
    return (typeof value === 'string' && value !== '') || typeof value === 'number' ? [[name, String(value)]] : [];
  });
  const sort = ASSET_SORTS.find((name) => name === given['sort']);
  const order = given['order'];
  return {
    ...Object.fromEntries(filters),
    ...(sort === undefined ? {} : { sort }),
    ...(order === 'asc' || order === 'desc' ? { order } : {}),
  };
}
