// Owns serving the web page: the built files, which say nothing about anybody's data. The page fetches all data itself.
import { existsSync } from 'node:fs';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

const missing = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>snaps</title></head>
<body><h1>The page is not built</h1><p>Run <code>npm run build</code>, then start the host again. The API under /api works without it.</p></body>
</html>
`;

/** Adds the page from the folder of its built files. */
export async function addPage(server: FastifyInstance, folder: string): Promise<void> {
  if (!existsSync(path.join(folder, 'index.html'))) {
    server.get('/', { schema: { hide: true } }, async (_request, reply) =>
      reply.type('text/html; charset=utf-8').send(missing),
    );
    return;
  }
  await server.register(fastifyStatic, {
    root: folder,
    wildcard: true,
    cacheControl: false,
    index: ['index.html'],
    setHeaders: (reply, file) => {
      // Names of these files carry a hash of their content.
      if (path.basename(path.dirname(file)) === 'assets')
        reply.header('cache-control', 'public, max-age=31536000, immutable');
    },
  });
}
