// Owns finding the documented call that a request is. Knows the catalog's paths and nothing of what they do.
import type { CatalogCall, CatalogResource } from '../records/facts.ts';

/** The call that a request is, with the id its path names. */
export interface Route {
  readonly resource: CatalogResource;
  readonly call: CatalogCall;
  readonly id: string | undefined;
  /** What the simulator does with it; `not-played` for documented calls that it does not answer. */
  readonly deed: 'list' | 'get' | 'create' | 'update' | 'not-played';
}

interface Pattern {
  readonly segments: readonly string[];
  readonly route: Omit<Route, 'id'>;
}

/** Finds calls by verb and path. */
export class Routes {
  readonly #patterns = new Map<string, Pattern[]>();

  constructor(catalog: readonly CatalogResource[]) {
    for (const resource of catalog) {
      for (const call of resource.calls) {
        const segments = call.path.split('/').slice(1);
        const place = placeOf(call.verb, segments);
        const patterns = this.#patterns.get(place) ?? [];
        patterns.push({ segments, route: { resource, call, deed: deedOf(resource, call) } });
        // Fixed segments go first: /api/requisitions/new is not the requisition of id "new".
        patterns.sort((one, other) => parametersIn(one) - parametersIn(other));
        this.#patterns.set(place, patterns);
      }
    }
  }

  /** Gives the call of a verb and a path, or undefined when none is documented. */
  find(verb: string, path: string): Route | undefined {
    const segments = path.split('/').slice(1);
    const found = this.#patterns.get(placeOf(verb, segments))?.find((pattern) => fits(pattern, segments));
    if (!found) return undefined;
    const place = found.segments.findIndex((segment) => segment.startsWith(':'));
    return { ...found.route, id: place < 0 ? undefined : segments[place] };
  }
}

const placeOf = (verb: string, segments: readonly string[]): string =>
  `${verb} ${segments.length} ${segments[1] ?? ''}`;
const parametersIn = ({ segments }: Pattern): number => segments.filter((segment) => segment.startsWith(':')).length;
const fits = (pattern: Pattern, segments: readonly string[]): boolean =>
  pattern.segments.every((segment, index) => segment.startsWith(':') || segment === segments[index]);

function deedOf({ key, listable }: CatalogResource, { verb, path }: CatalogCall): Route['deed'] {
  if (!listable) return 'not-played';
  if (path === `/api/${key}`) return verb === 'GET' ? 'list' : verb === 'POST' ? 'create' : 'not-played';
  if (path !== `/api/${key}/:id`) return 'not-played';
  return verb === 'GET' ? 'get' : verb === 'PUT' || verb === 'PATCH' ? 'update' : 'not-played';
}
