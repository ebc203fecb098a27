import { describe, expect, it } from 'vitest';
import { databases } from '../../test/databases.ts';
import type { Store } from '../platform/store/store.ts';
import type { AccessStores } from './access-stores.ts';
import { createAccessStores } from './store.ts';

const NOW = Date.parse('2026-03-02T08:00:00Z') * 1000;
const session = {
  hash: 'h1',
  id: 's1',
  account: 'ada',
  startedAt: NOW,
  usedAt: NOW + 1,
  endedAt: undefined,
  provedAt: NOW + 2,
  address: '10.0.0.1',
  client: 'Browser',
};

describe.each(databases)('access stores on %s', (_, open) => {
  it('give back sessions with their owner, and end one, all others or all', async () => {
    const { read, write } = await filled(open);
    await write(async ({ sessions }) => {
      for (const id of ['1', '2', '3']) {
        await sessions.start({ ...session, hash: `h${id}`, id: `s${id}` });
      }
    });

    expect(await read.sessions.find('h1')).toMatchObject({ session, account: { id: 'ada', name: 'Ada' } });
    await write(({ sessions }) => sessions.endAll('ada', NOW + 5, 'h2'));
    expect((await read.sessions.listOf('ada')).map(({ id }) => id)).toEqual(['s2']);
    await write(({ sessions }) => sessions.touch('h1', NOW + 9));
    expect((await read.sessions.find('h1'))?.session).toMatchObject({ usedAt: NOW + 1, endedAt: NOW + 5 });
    expect(await read.sessions.wasAt('ada', '10.0.0.1', NOW)).toBe(true);
    expect(await read.sessions.wasAt('ada', '10.0.0.2', NOW)).toBe(false);
    expect(await read.sessions.wasAt('ada', '10.0.0.1', NOW + 2)).toBe(false);
    await write(({ sessions }) => sessions.forget(NOW + 2));
    expect(await read.sessions.find('h1')).toBeUndefined();
  });

  it('take a code once, in its time, for its purpose; a new one replaces it', async () => {
    const { read, write } = await filled(open);
    const code = { hash: 'c1', purpose: 'password', account: 'ada', expiresAt: NOW + 10 } as const;
    await write(({ codes }) => codes.put(code));
    const take = (hash: string, purpose: 'password' | 'setup', now: number) =>
      write(({ codes }) => codes.take(hash, purpose, now));

    expect(await take('c1', 'setup', NOW)).toBeUndefined();
    expect(await take('c1', 'password', NOW + 10)).toBeUndefined();
    expect(await read.codes.pending(NOW)).toEqual(new Set(['ada']));
    expect(await take('c1', 'password', NOW)).toEqual(code);
    expect(await take('c1', 'password', NOW)).toBeUndefined();
    await write(({ codes }) => codes.put(code));
    await write(({ codes }) => codes.put({ ...code, hash: 'c2' }));
    expect(await read.codes.find('c1', 'password', NOW)).toBeUndefined();
    expect(await read.codes.find('c2', 'password', NOW)).toEqual({ ...code, hash: 'c2' });
  });

  it('take each step of the clock and each printed code once', async () => {
    const { read, write } = await filled(open);
    await write(({ factors }) => factors.putTotp('ada', 'sealed'));
    await write(({ factors }) => factors.putRecoveryCodes('ada', ['r1', 'r2']));

    const steps = [];
    for (const step of [5, 5, 4, 6]) {
      steps.push(await write(({ factors }) => factors.takeStep('ada', step)));
    }
    const printed = [];
    for (const hash of ['r1', 'r1', 'r3']) {
      printed.push(await write(({ factors }) => factors.takeRecoveryCode('ada', hash)));
    }

    expect(steps).toEqual([true, false, false, true]);
    expect(printed).toEqual([true, false, false]);
    expect(await read.accounts.find('ada')).toMatchObject({ totp: false, recoveryCodes: 1 });
    await write(({ factors }) => factors.confirmTotp('ada'));
    expect(await read.accounts.find('ada')).toMatchObject({ totp: true });
    await write(({ factors }) => factors.putTotp('ada', 'another'));
    expect(await read.factors.totpOf('ada')).toEqual({ secret: 'another', confirmed: false });
  });

  it('take a challenge once, and forget those that are too old', async () => {
    const { store, write } = await filled(open);
    const challenge = {
      hash: 'f1',
      purpose: 'oidc',
      account: undefined,
      data: { state: 'x' },
      expiresAt: NOW + 10,
    } as const;
    await write(({ challenges }) => challenges.put(challenge, NOW));
    const take = (now: number) => write(({ challenges }) => challenges.take('f1', 'oidc', now));

    expect(await take(NOW)).toEqual(challenge);
    expect(await take(NOW)).toBeUndefined();
    await write(({ challenges }) => challenges.put(challenge, NOW));
    await write(({ challenges }) => challenges.put({ ...challenge, hash: 'f2', expiresAt: NOW + 30 }, NOW + 20));
    expect(await store.read.selectFrom('challenge').select('hash').execute()).toEqual([{ hash: 'f2' }]);
  });

  it('keep passkeys, tokens and the provider as they were given', async () => {
    const { read, write } = await filled(open);
    const passkey = {
      id: 'k1',
      account: 'ada',
      name: 'Key',
      publicKey: 'cose',
      counter: 4_000_000_000,
      transports: ['usb'],
      createdAt: NOW,
      usedAt: undefined,
    };
    const token = {
      id: 't1',
      hash: 'th',
      account: 'ada',
      name: 'script',
      permissions: ['plant:read'] as const,
      sites: ['north'],
      createdAt: NOW,
      expiresAt: NOW + 10,
      usedAt: undefined,
    };
    const provider = {
      name: 'Login',
      issuer: 'https://id.example',
      clientId: 'keyway',
      secret: undefined,
      scopes: ['openid'],
      groupsClaim: 'groups',
      groupRoles: [{ group: 'a', role: 'auditor', site: 'north' }] as const,
      hosts: [],
    };
    await write(async ({ factors, tokens, oidcProvider }) => {
      await factors.putPasskey(passkey);
      await tokens.put(token);
      await oidcProvider.put({ ...provider, name: 'Before' });
      await oidcProvider.put(provider);
    });

    expect(await read.factors.passkeysOf('ada')).toEqual([passkey]);
    expect(await read.tokens.find('th')).toEqual(token);
    expect(await read.oidcProvider.find()).toEqual(provider);
    expect(await write(({ tokens }) => tokens.remove('eve', 't1'))).toBeUndefined();
    expect(await write(({ tokens }) => tokens.remove('ada', 't1'))).toEqual(token);
    expect(await write(({ factors }) => factors.removePasskey('eve', 'k1'))).toBe(false);
    expect(await write(({ oidcProvider }) => oidcProvider.remove())).toBe(true);
    expect(await write(({ oidcProvider }) => oidcProvider.remove())).toBe(false);
  });

  it('show of the record what belongs to the sites of who asks', async () => {
    const { read, write } = await filled(open);
    const line = {
      at: NOW,
      actor: { id: 'ada', name: 'Ada' },
      act: 'x',
      subject: 's',
      before: { a: 1 },
      after: undefined,
    };
    await write(({ activity }) =>
      activity.append([
        { ...line, site: 'north' },
        { ...line, site: 'south' },
        { ...line, site: undefined },
      ]),
    );
    const sitesSeen = async (scope: 'all' | ReadonlySet<string>, before?: number) =>
      (await read.activity.list(scope, { limit: 10, before })).map(({ site }) => site);

    expect(await sitesSeen('all')).toEqual([undefined, 'south', 'north']);
    expect(await sitesSeen('all', 3)).toEqual(['south', 'north']);
    expect(await sitesSeen(new Set(['north']))).toEqual(['north']);
    expect(await sitesSeen(new Set())).toEqual([]);
  });
});

async function filled(open: () => Promise<Store>) {
  const store = await open();
  const write = <T>(work: (stores: AccessStores) => Promise<T>) => store.write((db) => work(createAccessStores(db)));
  await write(({ accounts }) =>
    accounts.create({ id: 'ada', name: 'Ada', email: 'ada@plant.example', createdAt: NOW }),
  );
  return { store, write, read: createAccessStores(store.read) };
}
