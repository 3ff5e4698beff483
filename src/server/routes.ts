// Owns the routes under /api and the health checks: parse, one call of the host, answer.
import type { FastifyInstance, FastifyReply } from 'fastify';
import { ConfigurationError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { answerRefusal, cookieOf, type GuardOptions } from './guard.ts';

const runsListedMax = 200;
const signInTokenLengthMax = 200;

interface RouteContext {
  readonly guard: GuardOptions;
  readonly onSignIn: () => void;
}

/** Adds every route that answers with JSON. */
export function addRoutes(server: FastifyInstance, host: Host, context: RouteContext): void {
  addHealth(server, host);
  addSession(server, context);
  server.get<{ Querystring: { limit?: number } }>(
    '/api/runs',
    {
      schema: {
        querystring: {
          type: 'object',
          properties: { limit: { type: 'integer', minimum: 1, maximum: runsListedMax, default: 50 } },
        },
      },
    },
    async (request) => host.runs.list({ limit: request.query.limit ?? 50 }),
  );
  server.get<{ Params: { id: string } }>('/api/runs/:id', async (request) => host.runs.show(request.params.id));
  server.get('/api/accounts', async () => host.accounts.list());
}

function addHealth(server: FastifyInstance, host: Host): void {
  server.get('/healthz', async () => ({ status: 'ok' }));
  server.get('/readyz', async (_request, reply: FastifyReply) => {
    const isReady = await host.isReady();
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ok' : 'unavailable' });
  });
}

function addSession(server: FastifyInstance, { guard, onSignIn }: RouteContext): void {
  server.post<{ Body: { token: string } }>(
    '/api/session',
    {
      schema: {
        body: {
          type: 'object',
          required: ['token'],
          additionalProperties: false,
          properties: { token: { type: 'string', maxLength: signInTokenLengthMax } },
        },
      },
    },
    async (request, reply) => {
      const outcome = guard.sessions.signIn(request.body.token);
      if (outcome === 'too-many-attempts') {
        return reply.code(429).send({
          error: new ConfigurationError('SNAP_USAGE', 'Too many sign-in attempts.', {
            reason: 'wrong sign-in tokens came in a row',
            resolution: 'wait a minute, then open the newest address that "snaps serve" printed',
          }).toJSON(),
        });
      }
      if (outcome === 'refused') {
        return answerRefusal(reply, { status: 401, message: 'This sign-in address was used or has ended.' });
      }
      onSignIn();
      const secure = [...guard.origins].every((origin) => origin.startsWith('https:')) ? '; Secure' : '';
      reply.header('set-cookie', `${guard.cookieName}=${outcome.cookie}; Path=/; HttpOnly; SameSite=Strict${secure}`);
      return { pageToken: outcome.pageToken };
    },
  );
  server.post('/api/sign-out', async (request, reply) => {
    guard.sessions.signOut(cookieOf(request, guard.cookieName) ?? '');
    reply.header('set-cookie', `${guard.cookieName}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`);
    return { signedOut: true };
  });
}
