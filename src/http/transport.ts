// Owns one attempt on the wire: our own Agent, the guard at its socket, one deadline, the whole body. It never follows a redirect.
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { type AddressGuard, createAddressGuard } from './addresses.ts';
import type { HttpAnswer, Sent } from './contract.ts';
import { decode } from './decoding.ts';
import type { Exchange, PreparedRequest } from './exchange.ts';
import {
  answerRedirected,
  answerTooLarge,
  deadlinePassed,
  interrupted,
  type Place,
  transportFailure,
} from './failure.ts';

const connectTimeoutMs = 10_000;
const redirects = new Set([300, 301, 302, 303, 305, 307, 308]);

export interface TransportOptions {
  readonly allowedHosts: readonly string[];
  /** Connections held open to one host at once. */
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
  const agent = new Agent({
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
  });
  return {
    exchange: (request) => attempt(agent, guard, request),
    close: () => agent.destroy(),
  };
}

async function attempt(agent: Agent, guard: AddressGuard, request: PreparedRequest): Promise<HttpAnswer> {
  guard.check(request.url);
  const received = await new Promise<Received>((resolve, reject) => {
    const collector = new Collector(request, resolve, reject);
    // A signal that is aborted already has settled it: nothing may be sent.
    if (collector.isSettled) return;
    request.traffic.requests += 1;
    try {
      agent.dispatch(
        {
          origin: request.url.origin,
          path: `${request.url.pathname}${request.url.search}`,
          method: request.method as Dispatcher.HttpMethod,
          headers: { ...request.headers },
          body: request.body ?? null,
        },
        collector,
      );
    } catch (error) {
      collector.fail(transportFailure(error, collector.place));
    }
  });
  const { status, headers, isComplete } = received;
  const place: Place = { method: request.method, url: request.url, sent: 'answered', status };
  const body = await decode(received.body, headers['content-encoding'] ?? '', request.bodyBytesMax, place);
  return { status, headers, body, isComplete, traffic: request.traffic };
}

interface Received {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly isComplete: boolean;
}

/**
 * Collects one answer. It is waiting (not sent), sent, answered (status known), then settled once: by the end of the body,
 * an error, the deadline or the signal. undici gives the means to abort only when the request is about to be written, so a
 * request that was given up while it waited for a connection is stopped there, before its first byte.
 */
class Collector implements Dispatcher.DispatchHandler {
  readonly #request: PreparedRequest;
  readonly #resolve: (received: Received) => void;
  readonly #reject: (error: Error) => void;
  readonly #timer: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | undefined;
  #sent: Sent = 'no';
  #status: number | undefined;
  #headers: Readonly<Record<string, string>> = {};
  #chunks: Buffer[] = [];
  #size = 0;
  isSettled = false;

  constructor(request: PreparedRequest, resolve: (received: Received) => void, reject: (error: Error) => void) {
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#timer = setTimeout(
      () => this.#failInTurn(deadlinePassed(this.place, request.totalTimeoutMs)),
      request.totalTimeoutMs,
    );
    request.signal?.addEventListener('abort', this.#onAbort);
    if (request.signal?.aborted) this.#onAbort();
  }

  get place(): Place {
    return { method: this.#request.method, url: this.#request.url, sent: this.#sent, status: this.#status };
  }

  readonly #onAbort = (): void => {
    if (this.#request.signal) this.#failInTurn(interrupted(this.place, this.#request.signal));
  };

  /**
   * What was not sent ends at once. What was sent ends after one look at the sockets: the timers of a process that was stopped
   * or suspended fire first, and would throw away an answer that has long arrived, with the only copy of a rotated token.
   */
  #failInTurn(error: Error): void {
    if (this.#sent === 'no') this.fail(error);
    else setImmediate(() => this.fail(error));
  }

  fail(error: Error): void {
    if (!this.#settle()) return;
    this.#controller?.abort(error);
    this.#reject(error);
  }

  #settle(): boolean {
    if (this.isSettled) return false;
    this.isSettled = true;
    clearTimeout(this.#timer);
    this.#request.signal?.removeEventListener('abort', this.#onAbort);
    return true;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.isSettled) {
      controller.abort(new Error('given up before it was sent'));
      return;
    }
    this.#controller = controller;
    this.#sent = 'unknown';
    this.#request.traffic.bytesOut += byteLength(this.#request.body);
  }

  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    if (status < 200) return;
    this.#sent = 'answered';
    this.#status = status;
    this.#headers = flatten(headers);
    if (redirects.has(status)) this.fail(answerRedirected(this.place));
    else if (Number(this.#headers['content-length'] ?? 0) > this.#request.bodyBytesMax)
      this.fail(answerTooLarge(this.place, this.#request.bodyBytesMax));
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length;
    this.#request.traffic.bytesIn += chunk.length;
    if (this.#size > this.#request.bodyBytesMax) this.fail(answerTooLarge(this.place, this.#request.bodyBytesMax));
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (this.#status === undefined || !this.#settle()) return;
    const [first] = this.#chunks;
    const body = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks, this.#size);
    const status = this.#status;
    this.#resolve({
      status,
      headers: this.#headers,
      body,
      isComplete: isFramed(this.#request.method, status, this.#headers),
    });
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.fail(transportFailure(error, this.place));
  }
}

/** RFC 9112, section 6.3: without a length or chunks the body ends where the connection ends, cut or not. */
function isFramed(method: string, status: number, headers: Readonly<Record<string, string>>): boolean {
  if (method === 'HEAD' || status === 204 || status === 304) return true;
  return 'content-length' in headers || /(?:^|,)\s*chunked\s*$/iu.test(headers['transfer-encoding'] ?? '');
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}

function byteLength(body: string | Uint8Array | undefined): number {
  return typeof body === 'string' ? Buffer.byteLength(body) : (body?.length ?? 0);
}
