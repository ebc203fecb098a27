import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientSecretPost,
  type Configuration,
  type CustomFetch,
  calculatePKCECodeChallenge,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  None,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { isAllowedAddress, type OidcClaims, type OidcClient, type OidcProvider } from './oidc/provider.ts';

/** Seconds. */
const TIMEOUT = 10;

/**
 * Authorization code with PKCE. The package checks issuer, audience, nonce, state, times and, as it is told to here, the signature of
 * the ID token; `none` and secrets shared for signing are no algorithms to it.
 */
export const oidcClient: OidcClient = {
  async begin(provider, secret, redirectUri) {
    const config = await discovered(provider, secret);
    const flow = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier(), redirectUri };
    const url = buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: provider.scopes.join(' '),
      response_type: 'code',
      code_challenge: await calculatePKCECodeChallenge(flow.verifier),
      code_challenge_method: 'S256',
      state: flow.state,
      nonce: flow.nonce,
    });
    return { url: url.href, flow };
  },

  async finish(provider, secret, answer, { state, nonce, verifier, redirectUri }) {
    const config = await discovered(provider, secret);
    const tokens = await authorizationCodeGrant(config, new URL(`${redirectUri}?${answer}`), {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (claims === undefined) {
      throw new Error('the provider sent no ID token');
    }
    // Some providers put a person's e-mail address and groups into the ID token, others tell them on asking.
    const told =
      config.serverMetadata().userinfo_endpoint === undefined
        ? {}
        : await fetchUserInfo(config, tokens.access_token, claims.sub);
    return claimsOf({ ...told, ...claims }, provider);
  },
};

async function discovered(provider: OidcProvider, secret: string | undefined): Promise<Configuration> {
  const issuer = new URL(provider.issuer);
  const fetchAllowed: CustomFetch = (url, options) => {
    if (!isAllowedAddress(url, provider)) {
      throw new Error(`the provider wants ${new URL(url).host} to be asked, which is not among its hosts`);
    }
    // A redirection would lead past the list of hosts.
    return fetch(url, { ...options, redirect: 'error' } as RequestInit);
  };
  return await discovery(
    issuer,
    provider.clientId,
    undefined,
    secret === undefined ? None() : ClientSecretPost(secret),
    {
      timeout: TIMEOUT,
      [customFetch]: fetchAllowed,
      execute: [enableNonRepudiationChecks, ...(issuer.protocol === 'http:' ? [allowInsecureRequests] : [])],
    },
  );
}

function claimsOf(claims: Readonly<Record<string, unknown>>, { groupsClaim }: OidcProvider): OidcClaims {
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
  const groups = claims[groupsClaim];
  return {
    identity: { issuer: String(claims['iss']), subject: String(claims['sub']) },
    name: text(claims['name']) ?? text(claims['preferred_username']),
    email: text(claims['email']),
    emailVerified: claims['email_verified'] === true,
    groups: Array.isArray(groups) ? groups.filter((group) => typeof group === 'string') : [],
  };
}
