import { z } from 'zod';
import { fail } from '../../kit/failure.ts';
import { ok } from '../../kit/result.ts';
import { inScope } from '../../kit/scope.ts';
import { isoTime } from '../../kit/time.ts';
import { defineRoute, type Route } from '../../platform/http/route.ts';
import { MOST_UPLOAD, type Uploads } from './jobs.ts';
import type { Upload, UploadStore } from './upload.ts';

const UploadReply = z.object({
  id: z.string(),
  site: z.string(),
  name: z.string(),
  network: z.string(),
  by: z.string(),
  at: z.string(),
  size: z.number(),
  sha256: z.string(),
  state: z.enum(['waiting', 'analysing', 'done', 'refused', 'cancelled']),
  /** 0 to 1. */
  progress: z.number(),
  recorded: z.number(),
  counts: z
    .object({ packets: z.number(), assets: z.number(), conversations: z.number(), findings: z.number() })
    .nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  endedAt: z.string().nullable(),
});

const Id = z.object({ id: z.string().min(1).max(64) });
/** Captures of one site are of one network, unless it is said which. */
const NETWORK = 'captures';

export function uploadRoutes(uploads: Uploads, store: UploadStore): readonly Route[] {
  const replyOf = (upload: Upload) => uploadReply(upload, uploads.progress(upload.id));
  return [
    defineRoute({
      id: 'upload.hand-in',
      method: 'POST',
      path: '/uploads',
      summary: 'Hand in a capture (pcap, pcapng, gzip): the body is the file',
      permission: 'captures:upload',
      query: z.object({
        site: z.string().min(1).max(64),
        name: z.string().trim().min(1).max(255),
        network: z.string().trim().min(1).max(100).default(NETWORK),
      }),
      body: 'stream',
      bodyLimit: MOST_UPLOAD,
      reply: z.object({ id: z.string() }),
      async handle({ principal: { id, name }, scope, query, request, reply }) {
        if (!inScope(scope, query.site)) {
          return fail('not-found', 'upload.no-site', `There is no site ${query.site}.`);
        }
        const handedIn = await uploads.handIn({ id, name }, query, request.raw);
        if (!handedIn.ok) {
          // What is left of the body is not read any more.
          void reply.header('connection', 'close');
        }
        return handedIn;
      },
    }),
    defineRoute({
      id: 'upload.list',
      method: 'GET',
      path: '/uploads',
      summary: 'Captures that were handed in, the newest first',
      permission: 'captures:upload',
      query: z.object({
        offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
        limit: z.coerce.number().int().min(1).max(200).default(50),
      }),
      reply: z.object({ items: z.array(UploadReply), total: z.number() }),
      async handle({ scope, query }) {
        const { items, total } = await store.list(scope, query);
        return ok({ items: items.map(replyOf), total });
      },
    }),
    defineRoute({
      id: 'upload.get',
      method: 'GET',
      path: '/uploads/:id',
      summary: 'How far a capture is looked at, and what came of it',
      permission: 'captures:upload',
      params: Id,
      reply: UploadReply,
      async handle({ scope, params: { id } }) {
        const upload = await store.find(scope, id);
        return upload === undefined
          ? fail('not-found', 'upload.not-found', `There is no upload ${id}.`)
          : ok(replyOf(upload));
      },
    }),
    defineRoute({
      id: 'upload.cancel',
      method: 'DELETE',
      path: '/uploads/:id',
      summary: 'Look no further at a capture: what is recorded of it so far stays',
      permission: 'captures:upload',
      params: Id,
      reply: 'nothing',
      handle: ({ principal: { id: actor, name }, scope, params: { id } }) =>
        uploads.cancel({ id: actor, name }, scope, id),
    }),
  ];
}

function uploadReply(upload: Upload, share: number | undefined): z.input<typeof UploadReply> {
  const { actor, at, counts, error, endedAt, state, ...rest } = upload;
  return {
    ...rest,
    state,
    by: actor.name,
    at: isoTime(at),
    progress: state === 'done' ? 1 : (share ?? 0),
    counts: counts ?? null,
    error: error ?? null,
    endedAt: endedAt === undefined ? null : isoTime(endedAt),
  };
}
