import { isGroup } from '../address.ts';
import type { Endpoint } from '../endpoint.ts';
import type { LimitCounter } from '../limits.ts';

export interface Admitted {
  readonly senders: readonly Endpoint[];
  readonly spoofed: readonly Endpoint[];
  readonly doubtful: ReadonlySet<Endpoint>;
}

/**
 * Candidates with a MAC that no other address uses become devices, if they are few enough to be a plant that was just joined.
 * More than that is a flood: which of them exist cannot be told, so none is taken in.
 */
export function admit(endpoints: readonly Endpoint[], limits: LimitCounter): Admitted {
  const sources = endpoints.filter(({ sent, address }) => sent && (address === undefined || !isGroup(address)));
  const addressesOf = Map.groupBy(
    sources.filter(({ mac, address }) => mac !== undefined && address !== undefined),
    placeOf,
  );
  const isAlone = (endpoint: Endpoint) =>
    endpoint.mac !== undefined && (addressesOf.get(placeOf(endpoint)) ?? []).length <= 1;
  const candidates = sources.filter(({ candidate }) => candidate);
  const alone = candidates.filter(isAlone);
  const doubtful = new Set(alone.length === 0 || limits.allows('candidatesAtEnd', alone.length - 1) ? alone : []);
  return {
    senders: sources.filter((endpoint) => !endpoint.candidate || doubtful.has(endpoint)),
    spoofed: candidates.filter((endpoint) => !doubtful.has(endpoint)),
    doubtful,
  };
}

function placeOf({ scope, mac }: Endpoint): string {
  return `${scope}|${mac ?? ''}`;
}
