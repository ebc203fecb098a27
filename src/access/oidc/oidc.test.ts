import { createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
// @ts-expect-error: the package has no types.
import Provider from 'oidc-provider';
import { describe, expect, it, onTestFinished } from 'vitest';
import { newHub, type TestHub } from '../../../test/hub.ts';
import { grantsOfGroups, isAllowedAddress } from './provider.ts';

const CLIENT = { clientId: 'keyway', clientSecret: 'a secret of thirty-two characters' };
const HOST = 'keyway.plant.example';
const CALLBACK = `https://${HOST}/api/session/oidc/callback`;

describe('groups', () => {
  it('give viewing roles and nothing else, whatever is stored', () => {
    const groupRoles = [
      { group: 'audit', role: 'auditor', site: undefined },
      { group: 'audit', role: 'administrator', site: undefined },
      { group: 'audit', role: 'ot', site: 'north' },
      { group: 'board', role: 'executive', site: 'north' },
    ] as const;

    expect(grantsOfGroups({ groupRoles }, ['audit', 'people'])).toEqual([
      { role: 'auditor', site: undefined, givenBy: 'provider' },
    ]);
  });
});

describe('the hub', () => {
  const provider = { issuer: 'https://id.example/realms/plant', hosts: ['keys.example:8443'] };
  it.each([
    { address: 'https://id.example/token', allowed: true },
    { address: 'https://keys.example:8443/jwks', allowed: true },
    { address: 'https://ID.example/token', allowed: true },
    { address: 'http://id.example/token', allowed: false },
    { address: 'https://id.example:444/token', allowed: false },
    { address: 'https://id.example.evil.example/token', allowed: false },
    { address: 'https://id.example@evil.example/token', allowed: false },
    { address: 'https://169.254.169.254/latest', allowed: false },
    { address: 'file:///etc/passwd', allowed: false },
  ])('asks $address: $allowed', ({ address, allowed }) => {
    expect(isAllowedAddress(address, provider)).toBe(allowed);
  });
});

describe('single sign-on with a real provider', () => {
  it('makes an account for whom a group gives a role, and takes the role away with the group', async () => {
    const people = { mia: { email: 'mia@plant.example', name: 'Mia', groups: ['audit'] } };
    const issuer = await startProvider(people);
    const hub = await hubWith(issuer);

    const first = await signInAt(hub, 'mia');
    const again = await signInAt(hub, 'mia');
    people.mia.groups = [];
    const later = await signInAt(hub, 'mia');

    expect(first).toMatchObject({
      email: 'mia@plant.example',
      name: 'Mia',
      roles: [{ role: 'auditor', site: null }],
      password: false,
      standing: 'whole',
    });
    expect(again).toMatchObject({ id: first.id });
    expect(later).toMatchObject({ id: first.id, roles: [] });
  });
});

describe('single sign-on', () => {
  it('keeps the secret of the client sealed', async () => {
    const { hub, admin } = await withFake();

    const { body } = await hub.request('GET', '/oidc', { cookie: admin });
    const rows = await hub.store.read.selectFrom('oidc_provider').selectAll().execute();

    expect(body).toMatchObject({ clientId: 'keyway', hasSecret: true });
    expect(JSON.stringify([body, rows])).not.toContain(CLIENT.clientSecret);
    expect((await hub.request('GET', '/session')).body.oidc).toEqual({ name: 'Plant login' });
  });

  it.each([
    { name: 'an issuer without TLS', change: { issuer: 'http://id.example' }, code: 'access.oidc-issuer' },
    {
      name: 'a group that would give power',
      change: { groupRoles: [{ group: 'a', role: 'administrator', site: null }] },
      code: 'access.oidc-role',
    },
    { name: 'no openid scope', change: { scopes: ['email'] }, code: 'access.oidc-scope' },
  ])('refuses $name', async ({ change, code }) => {
    const hub = await newHub();
    const { cookie } = await hub.enrol(await hub.setUp());
    const body = { name: 'X', issuer: 'https://id.example', clientId: 'x', ...change };

    expect(await hub.request('PUT', '/oidc', { cookie, body })).toMatchObject({
      status: 400,
      body: { error: { code } },
    });
  });

  it.each<{ name: string; fault: Fault; failed: string | undefined }>([
    { name: 'a right answer', fault: {}, failed: undefined },
    { name: 'another nonce', fault: { claims: { nonce: 'other' } }, failed: 'access.oidc' },
    { name: 'no nonce', fault: { claims: { nonce: undefined } }, failed: 'access.oidc' },
    { name: 'another audience', fault: { claims: { aud: 'other' } }, failed: 'access.oidc' },
    { name: 'another issuer', fault: { claims: { iss: 'https://evil.example' } }, failed: 'access.oidc' },
    { name: 'a token that is over', fault: { claims: { exp: 1000 } }, failed: 'access.oidc' },
    { name: 'algorithm none', fault: { alg: 'none' }, failed: 'access.oidc' },
    { name: 'a signature with the secret of the client', fault: { alg: 'HS256' }, failed: 'access.oidc' },
    { name: 'the signature of another key', fault: { otherKey: true }, failed: 'access.oidc' },
    { name: 'another state', fault: { state: 'other' }, failed: 'access.oidc' },
    {
      name: 'the iss of another provider in the answer',
      fault: { iss: 'https://evil.example' },
      failed: 'access.oidc',
    },
    { name: 'another browser', fault: { noCookie: true }, failed: 'access.oidc' },
    { name: 'nobody whom a group gives a role', fault: { claims: { groups: [] } }, failed: 'access.no-account' },
    {
      name: 'the address of somebody who has an account',
      fault: { claims: { email: 'ada@plant.example' } },
      failed: 'access.no-account',
    },
  ])('with $name ends at $failed', async ({ fault, failed }) => {
    const { hub, answer } = await withFake(fault);

    const { status, location, cookie } = await answer();

    expect({ status, location }).toEqual({
      status: 302,
      location: failed === undefined ? '/' : `/sign-in?failed=${failed}`,
    });
    const { person } = (await hub.request('GET', '/session', { cookie })).body;
    expect(person?.email).toBe(failed === undefined ? 'mia@plant.example' : undefined);
  });

  it('takes an answer once', async () => {
    const { answer } = await withFake();

    expect((await answer()).location).toBe('/');
    expect((await answer()).location).toBe('/sign-in?failed=access.oidc');
  });

  it('gives an invitation to whom the provider vouches for its address', async () => {
    const { hub, admin, answer } = await withFake({ claims: { groups: [] } });
    const roles = [{ role: 'ot', site: null }];
    await hub.request('POST', '/people', { cookie: admin, body: { name: 'Mia', email: 'mia@plant.example', roles } });

    const { cookie } = await answer();

    expect((await hub.request('GET', '/session', { cookie })).body.person).toMatchObject({ roles, standing: 'whole' });
  });

  it('gives it to nobody whose address was not verified', async () => {
    const { hub, admin, answer } = await withFake({ claims: { groups: [], email_verified: false } });
    const roles = [{ role: 'ot', site: null }];
    await hub.request('POST', '/people', { cookie: admin, body: { name: 'Mia', email: 'mia@plant.example', roles } });

    expect((await answer()).location).toBe('/sign-in?failed=access.no-account');
  });
});

async function hubWith(issuer: string): Promise<TestHub & { readonly admin: string }> {
  const hub = await newHub();
  const { cookie } = await hub.enrol(await hub.setUp());
  const body = {
    name: 'Plant login',
    issuer,
    ...CLIENT,
    scopes: ['openid', 'email', 'profile', 'groups'],
    groupRoles: [{ group: 'audit', role: 'auditor', site: null }],
  };
  const { status, body: said } = await hub.request('PUT', '/oidc', { cookie, body });
  expect(status, JSON.stringify(said)).toBe(200);
  return { ...hub, admin: cookie };
}

/** From the button on the sign-in page to the person in the new session. */
async function signInAt(hub: TestHub, login: string) {
  const started = await hub.request('GET', '/session/oidc/start', { headers: { host: HOST } });
  const back = await walk(String(started.headers['location']), login);
  const { search } = new URL(back);
  const done = await hub.request('GET', `/session/oidc/callback${search}`, {
    cookie: started.cookie,
    headers: { host: HOST },
  });
  expect(done.headers['location']).toBe('/');
  return (await hub.request('GET', '/session', { cookie: done.cookie })).body.person;
}

/** A browser at the provider: goes where it is sent and fills in what it is asked, until it is sent back to the hub. */
async function walk(start: string, login: string): Promise<string> {
  const jar = new Map<string, string>();
  let next = { url: start, body: undefined as string | undefined };
  for (let step = 0; step < 15; step++) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const reply = await fetch(next.url, {
      redirect: 'manual',
      headers: { cookie, ...(next.body ? { 'content-type': 'application/x-www-form-urlencoded' } : {}) },
      ...(next.body === undefined ? {} : { method: 'POST', body: next.body }),
    });
    for (const set of reply.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/u.exec(set) ?? [];
      jar.set(name, value);
    }
    const location = reply.headers.get('location');
    if (location !== null) {
      const url = new URL(location, next.url).href;
      if (url.startsWith(CALLBACK)) {
        return url;
      }
      next = { url, body: undefined };
    } else {
      const page = await reply.text();
      const action = /<form[^>]*action="([^"]+)"/u.exec(page)?.[1] ?? '';
      const prompt = /name="prompt" value="(\w+)"/u.exec(page)?.[1] ?? '';
      next = { url: new URL(action, next.url).href, body: `prompt=${prompt}&login=${login}&password=x` };
    }
  }
  throw new Error('the provider sent nobody back');
}

async function startProvider(
  people: Readonly<
    Record<string, { readonly email: string; readonly name: string; readonly groups: readonly string[] }>
  >,
): Promise<string> {
  const { server, url } = await listening();
  const provider = new Provider(url, {
    clients: [
      {
        client_id: CLIENT.clientId,
        client_secret: CLIENT.clientSecret,
        redirect_uris: [CALLBACK],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
    scopes: ['openid', 'email', 'profile', 'groups'],
    pkce: { required: () => true },
    cookies: { keys: ['a key for this test alone'] },
    findAccount: (_context: unknown, id: string) => ({
      accountId: id,
      claims: async () => ({ sub: id, email_verified: true, ...people[id] }),
    }),
  });
  server.on('request', provider.callback());
  return url;
}

interface Fault {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly alg?: 'none' | 'HS256';
  readonly otherKey?: boolean;
  readonly state?: string;
  readonly iss?: string;
  readonly noCookie?: boolean;
}

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const otherKeys = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** A provider that lies as it is told, and a browser that comes back from it. */
async function withFake(fault: Fault = {}) {
  const { server, url } = await listening();
  let nonce = '';
  server.on('request', (request, reply) => {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: url,
      sub: 'mia',
      aud: CLIENT.clientId,
      iat: now,
      exp: now + 300,
      nonce,
      email: 'mia@plant.example',
      email_verified: true,
      groups: ['audit'],
      ...fault.claims,
    };
    const answers: Readonly<Record<string, unknown>> = {
      '/.well-known/openid-configuration': {
        issuer: url,
        authorization_endpoint: `${url}/authorize`,
        token_endpoint: `${url}/token`,
        jwks_uri: `${url}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256', 'none', 'HS256'],
        authorization_response_iss_parameter_supported: true,
      },
      '/jwks': { keys: [{ ...keys.publicKey.export({ format: 'jwk' }), kid: 'a', use: 'sig', alg: 'RS256' }] },
      '/token': { access_token: 'x', token_type: 'Bearer', expires_in: 60, id_token: signed(claims, fault) },
    };
    reply.setHeader('content-type', 'application/json');
    reply.end(JSON.stringify(answers[request.url ?? ''] ?? {}));
  });
  const hub = await hubWith(url);
  const started = await hub.request('GET', '/session/oidc/start', { headers: { host: HOST } });
  const asked = new URL(String(started.headers['location'])).searchParams;
  expect(asked.get('code_challenge_method')).toBe('S256');
  expect(asked.get('redirect_uri')).toBe(CALLBACK);
  nonce = asked.get('nonce') ?? '';
  return {
    hub,
    admin: hub.admin,
    async answer() {
      const query = new URLSearchParams({
        code: 'c',
        state: fault.state ?? asked.get('state') ?? '',
        iss: fault.iss ?? url,
      });
      const reply = await hub.request('GET', `/session/oidc/callback?${query}`, {
        cookie: fault.noCookie === true ? undefined : started.cookie,
        headers: { host: HOST },
      });
      return { status: reply.status, location: reply.headers['location'], cookie: reply.cookie };
    },
  };
}

function signed(claims: unknown, { alg = undefined, otherKey }: Fault): string {
  const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const text = `${encode({ alg: alg ?? 'RS256', kid: 'a', typ: 'JWT' })}.${encode(claims)}`;
  if (alg === 'none') {
    return `${text}.`;
  }
  const signature =
    alg === 'HS256'
      ? createHmac('sha256', CLIENT.clientSecret).update(text).digest()
      : createSign('RSA-SHA256')
          .update(text)
          .sign(otherKey === true ? otherKeys.privateKey : keys.privateKey);
  return `${text}.${signature.toString('base64url')}`;
}

async function listening(): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
