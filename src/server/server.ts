// Owns the web host: one fastify server over the host, guarded before any route. It holds no data of its own.
import helmet from '@fastify/helmet';
import { type FastifyError, type FastifyInstance, fastify } from 'fastify';
import { asSnapError, ConfigurationError, SnapError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { answerRefusal, type GuardOptions, refusalOf } from './guard.ts';
import { addPage } from './page.ts';
import { addRoutes } from './routes.ts';
import { Sessions } from './session.ts';

const bodyBytesMax = 1_048_576;
const requestMsMax = 30_000;
const connectionMsMax = 60_000;
const connectionsMax = 500;

export interface ServerOptions {
  /** 0 chooses a free port. */
  readonly port: number;
  /** Address to listen on; anything but loopback needs the host's public URL. */
  readonly address: string;
  /** Allows a public URL of plain http: the person says that the network in between is trusted. */
  readonly allowPlainHttp: boolean;
  /** Told the sign-in address at start and a fresh one after each use. */
  readonly announce: (signInUrl: string) => void;
  readonly now?: () => number;
}

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Starts the web host. Throws SNAP_CONFIG_INVALID for an exposed address without a public URL or for a taken port. */
export async function startServer(host: Host, options: ServerOptions): Promise<RunningServer> {
  checkExposure(options, host.config.publicUrl);
  const sessions = new Sessions(options.now ?? Date.now);
  const hosts = new Set<string>();
  const origins = new Set<string>();
  const guard = { hosts, origins, sessions, cookieName: '' };
  const server = await buildServer(host, guard, () => options.announce(signInUrl()));
  await listen(server, options);
  const address = server.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  // Cookies of one port are sent to all ports of 127.0.0.1: the port in the name keeps two hosts apart.
  guard.cookieName = `snaps-${port}`;
  for (const name of ['127.0.0.1', 'localhost']) {
    hosts.add(`${name}:${port}`);
    origins.add(`http://${name}:${port}`);
  }
  const { publicUrl } = host.config;
  if (publicUrl !== undefined) {
    hosts.add(new URL(publicUrl).host);
    origins.add(new URL(publicUrl).origin);
  }
  const url = publicUrl ?? `http://127.0.0.1:${port}`;
  const signInUrl = (): string => `${url}/#sign-in=${sessions.issueSignInToken()}`;
  options.announce(signInUrl());
  return { url, port, close: () => server.close() };
}

async function buildServer(host: Host, guard: GuardOptions, onSignIn: () => void): Promise<FastifyInstance> {
  const server = fastify({
    bodyLimit: bodyBytesMax,
    requestTimeout: requestMsMax,
    connectionTimeout: connectionMsMax,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
  });
  server.server.maxConnections = connectionsMax;
  // JSON only: a form of another page can send text/plain without asking the browser first.
  server.removeContentTypeParser('text/plain');
  await server.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        baseUri: ["'none'"],
        objectSrc: ["'none'"],
        frameAncestors: ["'none'"],
        formAction: ["'self'"],
      },
    },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: false,
  });
  server.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const refusal = refusalOf(request, guard);
    if (refusal !== undefined) return answerRefusal(reply, refusal);
    return undefined;
  });
  server.setErrorHandler((thrown: FastifyError, _request, reply) => {
    const status = thrown instanceof SnapError ? statusOf(thrown) : (thrown.statusCode ?? 500);
    const error =
      thrown instanceof SnapError || status >= 500
        ? asSnapError(thrown, 'The request')
        : new ConfigurationError('SNAP_USAGE', 'The request is not valid.', {
            reason: thrown.message,
            resolution: 'send what the API describes',
          });
    return reply.code(status).send({ error: error.toJSON() });
  });
  server.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({
      error: {
        code: 'SNAP_USAGE',
        message: 'There is nothing at this path.',
        reason: 'HTTP status 404',
        resolution: 'see the paths that the API describes',
      },
    }),
  );
  addPage(server);
  addRoutes(server, host, { guard, onSignIn });
  return server;
}

function statusOf(error: SnapError): number {
  if (error.code.endsWith('_NOT_FOUND')) return 404;
  return error instanceof ConfigurationError ? 400 : 502;
}

function checkExposure(options: ServerOptions, publicUrl: string | undefined): void {
  if (options.address === '127.0.0.1' || options.address === '::1' || options.address === 'localhost') return;
  const isSafe = publicUrl !== undefined && (publicUrl.startsWith('https:') || options.allowPlainHttp);
  if (isSafe) return;
  throw new ConfigurationError('SNAP_CONFIG_INVALID', `The web host does not listen on ${options.address}.`, {
    reason:
      publicUrl === undefined
        ? 'an address beyond this machine needs SNAPS_PUBLIC_URL, so that requests for other names can be refused'
        : 'SNAPS_PUBLIC_URL is plain http, which shows sessions to everybody in between',
    resolution: 'put TLS in front and set SNAPS_PUBLIC_URL=https://..., or add --allow-plain-http in a trusted network',
  });
}

async function listen(server: FastifyInstance, options: ServerOptions): Promise<void> {
  try {
    await server.listen({ port: options.port, host: options.address });
  } catch (thrown) {
    await server.close();
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown';
    throw new ConfigurationError('SNAP_CONFIG_INVALID', `The web host could not listen on port ${options.port}.`, {
      reason: code === 'EADDRINUSE' ? 'another process has the port' : `the system said ${code}`,
      resolution: 'choose another one with --port, or --port 0 for any free one',
    });
  }
}
