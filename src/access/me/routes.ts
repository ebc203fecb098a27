import { z } from 'zod';
import { ok } from '../../kit/result.ts';
import { isoTime } from '../../kit/time.ts';
import { defineRoute, type Route } from '../../platform/http/route.ts';
import type { AccessParts } from '../access-parts.ts';
import { createChangePassword } from '../sign-in/change-password.ts';
import { createManageFactors, type Enrolled } from '../sign-in/manage-factors.ts';
import { createManageSessions } from '../sign-in/manage-sessions.ts';
import {
  Code,
  createSessionReply,
  keepFlow,
  keepSession,
  Name,
  PasskeyJson,
  Password,
  SessionReply,
  signedIn,
  siteOf,
  takeFlow,
  visitorOf,
} from '../sign-in/routes.ts';

const Id = z.object({ id: z.string().max(300) });

const EnrolledReply = SessionReply.extend({
  recoveryCodes: z
    .array(z.string())
    .nullable()
    .describe('To print and keep: shown once; null where there are some already'),
});

/** What people do with their own account. */
export function ownRoutes(parts: AccessParts): readonly Route[] {
  return [...passwordRoutes(parts), ...totpRoutes(parts), ...passkeyRoutes(parts), ...ownSessionRoutes(parts)];
}

function createEnrolledReply(parts: AccessParts) {
  const sessionReply = createSessionReply(parts);
  return async ({ signedIn: { person }, recoveryCodes }: Enrolled) => ({
    ...(await sessionReply(person)),
    recoveryCodes: recoveryCodes === undefined ? null : [...recoveryCodes],
  });
}

function passwordRoutes(parts: AccessParts): readonly Route[] {
  const changePassword = createChangePassword(parts);
  const sessionReply = createSessionReply(parts);
  return [
    defineRoute({
      id: 'access.change-password',
      method: 'POST',
      path: '/me/password',
      summary: 'Change the password; all other sessions end',
      permission: 'signed-in',
      body: z.object({ current: Password, password: Password }),
      reply: SessionReply,
      async handle({ principal, body, request, reply }) {
        const done = await changePassword(signedIn(principal), body, visitorOf(request));
        if (!done.ok) {
          return done;
        }
        keepSession(reply, done.value);
        return ok(await sessionReply(done.value.person));
      },
    }),
  ];
}

function totpRoutes(parts: AccessParts): readonly Route[] {
  const { beginTotp, confirmTotp, removeTotp, newRecoveryCodes } = createManageFactors(parts);
  const enrolledReply = createEnrolledReply(parts);
  return [
    defineRoute({
      id: 'access.begin-totp',
      method: 'POST',
      path: '/me/totp',
      summary: 'Get a secret for an app that makes codes',
      permission: 'signed-in',
      reply: z.object({ secret: z.string(), uri: z.string() }),
      handle: ({ principal }) => beginTotp(signedIn(principal)),
    }),
    defineRoute({
      id: 'access.confirm-totp',
      method: 'PUT',
      path: '/me/totp',
      summary: 'Show that the app makes the right codes: from now on it is the second factor',
      permission: 'signed-in',
      body: z.object({ code: Code }),
      reply: EnrolledReply,
      async handle({ principal, body, request, reply }) {
        const done = await confirmTotp(signedIn(principal), body.code, visitorOf(request));
        if (!done.ok) {
          return done;
        }
        keepSession(reply, done.value.signedIn);
        return ok(await enrolledReply(done.value));
      },
    }),
    defineRoute({
      id: 'access.remove-totp',
      method: 'DELETE',
      path: '/me/totp',
      summary: 'Remove the app that makes codes',
      permission: 'signed-in',
      reply: 'nothing',
      handle: ({ principal }) => removeTotp(signedIn(principal)),
    }),
    defineRoute({
      id: 'access.make-recovery-codes',
      method: 'POST',
      path: '/me/recovery-codes',
      summary: 'Get new codes to print; those before are good no more',
      permission: 'signed-in',
      reply: z.object({ recoveryCodes: z.array(z.string()) }),
      async handle({ principal }) {
        const codes = await newRecoveryCodes(signedIn(principal));
        return codes.ok ? ok({ recoveryCodes: [...codes.value] }) : codes;
      },
    }),
  ];
}

function passkeyRoutes(parts: AccessParts): readonly Route[] {
  const { beginPasskey, addPasskey, removePasskey } = createManageFactors(parts);
  const enrolledReply = createEnrolledReply(parts);
  return [
    defineRoute({
      id: 'access.passkeys',
      method: 'GET',
      path: '/me/passkeys',
      summary: 'The passkeys of who is signed in',
      permission: 'signed-in',
      reply: z.array(
        z.object({ id: z.string(), name: z.string(), createdAt: z.string(), usedAt: z.string().nullable() }),
      ),
      async handle({ principal }) {
        const passkeys = await parts.stores.factors.passkeysOf(principal.id);
        return ok(
          passkeys.map(({ id, name, createdAt, usedAt }) => ({
            id,
            name,
            createdAt: isoTime(createdAt),
            usedAt: usedAt === undefined ? null : isoTime(usedAt),
          })),
        );
      },
    }),
    defineRoute({
      id: 'access.begin-passkey',
      method: 'POST',
      path: '/me/passkeys/options',
      summary: 'Begin to add a passkey',
      permission: 'signed-in',
      reply: PasskeyJson,
      async handle({ principal, request, reply }) {
        const begun = await beginPasskey(signedIn(principal), siteOf(request));
        if (!begun.ok) {
          return begun;
        }
        keepFlow(reply, begun.value.flow);
        return ok({ ...begun.value.options });
      },
    }),
    defineRoute({
      id: 'access.add-passkey',
      method: 'POST',
      path: '/me/passkeys',
      summary: 'Add the passkey that the browser made',
      permission: 'signed-in',
      body: z.object({ name: Name, response: PasskeyJson }),
      reply: EnrolledReply,
      async handle({ principal, body: { name, response }, request, reply }) {
        const answer = { flow: takeFlow(request, reply), name, response, site: siteOf(request) };
        const done = await addPasskey(signedIn(principal), answer, visitorOf(request));
        if (!done.ok) {
          return done;
        }
        keepSession(reply, done.value.signedIn);
        return ok(await enrolledReply(done.value));
      },
    }),
    defineRoute({
      id: 'access.remove-passkey',
      method: 'DELETE',
      path: '/me/passkeys/:id',
      summary: 'Remove a passkey',
      permission: 'signed-in',
      params: Id,
      reply: 'nothing',
      handle: ({ principal, params }) => removePasskey(signedIn(principal), params.id),
    }),
  ];
}

function ownSessionRoutes(parts: AccessParts): readonly Route[] {
  const { list, end, endOthers } = createManageSessions(parts);
  return [
    defineRoute({
      id: 'access.sessions',
      method: 'GET',
      path: '/me/sessions',
      summary: 'Where one is signed in',
      permission: 'signed-in',
      reply: z.array(
        z.object({
          id: z.string(),
          current: z.boolean(),
          address: z.string(),
          client: z.string(),
          startedAt: z.string(),
          usedAt: z.string(),
        }),
      ),
      async handle({ principal }) {
        const person = signedIn(principal);
        const sessions = await list(person);
        return ok(
          sessions.map(({ id, address, client, startedAt, usedAt }) => ({
            id,
            current: id === person.session.id,
            address,
            client,
            startedAt: isoTime(startedAt),
            usedAt: isoTime(usedAt),
          })),
        );
      },
    }),
    defineRoute({
      id: 'access.end-other-sessions',
      method: 'DELETE',
      path: '/me/sessions',
      summary: 'Sign out everywhere else',
      permission: 'signed-in',
      reply: 'nothing',
      async handle({ principal }) {
        await endOthers(signedIn(principal));
        return ok(undefined);
      },
    }),
    defineRoute({
      id: 'access.end-session',
      method: 'DELETE',
      path: '/me/sessions/:id',
      summary: 'Sign out in one other place',
      permission: 'signed-in',
      params: Id,
      reply: 'nothing',
      handle: ({ principal, params }) => end(signedIn(principal), params.id),
    }),
  ];
}
