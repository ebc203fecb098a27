import type { Route } from '../platform/http/route.ts';
import { type DecidingParts, decidingRoutes } from './deciding/routes.ts';
import { type FilterParts, filterRoutes } from './filters/routes.ts';
import { type ListingParts, listingRoutes } from './listing/routes.ts';

export type InventoryParts = ListingParts & DecidingParts & FilterParts;

/** What people see of the inventory, and what they decide. */
export function inventoryRoutes(parts: InventoryParts): readonly Route[] {
  return [...listingRoutes(parts), ...decidingRoutes(parts), ...filterRoutes(parts)];
}
