// Owns what is known of an account's scopes: granted by its token, or asked for by its settings.
import { ConfigurationError } from '../errors.ts';
import type { PackRegistry } from '../pack/index.ts';
import type { AccountScopes } from '../pipeline/check-scopes.ts';
import type { AccountRow, TokenSetView } from '../store/contract.ts';
import type { AccountView } from '../vault/contract.ts';
import { accountTypeOf } from './account-policy.ts';
import { scopesOf } from './token-requests.ts';

/** The scopes of a stored account; undefined when it names none and no token says what was granted. */
export function accountScopes(
  registry: PackRegistry,
  { type, settings }: Pick<AccountRow, 'type' | 'settings'>,
  tokens: TokenSetView | undefined,
): AccountScopes | undefined {
  if (tokens?.set?.scopes !== undefined) return { scopes: tokens.set.scopes, isGranted: true };
  const { oauth } = registry.accountType(type)?.declaration ?? {};
  const asked = oauth === undefined ? [] : scopesOf(oauth, settings);
  return asked.length === 0 ? undefined : { scopes: asked, isGranted: false };
}

/** Throws SNAP_SCOPE_MISSING when the token was granted less than the account asks for. */
export function refuseNarrowerGrant(registry: PackRegistry, { name, type, settings, token }: AccountView): void {
  const { oauth } = accountTypeOf(registry, type).declaration;
  if (oauth === undefined || !token?.scopes) return;
  // The scope that gives a refresh token is often left out of the answer; the refresh token itself tells.
  const granted = [...token.scopes, ...(token.hasRefreshToken ? [oauth.scopes.offline] : [])];
  const missing = scopesOf(oauth, settings).filter((scope) => !granted.includes(scope));
  if (missing.length === 0) return;
  throw new ConfigurationError('SNAP_SCOPE_MISSING', `Account "${name}" was granted less than it asks for.`, {
    reason: `not granted: ${missing.join(' ')}`,
    resolution: `give the client these scopes at the far side, or take them out of the account's, then run "snaps account authorize ${name}"`,
  });
}
