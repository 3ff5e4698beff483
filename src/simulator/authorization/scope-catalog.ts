// Owns reading the scope catalog of the pack. Facts only: what a scope permits is data, never decided here.

import type { ScopeCatalog } from './contract.ts';

/** Every scope a client may be given, OpenID's first, each once. */
export function scopeNames(catalog: ScopeCatalog): readonly string[] {
  return [...new Set([...catalog.openid, ...Object.keys(catalog.scopes).toSorted()])];
}

/** The permissions of the named scopes, for the claim that makes tokens grow as Coupa's do. */
export function permissionsOf(catalog: ScopeCatalog, scopes: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    scopes.flatMap((name) => {
      const found = Object.hasOwn(catalog.scopes, name) ? catalog.scopes[name] : undefined;
      return found ? [[name, found.objects]] : [];
    }),
  );
}
