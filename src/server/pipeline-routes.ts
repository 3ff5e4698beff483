// Owns the routes of pipelines: kept ones with their versions, and drafts that are checked, previewed and evaluated.
import type { FastifyInstance } from 'fastify';
import type { JsonObject, JsonValue } from '../document/json.ts';
import type { Host, SavedPipeline } from '../host/host.ts';
import type { SavedPipeline as SavedPipelineBody, SavedPipelineView } from './contract.ts';
import { idParameter, pipelineBody, tag, texts } from './schemas.ts';

const previewDocumentsMax = 200;
const evaluatedDocumentsMax = 200;

interface Named {
  readonly Params: { readonly id: string };
}

export function addPipelineRoutes(server: FastifyInstance, host: Host): void {
  const { pipelines } = host;
  server.get('/api/pipelines', { schema: tag('Pipelines', 'List the saved pipelines') }, async () =>
    (await pipelines.list()).map(viewOf),
  );
  server.get<Named & { Querystring: { version?: number } }>(
    '/api/pipelines/:id',
    {
      schema: {
        ...tag('Pipelines', 'Show a pipeline, in its newest version or another'),
        params: idParameter,
        querystring: { type: 'object', properties: { version: { type: 'integer', minimum: 1 } } },
      },
    },
    async (request) => bodyOf(await pipelines.show(request.params.id, request.query.version)),
  );
  server.put<Named & { Body: { pipeline: JsonObject; layout?: JsonObject; basedOn: number } }>(
    '/api/pipelines/:id',
    {
      schema: {
        ...tag('Pipelines', 'Save a pipeline; a change makes a version'),
        params: idParameter,
        body: {
          type: 'object',
          required: ['pipeline', 'basedOn'],
          additionalProperties: false,
          properties: {
            pipeline: pipelineBody,
            layout: { type: 'object', additionalProperties: true },
            basedOn: { type: 'integer', minimum: 0, description: 'the newest version that you know; 0 for a new one' },
          },
        },
      },
    },
    async (request) => bodyOf(await pipelines.save({ name: request.params.id, ...request.body })),
  );
  server.delete<Named>(
    '/api/pipelines/:id',
    { schema: { ...tag('Pipelines', 'Remove a pipeline with its versions'), params: idParameter } },
    async (request) => {
      await pipelines.remove(request.params.id);
      return { removed: true };
    },
  );
  server.get<Named>(
    '/api/pipelines/:id/versions',
    { schema: { ...tag('Pipelines', 'List the versions of a pipeline, newest first'), params: idParameter } },
    async (request) => pipelines.versions(request.params.id),
  );
  addDraftRoutes(server, host);
  addImportRoute(server, host);
}

function addDraftRoutes(server: FastifyInstance, host: Host): void {
  const draft = { pipeline: pipelineBody, accounts: texts, parameters: texts };
  server.post<{ Body: { pipeline: JsonObject; accounts?: Record<string, string> } }>(
    '/api/check',
    {
      schema: {
        ...tag('Pipelines', 'Check a pipeline: all faults at once, nothing sent'),
        body: { type: 'object', required: ['pipeline'], additionalProperties: false, properties: draft },
      },
    },
    async ({ body }) => ({ faults: await host.checkDraft(body.pipeline, { accounts: body.accounts ?? {} }) }),
  );
  server.post<{
    Body: {
      pipeline: JsonObject;
      documents?: number;
      accounts?: Record<string, string>;
      parameters?: Record<string, string>;
    };
  }>(
    '/api/preview',
    {
      schema: {
        ...tag('Pipelines', 'Run a bounded sample with no effect outside'),
        body: {
          type: 'object',
          required: ['pipeline'],
          additionalProperties: false,
          properties: {
            ...draft,
            documents: { type: 'integer', minimum: 1, maximum: previewDocumentsMax, default: 50 },
          },
        },
      },
    },
    async ({ body: { pipeline, documents = 50, accounts = {}, parameters = {} } }) =>
      host.preview({ pipeline, documentsMax: documents, accounts, parameters }),
  );
  server.post<{ Body: { expression: string; documents: JsonObject[]; parameters?: JsonObject } }>(
    '/api/evaluate',
    {
      schema: {
        ...tag('Pipelines', 'Evaluate an expression for some documents'),
        body: {
          type: 'object',
          required: ['expression', 'documents'],
          additionalProperties: false,
          properties: {
            expression: { type: 'string', minLength: 1, maxLength: 10_000 },
            documents: { type: 'array', maxItems: evaluatedDocumentsMax, items: pipelineBody },
            parameters: pipelineBody,
          },
        },
      },
    },
    async ({ body: { expression, documents, parameters = {} } }) => ({
      results: await host.evaluate({ expression, documents, parameters }),
    }),
  );
}

function addImportRoute(server: FastifyInstance, host: Host): void {
  server.post<{ Body: { file: string; content: JsonObject } }>(
    '/api/import',
    {
      schema: {
        ...tag(
          'Pipelines',
          'Make a pipeline of a SnapLogic .slp file, and list what was not taken over; nothing is kept',
        ),
        body: {
          type: 'object',
          required: ['file', 'content'],
          additionalProperties: false,
          properties: {
            file: { type: 'string', minLength: 1, maxLength: 200, description: 'the name of the file' },
            content: { type: 'object', additionalProperties: true, description: 'the JSON that stands in it' },
          },
        },
      },
    },
    async ({ body }) => host.importPipeline(body.file, body.content),
  );
}

function viewOf({ name, newest, pipeline, updatedAt }: SavedPipeline): SavedPipelineView {
  const snaps = Array.isArray(pipeline.snaps) ? pipeline.snaps : [];
  const accounts = snaps.map(accountOf).filter((account) => account !== undefined);
  return {
    name,
    description: typeof pipeline.description === 'string' ? pipeline.description : '',
    version: newest,
    snaps: snaps.length,
    accounts: [...new Set(accounts)],
    updatedAt,
  };
}

function bodyOf(saved: SavedPipeline): SavedPipelineBody {
  return {
    ...viewOf(saved),
    version: saved.version,
    newest: saved.newest,
    pipeline: saved.pipeline,
    layout: saved.layout,
  };
}

function accountOf(snap: JsonValue): string | undefined {
  if (typeof snap !== 'object' || snap === null || Array.isArray(snap)) return undefined;
  const { account } = snap as JsonObject;
  return typeof account === 'string' ? account : undefined;
}
