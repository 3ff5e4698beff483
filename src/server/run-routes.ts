// Owns the routes of runs: the history, one run, starting, stopping, its error documents.
import type { FastifyInstance } from 'fastify';
import { ConfigurationError } from '../errors.ts';
import type { Host, RunListing } from '../host/host.ts';
import type { ReplayRun, StartRun } from './contract.ts';
import type { LiveRuns } from './live-runs.ts';
import { sendProblem } from './problem.ts';
import { idParameter, pipelineBody, tag, texts } from './schemas.ts';

const runsListedMax = 200;
const errorsListedMax = 500;
const replayedDocumentsMax = 10_000;
const moment = { type: 'string', format: 'date-time', maxLength: 40 } as const;

const keyHeader = {
  type: 'object',
  properties: { 'idempotency-key': { type: 'string', minLength: 8, maxLength: 200 } },
} as const;
const logListedMax = 1_000;

interface Named {
  readonly Params: { readonly id: string };
}

export function addRunRoutes(server: FastifyInstance, host: Host, live: LiveRuns): void {
  server.get<{ Querystring: Partial<RunListing> }>(
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
            parent: { type: 'string', maxLength: 200, description: 'runs that this run started' },
            replayOf: { type: 'string', maxLength: 200, description: 'runs that replay this run' },
            state: { type: 'string', enum: ['queued', 'running', 'stopping', 'completed', 'failed', 'stopped'] },
            since: { ...moment, description: 'runs that were started at this moment or later' },
            until: { ...moment, description: 'runs that were started before this moment' },
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
  server.get(
    '/api/run-pipelines',
    { schema: tag('Runs', 'List the names of pipelines that runs are kept of') },
    async () => host.runs.pipelines(),
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
  addPoints(server, host);
  addStart(server, live);
  addReplay(server, live);
  addLog(server, host);
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

function addPoints(server: FastifyInstance, host: Host): void {
  server.get<Named>(
    '/api/runs/:id/points',
    {
      schema: {
        ...tag('Runs', 'Read the points of the plots of a run: totals from its beginning to its end, or to now'),
        params: idParameter,
      },
    },
    async (request) => host.runs.points(request.params.id),
  );
}

function addLog(server: FastifyInstance, host: Host): void {
  server.get<Named & { Querystring: { after?: number; limit?: number } }>(
    '/api/runs/:id/log',
    {
      schema: {
        ...tag('Runs', 'Read the log of a run behind entry `after`; `leftOut` counts older entries that are not kept'),
        params: idParameter,
        querystring: {
          type: 'object',
          properties: {
            after: { type: 'integer', minimum: 0 },
            limit: { type: 'integer', minimum: 1, maximum: logListedMax, default: 500 },
          },
        },
      },
    },
    async ({ params, query: { limit = 500, after = 0 } }) => host.runs.log(params.id, { after, limit }),
  );
}

function addStart(server: FastifyInstance, live: LiveRuns): void {
  server.post<{ Body: StartRun }>(
    '/api/runs',
    {
      schema: {
        ...tag('Runs', 'Start a run; the same Idempotency-Key gives the same run'),
        headers: keyHeader,
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

function addReplay(server: FastifyInstance, live: LiveRuns): void {
  server.post<Named & { Body: ReplayRun }>(
    '/api/runs/:id/replay',
    {
      schema: {
        ...tag('Runs', 'Send error documents back into the snaps they failed in, as a run of their own'),
        params: idParameter,
        headers: keyHeader,
        body: {
          type: 'object',
          additionalProperties: false,
          properties: {
            documents: {
              type: 'array',
              minItems: 1,
              maxItems: replayedDocumentsMax,
              description: 'mended ones, each with its `snap` and `original`; all that the run kept when left out',
              items: { type: 'object', additionalProperties: true },
            },
          },
        },
      },
    },
    async ({ params, body, headers }, reply) => {
      const key = headers['idempotency-key'];
      if (typeof key !== 'string') return sendProblem(reply, 400, keyMissing().toJSON());
      return reply.code(202).send({ runId: await live.replay(params.id, body, key) });
    },
  );
}

function keyMissing(): ConfigurationError {
  return new ConfigurationError('SNAP_USAGE', 'The run was not started.', {
    reason: 'the request has no Idempotency-Key header, so a repeated request would start a second run',
    resolution: 'send a fresh random key, the same one when you repeat the request',
  });
}
