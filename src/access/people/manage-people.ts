import type { Actor } from '../../kit/actor.ts';
import { type Failure, fail } from '../../kit/failure.ts';
import { err, ok, type Result } from '../../kit/result.ts';
import { inScope, type Scope } from '../../kit/scope.ts';
import type { Micros } from '../../kit/time.ts';
import type { AccessParts } from '../access-parts.ts';
import type { AccessStores } from '../access-stores.ts';
import { type Account, emailKey } from '../account.ts';
import { type Grant, mayGrant, type Role } from '../permission.ts';
import { codeKey, INVITATION_VALID, RESET_VALID } from '../sign-in/one-time-code.ts';

/** Who manages access, and the sites where they do. */
export interface Manager {
  readonly actor: Actor;
  readonly scope: Scope;
}

/** What administrators do with the accounts of others. Their own they leave to another administrator. */
export interface ManagePeople {
  invite(manager: Manager, person: Invitation): Promise<Result<Invited, Failure>>;
  change(manager: Manager, id: string, change: PersonChange): Promise<Result<Account, Failure>>;
  /** Roles outside the manager's sites stay as they are. */
  setRoles(manager: Manager, id: string, roles: readonly StatedRole[]): Promise<Result<Account, Failure>>;
  /** Ends what the person is signed in with, and gives a code to set a new password. */
  reset(manager: Manager, id: string, what: Reset): Promise<Result<Invited, Failure>>;
}

export interface StatedRole {
  readonly role: Role;
  readonly site: string | undefined;
}

export interface Invitation {
  readonly name: string;
  readonly email: string;
  readonly roles: readonly StatedRole[];
}

export interface Invited {
  readonly id: string;
  /** To hand over; shown once. */
  readonly code: string;
  readonly expiresAt: Micros;
}

export interface PersonChange {
  readonly name: string | undefined;
  readonly disabled: boolean | undefined;
}

export interface Reset {
  /** The person has lost the second factor, too: it goes, and an administrator enrols another at the next sign-in. */
  readonly secondFactor: boolean;
}

const NOT_FOUND = ['not-found', 'access.no-person', 'There is no such person.'] as const;
const OWN = ['conflict', 'access.own-account', 'Another administrator does this to your account.'] as const;
const BEYOND = ['forbidden', 'access.beyond', 'You manage access at your own sites only.'] as const;
const LAST = ['conflict', 'access.last-administrator', 'Somebody must stay who administers everywhere.'] as const;

export function createManagePeople(parts: AccessParts): ManagePeople {
  const { atomically, secrets, now, peopleChanged } = parts;

  /** Finds whom it is about, and refuses what nobody may do; then acts, and all of it is kept or nothing. */
  async function act<T>(
    { actor, scope }: Manager,
    id: string,
    work: (stores: AccessStores, account: Account) => Promise<Result<T, Failure>>,
  ): Promise<Result<T, Failure>> {
    const done = await atomically(async (stores) => {
      const account = await stores.accounts.find(id);
      if (account === undefined || !isSeenFrom(scope, account)) {
        return fail(...NOT_FOUND);
      }
      return account.id === actor.id ? fail(...OWN) : work(stores, account);
    });
    if (done.ok) {
      peopleChanged();
    }
    return done;
  }

  async function giveCode({ codes }: AccessStores, account: string, valid: Micros): Promise<Invited> {
    const code = secrets.newCode();
    const expiresAt = now() + valid;
    await codes.put({ hash: secrets.hash(codeKey(code)), purpose: 'password', account, expiresAt });
    return { id: account, code, expiresAt };
  }

  const record = (actor: Actor, what: string, account: string, change: { before?: unknown; after?: unknown }) => ({
    at: now(),
    actor: { id: actor.id, name: actor.name },
    act: what,
    subject: `account ${account}`,
    site: undefined,
    ...change,
  });

  return {
    async invite({ actor, scope }, { name, email, roles }) {
      if (!roles.every((role) => mayGrant(scope, role)) || (roles.length === 0 && scope !== 'all')) {
        return fail(...BEYOND);
      }
      const id = secrets.newId();
      const grants = grantsOf(roles);
      const done = await atomically(async (stores): Promise<Result<Invited, Failure>> => {
        const { accounts, activity } = stores;
        if ((await accounts.findByEmail(emailKey(email))) !== undefined) {
          return fail('conflict', 'access.email-taken', 'Somebody has an account with this e-mail address.');
        }
        await accounts.create({ id, name, email: emailKey(email), createdAt: now() });
        await accounts.setGrants(id, 'person', grants);
        await activity.append([
          record(actor, 'account.invite', id, { after: { name, email: emailKey(email), roles: stated(grants) } }),
        ]);
        return ok(await giveCode(stores, id, INVITATION_VALID));
      });
      if (done.ok) {
        peopleChanged();
      }
      return done;
    },

    change: (manager, id, { name, disabled }) =>
      act(manager, id, async (stores, account) => {
        if (!isManagedFrom(manager.scope, account)) {
          return fail(...BEYOND);
        }
        if (disabled === true && (await isLastAdministrator(stores, id))) {
          return fail(...LAST);
        }
        await stores.accounts.change(id, { name, disabled });
        if (disabled === true) {
          await stores.sessions.endAll(id, now());
          await stores.tokens.removeAll(id);
          await stores.codes.removeAll(id);
        }
        const after = { name: name ?? account.name, disabled: disabled ?? account.disabled };
        await stores.activity.append([
          record(manager.actor, disabled === true ? 'account.disable' : 'account.change', id, {
            before: { name: account.name, disabled: account.disabled },
            after,
          }),
        ]);
        return ok({ ...account, ...after });
      }),

    setRoles: (manager, id, roles) =>
      act(manager, id, async (stores, account) => {
        const judged = rolesAfter(manager.scope, account, roles);
        if (!judged.ok) {
          return judged;
        }
        const isAdministrator = judged.value.some(({ role, site }) => role === 'administrator' && site === undefined);
        if (!isAdministrator && (await isLastAdministrator(stores, id))) {
          return fail(...LAST);
        }
        await stores.accounts.setGrants(id, 'person', judged.value);
        // Whoever may more or less than before signs in anew: no session outlives the rights that it began with.
        await stores.sessions.endAll(id, now());
        const changed = await stores.accounts.find(id);
        await stores.activity.append([
          record(manager.actor, 'account.roles', id, { before: stated(account.grants), after: stated(judged.value) }),
        ]);
        return changed === undefined ? fail(...NOT_FOUND) : ok(changed);
      }),

    reset: (manager, id, { secondFactor }) =>
      act(manager, id, async (stores, account) => {
        if (!isManagedFrom(manager.scope, account)) {
          return fail(...BEYOND);
        }
        if (account.disabled) {
          return fail('conflict', 'access.disabled', 'This account is disabled: enable it first.');
        }
        await stores.accounts.clearPassword(id);
        await stores.sessions.endAll(id, now());
        if (secondFactor) {
          await stores.factors.removeTotp(id);
          await stores.factors.removePasskeys(id);
          await stores.factors.putRecoveryCodes(id, []);
          await stores.tokens.removeAll(id);
        }
        await stores.activity.append([record(manager.actor, 'account.reset', id, { after: { secondFactor } })]);
        return ok(await giveCode(stores, id, RESET_VALID));
      }),
  };
}

/** Whoever administers everywhere sees all; at a site one sees who has a role there. */
export function isSeenFrom(scope: Scope, { grants }: Pick<Account, 'grants'>): boolean {
  return scope === 'all' || grants.some(({ site }) => site !== undefined && inScope(scope, site));
}

/** The account as a whole is managed by who manages everything that it may. */
export function isManagedFrom(scope: Scope, { grants }: Pick<Account, 'grants'>): boolean {
  return scope === 'all' || (grants.length > 0 && grants.every((grant) => mayGrant(scope, grant)));
}

/** What the person is to hold by people's word: what was asked for, and what lies beyond the manager's sites as it was. */
export function rolesAfter(
  scope: Scope,
  { grants }: Pick<Account, 'grants'>,
  asked: readonly StatedRole[],
): Result<readonly Grant[], Failure> {
  const kept = grants.filter((grant) => grant.givenBy === 'person' && !mayGrant(scope, grant));
  const isKept = (one: StatedRole) => kept.some(({ role, site }) => role === one.role && site === one.site);
  if (!asked.every((one) => mayGrant(scope, one) || isKept(one))) {
    return err({ kind: BEYOND[0], code: BEYOND[1], message: BEYOND[2] });
  }
  return ok(grantsOf([...kept, ...asked]));
}

async function isLastAdministrator({ accounts }: AccessStores, id: string): Promise<boolean> {
  const administrators = await accounts.administrators();
  return administrators.length === 1 && administrators[0] === id;
}

/** Each once. */
function grantsOf(roles: readonly StatedRole[]): readonly Grant[] {
  const byName = new Map(roles.map(({ role, site }) => [JSON.stringify([role, site]), { role, site }]));
  return [...byName.values()].map(({ role, site }): Grant => ({ role, site, givenBy: 'person' }));
}

function stated(grants: readonly Grant[]): readonly unknown[] {
  return grants.map(({ role, site }) => ({ role, site: site ?? null }));
}
