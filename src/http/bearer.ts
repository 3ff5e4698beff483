// Owns the Authorization header. A token is asked for at every attempt, goes nowhere else and is in no error.
import { ExecutionError } from '../errors.ts';
import type { Clock } from './clock.ts';
import type { AccessToken, TokenSource } from './contract.ts';
import type { Layer, PreparedRequest } from './exchange.ts';
import { interrupted } from './failure.ts';

/** The longest wait for a young token to be known everywhere at the far side. */
const settleMsMax = 60_000;
/** Wider than RFC 6750, section 2.1, as servers are; a space or a line break would change the request. */
const bearerToken = /^[\x21-\x7e]+$/u;

/**
 * Sends the token of the source. On a 401 the source is told which version was refused, and the request is repeated once
 * with what it gives: at once, or when that token is `settleMs` old. A second 401 is the answer.
 */
export function bearer(tokens: TokenSource, settleMs: number, clock: Clock): Layer {
  return (next) => async (request) => {
    const signal = request.signal === undefined ? {} : { signal: request.signal };
    const token = await tokens(signal);
    const answer = await next(withToken(request, token));
    if (answer.status !== 401) return answer;
    const other = await tokens({ ...signal, rejectedVersion: token.version });
    const unsettledMs = Math.min(settleMs, settleMsMax) - Math.max(0, clock.wall() - other.issuedAt);
    // The same token again is worth a second try only while it is young.
    if (other.version === token.version && unsettledMs <= 0) return answer;
    if (unsettledMs > 0) await clock.wait(unsettledMs, request.signal);
    if (request.signal?.aborted) throw interrupted({ ...request, sent: 'answered' }, request.signal);
    request.traffic.retries += 1;
    return next(withToken(request, other));
  };
}

function withToken(request: PreparedRequest, token: AccessToken): PreparedRequest {
  if (!bearerToken.test(token.value)) {
    throw new ExecutionError('SNAP_TOKEN_UNAVAILABLE', 'The access token cannot be sent.', {
      reason: 'it is empty or holds a space, a line break or other characters that a header value must not have',
      resolution: 'authorize the account again; if it stays, the authorization server is at fault',
    });
  }
  return { ...request, headers: { ...request.headers, authorization: `Bearer ${token.value}` } };
}
