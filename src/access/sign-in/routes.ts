import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ok } from '../../kit/result.ts';
import type { Principal } from '../../platform/http/principal.ts';
import { defineRoute, type Route } from '../../platform/http/route.ts';
import type { AccessParts } from '../access-parts.ts';
import type { Person } from '../caller.ts';
import { PERMISSIONS, ROLES } from '../permission.ts';
import { CHALLENGE_VALID } from './challenge.ts';
import { createManageFactors } from './manage-factors.ts';
import type { Site } from './passkeys.ts';
import { LONGEST_PASSWORD } from './password.ts';
import { createRedeemCode } from './redeem-code.ts';
import { type PersonView, viewOf } from './session-view.ts';
import { createSetUp } from './set-up.ts';
import { createSignIn } from './sign-in.ts';
import { createSignInByPasskey } from './sign-in-by-passkey.ts';
import { createSignOut } from './sign-out.ts';
import type { SignedIn, Visitor } from './start-session.ts';

/** `__Host-`: only over a connection that the browser trusts, only for this host, never for a neighbour of it. */
export const SESSION_COOKIE = '__Host-keyway';
const COOKIE = { path: '/', secure: true, httpOnly: true, sameSite: 'lax' } as const;

/** Holds what a sign-in of two requests needs, until the second. */
const FLOW_COOKIE = '__Host-keyway-flow';

export const Email = z.email().max(254);
export const Name = z.string().trim().min(1).max(200);
/** Longer ones are refused with words of their own; this bounds the work. */
export const Password = z.string().max(4 * LONGEST_PASSWORD);
export const Code = z.string().max(64);
export const RoleName = z.enum(ROLES);

const PersonReply = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  roles: z.array(z.object({ role: RoleName, site: z.string().nullable() })),
  permissions: z.partialRecord(z.enum(PERMISSIONS), z.union([z.literal('all'), z.array(z.string()).readonly()])),
  standing: z
    .enum(['whole', 'enrol', 'prove'])
    .describe('Who administers must `enrol` a second factor, or `prove` it in this session, before anything else'),
  password: z.boolean(),
  totp: z.boolean(),
  passkeys: z.number(),
  recoveryCodes: z.number(),
  secondFactorAge: z.number().nullable().describe('Seconds since a second factor was given in this session'),
});

/** What `navigator.credentials` takes or gives, as JSON. */
export const PasskeyJson = z.record(z.string(), z.unknown());

export const SessionReply = z.object({
  person: PersonReply.nullable(),
  setupNeeded: z.boolean(),
  oidc: z.object({ name: z.string() }).nullable(),
});

export function visitorOf(request: FastifyRequest): Visitor {
  return {
    address: request.ip,
    client: request.headers['user-agent'] ?? '',
    had: request.cookies[SESSION_COOKIE],
  };
}

export function keepSession(reply: FastifyReply, { secret }: SignedIn): void {
  void reply.setCookie(SESSION_COOKIE, secret, COOKIE);
}

export function keepFlow(reply: FastifyReply, flow: string): void {
  void reply.setCookie(FLOW_COOKIE, flow, { ...COOKIE, maxAge: CHALLENGE_VALID / 1_000_000 });
}

/** Read once: the second request ends the flow, however it goes. */
export function takeFlow(request: FastifyRequest, reply: FastifyReply): string | undefined {
  void reply.clearCookie(FLOW_COOKIE, COOKIE);
  return request.cookies[FLOW_COOKIE];
}

/** Where the browser that asks believes to be. The server has checked that an `Origin` is its own; without one it is worked out. */
export function siteOf({ headers, protocol, host, hostname }: FastifyRequest): Site {
  const isLocal = /^(localhost|127\.[\d.]+|\[::1\])$/u.test(hostname);
  const { origin, hostname: name } = new URL(headers.origin ?? `${isLocal ? protocol : 'https'}://${host}`);
  return { origin, host: name };
}

export function forgetSession(reply: FastifyReply): void {
  void reply.clearCookie(SESSION_COOKIE, COOKIE);
}

/** A person at a browser; undefined for a token, a sensor and nobody. */
export function personBehind(principal: Principal): Person | undefined {
  return principal.kind === 'person' && 'session' in principal ? (principal as Person) : undefined;
}

/** For routes of who is signed in, which nobody else reaches. */
export function signedIn(principal: Principal): Person {
  const person = personBehind(principal);
  if (person === undefined) {
    throw new Error(`${principal.kind} came through a route for people`);
  }
  return person;
}

export function createSessionReply({ stores, now }: AccessParts) {
  return async (person: Person | undefined): Promise<z.input<typeof SessionReply>> => {
    const provider = await stores.oidcProvider.find();
    return {
      person: person === undefined ? null : plain(viewOf(person, now())),
      setupNeeded: (await stores.accounts.count()) === 0,
      oidc: provider === undefined ? null : { name: provider.name },
    };
  };
}

function plain(view: PersonView): z.input<typeof PersonReply> {
  return { ...view, roles: [...view.roles] };
}

export function sessionRoutes(parts: AccessParts): readonly Route[] {
  const setUp = createSetUp(parts);
  const signIn = createSignIn(parts);
  const signOut = createSignOut(parts);
  const redeemCode = createRedeemCode(parts);
  const byPasskey = createSignInByPasskey(parts);
  const { prove } = createManageFactors(parts);
  const sessionReply = createSessionReply(parts);

  return [
    defineRoute({
      id: 'access.session',
      method: 'GET',
      path: '/session',
      summary: 'Who is signed in, and how one can sign in',
      permission: 'public',
      reply: SessionReply,
      handle: async ({ principal }) => ok(await sessionReply(personBehind(principal))),
    }),
    defineRoute({
      id: 'access.set-up',
      method: 'POST',
      path: '/setup',
      summary: 'Make the first account, with the code that the hub printed when it started',
      permission: 'public',
      body: z.object({
        code: Code,
        name: Name,
        email: Email,
        password: Password,
        roles: z.array(RoleName).max(ROLES.length).default([]),
      }),
      reply: SessionReply,
      async handle({ body, request, reply }) {
        const done = await setUp(body, visitorOf(request));
        if (!done.ok) {
          return done;
        }
        keepSession(reply, done.value);
        return ok(await sessionReply(done.value.person));
      },
    }),
    defineRoute({
      id: 'access.sign-in',
      method: 'POST',
      path: '/session',
      summary: 'Sign in with a password and, where the account has one, a second factor',
      permission: 'public',
      body: z.object({ email: z.string().max(254), password: Password, code: Code.optional() }),
      reply: SessionReply,
      async handle({ body: { email, password, code }, request, reply }) {
        const done = await signIn({ email, password, code }, visitorOf(request));
        if (!done.ok) {
          return done;
        }
        keepSession(reply, done.value);
        return ok(await sessionReply(done.value.person));
      },
    }),
    defineRoute({
      id: 'access.redeem-code',
      method: 'POST',
      path: '/session/code',
      summary: 'Set a password with the code of an invitation or a reset',
      permission: 'public',
      body: z.object({ code: Code, password: Password }),
      reply: SessionReply,
      async handle({ body, request, reply }) {
        const done = await redeemCode(body, visitorOf(request));
        if (!done.ok) {
          return done;
        }
        if (done.value !== undefined) {
          keepSession(reply, done.value);
        }
        return ok(await sessionReply(done.value?.person));
      },
    }),
    defineRoute({
      id: 'access.sign-out',
      method: 'DELETE',
      path: '/session',
      summary: 'Sign out',
      permission: 'public',
      reply: 'nothing',
      async handle({ principal, reply }) {
        const person = personBehind(principal);
        if (person !== undefined) {
          await signOut(person);
        }
        forgetSession(reply);
        return ok(undefined);
      },
    }),
    defineRoute({
      id: 'access.prove',
      method: 'POST',
      path: '/session/second-factor',
      summary: 'Give the second factor in a session that has none yet, or once more',
      permission: 'signed-in',
      body: z.object({ code: Code }),
      reply: SessionReply,
      async handle({ principal, body, request, reply }) {
        const done = await prove(signedIn(principal), body.code, visitorOf(request));
        if (!done.ok) {
          return done;
        }
        keepSession(reply, done.value);
        return ok(await sessionReply(done.value.person));
      },
    }),
    defineRoute({
      id: 'access.passkey-options',
      method: 'POST',
      path: '/session/passkey/options',
      summary: 'Begin to sign in with a passkey',
      permission: 'public',
      reply: PasskeyJson,
      async handle({ request, reply }) {
        const begun = await byPasskey.begin(siteOf(request), visitorOf(request));
        if (!begun.ok) {
          return begun;
        }
        keepFlow(reply, begun.value.flow);
        return ok({ ...begun.value.options });
      },
    }),
    defineRoute({
      id: 'access.sign-in-by-passkey',
      method: 'POST',
      path: '/session/passkey',
      summary: 'Sign in with the answer of a passkey',
      permission: 'public',
      body: z.object({ response: PasskeyJson }),
      reply: SessionReply,
      async handle({ body, request, reply }) {
        const flow = takeFlow(request, reply);
        const done = await byPasskey.finish(
          { flow, response: body.response, site: siteOf(request) },
          visitorOf(request),
        );
        if (!done.ok) {
          return done;
        }
        keepSession(reply, done.value);
        return ok(await sessionReply(done.value.person));
      },
    }),
  ];
}
