// Owns the routes of what packs offer: nothing here touches the store or the network.
import type { FastifyInstance } from 'fastify';
import type { Host } from '../host/host.ts';
import { idParameter, tag } from './schemas.ts';

interface Named {
  readonly Params: { readonly id: string };
}

export function addCatalogRoutes(server: FastifyInstance, { catalog }: Host): void {
  server.get('/api/packs', { schema: tag('Catalog', 'List the loaded packs') }, async () => catalog.packs());
  server.get('/api/account-types', { schema: tag('Catalog', 'List the account types with their forms') }, async () =>
    catalog.accountTypes(),
  );
  server.get('/api/snaps', { schema: tag('Catalog', 'List the snaps') }, async () => catalog.snaps());
  server.get<Named>(
    '/api/snaps/:id',
    { schema: { ...tag('Catalog', 'Show a snap: settings schema, views, filter operators'), params: idParameter } },
    async (request) => catalog.snap(request.params.id),
  );
  server.get('/api/resources', { schema: tag('Catalog', 'List the resources') }, async () => catalog.resources());
  server.get<Named>(
    '/api/resources/:id',
    { schema: { ...tag('Catalog', 'Show a resource: calls, scopes, record schema'), params: idParameter } },
    async (request) => catalog.resource(request.params.id),
  );
  server.get<{ Params: { pack: string; id: string } }>(
    '/api/packs/:pack/objects/:id',
    {
      schema: {
        ...tag('Catalog', 'Show the schema of an object that records refer to'),
        params: {
          type: 'object',
          properties: { ...idParameter.properties, pack: idParameter.properties.id },
        },
      },
    },
    async (request) => catalog.object(request.params.pack, request.params.id),
  );
}
