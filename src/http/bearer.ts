// Owns the Authorization header. A token is asked for at every attempt, goes nowhere else and is in no error.
import { ExecutionError, SnapError } from '../errors.ts';
import type { Clock } from './clock.ts';
import type { AccessToken, TokenSource } from './contract.ts';
import type { Layer, PreparedRequest } from './exchange.ts';
import { interrupted } from './failure.ts';
import { refusingToken, withoutToken } from './scrub-answer.ts';

/** The longest wait for a young token to be known everywhere at the far side. */
const settleMsMax = 60_000;
/** Wider than RFC 6750, section 2.1, as servers are; a space or a line break would change the request. */
const bearerToken = /^[\x21-\x7e]+$/u;

/**
 * Sends the token of the source. On a 401 the source is told which version was refused, and decides: the same token again
 * (it is too young to be known everywhere) or a new one; either is repeated when it is `settleMs` old, each at most once.
 * A 401 to a new token, or to a settled one that the source stands by, is the answer.
 */
export function bearer(tokens: TokenSource, settleMs: number, clock: Clock): Layer {
  return (next) => async (request) => {
    let token = await ask(tokens, request);
    let answer = withoutToken(await next(withToken(request, token)), token.value);
    let isNew = false;
    let hasSettled = false;
    while (answer.status === 401 && !isNew) {
      const other = await ask(tokens, request, token.version);
      isNew = other.version !== token.version;
      const unsettledMs = Math.min(settleMs, settleMsMax) - Math.max(0, clock.wall() - other.issuedAt);
      if (!isNew && (hasSettled || unsettledMs <= 0)) break;
      if (unsettledMs > 0) await clock.wait(unsettledMs, request.signal);
      if (request.signal?.aborted) throw interrupted({ ...request, sent: 'answered' }, request.signal);
      hasSettled = true;
      token = other;
      request.traffic.retries += 1;
      request.observe?.({ kind: 'token-refused' });
      answer = withoutToken(await next(withToken(request, token)), token.value);
    }
    return answer;
  };
}

async function ask(tokens: TokenSource, request: PreparedRequest, rejectedVersion?: number): Promise<AccessToken> {
  const { signal } = request;
  try {
    return await tokens({
      ...(signal ? { signal } : {}),
      ...(rejectedVersion === undefined ? {} : { rejectedVersion }),
    });
  } catch (error) {
    // A source that was told to stop may throw the signal's own reason.
    if (signal?.aborted && !(error instanceof SnapError)) {
      throw interrupted({ ...request, sent: rejectedVersion === undefined ? 'no' : 'answered' }, signal);
    }
    throw error;
  }
}

function withToken(request: PreparedRequest, token: AccessToken): PreparedRequest {
  if (!bearerToken.test(token.value)) {
    throw new ExecutionError('SNAP_TOKEN_UNAVAILABLE', 'The access token cannot be sent.', {
      reason: 'it is empty or holds a space, a line break or other characters that a header value must not have',
      resolution: 'authorize the account again; if it stays, the authorization server is at fault',
    });
  }
  const { receiver } = request;
  return {
    ...request,
    headers: { ...request.headers, authorization: `Bearer ${token.value}` },
    ...(receiver === undefined ? {} : { receiver: refusingToken(receiver, token.value) }),
  };
}
