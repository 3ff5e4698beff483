// Owns signing in with a one-time token, and signing out.
import type { FastifyInstance } from 'fastify';
import { ConfigurationError } from '../errors.ts';
import { answerRefusal, cookieOf, type GuardOptions } from './guard.ts';
import { sendProblem } from './problem.ts';
import { tag } from './schemas.ts';

const signInTokenLengthMax = 200;

export interface SessionRouteOptions {
  readonly guard: GuardOptions;
  /** Told when the sign-in token was used, or had ended when somebody came with one. */
  readonly onTokenGone: () => void;
}

export function addSessionRoutes(server: FastifyInstance, { guard, onTokenGone }: SessionRouteOptions): void {
  server.post<{ Body: { token: string } }>(
    '/api/session',
    {
      schema: {
        ...tag('Session', 'Sign in with the token that "snaps serve" printed'),
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
      if (outcome === 'too-many-attempts') return sendProblem(reply, 429, tooManyAttempts().toJSON());
      // Whoever comes with a token of yesterday finds a fresh one in the terminal, and the host need not be started again.
      if (!guard.sessions.hasSignInToken) onTokenGone();
      if (outcome === 'refused') {
        return answerRefusal(reply, {
          status: 401,
          message: 'This sign-in address was used or has ended.',
          reason: 'each address serves once, for ten minutes',
        });
      }
      const secure = [...guard.origins].every((origin) => origin.startsWith('https:')) ? '; Secure' : '';
      reply.header('set-cookie', `${guard.cookieName}=${outcome.cookie}; Path=/; HttpOnly; SameSite=Strict${secure}`);
      return { pageToken: outcome.pageToken };
    },
  );
  server.post('/api/sign-out', { schema: tag('Session', 'Sign out') }, async (request, reply) => {
    guard.sessions.signOut(cookieOf(request, guard.cookieName) ?? '');
    reply.header('set-cookie', `${guard.cookieName}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`);
    return { signedOut: true };
  });
}

function tooManyAttempts(): ConfigurationError {
  return new ConfigurationError('SNAP_USAGE', 'Too many sign-in attempts.', {
    reason: 'wrong sign-in tokens came in a row',
    resolution: 'wait a minute, then open the newest address that "snaps serve" printed',
  });
}
