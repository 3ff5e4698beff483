// Owns reading the documented facts and their shape. Nothing is cleaned here: the rules are in field-rules.ts.
import { readFileSync } from 'node:fs';

/** One row of a documented element table, as it was read, slips included. */
export interface FactField {
  readonly name: string;
  readonly type: string;
  readonly ref?: string;
  /** Characters, of a string column. */
  readonly maxLength?: number;
  /** Decimal digits in all. */
  readonly precision?: number;
  /** Decimal digits after the point. */
  readonly scale?: number;
  readonly enum?: readonly string[];
  readonly required: boolean;
  readonly unique: boolean;
  /** Accepted on write. */
  readonly in: boolean;
  /** Returned on read. */
  readonly out: boolean;
}

/** One documented API call. `action` is empty where the page names none. */
export interface FactCall {
  readonly verb: string;
  readonly path: string;
  readonly action: string;
}

/** One documented object: a page with a table of elements and, for most, a list of calls. */
export interface FactObject {
  readonly name: string;
  /** First path segment of its calls; null when it lives only inside other objects. */
  readonly key: string | null;
  readonly page: number;
  readonly group: 'transactional' | 'reference' | 'shared';
  readonly actions: readonly FactCall[];
  readonly fields: readonly FactField[];
}

/** Scope names, with the objects and actions under a scope where a permissions table was read. */
export interface FactScopes {
  readonly openid: readonly string[];
  readonly scopes: Readonly<Record<string, { readonly objects: Readonly<Record<string, readonly string[]>> }>>;
}

const read = (file: string): unknown => JSON.parse(readFileSync(new URL(`facts/${file}`, import.meta.url), 'utf8'));

/** Gives all documented objects in the order of the facts file. */
export const readObjects = (): readonly FactObject[] => read('resources.json') as readonly FactObject[];

/** Gives the documented scopes. */
export const readScopes = (): FactScopes => read('scopes.json') as FactScopes;
