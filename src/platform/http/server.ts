import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import fastifyCookie from '@fastify/cookie';
import fastifyRateLimit from '@fastify/rate-limit';
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Logger } from 'pino';
import type { z } from 'zod';
import type { Failure, FailureKind } from '../../kit/failure.ts';
import type { Scope } from '../../kit/scope.ts';
import { StoreFullError } from '../store/store.ts';
import { type PageFiles, servePages } from './pages.ts';
import { NOBODY, type Principal } from './principal.ts';
import type { Call, Download, Route } from './route.ts';

const STATUS: Readonly<Record<FailureKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  'too-many': 429,
  unavailable: 503,
};

export const BODY_LIMIT = 1_048_576;
const HEADER_LIMIT = 16_384;
const PER_MINUTE = 1200;
/** Milliseconds until a request has arrived, whole; a capture that is handed in may take its time. */
const REQUEST_TIMEOUT = 60_000;
const STREAM_TIMEOUT = 7_200_000;
const NOWHERE: Scope = new Set<string>();

const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
};

export interface ServerParts {
  readonly routes: readonly Route[];
  /** Every permission that a role may hold. */
  readonly permissions: ReadonlySet<string>;
  /** Who asks: from a session, a token or a sensor's secret. Never throws for bad credentials: that is nobody. */
  authenticate(request: FastifyRequest): Promise<Principal>;
  readonly log: Logger;
  /** The console's built files; absent: only the API is served. */
  readonly pages?: PageFiles;
  /** PEM; absent: plain HTTP, for loopback. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Requests a minute that one address may send to a route; absent: what is enough for a person. */
  readonly perMinute?: number;
  /** Called when a reply is done, for metrics. */
  replied?(route: string, status: number, seconds: number): void;
}

/** The HTTP server over routes as data. Throws where a route is not fit to be served: nothing fails open. */
export async function createServer(parts: ServerParts): Promise<FastifyInstance> {
  assertServable(parts);
  const server = fastify({
    loggerInstance: parts.log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    trustProxy: false,
    requestTimeout: STREAM_TIMEOUT,
    connectionTimeout: 0,
    keepAliveTimeout: 10_000,
    genReqId: () => randomUUID(),
    routerOptions: {
      caseSensitive: true,
      ignoreDuplicateSlashes: false,
      ignoreTrailingSlash: false,
      maxParamLength: 300,
    },
    http: { maxHeaderSize: HEADER_LIMIT, headersTimeout: 10_000 },
    ...(parts.tls === undefined
      ? {}
      : { https: { ...parts.tls, maxHeaderSize: HEADER_LIMIT, headersTimeout: 10_000 } }),
  } as Parameters<typeof fastify>[0]) as unknown as FastifyInstance;
  await server.register(fastifyCookie);
  await server.register(fastifyRateLimit, {
    max: parts.perMinute ?? PER_MINUTE,
    timeWindow: '1 minute',
    errorResponseBuilder: (request) =>
      Object.assign(new Error('Too many requests: wait a minute.'), { statusCode: 429, id: request.id }),
  });
  server.addHook('onRequest', async (request, reply) => {
    void reply.headers(HEADERS);
    if (parts.tls !== undefined) {
      void reply.header('strict-transport-security', 'max-age=31536000');
    }
    if (!isPlainPath(request.raw.url ?? '')) {
      await sendFailure(request, reply, {
        kind: 'invalid',
        code: 'http.path',
        message: 'This path has characters that no address of Keyway has.',
      });
    }
  });
  // Anything else than JSON is read by the route itself, or not at all.
  server.addContentTypeParser('*', (_request, _payload, done) => done(null, undefined));
  server.setErrorHandler((error: FastifyError, request, reply) => answerError(error, request, reply));
  for (const route of parts.routes) {
    addRoute(server, route, parts);
  }
  if (parts.pages === undefined) {
    server.setNotFoundHandler((request, reply) => sendFailure(request, reply, NOT_FOUND));
  } else {
    await servePages(server, parts.pages, (request, reply) => sendFailure(request, reply, NOT_FOUND));
  }
  return server;
}

const NOT_FOUND: Failure = { kind: 'not-found', code: 'http.not-found', message: 'There is nothing at this address.' };

function assertServable({ routes, permissions }: ServerParts): void {
  const ids = new Set<string>();
  for (const { id, permission } of routes) {
    if (ids.has(id)) {
      throw new Error(`two routes are called ${id}`);
    }
    ids.add(id);
    if (permission !== 'public' && permission !== 'signed-in' && !permissions.has(permission)) {
      throw new Error(`route ${id} needs permission ${permission}, which no role can hold`);
    }
  }
}

/** Paths are matched once and undecoded, so what only decodes to a path is none. */
function isPlainPath(url: string): boolean {
  const path = url.split('?', 1)[0] ?? '';
  return !(
    /%2e|%2f|%5c|%00|;|\\/iu.test(path) ||
    path.includes('//') ||
    path.includes('..') ||
    /[^\x21-\x7e]/u.test(path)
  );
}

function addRoute(server: FastifyInstance, route: Route, parts: ServerParts): void {
  const body = route.body === 'stream' ? undefined : route.body;
  const admitted = new WeakMap<FastifyRequest, Pick<Call<never, never, never>, 'principal' | 'scope'>>();
  const timed = arrivesInTime();
  server.route({
    method: route.method,
    url: `/api${route.path}`,
    bodyLimit: route.bodyLimit ?? BODY_LIMIT,
    config: route.perMinute === undefined ? {} : { rateLimit: { max: route.perMinute, timeWindow: '1 minute' } },
    onRequest: [...(route.body === 'stream' ? [] : [timed.begin]), admit],
    preHandler: [timed.arrived],
    onResponse: [
      timed.arrived,
      async (_request, reply) => parts.replied?.(route.id, reply.statusCode, reply.elapsedTime / 1000),
    ],
    onRequestAbort: [timed.arrived],
    async handler(request, reply) {
      await answer(request, reply);
      return reply;
    },
  });

  /** Before the body is read: who may not ask is not listened to. */
  async function admit(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    if (route.method !== 'GET' && !isOwnOrigin(request)) {
      sendFailure(request, reply, {
        kind: 'forbidden',
        code: 'http.origin',
        message: 'This request came from another site.',
      });
      return reply;
    }
    const principal = await parts.authenticate(request);
    const scope = scopeFor(principal, route.permission);
    if (scope === undefined) {
      sendFailure(
        request,
        reply,
        principal.kind === 'nobody'
          ? { kind: 'unauthenticated', code: 'access.sign-in', message: 'Sign in first.' }
          : { kind: 'forbidden', code: 'access.forbidden', message: `This needs the permission ${route.permission}.` },
      );
      return reply;
    }
    admitted.set(request, { principal, scope });
    return undefined;
  }

  async function answer(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { principal, scope } = admitted.get(request) ?? { principal: NOBODY, scope: NOWHERE };
    const params = parse(route.params, request.params, 'path');
    const query = parse(route.query, request.query, 'query');
    const content = parse(body, request.body, 'body');
    for (const part of [params, query, content]) {
      if ('failure' in part) {
        sendFailure(request, reply, part.failure);
        return;
      }
    }
    const call = {
      params: (params as Given).value,
      query: (query as Given).value,
      body: (content as Given).value,
      principal,
      scope,
      request,
      reply,
    };
    const result = await route.handle(call as Call<never, never, never>);
    if (result.ok) {
      sendValue(route, reply, result.value);
    } else {
      sendFailure(request, reply, result.error);
    }
  }
}

/** Ends the connection of whoever sends a body too slowly. */
function arrivesInTime() {
  const timers = new WeakMap<FastifyRequest, NodeJS.Timeout>();
  return {
    begin: async (request: FastifyRequest): Promise<void> => {
      timers.set(request, setTimeout(() => request.raw.destroy(), REQUEST_TIMEOUT).unref());
    },
    arrived: async (request: FastifyRequest): Promise<void> => clearTimeout(timers.get(request)),
  };
}

function scopeFor(principal: Principal, permission: string): Scope | undefined {
  if (permission === 'public') {
    return NOWHERE;
  }
  if (permission === 'signed-in') {
    return principal.kind === 'person' ? NOWHERE : undefined;
  }
  return principal.scopeOf(permission);
}

/** Browsers say where a request comes from; scripts and sensors say nothing and carry no cookie. */
function isOwnOrigin(request: FastifyRequest): boolean {
  const { origin, host } = request.headers;
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    return false;
  }
  if (origin === undefined) {
    return request.headers.cookie === undefined || site !== undefined;
  }
  return URL.canParse(origin) && new URL(origin).host === host;
}

interface Given {
  readonly value: unknown;
}

function parse(schema: z.ZodType | undefined, value: unknown, place: string): Given | { readonly failure: Failure } {
  if (schema === undefined) {
    return { value: undefined };
  }
  if (!isStorable(value)) {
    const message = `${place}: a text has a NUL or half of a character`;
    return { failure: { kind: 'invalid', code: 'http.invalid', message, details: [{ at: place, message }] } };
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) {
    return { value: parsed.data };
  }
  const details = parsed.error.issues.map(({ path, message }) => ({ at: [place, ...path].join('.'), message }));
  const [first] = details;
  const message = `${first?.at ?? place}: ${first?.message ?? 'not as expected'}`;
  return { failure: { kind: 'invalid', code: 'http.invalid', message, details } };
}

/** No text in it is one that PostgreSQL refuses to store or to look for. */
function isStorable(value: unknown): boolean {
  const left = [value];
  // No recursion: whoever asks decides how deep it is.
  while (left.length > 0) {
    const one = left.pop();
    if (typeof one === 'string' ? one.includes('\0') || !one.isWellFormed() : false) {
      return false;
    }
    if (typeof one === 'object' && one !== null) {
      for (const [name, part] of Object.entries(one)) {
        left.push(name, part);
      }
    }
  }
  return true;
}

function sendValue(route: Route, reply: FastifyReply, value: unknown): void {
  if (route.reply === 'nothing') {
    void reply.code(204).send();
    return;
  }
  if (route.reply === 'redirect') {
    void reply.header('cache-control', 'no-store').redirect(value as string, 302);
    return;
  }
  if (typeof route.reply === 'string') {
    const { body, fileName } = value as Download;
    void reply.type(`${route.reply}; charset=utf-8`).header('cache-control', 'no-store');
    if (fileName !== undefined) {
      void reply.header('content-disposition', `attachment; filename="${fileName.replaceAll(/[^\w.-]/gu, '_')}"`);
    }
    void reply.send(typeof body === 'string' || body instanceof Readable ? body : Readable.from(body));
    return;
  }
  void reply
    .type('application/json; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(JSON.stringify(route.reply.parse(value)));
}

function sendFailure(request: FastifyRequest, reply: FastifyReply, failure: Failure): void {
  const { code, message, details } = failure;
  void reply
    .code(STATUS[failure.kind])
    .header('cache-control', 'no-store')
    .send({ error: { code, message, details }, request: request.id });
}

function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  if (error instanceof StoreFullError) {
    sendFailure(request, reply, { kind: 'unavailable', code: 'store.full', message: error.message });
    return;
  }
  const status = error.statusCode ?? 500;
  if (status >= 500) {
    // The reply has the request's number; what went wrong inside is in the log alone.
    request.log.error({ err: error, request: request.id }, 'internal fault');
  }
  const message = status >= 500 ? 'An internal fault. The log has it under the number of this request.' : error.message;
  void reply
    .code(status)
    .header('cache-control', 'no-store')
    .send({ error: { code: status >= 500 ? 'internal' : 'http.refused', message }, request: request.id });
}
