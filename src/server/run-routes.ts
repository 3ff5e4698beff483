// Owns the routes of runs: the history, one run, starting, stopping, its error documents.
import type { FastifyInstance } from 'fastify';
import { ConfigurationError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import type { StartRun } from './contract.ts';
import type { LiveRuns } from './live-runs.ts';
import { sendProblem } from './problem.ts';
import { idParameter, pipelineBody, tag, texts } from './schemas.ts';

const runsListedMax = 200;
const errorsListedMax = 500;

interface Named {
  readonly Params: { readonly id: string };
}

export function addRunRoutes(server: FastifyInstance, host: Host, live: LiveRuns): void {
  server.get<{ Querystring: { limit?: number; before?: string; pipeline?: string } }>(
    '/api/runs',
    {
      schema: {
        ...tag('Runs', 'List runs, newest first; `next` of a page is `before` of the one after it'),
        querystring: {
          type: 'object',
          properties: {
            limit: { type: 'integer', minimum: 1, maximum: runsListedMax, default: 50 },
            before: { type: 'string', maxLength: 200 },
            pipeline: { type: 'string', maxLength: 200 },
          },
        },
      },
    },
    async ({ query: { limit = 50, ...rest } }) => {
      const runs = await host.runs.list({ limit: limit + 1, ...rest });
      const page = runs.slice(0, limit);
      return { runs: page, next: runs.length > limit ? (page.at(-1)?.runId ?? null) : null };
    },
  );
  server.get<Named>(
    '/api/runs/:id',
    { schema: { ...tag('Runs', 'Show the report of a run'), params: idParameter } },
    async (request) => host.runs.show(request.params.id),
  );
  server.get<Named>(
    '/api/runs/:id/definition',
    { schema: { ...tag('Runs', 'Show what a run was started from'), params: idParameter } },
    async (request) => host.runs.definition(request.params.id),
  );
  addStart(server, live);
  server.post<Named>(
    '/api/runs/:id/cancel',
    { schema: { ...tag('Runs', 'Stop a run at its last checkpoint; it can be resumed'), params: idParameter } },
    async (request) => ({ state: await host.runs.stop(request.params.id) }),
  );
  server.get<Named & { Querystring: { after?: number; limit?: number } }>(
    '/api/runs/:id/errors',
    {
      schema: {
        ...tag('Runs', 'List the error documents that a run kept, in the order they came'),
        params: idParameter,
        querystring: {
          type: 'object',
          properties: {
            after: { type: 'integer', minimum: 0 },
            limit: { type: 'integer', minimum: 1, maximum: errorsListedMax, default: 50 },
          },
        },
      },
    },
    async ({ params, query: { limit = 50, after = 0 } }) => host.runs.errors(params.id, { after, limit }),
  );
}

function addStart(server: FastifyInstance, live: LiveRuns): void {
  server.post<{ Body: StartRun }>(
    '/api/runs',
    {
      schema: {
        ...tag('Runs', 'Start a run; the same Idempotency-Key gives the same run'),
        headers: {
          type: 'object',
          properties: { 'idempotency-key': { type: 'string', minLength: 8, maxLength: 200 } },
        },
        body: {
          type: 'object',
          additionalProperties: false,
          properties: {
            pipeline: {
              anyOf: [{ type: 'string', maxLength: 200 }, pipelineBody],
              description: 'the name of a saved pipeline, or a pipeline',
            },
            accounts: texts,
            parameters: texts,
            resume: { type: 'string', maxLength: 200, description: 'a run to go on with from its last checkpoint' },
          },
        },
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key'];
      if (typeof key !== 'string') return sendProblem(reply, 400, keyMissing().toJSON());
      const runId = await live.start(request.body, key);
      return reply.code(202).send({ runId });
    },
  );
}

function keyMissing(): ConfigurationError {
  return new ConfigurationError('SNAP_USAGE', 'The run was not started.', {
    reason: 'the request has no Idempotency-Key header, so a repeated request would start a second run',
    resolution: 'send a fresh random key, the same one when you repeat the request',
  });
}
