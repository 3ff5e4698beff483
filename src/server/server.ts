// Owns the web host: one fastify server over the host, guarded before any route. It holds no data of its own.
import path from 'node:path';
import helmet from '@fastify/helmet';
import { type FastifyError, type FastifyInstance, fastify } from 'fastify';
import { asSnapError, ConfigurationError, SnapError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { repositoryRoot } from '../host/root.ts';
import { boundConnections } from './connections.ts';
import { answerRefusal, refusalOf } from './guard.ts';
import { addOpenApi } from './open-api.ts';
import { addPage } from './page.ts';
import { httpStatusOf, sendProblem } from './problem.ts';
import { addRoutes, type RouteContext } from './routes.ts';
import { Sessions } from './session.ts';

const defaultPageFolder = path.join(repositoryRoot, 'dist', 'web');

const bodyBytesMax = 4_194_304;
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
  /** The folder of the page's built files; default: where the build puts them. */
  readonly pageFolder?: string;
}

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Starts the web host. Throws SNAP_CONFIG_INVALID for an exposed address without a public URL or for a taken port. */
export async function startServer(host: Host, options: ServerOptions): Promise<RunningServer> {
  checkExposure(options, host.config.publicUrl);
  const now = options.now ?? Date.now;
  const sessions = new Sessions(now);
  const hosts = new Set<string>();
  const origins = new Set<string>();
  const guard = { hosts, origins, sessions, cookieName: '', metricsToken: host.config.metricsToken };
  const server = await buildServer(host, {
    guard,
    onTokenGone: () => options.announce(signInUrl()),
    now,
    pageFolder: options.pageFolder ?? defaultPageFolder,
  });
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

interface BuildOptions extends RouteContext {
  readonly pageFolder: string;
}

/** The server with all its routes, not yet listening. */
export async function buildServer(host: Host, options: BuildOptions): Promise<FastifyInstance> {
  const server = fastify({
    bodyLimit: bodyBytesMax,
    requestTimeout: requestMsMax,
    connectionTimeout: connectionMsMax,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    // A setting may be a text, a number or a flag.
    ajv: { customOptions: { allowUnionTypes: true } },
  });
  boundConnections(server.server, connectionsMax);
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
  // Answers go out as they are: a serializer made from a schema would drop what the schema does not name.
  server.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  server.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const refusal = refusalOf(request, options.guard);
    if (refusal !== undefined) return answerRefusal(reply, refusal);
    return undefined;
  });
  server.setErrorHandler((thrown: FastifyError, _request, reply) => {
    const status = thrown instanceof SnapError ? httpStatusOf(thrown) : (thrown.statusCode ?? 500);
    const error =
      thrown instanceof SnapError || status >= 500 ? asSnapError(thrown, 'The request') : requestInvalid(thrown);
    return sendProblem(reply, status, error.toJSON());
  });
  server.setNotFoundHandler((_request, reply) =>
    sendProblem(reply, 404, {
      code: 'SNAP_USAGE',
      message: 'There is nothing at this path.',
      reason: 'HTTP status 404',
      resolution: 'see the paths that /api/openapi.json describes',
    }),
  );
  await addOpenApi(server);
  await addPage(server, options.pageFolder);
  addRoutes(server, host, options);
  return server;
}

function requestInvalid(thrown: FastifyError): ConfigurationError {
  const faults = (thrown.validation ?? []).map(({ instancePath, message }) => ({
    pointer: instancePath,
    message: message ?? 'is not valid',
  }));
  return new ConfigurationError('SNAP_USAGE', 'The request is not valid.', {
    reason: thrown.message,
    resolution: 'send what /api/openapi.json describes',
    faults,
  });
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
