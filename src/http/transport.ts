// Owns one attempt on the wire: our own Agent, the guard at its socket, one deadline, the whole body. It never follows a redirect.
import { Readable } from 'node:stream';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { type AddressGuard, createAddressGuard } from './addresses.ts';
import { Collector, type Received } from './collector.ts';
import type { HttpAnswer } from './contract.ts';
import { decode } from './decoding.ts';
import type { Exchange, PreparedRequest } from './exchange.ts';
import { type Place, transportFailure } from './failure.ts';

const connectTimeoutMs = 10_000;
/**
 * How old a connection may be that a request goes on which must not be repeated. Servers end idle connections after five seconds
 * and more; when this process was busy meanwhile, it has not seen that yet, and such a request would be lost in doubt.
 */
const freshMsMax = 2_000;
/** How much of a streamed body waits for the socket. */
const pieceBytes = 64 * 1024;

export interface TransportOptions {
  readonly allowedHosts: readonly string[];
  /** Connections held open to one host at once, for requests that may be repeated and as many again for others. */
  readonly connectionsMax: number;
  /** PEM of authorities to trust instead of the public ones (a test's own). */
  readonly certificateAuthority?: string;
  /** Stands in for the resolver of the system. */
  readonly resolver?: Parameters<typeof createAddressGuard>[1];
}

export interface Transport {
  readonly exchange: Exchange;
  close(): Promise<void>;
}

/** Opens our own pool of connections; whoever opened it closes it. */
export function createTransport(options: TransportOptions): Transport {
  const guard = createAddressGuard(options.allowedHosts, options.resolver);
  const rules: Agent.Options = {
    connections: options.connectionsMax,
    // One request a connection: behind a stalled answer no other may wait.
    pipelining: 1,
    // Both restart with every byte, so a drip never ends; our own deadline covers the whole.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: buildConnector({
      lookup: guard.lookup,
      // Set here because NODE_TLS_REJECT_UNAUTHORIZED=0 changes the default.
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      allowH2: false,
      timeout: connectTimeoutMs,
      ...(options.certificateAuthority === undefined ? {} : { ca: options.certificateAuthority }),
    }),
  };
  // Kept as long as the server says, less two seconds. What is lost on a connection that ended is sent again.
  const lasting = new Agent(rules);
  // The age is looked at when a request takes the connection: no timer has to fire for it.
  const fresh = new Agent({
    ...rules,
    clientTtl: freshMsMax,
    keepAliveTimeout: freshMsMax,
    keepAliveMaxTimeout: freshMsMax,
  });
  return {
    exchange: (request) => attempt(request.repeatable ? lasting : fresh, guard, request),
    close: async () => {
      await Promise.all([lasting.destroy(), fresh.destroy()]);
    },
  };
}

async function attempt(agent: Agent, guard: AddressGuard, request: PreparedRequest): Promise<HttpAnswer> {
  guard.check(request.url);
  // Asked again after each wait, so that nothing lies between the last word and the sending.
  for (let wait = request.permit?.(); wait !== undefined; wait = request.permit?.()) await wait;
  const received = await new Promise<Received>((resolve, reject) => {
    const collector = new Collector(request, resolve, reject);
    // A signal that is aborted already has settled it: nothing may be sent.
    if (collector.isSettled) return;
    request.traffic.requests += 1;
    request.observe?.({ kind: 'sent' });
    try {
      agent.dispatch(
        {
          origin: request.url.origin,
          path: `${request.url.pathname}${request.url.search}`,
          method: request.method as Dispatcher.HttpMethod,
          ...bodyFor(request),
        },
        collector,
      );
    } catch (error) {
      collector.fail(transportFailure(error, collector.place));
    }
  });
  const { status, headers, isComplete } = received;
  const place: Place = { method: request.method, url: request.url, sent: 'answered', status };
  if (request.receiver !== undefined && status < 300) return { ...received, traffic: request.traffic };
  const body = await decode(received.body, headers['content-encoding'] ?? '', request.bodyBytesMax, place);
  return { status, headers, body, isComplete, traffic: request.traffic };
}

/** undici takes the length of a stream from the header, and refuses a stream of another length. */
function bodyFor({ body, headers }: PreparedRequest): Pick<Dispatcher.DispatchOptions, 'body' | 'headers'> {
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) {
    return { body: body ?? null, headers: { ...headers } };
  }
  const stream = Readable.from(body.open(), { objectMode: false, highWaterMark: pieceBytes });
  return { body: stream, headers: { ...headers, 'content-length': String(body.bytes) } };
}
