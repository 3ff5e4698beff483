// Owns which routes there are. Each route parses, calls the host once, and answers.
import type { FastifyInstance } from 'fastify';
import type { Host } from '../host/host.ts';
import { addAccountRoutes } from './account-routes.ts';
import { addAuthorizationRoutes } from './authorization-routes.ts';
import { addCatalogRoutes } from './catalog-routes.ts';
import { addEventRoutes } from './event-routes.ts';
import type { GuardOptions } from './guard.ts';
import { addHealthRoutes } from './health-routes.ts';
import { LiveRuns } from './live-runs.ts';
import { addOutputRoutes } from './output-routes.ts';
import { addPipelineRoutes } from './pipeline-routes.ts';
import { problemSchema } from './problem.ts';
import { addRunRoutes } from './run-routes.ts';
import { addScheduleRoutes } from './schedule-routes.ts';
import { addSessionRoutes } from './session-routes.ts';
import { addWriteRoutes } from './write-routes.ts';

export interface RouteContext {
  readonly guard: GuardOptions;
  readonly onTokenGone: () => void;
  readonly now: () => number;
}

/** Adds every route of the API. */
export function addRoutes(server: FastifyInstance, host: Host, context: RouteContext): void {
  const live = new LiveRuns(host);
  server.addSchema(problemSchema);
  addHealthRoutes(server, host, live);
  addSessionRoutes(server, context);
  addCatalogRoutes(server, host);
  addPipelineRoutes(server, host);
  addRunRoutes(server, host, live);
  addScheduleRoutes(server, host);
  addWriteRoutes(server, host);
  addEventRoutes(server, host, live);
  addOutputRoutes(server, host, context.now);
  addAccountRoutes(server, host);
  addAuthorizationRoutes(server, host, context);
  server.get('/api/openapi.json', { schema: { hide: true } }, async () => server.swagger());
}
