import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dialects } from '../../../test/databases.ts';
import { newHub, PASSWORD, roleOf, type TestHub } from '../../../test/hub.ts';
import { isManagedFrom, isSeenFrom, rolesAfter } from './manage-people.ts';

const NORTH = new Set(['north']);

describe('who manages whom', () => {
  it.each([
    { name: 'everywhere, somebody without roles', scope: 'all' as const, roles: [], seen: true, managed: true },
    { name: 'a site, somebody without roles', scope: NORTH, roles: [], seen: false, managed: false },
    { name: 'a site, somebody of it', scope: NORTH, roles: ['ot@north'], seen: true, managed: true },
    { name: 'a site, somebody of another', scope: NORTH, roles: ['ot@south'], seen: false, managed: false },
    { name: 'a site, somebody of both', scope: NORTH, roles: ['ot@north', 'it@south'], seen: true, managed: false },
    { name: 'a site, somebody of all', scope: NORTH, roles: ['ot'], seen: false, managed: false },
  ])('$name', ({ scope, roles, seen, managed }) => {
    expect(isSeenFrom(scope, { grants: grants(roles) })).toBe(seen);
    expect(isManagedFrom(scope, { grants: grants(roles) })).toBe(managed);
  });

  it.each([
    { name: 'gives a role at the own site', held: [], asked: ['ot@north'], after: ['ot@north'] },
    { name: 'takes a role at the own site', held: ['ot@north'], asked: [], after: [] },
    { name: 'keeps what lies beyond', held: ['it@south'], asked: ['ot@north'], after: ['it@south', 'ot@north'] },
    { name: 'may name what lies beyond as it is', held: ['it@south'], asked: ['it@south'], after: ['it@south'] },
    { name: 'gives nothing beyond', held: [], asked: ['ot@south'], after: undefined },
    { name: 'gives nothing everywhere', held: [], asked: ['ot'], after: undefined },
    { name: 'gives each once', held: [], asked: ['ot@north', 'ot@north'], after: ['ot@north'] },
  ])('who manages a site $name', ({ held, asked, after }) => {
    const judged = rolesAfter(NORTH, { grants: grants(held) }, grants(asked));

    expect(judged.ok ? judged.value : undefined).toEqual(after && grants(after));
  });
});

describe.each(dialects)('people on %s', (database) => {
  it('come in by an invitation, once', async () => {
    const { hub, admin } = await administered(database);
    const body = { name: 'Bo', email: 'Bo@plant.example', roles: [{ role: 'ot', site: 'north' }] };
    const { code } = (await hub.request('POST', '/people', { cookie: admin, body })).body;

    const weak = await hub.request('POST', '/session/code', { body: { code, password: 'password12345' } });
    const joined = await hub.request('POST', '/session/code', { body: { code, password: PASSWORD } });
    const again = await hub.request('POST', '/session/code', { body: { code, password: `${PASSWORD} again` } });

    expect(weak).toMatchObject({ status: 400, body: { error: { code: 'access.password-known' } } });
    expect(joined.body.person).toMatchObject({
      email: 'bo@plant.example',
      standing: 'whole',
      permissions: { 'plant:edit': ['north'] },
    });
    expect(again).toMatchObject({ status: 403, body: { error: { code: 'access.code' } } });
  });

  it('lose everything at once when they are disabled', async () => {
    const { hub, admin } = await administered(database);
    const bo = await hub.join(admin, 'Bo', ['ot']);
    const wish = { name: 'script', permissions: ['plant:read'], days: 30 };
    const { secret } = (await hub.request('POST', '/me/tokens', { cookie: bo.cookie, body: wish })).body;
    expect((await hub.request('GET', '/plant', { bearer: secret })).status).toBe(200);

    await hub.request('PATCH', `/people/${bo.id}`, { cookie: admin, body: { disabled: true } });
    const byToken = await hub.request('GET', '/plant', { bearer: secret });
    const bySession = await hub.request('GET', '/plant', { cookie: bo.cookie });
    const byPassword = await hub.request('POST', '/session', { body: { email: bo.email, password: PASSWORD } });
    await hub.request('PATCH', `/people/${bo.id}`, { cookie: admin, body: { disabled: false } });
    const enabledAgain = await hub.request('GET', '/plant', { cookie: bo.cookie });

    expect([byToken, bySession, byPassword, enabledAgain].map(({ status }) => status)).toEqual([401, 401, 401, 401]);
  });

  it('get new rights with a new session only', async () => {
    const { hub, admin } = await administered(database);
    const bo = await hub.join(admin, 'Bo', ['production']);

    const body = { roles: [{ role: 'analyst', site: null }] };
    const changed = await hub.request('PUT', `/people/${bo.id}/roles`, { cookie: admin, body });

    expect(changed.body.roles).toEqual([{ role: 'analyst', site: null, givenBy: 'person' }]);
    expect((await hub.request('GET', '/session', { cookie: bo.cookie })).body.person).toBeNull();
  });

  it('who forgot the password or lost the phone are let in by another administrator', async () => {
    const { hub, admin } = await administered(database);
    const bo = await hub.join(admin, 'Bo', ['administrator']);
    await hub.enrol(bo.cookie);

    const own = await hub.request('POST', `/people/${await idOf(hub, admin)}/reset`, { cookie: admin, body: {} });
    const { body } = await hub.request('POST', `/people/${bo.id}/reset`, {
      cookie: admin,
      body: { secondFactor: true },
    });
    const old = await hub.request('POST', '/session', { body: { email: bo.email, password: PASSWORD } });
    const set = await hub.request('POST', '/session/code', {
      body: { code: body.code, password: 'nine dry otters hum' },
    });

    expect(own).toMatchObject({ status: 409, body: { error: { code: 'access.own-account' } } });
    expect(old.status).toBe(401);
    expect(set.body.person).toMatchObject({ standing: 'enrol', totp: false });
  });

  it('of other sites are not there for who manages one', async () => {
    const { hub, admin } = await administered(database);
    const north = await hub.enrol((await hub.join(admin, 'Nora', ['administrator@north'])).cookie);
    const bo = await hub.join(admin, 'Bo', ['ot@north']);
    const cy = await hub.join(admin, 'Cy', ['ot@south']);
    const as = { cookie: north.cookie };

    const { body: people } = await hub.request('GET', '/people', as);
    const found = await hub.request('PATCH', `/people/${bo.id}`, { ...as, body: { name: 'Bob' } });
    const hidden = await hub.request('PATCH', `/people/${cy.id}`, { ...as, body: { name: 'Cyd' } });
    const everywhere = await hub.request('POST', '/people', {
      ...as,
      body: { name: 'Di', email: 'di@plant.example', roles: [{ role: 'administrator', site: null }] },
    });

    expect(people).toMatchObject({ total: 2, items: [{ name: 'Bo' }, { name: 'Nora' }] });
    expect(found).toMatchObject({ status: 200, body: { name: 'Bob' } });
    expect(hidden).toMatchObject({ status: 404, body: { error: { code: 'access.no-person' } } });
    expect(everywhere).toMatchObject({ status: 403, body: { error: { code: 'access.beyond' } } });
  });

  it('never all disable each other: one administrator stays', async () => {
    const { hub, admin } = await administered(database);
    const bo = await hub.join(admin, 'Bo', ['administrator']);
    const boEnrolled = await hub.enrol(bo.cookie);
    const id = await idOf(hub, admin);

    const replies = await Promise.all([
      hub.request('PATCH', `/people/${bo.id}`, { cookie: admin, body: { disabled: true } }),
      hub.request('PATCH', `/people/${id}`, { cookie: boEnrolled.cookie, body: { disabled: true } }),
    ]);

    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('leave a trace of what they did to each other', async () => {
    const { hub, admin } = await administered(database);
    const bo = await hub.join(admin, 'Bo', ['ot']);
    await hub.request('PATCH', `/people/${bo.id}`, { cookie: admin, body: { disabled: true } });

    const { body } = await hub.request('GET', `/activity?subject=${encodeURIComponent(`account ${bo.id}`)}`, {
      cookie: admin,
    });

    expect(body.items.map(({ act, actor }: { act: string; actor: { name: string } }) => [act, actor.name])).toEqual([
      ['account.disable', 'Ada'],
      ['password.set', 'Bo'],
      ['account.invite', 'Ada'],
    ]);
    expect(JSON.stringify(body)).not.toContain(PASSWORD);
  });
});

it('never lets a session outlive that its person is disabled, in whatever order things happen', async () => {
  const { hub, admin } = await administered('SQLite');
  let people = 0;
  const act = fc.constantFrom('sign-in', 'disable', 'enable', 'wait', 'sign-in while disabling');
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 3, maxLength: 8 }), async (acts) => {
      const bo = await hub.join(admin, `P${people++}`, ['ot']);
      const cookies = [bo.cookie];
      let disabled = false;
      const setDisabled = (to: boolean) =>
        hub.request('PATCH', `/people/${bo.id}`, { cookie: admin, body: { disabled: to } });
      const signIn = async () => {
        const address = `10.8.${people % 250}.${cookies.length}`;
        const reply = await hub.request('POST', '/session', {
          body: { email: bo.email, password: PASSWORD },
          address,
        });
        cookies.push(reply.cookie ?? 'none=');
      };
      for (const one of acts) {
        if (one === 'sign-in') {
          await signIn();
        } else if (one === 'wait') {
          hub.pass(1_000_000);
        } else if (one === 'sign-in while disabling') {
          await Promise.all([signIn(), setDisabled(true)]);
          disabled = true;
        } else {
          disabled = one === 'disable';
          await setDisabled(disabled);
        }
        if (disabled) {
          for (const cookie of cookies) {
            expect((await hub.request('GET', '/session', { cookie })).body.person).toBeNull();
          }
          await setDisabled(false);
          disabled = false;
          for (const cookie of cookies) {
            expect((await hub.request('GET', '/session', { cookie })).body.person).toBeNull();
          }
          cookies.length = 0;
        }
      }
    }),
    { numRuns: 15 },
  );
});

function grants(roles: readonly string[]) {
  return roles.map((text) => {
    const { role, site } = roleOf(text);
    return { role: role as 'ot', site: site ?? undefined, givenBy: 'person' as const };
  });
}

async function administered(database: 'SQLite' | 'PostgreSQL'): Promise<{ hub: TestHub; admin: string }> {
  const hub = await newHub(database);
  const { cookie } = await hub.enrol(await hub.setUp());
  return { hub, admin: cookie };
}

async function idOf(hub: TestHub, cookie: string): Promise<string> {
  return (await hub.request('GET', '/session', { cookie })).body.person.id;
}
