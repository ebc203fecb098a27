import type { Micros } from '../kit/time.ts';
import { defaultsOf, LIMITS, type Limit, LimitWatch } from '../wire/limits.ts';

/** Every table of the inventory that traffic can grow. */
export const INVENTORY_LIMITS = {
  endpoints: {
    value: 250_000,
    unit: 'endpoints',
    bounds: 'Endpoints (VLAN, MAC, address) remembered',
    reached: 'A later one is not known by itself',
  },
  newAssetsPerMinute: {
    value: 200,
    unit: 'assets a minute',
    bounds: 'New senders in a minute that are all believed to exist',
    reached: 'Those of that minute are candidates that nobody answered and that did not stay',
  },
  candidates: {
    value: 50_000,
    unit: 'senders',
    bounds: 'Senders that wait for two-way traffic, or for three sightings over a minute',
    reached: 'Further ones are forgotten',
  },
  candidatesAtEnd: {
    value: 1000,
    unit: 'senders',
    bounds: 'Candidates with a MAC of their own that become doubtful assets at the end of a capture',
    reached: 'None of them does',
  },
  valuesPerAttribute: {
    value: 16,
    unit: 'values',
    bounds: 'Different values kept for one attribute of one endpoint',
    reached: 'The least believed one goes',
  },
  modulesPerAsset: {
    value: 256,
    unit: 'modules',
    bounds: 'Modules, and neighbours, of one endpoint',
    reached: 'Further ones are not kept',
  },
  childrenPerAsset: {
    value: 1024,
    unit: 'devices',
    bounds: 'Devices that one endpoint speaks for',
    reached: 'Further ones are not kept',
  },
  servicesPerAsset: {
    value: 256,
    unit: 'services',
    bounds: 'Services of one asset',
    reached: 'Further ones are not listed',
  },
  conversations: {
    value: 1_000_000,
    unit: 'conversations',
    bounds: 'Conversations remembered',
    reached: 'Further ones are not listed',
  },
  strangersConversations: {
    value: 10_000,
    unit: 'conversations',
    bounds: 'Unanswered conversations of senders that are not believed to exist',
    reached: 'Further ones are not listed',
  },
  operationsPerConversation: {
    value: 128,
    unit: 'operations',
    bounds: 'Different operations counted of one side of a conversation',
    reached: 'Further ones are counted with the last',
  },
  likesPerFlow: {
    value: 256,
    unit: 'questions',
    bounds: 'Questions of one flow told apart for their period',
    reached: 'Further ones have no period',
  },
  likes: {
    value: 1_000_000,
    unit: 'questions',
    bounds: 'The same in all open flows together',
    reached: 'Further ones have no period',
  },
  claims: {
    value: 250_000,
    unit: 'pairs',
    bounds: 'Pairs of MAC and address that ARP, DHCP and discovery stated',
    reached: 'Further ones are not kept',
  },
  facts: {
    value: 10_000,
    unit: 'facts',
    bounds: 'Different sign-ins, different clocks and different stated services kept',
    reached: 'Further ones are not kept',
  },
  attempts: {
    value: 1_000_000,
    unit: 'entries',
    bounds: 'What is kept to find scans: how often a source tried in half a minute, and where it tried in vain',
    reached: 'Further tries are not looked at',
  },
} as const satisfies Readonly<Record<string, Limit>>;

export type InventoryLimitName = keyof typeof INVENTORY_LIMITS;
export type InventoryLimits = { readonly [Name in InventoryLimitName]: number };

/** What a user may set for an analysis. */
export const ALL_LIMITS: Readonly<Record<string, Limit>> = { ...LIMITS, ...INVENTORY_LIMITS };

export const DEFAULT_INVENTORY_LIMITS: InventoryLimits = defaultsOf(INVENTORY_LIMITS);

/** The inventory's limits; whoever listens keeps its clock. */
export class LimitCounter extends LimitWatch<InventoryLimitName> {
  time: Micros = 0;
  /** Something was left out that no limit counts. */
  isLossy = false;

  /** True while one more than `size` fits; otherwise the limit is counted as reached. */
  allows(limit: InventoryLimitName, size: number): boolean {
    if (size < this.limits[limit]) {
      return true;
    }
    this.note(limit, this.time);
    return false;
  }

  /** It was reached so often in another thread, which has told. */
  add(limit: InventoryLimitName, times: number): void {
    this.reached.set(limit, (this.reached.get(limit) ?? 0) + times);
  }
}

/** The limit holds for one flow: who else listens to other flows does not matter. */
export function isOfOneFlow(limit: InventoryLimitName): boolean {
  return limit === 'likesPerFlow';
}
