// Owns finding the records of a page. Visits as few as it can: ids by arithmetic, natural keys by their number,
// orders from sorted ordinals; only the fields that a filter names are computed.
import type { Collection, IdRange } from '../records/collection.ts';
import type { Entity } from '../records/entity.ts';
import type { Condition } from './condition.ts';
import { makeOrder, type SortedOrdinals } from './order.ts';
import type { Query } from './query.ts';

/** Gives the records of one page, in order. */
export function selectPage(collection: Collection, query: Query, sorted: SortedOrdinals): readonly Entity[] {
  if (query.isUnsupported) return [];
  const { conditions, offset, limit } = query;
  const page: Entity[] = [];
  let left = offset;
  // Without filters the offset is skipped by the scan itself, which need not compute what it skips.
  const canSkip = conditions.length === 0 && query.order.fact.name === 'id';
  if (canSkip) left = 0;
  for (const entity of candidates(collection, query, sorted, canSkip ? offset : 0)) {
    if (!conditions.every((condition) => condition.test(entity))) continue;
    if (left > 0) left -= 1;
    else page.push(entity);
    if (page.length === limit) break;
  }
  return page;
}

/** Gives the records of one page of a few that are known already. */
export function selectAmong(entities: readonly Entity[], query: Query): readonly Entity[] {
  const { fact, isDescending } = query.order;
  const order = makeOrder(fact);
  return entities
    .filter((entity) => query.conditions.every((condition) => condition.test(entity)))
    .sort((one, other) => (isDescending ? order(other, one) : order(one, other)))
    .slice(query.offset, query.offset + query.limit);
}

function candidates(collection: Collection, query: Query, sorted: SortedOrdinals, skip: number): Iterable<Entity> {
  const { fact, isDescending } = query.order;
  const few = findByKey(collection, query.conditions);
  const range = idRange(query.conditions, isDescending && fact.name === 'id');
  if (fact.name === 'id' && !few) return collection.scan(range, skip);
  const order = makeOrder(fact);
  const isNarrow = range.high - range.low < 10_000;
  const records = few ?? (isNarrow ? [...collection.scan(range)] : undefined);
  if (records) return [...records].sort((one, other) => (isDescending ? order(other, one) : order(one, other)));
  return ordered(collection, sorted.of(collection, fact), order, isDescending);
}

/** Merges the computed records, as sorted once, with the written ones, sorted now. */
function* ordered(
  collection: Collection,
  ordinals: Uint32Array,
  order: (one: Entity, other: Entity) => number,
  isDescending: boolean,
): Generator<Entity, void, undefined> {
  const direction = isDescending ? -1 : 1;
  const written = [...collection.written()].sort((one, other) => direction * order(one, other));
  let next = 0;
  for (let place = 0; place < ordinals.length; place += 1) {
    const ordinal = ordinals[isDescending ? ordinals.length - 1 - place : place] ?? 0;
    const computed = collection.untouchedAt(ordinal);
    if (!computed) continue;
    for (let one = written[next]; one && direction * order(one, computed) < 0; one = written[next]) {
      next += 1;
      yield one;
    }
    yield computed;
  }
  yield* written.slice(next);
}

/** The ids that the filters on `id` leave; everything when there is none. */
function idRange(conditions: readonly Condition[], isDescending: boolean): IdRange {
  let low = 1;
  let high = Number.MAX_SAFE_INTEGER - 1;
  for (const { path, operator, text } of conditions) {
    if (path.length !== 1 || path[0] !== 'id') continue;
    const ids = text.split(',').map(Number);
    const id = ids[0] ?? 0;
    if (operator === 'gt') low = Math.max(low, id + 1);
    if (operator === 'gt_or_eq') low = Math.max(low, id);
    if (operator === 'lt') high = Math.min(high, id - 1);
    if (operator === 'lt_or_eq') high = Math.min(high, id);
    if (operator === 'eq' || operator === 'in') {
      low = Math.max(low, Math.min(...ids));
      high = Math.min(high, Math.max(...ids));
    }
  }
  return { low, high: Math.max(high, 0), isDescending };
}

/** The few records that an exact filter can mean, when the field tells its record; undefined when none does. */
function findByKey(collection: Collection, conditions: readonly Condition[]): readonly Entity[] | undefined {
  for (const { path, operator, text } of conditions) {
    if (path.length !== 1 || (operator !== 'eq' && operator !== 'in')) continue;
    const values = operator === 'in' ? [...new Set(text.split(',').map((value) => value.trim()))] : [text];
    const found = values.map((value) => collection.find(path[0] ?? '', value));
    if (found.every((some) => some !== undefined)) return found.flat().sort((one, other) => one.id - other.id);
  }
  return undefined;
}
