// Owns putting the client together: one transport, and the list of behaviours around it.
import { ConfigurationError } from '../errors.ts';
import { bearer } from './bearer.ts';
import type { Breaker } from './breaker.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Budget, HttpClient, HttpRequest, TokenSource } from './contract.ts';
import { acceptEncoding } from './decoding.ts';
import { type Layer, type PreparedRequest, wrap } from './exchange.ts';
import { createFetch } from './fetch.ts';
import { pacing } from './pacing.ts';
import { defaultRetryRules, type RetryRules, retrying } from './retry.ts';
import { emptyTraffic } from './traffic.ts';
import { createTransport, type TransportOptions } from './transport.ts';

/** Bound of one attempt when the request sets none. */
const totalTimeoutMsDefault = 120_000;
/** Bound of a body when the request sets none: 64 MiB. */
const bodyBytesMaxDefault = 67_108_864;
const connectionsMaxDefault = 64;
const fetchTimeoutMs = 30_000;

export interface HttpClientOptions extends Omit<TransportOptions, 'connectionsMax'> {
  readonly connectionsMax?: number;
  /** Without it requests carry no token. */
  readonly tokens?: TokenSource;
  /** How old a token must be before a 401 counts against it, in ms. */
  readonly settleMs?: number;
  /** Without it requests leave at once. */
  readonly budget?: Budget;
  /** Without it requests do not wait for a tenant that is down. */
  readonly breaker?: Breaker;
  /** What differs from the default rules. */
  readonly retry?: Partial<RetryRules>;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Stands around each attempt, next to the wire; also around those of `fetch`. */
  readonly onWire?: Layer;
}

/** Opens a client for one tenant; whoever opened it closes it. Throws nothing: hosts are checked at each request. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { tokens, budget, breaker, clock = systemClock, random = Math.random, settleMs = 0 } = options;
  const transport = createTransport({ connectionsMax: connectionsMaxDefault, ...options });
  const attempt = options.onWire?.(transport.exchange) ?? transport.exchange;
  const exchange = wrap(attempt, [
    retrying({ rules: { ...defaultRetryRules, ...options.retry }, budget, breaker, clock, random }),
    ...(tokens ? [bearer(tokens, settleMs, clock)] : []),
    ...(budget ? [pacing(budget)] : []),
  ]);
  return {
    send: async (request) => exchange(prepare(request)),
    fetch: createFetch(attempt, fetchTimeoutMs),
    close: transport.close,
  };
}

function prepare(request: HttpRequest): PreparedRequest {
  const headers: Record<string, string> = { 'accept-encoding': acceptEncoding };
  for (const [name, value] of Object.entries(request.headers ?? {}))
    headers[name.toLowerCase()] = headerValue(name, value);
  return {
    ...request,
    headers,
    totalTimeoutMs: request.totalTimeoutMs ?? totalTimeoutMsDefault,
    bodyBytesMax: request.bodyBytesMax ?? bodyBytesMaxDefault,
    traffic: request.traffic ?? emptyTraffic(),
  };
}

/** A line break in a value would begin a header of somebody else's choice. */
function headerValue(name: string, value: string): string {
  if (/^[\t\x20-\x7e\x80-\xff]*$/u.test(value) && /^[\w!#$%&'*+.^`|~-]+$/u.test(name)) return value;
  throw new ConfigurationError('SNAP_SETTINGS_INVALID', 'A request was not sent.', {
    reason: `the header "${name.replace(/[^\w-]/gu, '?').slice(0, 80)}" holds a character that headers must not have (RFC 9110, section 5.5)`,
    resolution: 'take line breaks and control characters out of the setting',
  });
}
