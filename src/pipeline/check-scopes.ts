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
 * The fault of an account that lacks a scope. Only a documented scope counts: one that is inferred from its name could
 * be wrong, and would stop a pipeline that works.
 */
export function checkScopes(
  pack: Pack,
  snap: LoadedSnap,
  settings: JsonObject,
  account: { readonly name: string; readonly pointer: string; readonly has: AccountScopes },
): Fault[] {
  const request = plannedRequest(pack, snap, settings);
  const { name, pointer, has } = account;
  if (request === undefined || request.scopeSource !== 'documented' || has.scopes.includes(request.scope)) return [];
  const lacks = has.isGranted ? 'was not granted' : 'does not ask for';
  const message =
    `account "${name}" ${lacks} the scope ${request.scope}, which ${request.method} ${request.path.split('?')[0]} needs; ` +
    `add it to the client at the far side and to the account's scopes, then run "snaps account authorize ${name}"`;
  return [{ pointer, message }];
}
