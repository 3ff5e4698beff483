// Owns the order of a collection by a field other than id. Keeps the sorted ordinals of a few fields, nothing of the records.
import type { Collection } from '../records/collection.ts';
import type { Entity } from '../records/entity.ts';
import type { FieldFact } from '../records/facts.ts';
import { compareFor } from './condition.ts';

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

// An ordinal needs 25 bits and seconds since 2020 need 28: both fit in the 53 bits that a double keeps exactly,
// so a million instants are sorted as plain numbers, many times faster than with a comparing function.
const ordinalsMax = 2 ** 25;
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
  const count = collection.computedCount;
  const ordinals = new Float64Array(count);
  const instantOf = collection.type.generators.get(fact.name)?.instantOf;
  if (instantOf && count <= ordinalsMax) {
    for (let ordinal = 0; ordinal < count; ordinal += 1) {
      const seconds = Math.floor(instantOf(collection.computedAt(ordinal)) / 1000) - secondsFrom;
      ordinals[ordinal] = seconds * ordinalsMax + ordinal;
    }
    ordinals.sort();
    for (let place = 0; place < count; place += 1) ordinals[place] = (ordinals[place] ?? 0) % ordinalsMax;
    return ordinals;
  }
  const keys = Array.from({ length: count }, (_, ordinal) => keyOf(collection.computedAt(ordinal), fact));
  const compare = compareKeys(fact);
  const sorted = keys.map((_, ordinal) => ordinal);
  sorted.sort((one, other) => compare(keys[one] ?? null, keys[other] ?? null) || one - other);
  return ordinals.map((_, place) => sorted[place] ?? 0);
}
