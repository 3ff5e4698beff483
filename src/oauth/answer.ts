// Owns receiving any answer of an authorization server and judging a refusal. The library's errors hold tokens: none leaves here.
import { ConfigurationError, SnapError } from '../errors.ts';
import type { Sent } from '../http/contract.ts';
import { OauthFailure, type OauthFailureKind } from './failure.ts';
import { plainText } from './text.ts';

/** An answer read before anybody judges it. */
export interface RawAnswer {
  readonly response: Response;
  readonly status: number;
  /** The body when it is one JSON object, else undefined. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

/** Sends by the given function and reads the whole body from a copy. Throws OauthFailure, and before anything is sent SNAP_HOST_NOT_ALLOWED. */
export async function receive(send: () => Promise<Response>): Promise<RawAnswer> {
  const response = await send().catch((error: unknown) => {
    throw sendingFailure(error);
  });
  const text = await response.clone().text();
  return { response, status: response.status, body: parseObject(text) };
}

/** Failures that waiting does not mend. */
const lasting: readonly string[] = ['SNAP_ANSWER_REDIRECTED', 'SNAP_ANSWER_TOO_LARGE'];

function sendingFailure(error: unknown): Error {
  // The transport refuses a host before it sends, and its words name the mend.
  if (error instanceof ConfigurationError) return error;
  if (!(error instanceof SnapError))
    return new OauthFailure({ kind: 'unusable-answer', description: 'the request could not be built', sent: 'no' });
  return new OauthFailure({
    kind: lasting.includes(error.code) ? 'unusable-answer' : 'temporary',
    status: error.status,
    description: plainText(`${error.message} ${error.reason}`, []),
    sent: sentOf(error),
  });
}

/** The transport's failures say how far they came; its other errors are thrown before anything is sent. */
function sentOf(error: SnapError): Sent {
  const sent: unknown = 'sent' in error ? error.sent : 'no';
  return sent === 'no' || sent === 'answered' ? sent : 'unknown';
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Words of RFC 6749, section 5.2, that say what a person must mend. */
const refusals: readonly OauthFailureKind[] = [
  'invalid_grant',
  'invalid_client',
  'unauthorized_client',
  'invalid_scope',
];
const temporaryErrors = ['temporarily_unavailable', 'server_error'];

/**
 * Judges an answer that gave nothing. Only a JSON error at 400 or 401 is the server's word; the same body at 500 can come
 * from a server that is half down, and ending an account for it would need a person.
 */
export function refusal({ status, body }: RawAnswer, secrets: readonly (string | undefined)[]): OauthFailure {
  const code = typeof body?.error === 'string' && body.error !== '' ? body.error : undefined;
  const said = typeof body?.error_description === 'string' ? body.error_description : undefined;
  const words = [code, said].filter((part) => part !== undefined).join(': ');
  return new OauthFailure({
    kind: kindOf(status, code),
    status,
    ...(code === undefined ? {} : { error: plainText(code, secrets) }),
    description: plainText(`status ${status}${words === '' ? ', without an OAuth error' : `, ${words}`}`, secrets),
    sent: 'answered',
  });
}

function kindOf(status: number, code: string | undefined): OauthFailureKind {
  if (status >= 500 || status === 408 || status === 425 || status === 429) return 'temporary';
  if ((status !== 400 && status !== 401) || code === undefined) return 'unusable-answer';
  if (temporaryErrors.includes(code)) return 'temporary';
  return refusals.find((known) => known === code) ?? 'other-oauth';
}
