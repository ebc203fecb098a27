import type { Generated } from 'kysely';

export interface AccessTables {
  activity: ActivityRow;
  account: AccountRow;
  account_role: AccountRoleRow;
  session: SessionRow;
  api_token: ApiTokenRow;
  one_time_code: OneTimeCodeRow;
  totp: TotpRow;
  recovery_code: RecoveryCodeRow;
  passkey: PasskeyRow;
  challenge: ChallengeRow;
  oidc_provider: OidcProviderRow;
}

interface AccountRow {
  readonly id: string;
  readonly name: string;
  /** In lower case. */
  readonly email: string;
  /** PHC text of argon2id; null: signs in otherwise, or not yet. */
  readonly password: string | null;
  /** JSON of issuer and subject, where a provider vouches for this person. */
  readonly oidc: string | null;
  readonly disabled: number;
  readonly created_at: string;
  readonly last_sign_in: string | null;
}

interface AccountRoleRow {
  readonly account: string;
  readonly role: string;
  /** Empty: everywhere, for a key has no null. */
  readonly site: string;
  /** `person` or `provider`: whoever gave it may take it away. */
  readonly given_by: string;
}

interface SessionRow {
  /** SHA-256 of what the cookie holds. */
  readonly hash: string;
  /** What people call it by, as it is no secret. */
  readonly id: string;
  readonly account: string;
  readonly started_at: string;
  readonly used_at: string;
  readonly ended_at: string | null;
  /** When a second factor was last given in it. */
  readonly proved_at: string | null;
  readonly address: string;
  readonly client: string;
}

interface ApiTokenRow {
  readonly id: string;
  readonly hash: string;
  readonly account: string;
  readonly name: string;
  /** JSON list. */
  readonly permissions: string;
  /** JSON list; null: every site of its owner. */
  readonly sites: string | null;
  readonly created_at: string;
  readonly expires_at: string;
  readonly used_at: string | null;
}

interface OneTimeCodeRow {
  readonly hash: string;
  /** `setup` or `password`. */
  readonly purpose: string;
  readonly account: string | null;
  readonly expires_at: string;
}

interface TotpRow {
  readonly account: string;
  /** Encrypted. */
  readonly secret: string;
  readonly confirmed: number;
  /** The last time step whose code was taken: each is good once. */
  readonly last_step: number;
}

interface RecoveryCodeRow {
  readonly hash: string;
  readonly account: string;
}

interface PasskeyRow {
  /** The credential's id in base64url. */
  readonly id: string;
  readonly account: string;
  readonly name: string;
  /** COSE, in base64url. */
  readonly public_key: string;
  readonly counter: number;
  /** JSON list. */
  readonly transports: string;
  readonly created_at: string;
  readonly used_at: string | null;
}

/** What a sign-in or an enrolment that takes two requests must remember; taken once. */
interface ChallengeRow {
  readonly hash: string;
  readonly purpose: string;
  readonly account: string | null;
  /** JSON. */
  readonly data: string;
  readonly expires_at: string;
}

/** One row at most. */
interface OidcProviderRow {
  readonly id: string;
  /** JSON of everything that is no secret. */
  readonly settings: string;
  /** Encrypted; null: a public client. */
  readonly secret: string | null;
}

/** Who did what. Rows are only ever added. */
interface ActivityRow {
  readonly sequence: Generated<number>;
  readonly at: string;
  /** Account, token or sensor; `system` where the program acts by itself. */
  readonly actor: string;
  readonly actor_name: string;
  /** `asset.accept`, `account.disable`. */
  readonly act: string;
  /** `asset a1`: what it was done to. */
  readonly subject: string;
  /** Null where it belongs to no site. */
  readonly site: string | null;
  /** JSON of what changed. */
  readonly before: string | null;
  readonly after: string | null;
}
