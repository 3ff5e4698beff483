// Owns natural keys: fields that together name one record. A second record with the same key is refused, as the API refuses it.
import { problem } from '../query/problem.ts';
import type { Collection } from '../records/collection.ts';
import { type Changes, Entity, type Value } from '../records/entity.ts';

/** What a write must not repeat. */
export interface KeyRule {
  readonly naturalKey: readonly string[];
  /** 400 or 422. */
  readonly status: number;
  /** The record that is updated; absent when one is created. */
  readonly updated?: Entity;
}

const everything = { low: 1, high: Number.MAX_SAFE_INTEGER - 1, isDescending: false };

/** Refuses values that give a record the natural key of another one. Throws an ApiProblem. */
export function refuseTakenKey(
  collection: Collection,
  values: Changes,
  { naturalKey, status, updated }: KeyRule,
): void {
  if (naturalKey.length === 0 || !naturalKey.some((field) => values.has(field))) return;
  const key = naturalKey.map((field) => comparable(values.get(field)?.() ?? updated?.value(field) ?? null));
  if (key.includes(null)) return;
  const isSame = (entity: Entity): boolean =>
    entity.id !== updated?.id && naturalKey.every((field, place) => comparable(entity.value(field)) === key[place]);
  for (const entity of candidates(collection, naturalKey, key)) {
    if (isSame(entity)) throw taken(collection, naturalKey, status);
  }
}

/** The records that can have the key: few, when one of its fields tells its record. */
function candidates(collection: Collection, fields: readonly string[], key: readonly unknown[]): Iterable<Entity> {
  for (const [place, field] of fields.entries()) {
    const value = key[place];
    const found = typeof value === 'string' ? collection.find(field, value) : undefined;
    if (found) return found;
  }
  return collection.scan(everything);
}

const comparable = (value: Value): string | number | boolean | null => {
  if (value instanceof Entity) return value.id;
  return typeof value === 'object' ? null : value;
};

function taken(collection: Collection, naturalKey: readonly string[], status: number) {
  const scalar =
    naturalKey.find((field) => collection.type.facts.fields.get(field)?.kind === 'string') ?? naturalKey[0] ?? 'id';
  const words = scalar.replaceAll('-', ' ');
  return problem(
    status,
    `${words.charAt(0).toUpperCase()}${words.slice(1)} has already been taken`,
    scalar.replaceAll('-', '_'),
  );
}
