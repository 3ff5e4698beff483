// Owns what a grant can fail with. It carries no token, no secret and no error of a library.
import type { Sent } from '../http/contract.ts';

/**
 * `invalid_grant` to `other-oauth`: the server refused, in the words of RFC 6749 (section 5.2), with status 400 or 401.
 * `authorization-refused`: the callback says that the person or the server refused.
 * `temporary`: nothing is known to be wrong; the same request may succeed later.
 * `unusable-answer`: an answer came that is no token answer, or a callback that is not ours.
 */
export type OauthFailureKind =
  | 'invalid_grant'
  | 'invalid_client'
  | 'unauthorized_client'
  | 'invalid_scope'
  | 'other-oauth'
  | 'authorization-refused'
  | 'temporary'
  | 'unusable-answer';

export interface OauthFailureDetails {
  readonly kind: OauthFailureKind;
  readonly status?: number | undefined;
  /** The `error` of the server, as sent: `access_denied`, `authorization_pending`. */
  readonly error?: string | undefined;
  /** Words for people: printable, no secret, at most 500 characters. */
  readonly description: string;
  /** How far the request came: decides whether a refresh token may count as spent. */
  readonly sent: Sent;
}

/** A grant that gave no token. Whoever keeps the account turns it into a verdict. */
export class OauthFailure extends Error {
  readonly kind: OauthFailureKind;
  readonly status: number | undefined;
  readonly error: string | undefined;
  readonly description: string;
  readonly sent: Sent;

  constructor(details: OauthFailureDetails) {
    super(`${details.kind}: ${details.description}`);
    this.name = 'OauthFailure';
    this.kind = details.kind;
    this.status = details.status;
    this.error = details.error;
    this.description = details.description;
    this.sent = details.sent;
  }
}
