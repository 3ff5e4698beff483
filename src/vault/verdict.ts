// Turns failures of token requests into verdicts about an account, and verdicts into words for people.
import { ConfigurationError, ExecutionError, type SnapError } from '../errors.ts';
import type { AccountRow, AccountState } from '../store/contract.ts';
import type { GrantFailure } from './grant-failure.ts';

export interface Verdict {
  readonly state: Extract<AccountState, 'needs-authorization' | 'misconfigured'>;
  readonly reason: string;
}

const authorizeCommand = (name: string): string => `run "snaps account authorize ${name}"`;

/**
 * Judges a failed token request. Only invalid_grant speaks about the grant and only invalid_client and
 * unauthorized_client about the client (RFC 6749, 5.2); everything else may pass by itself, so it gives undefined.
 */
export function judgeFailure(failure: GrantFailure): Verdict | undefined {
  const { kind, status } = failure;
  const said = `the authorization server answered ${failure.description || `${status ?? ''} ${kind}`}`;
  if (kind === 'invalid_grant') return { state: 'needs-authorization', reason: said };
  if (kind === 'invalid_client' || kind === 'unauthorized_client') return { state: 'misconfigured', reason: said };
  return undefined;
}

/** The error for an account that only a person can mend. */
export function verdictError(name: string, verdict: Verdict): ConfigurationError {
  if (verdict.state === 'misconfigured') {
    return new ConfigurationError(
      'SNAP_ACCOUNT_SECRET_REJECTED',
      `The client secret of account "${name}" was not accepted.`,
      {
        reason: verdict.reason,
        resolution: `copy the client secret anew, run "snaps account update ${name}" with it, then "snaps account authorize ${name}"`,
      },
    );
  }
  return new ConfigurationError('SNAP_ACCOUNT_NEEDS_AUTHORIZATION', `Account "${name}" needs authorization.`, {
    reason: verdict.reason,
    resolution: authorizeCommand(name),
  });
}

/** The error of a state that was judged before; undefined for a state that needs nobody. */
export function stateError(account: AccountRow): ConfigurationError | undefined {
  if (account.state !== 'needs-authorization' && account.state !== 'misconfigured') return undefined;
  return verdictError(account.name, { state: account.state, reason: account.stateReason });
}

export const neverAuthorized = (name: string): ConfigurationError =>
  verdictError(name, { state: 'needs-authorization', reason: 'nobody has authorized it yet' });

/** The far side refused a fresh token that was fetched because it refused the one before. */
export function rejectedError(
  account: AccountRow,
  scopes: readonly string[] | undefined,
  ageMs: number,
): ExecutionError {
  const granted =
    scopes === undefined ? 'its scopes are not known' : `it carries the scopes ${scopes.join(' ') || '(none)'}`;
  return new ExecutionError('SNAP_ACCOUNT_REJECTED', `The far side refuses account "${account.name}".`, {
    reason: `it answered 401 twice, the second time to a token ${Math.round(ageMs / 1000)} s old; ${granted}`,
    resolution: `check the scopes and the state of the client, then run "snaps account authorize ${account.name}"`,
    status: 401,
  });
}

/** No token now; the same attempt may succeed later. */
export function unavailableError(name: string, reason: string): ExecutionError {
  return new ExecutionError('SNAP_TOKEN_UNAVAILABLE', `No token could be obtained for account "${name}".`, {
    reason,
    resolution: `wait and repeat; "snaps account test ${name}" shows when it works again`,
    retryable: true,
  });
}

/** The words for a failure that may pass. */
export function failureError(name: string, failure: GrantFailure): SnapError {
  if (failure.kind === 'invalid_scope') {
    return new ConfigurationError('SNAP_SCOPE_MISSING', `Account "${name}" asks for a scope it may not have.`, {
      reason: `the authorization server answered ${failure.description || 'invalid_scope'}`,
      resolution: "give the client that scope at the far side, or take it out of the account's scopes",
    });
  }
  return unavailableError(name, describeFailure(failure));
}

export const describeFailure = ({ kind, status, description }: GrantFailure): string =>
  `the token request failed: ${description || `${kind}${status === undefined ? '' : `, status ${status}`}`}`;

/** The reason of an account whose store was put back from a backup: a strict server ends everything when a spent token comes. */
export const restoredReason = (version: number, seen: number): string =>
  `the store holds token set ${version} of it, and this machine has stored ${seen} before: it was put back from a backup, and its refresh token was not sent because it is spent`;

/** The reason of an account whose rotated refresh token was lost on the way. */
export const lostAnswerReason = (sentAt: number | undefined): string =>
  `the renewal sent at ${sentAt === undefined ? 'an unknown time' : new Date(sentAt).toISOString()} got no answer that was kept, ` +
  'and the old refresh token was tried once more without success';
