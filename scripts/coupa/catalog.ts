// Owns the catalog: every documented call once under the object it belongs to, with the record schema, keys and scope.
import { type Call, cleanCall } from './calls.ts';
import type { CleanObject } from './clean.ts';
import type { FactScopes } from './facts.ts';
import { singular, title } from './names.ts';
import { naturalKey } from './natural-keys.ts';
import { type CallScope, scopeFinder } from './scopes.ts';

/** One call of the catalog. */
export interface CatalogCall extends Call, CallScope {
  /** `invoices.index`, unique in the catalog. */
  readonly id: string;
  /** The call that a page of another object, or another page of the same one, documents too. */
  readonly duplicateOf?: string;
}

/** One resource of the catalog. */
export interface CatalogEntry {
  readonly key: string;
  readonly title: string;
  /** Path of its record schema, relative to the catalog. */
  readonly schema: string;
  readonly group: string;
  /** Whether `GET /api/{key}` lists it. */
  readonly listable: boolean;
  readonly cursorField: 'updated-at' | null;
  readonly naturalKey: readonly string[] | null;
  /** Whether it has the `exported` flag of an ERP round. */
  readonly exportable: boolean;
  readonly calls: readonly CatalogCall[];
}

/** Segments of a path that are neither `api`, a version nor an id. */
const statics = (path: string): readonly string[] =>
  path.split('/').filter((part) => part !== '' && !part.startsWith(':') && !/^(api|v\d+)$/.test(part));

const parameters = (path: string): number => path.split(':').length - 1;

/** Gives the key of an object: its documented one if it has calls of its own there and nobody took it, else one from its path. */
function keyOf(object: CleanObject, calls: readonly Call[], taken: ReadonlySet<string>): string {
  const { key } = object;
  const isMain = calls.some(({ path }) => path === `/api/${key}` || path === `/api/${key}/:id`);
  if (key !== null && isMain && !taken.has(key)) return key;
  const paths = calls
    .map((call) => ({ call, parts: statics(call.path) }))
    .map(({ call, parts }) => (parts.at(-1) === call.action ? parts.slice(0, -1) : parts))
    .filter((parts) => parts.length > 1 && (key === null || parts[0] === key));
  const [plainest] = [...paths].sort((one, other) => one.length - other.length);
  const parts = plainest ?? [object.id];
  return object.group === 'shared' ? (parts.at(-1) ?? object.id) : parts.join('/');
}

/** Tells how much a path is the resource's own: 2 its own, 1 its last segment, 0 somebody else's. */
function ownness(key: string, path: string): number {
  const parts = statics(path);
  if (parts.join('/') === key) return 2;
  return parts.at(-1) === key.split('/').at(-1) || parts.join('/').startsWith(`${key}/`) ? 1 : 0;
}

const byPlainness =
  (key: string) =>
  (one: Call, other: Call): number =>
    Math.min(1, ownness(key, other.path)) - Math.min(1, ownness(key, one.path)) ||
    parameters(one.path) - parameters(other.path) ||
    one.path.localeCompare(other.path) ||
    one.action.localeCompare(other.action) ||
    Number(one.verb === 'PATCH') - Number(other.verb === 'PATCH');

/** Says what tells a call apart from one that took its id: the verb, the record, the parent; a call that is the same is a repeat. */
function difference(call: Call, other: Call): string {
  if (call.path === other.path) return call.verb === other.verb ? 'repeat' : call.verb.toLowerCase();
  const known = new Set(other.path.split('/'));
  const own = call.path.split('/').find((part) => part.startsWith(':') && !known.has(part));
  if (own === undefined) return 'repeat';
  return own === ':id' ? 'by_id' : `of_${own.slice(1).replace(/_id$/, '')}`;
}

/** Names the calls of one resource `key.action`; a call on another path or of another verb says so after it. */
function nameCalls(key: string, calls: readonly Call[]): readonly (Call & { id: string })[] {
  const used = new Map<string, Call>();
  const own = new Set(key.split('/'));
  return [...calls].sort(byPlainness(key)).map((call) => {
    const parts = statics(call.path);
    const places = call.kind === 'action' && !call.path.endsWith(':id') ? parts.slice(0, -1) : parts;
    const parents = places.filter((part) => !own.has(part) && !call.action.includes(singular(part)));
    const isElsewhere = ownness(key, call.path) === 0 && parents.length === 0;
    const suffix = isElsewhere ? `.at_${parts.join('_')}` : parents.length > 0 ? `.of_${parents.join('_')}` : '';
    let id = `${key}.${call.action}${suffix}`;
    for (let other = used.get(id); other !== undefined; other = used.get(id)) id += `.${difference(call, other)}`;
    used.set(id, call);
    return { ...call, id };
  });
}

interface Draft {
  readonly object: CleanObject;
  readonly key: string;
  readonly calls: readonly (Call & { id: string })[];
}

interface Owner {
  readonly id: string;
  readonly key: string;
  readonly object: string;
}

/** Finds, for calls that several pages document, the one that owns it: the resource whose path it is, else the first. */
function findOwners(drafts: readonly Draft[]): ReadonlyMap<string, Owner> {
  const owners = new Map<string, Owner & { own: number }>();
  for (const { key, object, calls } of drafts) {
    for (const call of calls) {
      const known = owners.get(identity(call));
      const own = ownness(key, call.path);
      if (!known || own > known.own) owners.set(identity(call), { id: call.id, key, object: object.id, own });
    }
  }
  return owners;
}

/** Two calls are one when verb, path and needed query are: the names of ids in the path say nothing. */
const identity = ({ verb, path, query }: Call): string =>
  `${verb} ${path.replace(/:\w+/g, ':')} ${query?.join() ?? ''}`;

/** Only documented keys count: `GET /api/asn/headers` lists too, but under a sub-path. */
const isListable = (key: string, calls: readonly Call[]): boolean =>
  !key.includes('/') && calls.some(({ verb, path, query }) => verb === 'GET' && path === `/api/${key}` && !query);

/** Builds the catalog, sorted by key. */
export function buildCatalog(objects: readonly CleanObject[], scopes: FactScopes): readonly CatalogEntry[] {
  const scopeOf = scopeFinder(scopes);
  const taken = new Set<string>();
  const drafts = objects
    .filter((object) => object.calls.length > 0)
    .map((object): Draft => {
      const calls = object.calls.map(cleanCall);
      const key = keyOf(object, calls, taken);
      taken.add(key);
      return { object, key, calls: nameCalls(key, calls) };
    });
  const owners = findOwners(drafts);
  return drafts
    .map(({ object, key, calls }): CatalogEntry => {
      const named = calls.map((call): CatalogCall => {
        const { id, ...rest } = call;
        const owner = owners.get(identity(call)) ?? { id, key, object: object.id };
        const scope = scopeOf(owner.key, owner.object, call);
        return { id, ...rest, ...scope, ...(owner.id === id ? {} : { duplicateOf: owner.id }) };
      });
      const names = new Set(object.fields.map((field) => field.name));
      return {
        key,
        title: title(key.includes('/') ? object.id : key),
        schema: `objects/${object.id}.schema.json`,
        group: object.group,
        listable: isListable(key, named),
        cursorField: names.has('updated-at') ? 'updated-at' : null,
        naturalKey: naturalKey(key, object.fields),
        exportable: names.has('exported'),
        calls: named.sort((one, other) => Number('duplicateOf' in one) - Number('duplicateOf' in other)),
      };
    })
    .sort((one, other) => (one.key < other.key ? -1 : 1));
}

/** The scopes of schemas/coupa/scopes.json. */
export interface ScopePage {
  readonly openid: readonly string[];
  readonly scopes: Readonly<
    Record<
      string,
      {
        /** Actions by the title of their object, as documented. */
        readonly objects: Readonly<Record<string, readonly string[]>>;
        /** Actions by the title of their resource, as the catalog infers them. */
        readonly inferred: Readonly<Record<string, readonly string[]>>;
        /** Ids of all calls that need the scope. */
        readonly calls: readonly string[];
      }
    >
  >;
}

/** Gives the scopes with the objects and actions under each: as documented, and where that is silent as the catalog infers. */
export function buildScopes(catalog: readonly CatalogEntry[], facts: FactScopes): ScopePage {
  const entries = Object.entries(facts.scopes).map(([name, { objects }]) => {
    const under = catalog.flatMap((entry) =>
      entry.calls.filter((call) => call.scope === name).map((call) => ({ title: entry.title, call })),
    );
    const inferred: Record<string, string[]> = {};
    for (const { title: object, call } of under) {
      if (call.scopeSource === 'documented') continue;
      const actions = inferred[object] ?? [];
      inferred[object] = actions.includes(call.action) ? actions : [...actions, call.action].sort();
    }
    return [name, { objects, inferred, calls: under.map(({ call }) => call.id).sort() }] as const;
  });
  return { openid: facts.openid, scopes: Object.fromEntries(entries) };
}
