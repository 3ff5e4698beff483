// Owns the failures of a request and their words. It never keeps an error of a library, a header or a query.
import { errors } from 'undici';
import { type ErrorCode, type ErrorDetails, ExecutionError, SnapError } from '../errors.ts';
import type { Sent } from './contract.ts';

/** A request that got no usable answer. `sent` decides whether a write may be repeated. */
export class HttpFailure extends ExecutionError {
  readonly sent: Sent;

  constructor(code: ErrorCode, message: string, details: ErrorDetails & { readonly sent: Sent }) {
    super(code, message, details);
    this.sent = details.sent;
  }
}

/** How far a request came that ended in this error: what is no HttpFailure was thrown before anything was sent. */
export function sentOf(error: unknown): Sent {
  return error instanceof HttpFailure ? error.sent : error instanceof SnapError ? 'no' : 'unknown';
}

/** Where a failure happened: the request without its query, how far it came, and the status when there was one. */
export interface Place {
  readonly method: string;
  readonly url: URL;
  readonly sent: Sent;
  readonly status?: number | undefined;
}

function failure(code: ErrorCode, place: Place, words: Omit<ErrorDetails, 'status'> & { readonly happened: string }) {
  const { happened, ...details } = words;
  return new HttpFailure(code, `${place.method} ${place.url.origin}${place.url.pathname} ${happened}.`, {
    ...details,
    ...(place.status === undefined ? {} : { status: place.status }),
    sent: place.sent,
  });
}

/** SNAP_DEADLINE_PASSED. */
export function deadlinePassed(place: Place, timeoutMs: number): HttpFailure {
  return failure('SNAP_DEADLINE_PASSED', place, {
    happened: 'did not end in time',
    reason: `connecting, headers and body together took longer than ${timeoutMs} ms`,
    resolution: 'run again later, or ask for less at once',
    retryable: true,
  });
}

/** SNAP_RUN_INTERRUPTED; the signal's reason is kept when it is one of our errors. */
export function interrupted(place: Place, signal: AbortSignal): HttpFailure {
  return failure('SNAP_RUN_INTERRUPTED', place, {
    happened: 'was stopped',
    reason: 'whoever asked for it does not wait for the answer any more',
    resolution: 'resume the run',
    ...(signal.reason instanceof SnapError ? { cause: signal.reason } : {}),
  });
}

/** SNAP_RUN_INTERRUPTED for a request that was still waiting for its turn. */
export function interruptedWaiting(signal: AbortSignal): HttpFailure {
  return new HttpFailure('SNAP_RUN_INTERRUPTED', 'A request was stopped while it waited for the rate limit.', {
    reason: 'whoever asked for it does not wait for the answer any more',
    resolution: 'resume the run',
    sent: 'no',
    ...(signal.reason instanceof SnapError ? { cause: signal.reason } : {}),
  });
}

/** SNAP_UNREACHABLE for a request that waited, or would have waited, for a tenant that is down. */
export function tenantDown(
  { method, url }: Pick<Place, 'method' | 'url'>,
  reason: string,
  waitedMs: number,
): HttpFailure {
  return failure(
    'SNAP_UNREACHABLE',
    { method, url, sent: 'no' },
    {
      happened: 'was not sent, for the far side is down',
      reason: `it has not answered for ${Math.round(waitedMs / 60_000)} minutes: ${reason}`,
      resolution: 'resume the run when the far side answers again',
    },
  );
}

/** SNAP_ANSWER_TOO_LARGE. */
export function answerTooLarge(place: Place, bodyBytesMax: number): HttpFailure {
  return failure('SNAP_ANSWER_TOO_LARGE', place, {
    happened: 'was answered with too much',
    reason: `the body, after decoding, is larger than ${bodyBytesMax} bytes`,
    resolution: 'ask for fewer fields or fewer records at once',
  });
}

/** SNAP_ANSWER_MALFORMED; a body that was cut can be whole the next time. */
export function answerMalformed(place: Place, reason: string, retryable: boolean): HttpFailure {
  return failure('SNAP_ANSWER_MALFORMED', place, {
    happened: 'was answered with something that cannot be read',
    reason,
    resolution: 'run again; if it stays, ask whoever runs the far side or a proxy before it',
    retryable,
  });
}

/** SNAP_ANSWER_REDIRECTED; where to is not told, for the target is the far side's choice and may hold a code. */
export function answerRedirected(place: Place): HttpFailure {
  return failure('SNAP_ANSWER_REDIRECTED', place, {
    happened: 'was answered with a redirect',
    reason: `status ${place.status}: redirects are never followed, and a redirect to a login page means that the token is not accepted here`,
    resolution: 'check the host of the account',
  });
}

/** What the codes of Node and undici mean, in words; the code itself stands behind them. */
const certificateFaults: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate chain ends in a self-signed certificate',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate is not signed by a known authority',
  UNABLE_TO_GET_ISSUER_CERT: 'the certificate is not signed by a known authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate is not signed by a known authority',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate belongs to another name',
  CERT_REVOKED: 'the certificate is revoked',
};

const connectionFaults: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the name has no address',
  EAI_AGAIN: 'the name could not be looked up now',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed by the far side',
  ETIMEDOUT: 'connecting took too long',
  EHOSTUNREACH: 'there is no way to the address',
  ENETUNREACH: 'there is no way to the network',
  UND_ERR_CONNECT_TIMEOUT: 'connecting took too long',
  UND_ERR_SOCKET: 'the far side closed the connection',
  UND_ERR_DESTROYED: 'the client was closed',
  UND_ERR_CLOSED: 'the client was closed',
};

/** Whoever closed the client does not want the request repeated. */
const closedClient: readonly string[] = ['UND_ERR_DESTROYED', 'UND_ERR_CLOSED'];

/** Rebuilds an error of Node or undici as one of ours by its code alone: its text and properties may hold anything. */
export function transportFailure(error: unknown, place: Place): SnapError {
  if (error instanceof SnapError) return error;
  const code = codeOf(error);
  if (place.sent === 'answered') return answerMalformed(place, `the answer was cut short (${code})`, true);
  if (error instanceof errors.HTTPParserError) return answerMalformed(place, 'the answer is not HTTP', true);
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return answerMalformed(place, 'the headers are too large', false);
  const certificate = certificateFaults[code];
  const isTls = certificate !== undefined || code === 'EPROTO' || /^ERR_(?:SSL|TLS)_/u.test(code);
  const fact =
    certificate ?? connectionFaults[code] ?? (isTls ? 'no secure connection came about' : 'the connection failed');
  return failure('SNAP_UNREACHABLE', place, {
    happened: place.sent === 'no' ? 'could not be sent' : 'got no answer',
    reason: `${isTls ? 'TLS: ' : ''}${fact} (${code})`,
    resolution: isTls
      ? 'check the host of the account and the clock of this machine; a certificate is never waved through'
      : 'check the host of the account and the network of this machine, then run again',
    retryable: !isTls && !closedClient.includes(code),
  });
}

function codeOf(error: unknown): string {
  // Connecting to several addresses at once fails with one error that holds the others.
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const code: unknown = first instanceof Error && 'code' in first ? first.code : undefined;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/u.test(code) ? code : 'unknown';
}
