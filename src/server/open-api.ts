// Owns the OpenAPI document: it is made of the schemas of the routes, and nothing in it is written twice.
import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';

/** Lets every route that is added afterwards be described. */
export async function addOpenApi(server: FastifyInstance): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'snaps host',
        version: '1',
        description:
          'The API behind the web page. Each request carries the session cookie and the page token in X-Snaps-Page; both come from POST /api/session.',
      },
      components: {
        securitySchemes: {
          cookie: { type: 'apiKey', in: 'cookie', name: 'snaps-PORT' },
          page: { type: 'apiKey', in: 'header', name: 'X-Snaps-Page' },
        },
      },
      security: [{ cookie: [], page: [] }],
    },
    refResolver: { buildLocalReference: (json, _base, _fragment, index) => String(json.$id ?? `schema-${index}`) },
  });
}
