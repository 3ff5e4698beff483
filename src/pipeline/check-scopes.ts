// Owns comparing the scopes that a snap's calls need with those of its account, before anything is sent.
import type { JsonObject } from '../document/json.ts';
import type { Fault } from '../errors.ts';
import type { LoadedSnap, Pack } from '../pack/index.ts';
import { plannedRequest } from '../snap/index.ts';

/** The scopes of a stored account: granted by its token, or, before it has one, asked for by its settings. */
export interface AccountScopes {
  readonly scopes: readonly string[];
  readonly isGranted: boolean;
}

/**
 * The fault of an account that lacks a scope. With `isInferenceTrusted` a scope counts too that no document gives for the
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
  const request = plannedRequest(pack, snap, settings);
  const { name, pointer, has, isInferenceTrusted } = account;
  if (request === undefined || has.scopes.includes(request.scope)) return [];
  const isInferred = request.scopeSource === 'inferred';
  if (isInferred && !isInferenceTrusted) return [];
  const lacks = has.isGranted ? 'was not granted' : 'does not ask for';
  const message =
    `account "${name}" ${lacks} the scope ${request.scope}, which ${request.method} ${request.path.split('?')[0]} ` +
    `${isInferred ? 'seems to need' : 'needs'}; add it to the client at the far side and to the account's scopes, ` +
    `then run "snaps account authorize ${name}"`;
  return [{ pointer, message }];
}
