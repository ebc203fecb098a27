import type { Atomically } from '../kit/atomically.ts';
import type { Micros } from '../kit/time.ts';
import type { AccessStores } from './access-stores.ts';
import type { OidcClient } from './oidc/provider.ts';
import type { PasswordHasher, Secrets } from './secrets.ts';
import type { Totp } from './sign-in/factor.ts';
import type { Passkeys } from './sign-in/passkeys.ts';
import type { Throttle } from './sign-in/throttle.ts';

/** What the use cases of access are made from. */
export interface AccessParts {
  /** What is committed. */
  readonly stores: AccessStores;
  readonly atomically: Atomically<AccessStores>;
  readonly secrets: Secrets;
  readonly passwords: PasswordHasher;
  readonly totp: Totp;
  readonly passkeys: Passkeys;
  readonly oidcClient: OidcClient;
  readonly throttle: Throttle;
  now(): Micros;
  /** Told after the commit: who watches the list of people sees it anew. */
  peopleChanged(): void;
}
