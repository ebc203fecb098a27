import type { Micros } from '../kit/time.ts';
import type { Identity, Role } from '../wire/observation.ts';
import type { Completeness } from './completeness.ts';
import type { AssetId } from './conversation.ts';
import type { Conflict, Evidence } from './evidence.ts';

export type { AssetId } from './conversation.ts';

/** A device that was seen sending, or for which another one answered. An absent value is unknown. */
export interface Asset extends Identity {
  readonly id: AssetId;
  readonly role: Role;
  /** Why it is believed to have this role. */
  readonly roleReason: string | undefined;
  /** Level in the Purdue model, 0 to 5. */
  readonly purdueLevel: number | undefined;
  readonly interfaces: readonly AssetInterface[];
  readonly modules: readonly Module[];
  readonly services: readonly Service[];
  /** The device that speaks for this one, which has no address of its own, and what it is called there. */
  readonly parent: AssetId | undefined;
  readonly behind: string | undefined;
  readonly evidence: readonly Evidence[];
  readonly conflicts: readonly Conflict[];
  readonly completeness: Completeness;
  readonly firstSeen: Micros;
  readonly lastSeen: Micros;
  readonly firstFrame: number;
  readonly packets: number;
  /** It came in a flood of new senders and answered nobody. */
  readonly doubtful: boolean;
}

export interface AssetInterface {
  /** `undefined` behind a router, and where the link has no MAC addresses. */
  readonly mac: string | undefined;
  readonly addresses: readonly string[];
  readonly vlan: number | undefined;
  /** Maker of the network interface, which need not be the maker of the device. */
  readonly vendor: string | undefined;
}

/** A part in a slot or rack of the asset. */
export interface Module extends Identity {
  readonly slot: number;
}

/** A port at which the asset answered. */
export interface Service {
  readonly protocol: string | undefined;
  readonly transport: string;
  readonly port: number;
}

/** How people call it: its name, else its first address, else its first MAC, else its id. */
export function labelOf(asset: Asset): string {
  const address = addressOf(asset);
  if (asset.name !== undefined) {
    return address === undefined ? asset.name : `${asset.name} (${address})`;
  }
  return address ?? asset.behind ?? asset.id;
}

/** The address by which a filter finds it: IP before MAC. */
export function addressOf(asset: Asset): string | undefined {
  for (const { addresses } of asset.interfaces) {
    const [first] = addresses;
    if (first !== undefined) {
      return first;
    }
  }
  return asset.interfaces.find(({ mac }) => mac !== undefined)?.mac;
}
