// Owns reading the documented paths: which object a call is about, under which parents it stands, and what its parameters are.
import { type CatalogCall, type CatalogResource, objectOf } from './facts.ts';

/** A record in whose place another one stands, as a path names it. */
export interface ParentStep {
  readonly object: string;
  /** The segment of the path that holds its id. */
  readonly place: number;
}

/** A documented path, understood. */
export interface CallPath {
  readonly segments: readonly string[];
  /** The object of the records that the call reads or writes. */
  readonly object: string;
  /** Outermost first. */
  readonly parents: readonly ParentStep[];
  /** The segment with the id of the record itself; absent for calls on a whole collection. */
  readonly idPlace: number | undefined;
}

/** Objects of sub-paths whose segment is not their plural. */
const objectsBySegment: Readonly<Record<string, string>> = {
  attachments: 'attachment',
  order_pad_lines: 'order-pad-line',
  uoms: 'unit-of-measure',
};

/** The name of one member: `invoice-lines` has `invoice-line` members. */
export const singular = (plural: string): string =>
  plural.endsWith('ies')
    ? `${plural.slice(0, -3)}y`
    : /(?:ss|x|ch|sh)es$/u.test(plural)
      ? plural.slice(0, -2)
      : plural.endsWith('s')
        ? plural.slice(0, -1)
        : plural;

/** Reads the paths of a catalog. */
export class CallPaths {
  readonly #objects: ReadonlyMap<string, string>;

  constructor(catalog: readonly CatalogResource[]) {
    this.#objects = new Map(catalog.map((resource) => [resource.key, objectOf(resource)]));
  }

  /** Gives what the path of a call says. */
  of(resource: CatalogResource, call: CatalogCall): CallPath {
    const segments = call.path.split('/').slice(1);
    const own = segments.indexOf(':id');
    const idPlace = own >= 0 ? own : this.#downloadedPlace(call, segments);
    const end = idPlace ?? segments.length;
    const parents = segments
      .map((segment, place) => ({ segment, place }))
      .filter(({ segment, place }) => segment.startsWith(':') && place < end)
      .map(({ place }) => ({ object: this.#objectAt(segments[place - 1] ?? ''), place }));
    const named = segments.slice(0, end).findLast((segment) => Object.hasOwn(objectsBySegment, segment));
    const isNested = named !== undefined && segments.lastIndexOf(named) > (parents.at(-1)?.place ?? 0);
    return {
      segments,
      object: isNested && named !== 'uoms' ? (objectsBySegment[named] ?? named) : objectOf(resource),
      parents,
      idPlace,
    };
  }

  /** `/expense_reports/:expense_report_id/download` is about the report itself. */
  #downloadedPlace({ kind }: CatalogCall, segments: readonly string[]): number | undefined {
    return kind === 'download' && segments.at(-2)?.startsWith(':') ? segments.length - 2 : undefined;
  }

  #objectAt(segment: string): string {
    return objectsBySegment[segment] ?? this.#objects.get(segment) ?? singular(segment).replaceAll('_', '-');
  }
}
