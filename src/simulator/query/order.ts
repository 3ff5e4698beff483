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
  readonly #orderings = new Map<string, Uint32Array>();
  readonly #orderingsMax = 4;
  // One place to sort in, used again: arrays of a million numbers that wait for the collector cost more than they hold.
  #scratch = new Float64Array(0);

  /** Gives the ordinals of all computed records in order of a field as first computed. */
  of(collection: Collection, fact: FieldFact): Uint32Array {
    const key = `${collection.type.name}/${fact.name}`;
    const known = this.#orderings.get(key);
    if (known) return known;
    const made = this.#sort(collection, fact);
    const oldest = this.#orderings.keys().next();
    if (this.#orderings.size >= this.#orderingsMax && !oldest.done) this.#orderings.delete(oldest.value);
    this.#orderings.set(key, made);
    return made;
  }

  #sort(collection: Collection, fact: FieldFact): Uint32Array {
    const count = collection.computedCount;
    if (count > ordinalsMax) throw problem(400, `more than ${ordinalsMax} records are ordered by id alone`, 'order_by');
    const sorted = new Uint32Array(count);
    const { instantOf, isAscending } = collection.type.generators.get(fact.name) ?? {};
    if (isAscending?.(count)) {
      for (let ordinal = 0; ordinal < count; ordinal += 1) sorted[ordinal] = ordinal;
      return sorted;
    }
    if (this.#scratch.length < count) this.#scratch = new Float64Array(count);
    const packed = this.#scratch.subarray(0, count);
    if (instantOf) {
      for (let ordinal = 0; ordinal < count; ordinal += 1) {
        const seconds = Math.floor(instantOf(collection.computedAt(ordinal)) / 1000) - secondsFrom;
        packed[ordinal] = seconds * ordinalsMax + ordinal;
      }
    } else if (isNumeric(fact)) packNumbers(collection, fact, packed);
    else packRanks(collection, fact, packed);
    packed.sort();
    for (let place = 0; place < count; place += 1) sorted[place] = (packed[place] ?? 0) % ordinalsMax;
    return sorted;
  }
}

const isNumeric = ({ kind }: FieldFact): boolean => kind === 'decimal' || kind === 'integer' || kind === 'number';

/** Ranks numbers among themselves in plain arrays: a million distinct amounts as texts in a map take a hundred megabytes. */
function packNumbers(collection: Collection, fact: FieldFact, packed: Float64Array): void {
  for (let ordinal = 0; ordinal < packed.length; ordinal += 1) {
    const key = keyOf(collection.computedAt(ordinal), fact);
    packed[ordinal] = key === null ? Number.NEGATIVE_INFINITY : Number(key);
  }
  const sorted = packed.toSorted();
  for (let ordinal = 0; ordinal < packed.length; ordinal += 1) {
    packed[ordinal] = firstPlace(sorted, packed[ordinal] ?? 0) * ordinalsMax + ordinal;
  }
}

/** The place of the first of equal values in sorted ones. */
function firstPlace(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Packs each ordinal below the rank of its value among all distinct values. */
function packRanks(collection: Collection, fact: FieldFact, packed: Float64Array): void {
  const places = new Map<Key, number>();
  for (let ordinal = 0; ordinal < packed.length; ordinal += 1) {
    const key = keyOf(collection.computedAt(ordinal), fact);
    const place = places.get(key) ?? places.size;
    if (place === places.size) places.set(key, place);
    packed[ordinal] = place;
  }
  const ranks = new Uint32Array(places.size);
  const compare = compareKeys(fact);
  for (const [rank, key] of [...places.keys()].sort(compare).entries()) ranks[places.get(key) ?? 0] = rank;
  for (let ordinal = 0; ordinal < packed.length; ordinal += 1) {
    packed[ordinal] = (ranks[packed[ordinal] ?? 0] ?? 0) * ordinalsMax + ordinal;
  }
}
