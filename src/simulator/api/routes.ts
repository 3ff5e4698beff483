// Owns finding the documented call that a request is. Knows the catalog's paths and nothing of what they do.
import type { CatalogCall, CatalogResource } from '../records/facts.ts';
import { type CallPath, CallPaths } from '../records/paths.ts';

/** A record named by a path. */
export interface NamedRecord {
  readonly object: string;
  readonly id: string;
}

/** The call that a request is, with what its path names. */
export interface Route {
  readonly resource: CatalogResource;
  readonly call: CatalogCall;
  /** The object of the records it is about; another one than the resource's for files and lines below it. */
  readonly object: string;
  readonly id: string | undefined;
  /** Outermost first. */
  readonly parents: readonly NamedRecord[];
  /** Every parameter of the path by name, in the spelling of fields. */
  readonly parameters: Readonly<Record<string, string>>;
}

interface Pattern {
  readonly resource: CatalogResource;
  readonly call: CatalogCall;
  readonly path: CallPath;
}

/** Finds calls by verb and path. */
export class Routes {
  readonly #patterns = new Map<string, Pattern[]>();

  constructor(catalog: readonly CatalogResource[]) {
    const paths = new CallPaths(catalog);
    for (const resource of catalog) {
      for (const call of resource.calls) {
        const path = paths.of(resource, call);
        const place = placeOf(call.verb, path.segments);
        const patterns = this.#patterns.get(place) ?? [];
        patterns.push({ resource, call, path });
        // Fixed segments go first: /api/suppliers/logout_iframe_session is not the supplier of that id. Of two descriptions of
        // one call the first counts, and the documented home of a call goes before its duplicate elsewhere.
        patterns.sort((one, other) => weightOf(one) - weightOf(other));
        this.#patterns.set(place, patterns);
      }
    }
  }

  /** Gives the call of a verb and a path, or undefined when none is documented. */
  find(verb: string, path: string): Route | undefined {
    const segments = path.split('/').slice(1);
    const found = this.#patterns.get(placeOf(verb, segments))?.find((pattern) => fits(pattern, segments));
    if (!found) return undefined;
    const { resource, call, path: known } = found;
    const at = (place: number): string => segments[place] ?? '';
    const named = known.segments.flatMap((segment, place) =>
      segment.startsWith(':') ? [[segment.slice(1).replaceAll('_', '-'), at(place)] as const] : [],
    );
    return {
      resource,
      call,
      object: known.object,
      id: known.idPlace === undefined ? undefined : at(known.idPlace),
      parents: known.parents.map(({ object, place }) => ({ object, id: at(place) })),
      parameters: Object.fromEntries(named),
    };
  }
}

const placeOf = (verb: string, segments: readonly string[]): string =>
  `${verb} ${segments.length} ${segments[1] ?? ''}`;
const weightOf = ({ path, call }: Pattern): number =>
  2 * path.segments.filter((segment) => segment.startsWith(':')).length + (call.duplicateOf === undefined ? 0 : 1);
const fits = ({ path }: Pattern, segments: readonly string[]): boolean =>
  path.segments.every((segment, index) => segment.startsWith(':') || segment === segments[index]);
