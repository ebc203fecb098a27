import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** The console as it was built: one page, and files whose names change with their content. */
export interface PageFiles {
  readonly folder: string;
}

/** Serves the console: every address that is no API and no file is a view of the one page. */
export async function servePages(
  server: FastifyInstance,
  { folder }: PageFiles,
  notFound: (request: FastifyRequest, reply: FastifyReply) => unknown,
): Promise<void> {
  if (!existsSync(join(folder, 'index.html'))) {
    throw new Error(`the console is not built: ${folder} has no index.html (npm run build)`);
  }
  await server.register(fastifyStatic, {
    root: folder,
    wildcard: false,
    index: false,
    cacheControl: false,
    setHeaders(reply, path) {
      const isNamedByContent = path.includes('/assets/');
      void reply.header('cache-control', isNamedByContent ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  server.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const isView = request.method === 'GET' && !path.startsWith('/api') && !/\.[a-z0-9]+$/u.test(path);
    return isView ? reply.sendFile('index.html') : notFound(request, reply);
  });
}
