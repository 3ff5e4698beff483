// Owns comparing the scopes that a snap's calls need with those of its account, before anything is sent.
import type { JsonObject } from '../document/json.ts';
import type { Fault } from '../errors.ts';
import type { LoadedSnap, Pack } from '../pack/index.ts';
import { plannedRequests } from '../snap/index.ts';

/** The scopes of a stored account: granted by its token, or, before it has one, asked for by its settings. */
export interface AccountScopes {
  readonly scopes: readonly string[];
  readonly isGranted: boolean;
}

/**
 * The faults of an account that lacks scopes. With `isInferenceTrusted` a scope counts too that no document gives for the
 * call and only its name suggests: right for a check, while a run must not be stopped by a guess.
 */
export function checkScopes(
  pack: Pack,
  snap: LoadedSnap,
  settings: JsonObject,
  account: {
    readonly name: string;
    readonly pointer: string;
    readonly has: AccountScopes;
    readonly isInferenceTrusted: boolean;
  },
): Fault[] {
  const { name, pointer, has, isInferenceTrusted } = account;
  return plannedRequests(pack, snap, settings)
    .filter(({ scope, scopeSource }) => {
      const counts = scopeSource === 'documented' || isInferenceTrusted;
      return counts && !has.scopes.includes(scope);
    })
    .map(({ method, path, scope, scopeSource }) => {
      const lacks = has.isGranted ? 'was not granted' : 'does not ask for';
      const needs = scopeSource === 'inferred' ? 'seems to need' : 'needs';
      const message =
        `account "${name}" ${lacks} the scope ${scope}, which ${method} ${path.split('?')[0]} ${needs}; add it to the ` +
        `client at the far side and to the account's scopes, then run "snaps account authorize ${name}"`;
      return { pointer, message };
    });
}
