// Owns looking things up in the scope catalog. Facts only: what a scope permits is data, never decided here.

import type { ScopeCatalog } from './contract.ts';

/** Every scope a client may be given, OpenID's first, each once. */
export function scopeNames(catalog: ScopeCatalog): readonly string[] {
  return [...new Set([...catalog.openid, ...Object.keys(catalog.scopes).toSorted()])];
}

/** What one scope permits, by object title; the inferred ones last. Empty for OpenID scopes and unknown names. */
export function permissionsOf(catalog: ScopeCatalog, name: string): Readonly<Record<string, readonly string[]>> {
  const found = Object.hasOwn(catalog.scopes, name) ? catalog.scopes[name] : undefined;
  const inferred = Object.entries(found?.inferred ?? {}).map(([title, actions]) => [`${title} (inferred)`, actions]);
  return { ...found?.objects, ...Object.fromEntries(inferred) };
}
