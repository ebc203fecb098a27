import { z } from 'zod';
import { ok } from '../../kit/result.ts';
import { defineRoute, type Route } from '../../platform/http/route.ts';
import type { AccessParts } from '../access-parts.ts';
import { managerOf } from '../people/routes.ts';
import { keepFlow, keepSession, Name, RoleName, siteOf, takeFlow, visitorOf } from '../sign-in/routes.ts';
import { createManageProvider } from './manage-provider.ts';
import type { GroupRole, OidcProvider } from './provider.ts';
import { createSignInByOidc } from './sign-in-by-oidc.ts';

const CALLBACK = '/session/oidc/callback';
const MOST_ENTRIES = 500;

const Provider = z.object({
  name: Name,
  issuer: z.string().max(500),
  clientId: z.string().min(1).max(500),
  scopes: z.array(z.string().max(100)).max(20),
  groupsClaim: z.string().min(1).max(100),
  groupRoles: z
    .array(z.object({ group: z.string().min(1).max(300), role: RoleName, site: z.string().max(200).nullable() }))
    .max(MOST_ENTRIES),
  hosts: z.array(z.string().max(260)).max(20).describe('`host` or `host:port` that the hub may ask beside the issuer'),
});

const ProviderReply = Provider.extend({ hasSecret: z.boolean() });

export function oidcRoutes(parts: AccessParts): readonly Route[] {
  return [...signInRoutes(parts), ...providerRoutes(parts)];
}

function signInRoutes(parts: AccessParts): readonly Route[] {
  const { begin, finish } = createSignInByOidc(parts);
  return [
    defineRoute({
      id: 'access.begin-oidc',
      method: 'GET',
      path: '/session/oidc/start',
      summary: 'Go to the provider of single sign-on',
      permission: 'public',
      reply: 'redirect',
      async handle({ request, reply }) {
        const begun = await begin(`${siteOf(request).origin}/api${CALLBACK}`, visitorOf(request));
        if (!begun.ok) {
          return ok(failedAt(begun.error.code));
        }
        keepFlow(reply, begun.value.flow);
        return ok(begun.value.url);
      },
    }),
    defineRoute({
      id: 'access.finish-oidc',
      method: 'GET',
      path: CALLBACK,
      summary: 'Come back from the provider of single sign-on',
      permission: 'public',
      reply: 'redirect',
      async handle({ request, reply }) {
        const flow = takeFlow(request, reply);
        const [, query = ''] = /\?(.*)$/u.exec(request.url) ?? [];
        const done = await finish({ flow, query }, visitorOf(request));
        if (!done.ok) {
          return ok(failedAt(done.error.code));
        }
        keepSession(reply, done.value);
        return ok('/');
      },
    }),
  ];
}

/** A browser that came by a link is shown the page, not the JSON of a failure. */
function failedAt(code: string): string {
  return `/sign-in?failed=${encodeURIComponent(code)}`;
}

function providerRoutes(parts: AccessParts): readonly Route[] {
  const { find, put, remove } = createManageProvider(parts);
  return [
    defineRoute({
      id: 'access.oidc',
      method: 'GET',
      path: '/oidc',
      summary: 'The provider of single sign-on, without its secret',
      permission: 'access:manage',
      reply: ProviderReply,
      async handle(call) {
        const found = await find(managerOf(call));
        return found.ok ? ok(view(found.value)) : found;
      },
    }),
    defineRoute({
      id: 'access.set-oidc',
      method: 'PUT',
      path: '/oidc',
      summary: 'Set up single sign-on; a secret that is not given stays as it was',
      permission: 'access:manage',
      body: Provider.extend({
        scopes: Provider.shape.scopes.default(['openid', 'profile', 'email']),
        groupsClaim: Provider.shape.groupsClaim.default('groups'),
        groupRoles: Provider.shape.groupRoles.default([]),
        hosts: Provider.shape.hosts.default([]),
        clientSecret: z.string().min(1).max(500).nullable().optional(),
      }),
      reply: ProviderReply,
      async handle(call) {
        const { groupRoles, clientSecret, hosts, ...settings } = call.body;
        const done = await put(managerOf(call), {
          ...settings,
          clientSecret,
          hosts: hosts.map((host) => host.toLowerCase()),
          groupRoles: groupRoles.map(({ group, role, site }): GroupRole => ({ group, role, site: site ?? undefined })),
        });
        return done.ok ? ok(view(done.value)) : done;
      },
    }),
    defineRoute({
      id: 'access.remove-oidc',
      method: 'DELETE',
      path: '/oidc',
      summary: 'End single sign-on',
      permission: 'access:manage',
      reply: 'nothing',
      handle: (call) => remove(managerOf(call)),
    }),
  ];
}

function view({ secret, scopes, groupRoles, hosts, ...rest }: OidcProvider): z.input<typeof ProviderReply> {
  return {
    ...rest,
    scopes: [...scopes],
    hosts: [...hosts],
    groupRoles: groupRoles.map(({ group, role, site }) => ({ group, role, site: site ?? null })),
    hasSecret: secret !== undefined,
  };
}
