// Reads what a token request failed with.
import { OauthFailure } from '../oauth/failure.ts';

/** The parts of a failed token request that a verdict rests on. */
export type GrantFailure = Pick<OauthFailure, 'kind' | 'status' | 'description' | 'sent'>;

/** Reads a thrown value; whatever is not known to be a failed grant counts as temporary with an unknown outcome. */
export function readGrantFailure(thrown: unknown): GrantFailure {
  if (thrown instanceof OauthFailure) return thrown;
  return {
    kind: 'temporary',
    status: undefined,
    description: 'the token request ended without an answer',
    sent: 'unknown',
  };
}
