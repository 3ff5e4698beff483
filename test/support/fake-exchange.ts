// Owns an exchange that needs no network: it plays answers and failures in order and remembers what it was sent.
import type { HttpAnswer } from '../../src/http/contract.ts';
import type { Exchange, PreparedRequest } from '../../src/http/exchange.ts';
import { transportFailure } from '../../src/http/failure.ts';
import { emptyTraffic } from '../../src/http/traffic.ts';

/** A status, an answer with headers, or how far a request came that was cut off. The last one is played for ever. */
export type Played = number | Partial<HttpAnswer> | { readonly sent: 'no' | 'unknown' };

/** Makes the exchange and the list of requests it was sent. */
export function playing(...script: readonly Played[]) {
  const sent: PreparedRequest[] = [];
  const exchange: Exchange = async (request) => {
    sent.push(request);
    request.traffic.requests += 1;
    const played = script[Math.min(sent.length, script.length) - 1] ?? 200;
    if (typeof played === 'object' && 'sent' in played) {
      const code = played.sent === 'no' ? 'ECONNREFUSED' : 'ECONNRESET';
      throw transportFailure(Object.assign(new Error(), { code }), { ...request, ...played });
    }
    const answer = typeof played === 'number' ? { status: played } : played;
    return { status: 200, headers: {}, body: new Uint8Array(), isComplete: true, traffic: request.traffic, ...answer };
  };
  return { exchange, sent };
}

/** A request with every bound set. */
export function prepared(more: Partial<PreparedRequest> = {}): PreparedRequest {
  return {
    method: 'GET',
    url: new URL('https://acme.vendor.example/api/things'),
    headers: {},
    repeatable: true,
    totalTimeoutMs: 1_000,
    bodyBytesMax: 1_000,
    traffic: emptyTraffic(),
    ...more,
  };
}
