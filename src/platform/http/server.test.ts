import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ok } from '../../kit/result.ts';
import { NOBODY, type Principal } from './principal.ts';
import { defineRoute, type Route } from './route.ts';
import { createServer } from './server.ts';

const echo = defineRoute({
  id: 'test.echo',
  method: 'POST',
  path: '/echo',
  summary: 'Says what it was told',
  permission: 'test:write',
  body: z.strictObject({ word: z.string() }),
  reply: z.object({ word: z.string() }),
  handle: async ({ body }) => ok({ ...body, secret: 'never declared' }),
});
const writer: Principal = {
  kind: 'token',
  id: 't',
  name: 'T',
  scopeOf: (permission) => (permission === 'test:write' ? 'all' : undefined),
};

function serverFor(
  principal: Principal,
  routes: readonly Route[] = [echo],
  replied?: (route: string, status: number) => void,
) {
  return createServer({
    routes,
    permissions: new Set(['test:write']),
    authenticate: async () => principal,
    log: pino({ level: 'silent' }),
    ...(replied === undefined ? {} : { replied }),
  });
}

const post = (payload: string, headers = {}, url = '/api/echo') => ({
  method: 'POST' as const,
  url,
  payload,
  headers: { 'content-type': 'application/json', ...headers },
});

describe('server', () => {
  it('asks who may before it reads what is said', async () => {
    const server = await serverFor(NOBODY);

    expect((await server.inject(post('{ no json'))).statusCode).toBe(401);
  });

  it.each([
    { name: 'what the route takes', payload: '{"word":"a"}', status: 200 },
    { name: 'no JSON', payload: '{ no json', status: 400 },
    { name: 'a field that nobody declared', payload: '{"word":"a","extra":1}', status: 400 },
    { name: 'a key of objects themselves', payload: '{"word":"a","__proto__":{}}', status: 400 },
    { name: 'more than a body may hold', payload: JSON.stringify({ word: 'a'.repeat(1_048_576) }), status: 413 },
  ])('answers $name with $status', async ({ payload, status }) => {
    const server = await serverFor(writer);

    expect((await server.inject(post(payload))).statusCode).toBe(status);
  });

  it('strips what a reply does not declare', async () => {
    const server = await serverFor(writer);

    expect((await server.inject(post('{"word":"a"}'))).json()).toEqual({ word: 'a' });
  });

  it.each([
    { name: 'another origin', headers: { origin: 'https://evil.example' } },
    { name: 'another site', headers: { 'sec-fetch-site': 'cross-site' } },
    { name: 'a sibling site', headers: { 'sec-fetch-site': 'same-site' } },
    { name: 'a cookie and no origin', headers: { cookie: 'a=b' } },
  ])('refuses a change from $name', async ({ headers }) => {
    const server = await serverFor(writer);

    expect((await server.inject(post('{"word":"a"}', headers))).statusCode).toBe(403);
  });

  it.each([
    '/api/%65cho/..',
    '/api//echo',
    '/api/echo%2f',
    '/api/echo;a',
    '/api/ECHO',
    '/api/echo/',
    '/api/%2e%2e/echo',
  ])('has nothing at %s', async (url) => {
    const server = await serverFor(writer);

    expect([400, 404]).toContain((await server.inject(post('{"word":"a"}', {}, url))).statusCode);
  });

  it('tells of every reply, refused ones too, by the name of the route', async () => {
    const told: [string, number][] = [];
    const server = await serverFor(NOBODY, [echo], (route, status) => told.push([route, status]));

    await server.inject(post('{"word":"a"}'));

    expect(told).toEqual([['test.echo', 401]]);
  });

  it('does not start with a route that nobody can be allowed', async () => {
    await expect(serverFor(writer, [{ ...echo, permission: 'test:unknown' }])).rejects.toThrow('test:unknown');
    await expect(serverFor(writer, [echo, echo])).rejects.toThrow('two routes');
  });
});
