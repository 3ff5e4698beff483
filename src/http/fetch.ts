// Owns the fetch that the grants of OAuth use: one attempt over the same guarded transport, nothing added.
import type { FetchInit, GuardedFetch } from './contract.ts';
import type { Exchange } from './exchange.ts';
import { withoutCredentials } from './scrub-answer.ts';
import { emptyTraffic } from './traffic.ts';

/** A token answer is a few kilobytes; a token with very many scopes is tens. */
const bodyBytesMax = 1_048_576;
const withoutBody = new Set([204, 205, 304]);

/** Makes the fetch. It rejects with HttpFailure, also for a redirect. */
export function createFetch(exchange: Exchange, totalTimeoutMs: number): GuardedFetch {
  return async (url, init) => {
    const headers = { ...init.headers };
    const received = await exchange({
      method: init.method,
      url: new URL(url),
      headers,
      repeatable: false,
      totalTimeoutMs,
      bodyBytesMax,
      traffic: emptyTraffic(),
      ...bodyOf(init),
      ...(init.signal ? { signal: init.signal } : {}),
    });
    const answer = withoutCredentials(received, { headers, ...bodyOf(init) });
    // The body is decoded already.
    const { 'content-encoding': _encoding, 'content-length': _length, ...others } = answer.headers;
    const body = withoutBody.has(answer.status) ? null : Buffer.from(answer.body);
    return new Response(body, { status: answer.status, headers: others });
  };
}

function bodyOf({ body }: FetchInit): { readonly body?: string | Uint8Array } {
  if (body === undefined || body === null) return {};
  if (body instanceof ReadableStream) throw new TypeError('a streamed body cannot be sent');
  return { body: body instanceof URLSearchParams ? body.toString() : body };
}
