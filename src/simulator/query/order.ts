// Owns the order of a collection by a field other than id. Keeps the sorted ordinals of a few fields, nothing of the records.
import type { Collection } from '../records/collection.ts';
import type { Entity } from '../records/entity.ts';
import type { FieldFact } from '../records/facts.ts';
import { compareFor } from './condition.ts';
import { problem } from './problem.ts';

type Key = string | number | boolean | null;

/** How two records follow each other: by the field, empty ones first, then by id. */
export function makeOrder(fact: FieldFact): (one: Entity, other: Entity) => number {
  const compare = compareKeys(fact);
  return (one, other) => compare(keyOf(one, fact), keyOf(other, fact)) || one.id - other.id;
}

/** Gives what a record is sorted by; instants as milliseconds. */
export function keyOf(entity: Entity, fact: FieldFact): Key {
  if (fact.kind === 'date-time' || fact.kind === 'date') return entity.instant(fact.name) ?? null;
  const value = entity.value(fact.name);
  return typeof value === 'object' ? null : value;
}

function compareKeys(fact: FieldFact): (one: Key, other: Key) => number {
  const compare = compareFor(fact);
  return (one, other) => {
    if (one === null || other === null) return one === other ? 0 : one === null ? -1 : 1;
    return compare(one, other);
  };
}

// An ordinal needs 24 bits; seconds since 2020, or the rank of a value, at most 29. Together they fit in the 53 bits that a
// double keeps exactly, so a million records are sorted as plain numbers: fast, and without an object for each.
const ordinalsMax = 2 ** 24;
const secondsFrom = Date.UTC(2020, 0, 1) / 1000;

/** Remembers sorted ordinals of computed records, for a few fields at a time. Writes do not touch them. */
export class SortedOrdinals {
  readonly #orderings = new Map<string, Float64Array>();
  readonly #orderingsMax = 4;

  /** Gives the ordinals of all computed records in order of a field as first computed. */
  of(collection: Collection, fact: FieldFact): Float64Array {
    const key = `${collection.type.name}/${fact.name}`;
    const known = this.#orderings.get(key);
    if (known) return known;
    const made = sortOrdinals(collection, fact);
    const oldest = this.#orderings.keys().next();
    if (this.#orderings.size >= this.#orderingsMax && !oldest.done) this.#orderings.delete(oldest.value);
    this.#orderings.set(key, made);
    return made;
  }
}

function sortOrdinals(collection: Collection, fact: FieldFact): Float64Array {
  if (collection.computedCount > ordinalsMax) {
    throw problem(400, `more than ${ordinalsMax} records are ordered by id alone`, 'order_by');
  }
  const instantOf = collection.type.generators.get(fact.name)?.instantOf;
  const ordinals = instantOf
    ? Float64Array.from({ length: collection.computedCount }, (_, ordinal) => {
        const seconds = Math.floor(instantOf(collection.computedAt(ordinal)) / 1000) - secondsFrom;
        return seconds * ordinalsMax + ordinal;
      })
    : rankedOrdinals(collection, fact);
  ordinals.sort();
  for (const [place, packed] of ordinals.entries()) ordinals[place] = packed % ordinalsMax;
  return ordinals;
}

/** Gives each ordinal below the rank of its value among all distinct values. */
function rankedOrdinals(collection: Collection, fact: FieldFact): Float64Array {
  const places = new Map<Key, number>();
  const ordinals = new Float64Array(collection.computedCount);
  for (let ordinal = 0; ordinal < ordinals.length; ordinal += 1) {
    const key = keyOf(collection.computedAt(ordinal), fact);
    const place = places.get(key) ?? places.size;
    if (place === places.size) places.set(key, place);
    ordinals[ordinal] = place;
  }
  const ranks = new Uint32Array(places.size);
  const compare = compareKeys(fact);
  for (const [rank, key] of [...places.keys()].sort(compare).entries()) ranks[places.get(key) ?? 0] = rank;
  for (const [ordinal, place] of ordinals.entries()) ordinals[ordinal] = (ranks[place] ?? 0) * ordinalsMax + ordinal;
  return ordinals;
}
