// Owns reading a list request's query string: filters, order, paging and what of each record is asked for. Faults are told together.
import type { EntityType } from '../records/entity.ts';
import type { FieldFact } from '../records/facts.ts';
import { type Condition, fieldName, makeCondition, type TypeOf } from './condition.ts';
import { ApiProblem, problem } from './problem.ts';
import { type Projection, readProjection } from './projection.ts';

/** How much of each record an answer holds. */
export type ReturnObject = 'full' | 'limited' | 'shallow' | 'none';

/** A list request, understood. */
export interface Query {
  readonly conditions: readonly Condition[];
  /** True when the API answers nothing to this combination of filters, whatever the records. */
  readonly isUnsupported: boolean;
  readonly order: { readonly fact: FieldFact; readonly isDescending: boolean };
  readonly limit: number;
  readonly offset: number;
  readonly returnObject: ReturnObject;
  readonly projection: Projection | undefined;
}

/** What reading a query needs to know. */
export interface QueryContext {
  readonly type: EntityType;
  readonly typeOf: TypeOf;
  /** Filters saved under a name: the query string they stand for. */
  readonly savedFilters: Readonly<Record<string, string>>;
  /** Whether an unknown plain parameter is refused; else it is ignored. An unknown filter with an operator is always refused. */
  readonly isStrict: boolean;
}

/** Most records of an answer (API guide, "Querying Options"). */
export const pageRecordsMax = 50;
const parametersMax = 100;
const plainParameters: ReadonlySet<string> = new Set([
  'limit',
  'offset',
  'order_by',
  'dir',
  'fields',
  'filter',
  'return_object',
]);
const returnObjects: ReadonlySet<string> = new Set(['limited', 'shallow', 'none']);
/** Pairs of associations that the API cannot filter together; it answers nothing instead of refusing. */
const unsupportedPairs: Readonly<Record<string, readonly [string, string]>> = {
  'exchange-rate': ['from-currency', 'to-currency'],
};

/** Reads a query string. Throws an ApiProblem with status 400 that names every fault. */
export function readQuery(parameters: URLSearchParams, context: QueryContext): Query {
  const all = withSavedFilter(parameters, context.savedFilters);
  if (all.length > parametersMax) throw problem(400, `a query has at most ${parametersMax} parameters`);
  const plain = new Map(all.filter(([name]) => plainParameters.has(name)));
  const faults: Record<string, string[]> = {};
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (thrown) {
      if (!(thrown instanceof ApiProblem)) throw thrown;
      for (const [field, messages] of Object.entries(thrown.errors))
        faults[field] = [...(faults[field] ?? []), ...messages];
      return undefined;
    }
  };
  const conditions = all
    .filter(([name]) => !plainParameters.has(name))
    .map(([name, text]) => attempt(() => readCondition(name, text, context)))
    .filter((condition) => condition !== undefined);
  const order = attempt(() => readOrder(plain, context.type));
  const limit = attempt(() => readCount(plain, 'limit', pageRecordsMax, 1));
  const offset = attempt(() => readCount(plain, 'offset', 0, 0));
  const returnObject = attempt(() => readReturnObject(plain.get('return_object')));
  const projection = attempt(() => readProjection(plain.get('fields'), context));
  if (Object.keys(faults).length > 0 || !order || limit === undefined || offset === undefined || !returnObject) {
    throw new ApiProblem(400, faults);
  }
  const pair = unsupportedPairs[context.type.name];
  const isUnsupported = pair?.every((name) => conditions.some(({ path }) => path[0] === name)) ?? false;
  return { conditions, isUnsupported, order, limit: Math.min(limit, pageRecordsMax), offset, returnObject, projection };
}

/** Reads `return_object`; absent means the whole record. */
export function readReturnObject(text: string | undefined): ReturnObject {
  if (text === undefined) return 'full';
  if (!returnObjects.has(text)) throw problem(400, 'takes limited, shallow or none', 'return_object');
  return text as ReturnObject;
}

function withSavedFilter(parameters: URLSearchParams, saved: Readonly<Record<string, string>>): [string, string][] {
  const own = [...parameters];
  const name = parameters.get('filter');
  if (name === null) return own;
  if (!Object.hasOwn(saved, name)) throw problem(400, `no API filter is saved as ${JSON.stringify(name)}`, 'filter');
  // What the request says itself comes last, so it wins where both name a plain parameter.
  return [...new URLSearchParams(saved[name] ?? ''), ...own];
}

function readCondition(name: string, text: string, context: QueryContext): Condition | undefined {
  const parts = /^([^[\]]+)((?:\[[^[\]]+\])*)$/u.exec(name);
  if (!parts?.[1]) throw problem(400, 'is not a filter: write attribute[operator]=value', name);
  const inner = [...(parts[2] ?? '').matchAll(/\[([^[\]]+)\]/gu)].map((found) => found[1] ?? '');
  const isUnknown = !isAttribute(parts[1], context.type);
  if (isUnknown && inner.length === 0 && !context.isStrict) return undefined;
  return makeCondition([parts[1], ...inner], text, context.type, context.typeOf);
}

const isAttribute = (part: string, type: EntityType): boolean => {
  const name = fieldName(part);
  return type.facts.fields.has(name) || type.facts.fields.get(name.replace(/-id$/u, ''))?.kind === 'reference';
};

function readOrder(plain: ReadonlyMap<string, string>, type: EntityType): Query['order'] {
  const direction = plain.get('dir') ?? 'asc';
  if (direction !== 'asc' && direction !== 'desc') throw problem(400, 'takes asc or desc', 'dir');
  const fact = type.facts.fields.get(fieldName(plain.get('order_by') ?? 'id'));
  if (!fact || ['reference', 'collection', 'object', 'any'].includes(fact.kind)) {
    throw problem(400, 'names no attribute that can be ordered by', 'order_by');
  }
  return { fact, isDescending: direction === 'desc' };
}

function readCount(plain: ReadonlyMap<string, string>, name: string, fallback: number, min: number): number {
  const text = plain.get(name);
  if (text === undefined) return fallback;
  if (!/^\d{1,12}$/u.test(text) || Number(text) < min) throw problem(400, `takes a whole number from ${min}`, name);
  return Number(text);
}
