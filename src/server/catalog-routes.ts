// Owns the routes of what packs offer: nothing here touches the store or the network.
import type { FastifyInstance } from 'fastify';
import type { Host, SuggestionRequest } from '../host/host.ts';
import { idParameter, pipelineBody, tag } from './schemas.ts';

interface Named {
  readonly Params: { readonly id: string };
}

const suggestionBody = {
  type: 'object',
  required: ['setting', 'settings'],
  additionalProperties: false,
  properties: {
    setting: { type: 'string', minLength: 1, maxLength: 500, description: 'JSON pointer: /filters/0/field' },
    settings: { ...pipelineBody, description: 'the settings as far as they are filled in' },
    account: { type: 'string', minLength: 1, maxLength: 200, description: 'asked for what the pack cannot know' },
    text: { type: 'string', maxLength: 300, description: 'what was written so far' },
  },
} as const;

export function addCatalogRoutes(server: FastifyInstance, host: Host): void {
  const { catalog } = host;
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
  server.post<Named & { Body: Omit<SuggestionRequest, 'snap'> }>(
    '/api/snaps/:id/suggestions',
    {
      schema: {
        ...tag('Catalog', 'Suggest what may stand in a setting, from the pack and from an account'),
        params: idParameter,
        body: suggestionBody,
      },
    },
    async ({ params, body }) => host.suggest({ ...body, snap: params.id }),
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
