// The answer of a token request and how it can fail, as the vault needs them; the grants of `oauth/` give exactly these.

/** What a token endpoint gave, as far as it could be used. */
export interface TokenAnswer {
  /** Undefined when the answer was flawed so that only the refresh token could be saved. */
  readonly accessToken: string | undefined;
  readonly scope: readonly string[] | undefined;
  readonly expiresInSeconds: number | undefined;
  readonly refreshToken: string | undefined;
  /** What was wrong with the answer, in words without secrets. */
  readonly flaws: readonly string[];
}

export type GrantFailureKind =
  | 'invalid_grant'
  | 'invalid_client'
  | 'unauthorized_client'
  | 'invalid_scope'
  | 'other-oauth'
  | 'temporary'
  | 'unusable-answer';

/** The parts of a failed token request that a verdict rests on. `sent`: whether the far side may have acted on it. */
export interface GrantFailure {
  readonly kind: GrantFailureKind;
  readonly description: string;
  readonly status?: number | undefined;
  readonly sent: 'no' | 'unknown' | 'answered';
}

/** Reads a thrown value; whatever is not known to be a failed grant counts as temporary with an unknown outcome. */
export function readGrantFailure(thrown: unknown): GrantFailure {
  if (
    typeof thrown === 'object' &&
    thrown !== null &&
    'kind' in thrown &&
    'sent' in thrown &&
    'description' in thrown
  ) {
    return thrown as GrantFailure;
  }
  return { kind: 'temporary', description: 'the token request ended without an answer', sent: 'unknown' };
}
