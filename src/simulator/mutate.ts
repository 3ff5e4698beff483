// Owns changing records behind the API's back, as other users of the tenant do while somebody reads.
import type { JsonObject } from '../document/json.ts';
import { formatInstant } from './records/calendar.ts';
import type { Collection } from './records/collection.ts';
import { drawBelow, saltOf } from './records/draw.ts';
import type { Changes, Entity, Value } from './records/entity.ts';
import type { World } from './records/world.ts';

/** How many records of a resource to make, change and take away; or which, with `ids`. */
export interface Mutation {
  readonly resource: string;
  readonly insert?: number;
  readonly update?: number | readonly number[];
  readonly delete?: number | readonly number[];
  /** Values to lay over each made or changed record. */
  readonly values?: JsonObject;
}

/** A mutation that is played again and again while somebody reads. */
export interface SteadyMutation extends Mutation {
  /** How many times a second. */
  readonly ratePerSecond: number;
  /** For how long. */
  readonly seconds: number;
}

/** What was done, in ids. */
export interface Mutated {
  readonly resource: string;
  readonly inserted: readonly number[];
  readonly updated: readonly number[];
  readonly deleted: readonly number[];
}

const mutationsMax = 100_000;
const triesMax = 1000;

/** Changes records; which ones is drawn from the seed and what was stored before. Gives a message when it cannot. */
export function mutate(world: World, mutation: Mutation, nowMs: number): Mutated | string {
  const collection = world.resource(mutation.resource);
  if (!collection) return `${mutation.resource} is not a resource`;
  const at = formatInstant(nowMs);
  const values = Object.entries(mutation.values ?? {}).map(([name, value]): [string, () => Value] => [
    name,
    () => value,
  ]);
  // First of all, so that no record is told as changed that is not there any more.
  const deleted = idsFor(world, collection, mutation.delete, 'delete');
  for (const id of deleted) collection.delete(id);
  const inserted = Array.from({ length: Math.min(mutation.insert ?? 0, mutationsMax) }, () =>
    insertCopy(collection, at, new Map(values)),
  );
  const updated = idsFor(world, collection, mutation.update, 'update');
  for (const id of updated) collection.change(id, new Map([...values, ['updated-at', () => at]]));
  return { resource: mutation.resource, inserted, updated, deleted };
}

/** Gives existing ids: the named ones, or so many drawn ones, each once. */
function idsFor(world: World, collection: Collection, which: Mutation['update'], use: string): readonly number[] {
  if (typeof which === 'object') return which.filter((id) => collection.read(id));
  const count = Math.min(which ?? 0, mutationsMax, collection.count);
  const salt = saltOf(`${world.seed}/${collection.type.name}/${use}/${world.storedCount}`);
  const ids = new Set<number>();
  for (let tries = 0; ids.size < count && tries < count * triesMax; tries += 1) {
    const { id } = collection.at(drawBelow(salt, tries, collection.computedCount));
    if (collection.read(id)) ids.add(id);
  }
  return [...ids];
}

/** Adds a record like a computed one, with numbers of its own where they must be unique. */
function insertCopy(collection: Collection, at: string, values: Changes): number {
  return collection.add((id) => {
    const source = collection.computedAt(id % Math.max(1, collection.computedCount));
    const { fields } = collection.type.facts;
    const copied = [...fields.values()].map((fact): [string, () => Value] => {
      if (fact.name === 'id') return ['id', () => id];
      if (fact.name === 'created-at' || fact.name === 'updated-at') return [fact.name, () => at];
      const names = fact.isUnique || fact.name === 'invoice-number';
      return [fact.name, () => (names ? `${copyOf(source, fact.name)}-${id}` : source.value(fact.name))];
    });
    return new Map([...copied, ...values]);
  });
}

const copyOf = (source: Entity, field: string): string => String(source.value(field) ?? 'X').slice(0, 24);
