/**
 * Every table of the inventory that traffic can grow. Reaching one is counted and told, never fatal.
 * A test lowers a limit to reach it; a user raises it by a setting of the same name.
 */
export const DEFAULT_INVENTORY_LIMITS = {
  /** Endpoints (scope, MAC, address) remembered; a later one is not known by itself. */
  endpoints: 250_000,
  /** New senders that become assets at once, a minute; the others wait as candidates. */
  newAssetsPerMinute: 200,
  /** Senders that wait for two-way traffic, or for three sightings over a minute. */
  candidates: 50_000,
  /** Candidates with a MAC of their own that become assets at the end of a capture. */
  candidatesAtEnd: 1000,
  /** Different values kept for one attribute of one endpoint; the least believed goes. */
  valuesPerAttribute: 16,
  modulesPerAsset: 256,
  childrenPerAsset: 1024,
  servicesPerAsset: 256,
  conversations: 1_000_000,
  /** Unanswered conversations of senders that are not believed to exist. */
  strangersConversations: 10_000,
  operationsPerConversation: 128,
  /** Questions told apart for their period: in one flow, and in all open flows together. */
  likesPerFlow: 256,
  likes: 1_000_000,
  /** Pairs of MAC and address that ARP, DHCP and discovery stated. */
  claims: 250_000,
  /** Different sign-ins, clocks and stated services kept. */
  facts: 10_000,
  /** Sources whose attempts are watched for scans. */
  attempts: 50_000,
} as const;

export type InventoryLimitName = keyof typeof DEFAULT_INVENTORY_LIMITS;
export type InventoryLimits = { readonly [Name in InventoryLimitName]: number };

/** Counts how often each limit was reached, and tells the first time. */
export class LimitCounter {
  readonly limits: InventoryLimits;
  readonly reached: Map<InventoryLimitName, number> = new Map();
  readonly #tell: ((limit: InventoryLimitName) => void) | undefined;

  constructor(limits: InventoryLimits, tell?: (limit: InventoryLimitName) => void) {
    this.limits = limits;
    this.#tell = tell;
  }

  /** True while `size` more than nothing fits; otherwise the limit is counted as reached. */
  allows(limit: InventoryLimitName, size: number): boolean {
    if (size < this.limits[limit]) {
      return true;
    }
    const before = this.reached.get(limit) ?? 0;
    this.reached.set(limit, before + 1);
    if (before === 0) {
      this.#tell?.(limit);
    }
    return false;
  }
}
