// Owns telling whether the redirect URI reaches this very host: what must be registered at the far side, tried from here.
import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { tag } from './schemas.ts';

const checkPath = '/oauth/check';
const checkMsMax = 5_000;
const instanceHeader = 'x-snaps-instance';

export interface RedirectCheck {
  /** Exactly as it must be registered. */
  readonly redirectUri: string;
  readonly reachesThisHost: boolean;
  /** What was found; '' when it reaches this host. */
  readonly reason: string;
}

export function addRedirectCheck(server: FastifyInstance, redirectUri: () => string): void {
  const instance = randomBytes(16).toString('base64url');
  server.get(checkPath, { schema: { hide: true } }, async (_request, reply) =>
    reply.code(204).header(instanceHeader, instance).send(),
  );
  server.get(
    '/api/redirect-uri',
    { schema: tag('Accounts', 'Show the redirect URI to register, and whether it reaches this host') },
    async (): Promise<RedirectCheck> => {
      const reason = await whyNotReached(new URL(checkPath, redirectUri()), instance);
      return { redirectUri: redirectUri(), reachesThisHost: reason === '', reason };
    },
  );
}

async function whyNotReached(url: URL, instance: string): Promise<string> {
  try {
    const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(checkMsMax) });
    await answer.body?.cancel();
    if (answer.headers.get(instanceHeader) === instance) return '';
    return `${url.origin} answered ${answer.status}, but it is not this host; a browser may still be led here another way`;
  } catch {
    return `${url.origin} could not be reached from here; a browser may still be led here another way`;
  }
}
