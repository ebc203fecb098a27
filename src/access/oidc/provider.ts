import type { OidcIdentity } from '../account.ts';
import { type Grant, type Role, VIEWING_ROLES } from '../permission.ts';

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

/** What one sign-in remembers until the provider sends the browser back. */
export interface OidcFlow {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly redirectUri: string;
}

/** What the provider says of a person, its signature checked. */
export interface OidcClaims {
  readonly identity: OidcIdentity;
  readonly name: string | undefined;
  readonly email: string | undefined;
  readonly emailVerified: boolean;
  readonly groups: readonly string[];
}

/** Both throw where the provider cannot be asked or its answer is not as it must be. */
export interface OidcClient {
  begin(
    provider: OidcProvider,
    secret: string | undefined,
    redirectUri: string,
  ): Promise<{ readonly url: string; readonly flow: OidcFlow }>;
  /** `answer`: the query with which the browser came back. */
  finish(provider: OidcProvider, secret: string | undefined, answer: string, flow: OidcFlow): Promise<OidcClaims>;
}

/** What the secret of the client is sealed for. */
export const OIDC_PURPOSE = 'oidc client';

const ADDRESS = /^(https?):\/\/(\[[0-9a-f:]+\]|[a-z0-9.-]+)(:\d{1,5})?(\/[^\s@]*)?$/iu;
const LOOPBACK = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/u;

/** `host:port` as it is written, in lower case; undefined where it is no address that a provider may have: TLS, or loopback. */
export function hostOf(address: string): string | undefined {
  const [, scheme, name = '', port = ''] = ADDRESS.exec(address) ?? [];
  const isSafe = scheme?.toLowerCase() === 'https' || (scheme !== undefined && LOOPBACK.test(name.toLowerCase()));
  return isSafe ? name.toLowerCase() + port : undefined;
}

/** The hub asks the issuer's host and those that were named with it, and no other. */
export function isAllowedAddress(address: string, { issuer, hosts }: Pick<OidcProvider, 'issuer' | 'hosts'>): boolean {
  const host = hostOf(address);
  return host !== undefined && (host === hostOf(issuer) || hosts.includes(host));
}

/** What groups give: viewing roles and nothing else, whatever is stored. */
export function grantsOfGroups(
  { groupRoles }: Pick<OidcProvider, 'groupRoles'>,
  groups: readonly string[],
): readonly Grant[] {
  const grants = new Map<string, Grant>();
  for (const { group, role, site } of groupRoles) {
    if (groups.includes(group) && VIEWING_ROLES.includes(role)) {
      grants.set(JSON.stringify([role, site]), { role, site, givenBy: 'provider' });
    }
  }
  return [...grants.values()];
}
