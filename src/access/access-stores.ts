import type { AccountStore } from './account.ts';
import type { ActivityStore } from './activity.ts';
import type { OidcProviderStore } from './oidc/provider.ts';
import type { SessionStore } from './session.ts';
import type { ChallengeStore } from './sign-in/challenge.ts';
import type { FactorStore } from './sign-in/factor.ts';
import type { OneTimeCodeStore } from './sign-in/one-time-code.ts';
import type { TokenStore } from './tokens/token.ts';

/** Everything that is stored about who may come in. */
export interface AccessStores {
  readonly activity: ActivityStore;
  readonly accounts: AccountStore;
  readonly sessions: SessionStore;
  readonly codes: OneTimeCodeStore;
  readonly factors: FactorStore;
  readonly challenges: ChallengeStore;
  readonly tokens: TokenStore;
  readonly oidcProvider: OidcProviderStore;
}
