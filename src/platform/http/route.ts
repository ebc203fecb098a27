import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Failure } from '../../kit/failure.ts';
import type { Result } from '../../kit/result.ts';
import type { Scope } from '../../kit/scope.ts';
import type { Principal } from './principal.ts';

/**
 * An endpoint as data: the server, the OpenAPI file, the permission matrix and the manual are made from it.
 * Deny by default: a route names the permission that it needs, and the server does not start with one that nobody knows.
 */
export interface Route {
  /** Stable: authorisation, metrics and logs go by it, never by the path: `inventory.list-assets`. */
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/api`: `/assets/:id`. */
  readonly path: string;
  readonly summary: string;
  /** `public`: anybody; `signed-in`: any person, in their own affairs; else a permission. */
  readonly permission: 'public' | 'signed-in' | string;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  /** Absent: no body. `stream`: raw bytes, which the handler reads from `request.raw` within `bodyLimit`. */
  readonly body?: z.ZodType | 'stream';
  /** Bytes; default 1 MiB. */
  readonly bodyLimit?: number;
  /** Undeclared fields of a reply are stripped. `nothing`: 204. `redirect`: 302 to the address that the handler returns. A media type: a stream or text of it. */
  readonly reply: z.ZodType | 'nothing' | 'redirect' | MediaType;
  /** Tries a minute and address, where it is fewer than for other routes. */
  readonly perMinute?: number;
  handle(call: Call<never, never, never>): Promise<Result<unknown, Failure>>;
}

export type MediaType =
  | 'text/csv'
  | 'application/json'
  | 'application/x-ndjson'
  | 'text/event-stream'
  | 'text/plain'
  | 'application/octet-stream';

export interface Call<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly principal: Principal;
  /** The sites in which the caller holds the permission of this route. */
  readonly scope: Scope;
  readonly request: FastifyRequest;
  /** For cookies and headers only; the reply itself is what the handler returns. */
  readonly reply: FastifyReply;
}

/** What a handler returns for a route whose reply is a media type. */
export interface Download {
  readonly body: Readable | AsyncIterable<string | Uint8Array> | string;
  /** Makes it an attachment of this name. */
  readonly fileName?: string;
}

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;
type Replied<Reply> = Reply extends z.ZodType
  ? z.input<Reply>
  : Reply extends 'nothing'
    ? undefined
    : Reply extends 'redirect'
      ? string
      : Download;

export interface RouteOf<
  Params extends z.ZodType | undefined,
  Query extends z.ZodType | undefined,
  Body extends z.ZodType | 'stream' | undefined,
  Reply extends z.ZodType | 'nothing' | 'redirect' | MediaType,
> extends Omit<Route, 'params' | 'query' | 'body' | 'reply' | 'handle'> {
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  readonly reply: Reply;
  handle(call: Call<Parsed<Params>, Parsed<Query>, Parsed<Body>>): Promise<Result<Replied<Reply>, Failure>>;
}

/** Checks that handler and schemas agree, and seals their types in, so that all routes share one plain list. */
export function defineRoute<
  Reply extends z.ZodType | 'nothing' | 'redirect' | MediaType,
  Params extends z.ZodType | undefined = undefined,
  Query extends z.ZodType | undefined = undefined,
  Body extends z.ZodType | 'stream' | undefined = undefined,
>(route: RouteOf<Params, Query, Body, Reply>): Route {
  return route as unknown as Route;
}
