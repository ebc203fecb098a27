import type { Role } from '../permission.ts';

/** Who else vouches for people: a provider of OpenID Connect. */
export interface OidcProvider {
  /** As the sign-in page calls it. */
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  /** Sealed; undefined: a public client. */
  readonly secret: string | undefined;
  readonly scopes: readonly string[];
  /** The claim that lists a person's groups. */
  readonly groupsClaim: string;
  /** Only viewing roles: whoever manages groups elsewhere gives no power here. */
  readonly groupRoles: readonly GroupRole[];
  /** Hosts, beside the issuer's, that the hub may ask. */
  readonly hosts: readonly string[];
}

export interface GroupRole {
  readonly group: string;
  readonly role: Role;
  readonly site: string | undefined;
}

export interface OidcProviderStore {
  find(): Promise<OidcProvider | undefined>;
  put(provider: OidcProvider): Promise<void>;
  remove(): Promise<boolean>;
}
