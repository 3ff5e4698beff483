// Owns what of a record an answer shows. Never shows a field that is not returned on read, such as a password.
import type { JsonObject, JsonValue } from '../../document/json.ts';
import type { Projection } from '../query/projection.ts';
import type { ReturnObject } from '../query/query.ts';
import { Entity, type Value } from '../records/entity.ts';

/** How records are shown. */
export interface Presentation {
  readonly returnObject: ReturnObject;
  readonly projection: Projection | undefined;
}

/** How deep members that live inside a record are shown whole; deeper ones by id and keys. */
export const ownedDepthMax = 2;

/** Gives a record as plain JSON. */
export function present(entity: Entity, { returnObject, projection }: Presentation): JsonObject {
  if (projection) return presentProjected(entity, projection);
  if (returnObject === 'limited') return { id: entity.id };
  return presentWhole(entity, returnObject === 'shallow' ? 0 : ownedDepthMax);
}

/** Gives a record by its id and natural keys, as references are shown. */
export function presentShallow(entity: Entity): JsonObject {
  const shown: Record<string, JsonValue> = {};
  for (const name of entity.type.facts.shallowFields) {
    const value = entity.value(name);
    if (value === null || typeof value !== 'object') shown[name] = value;
  }
  return shown;
}

function presentWhole(entity: Entity, ownedDepth: number): JsonObject {
  const shown: Record<string, JsonValue> = {};
  for (const fact of entity.type.facts.fields.values()) {
    if (!fact.isReturned) continue;
    const value = entity.value(fact.name);
    const isOwned = entity.type.generators.get(fact.name)?.isOwned === true && ownedDepth > 0;
    shown[fact.name] = plain(value, (one) => (isOwned ? presentWhole(one, ownedDepth - 1) : presentShallow(one)));
  }
  return shown;
}

function presentProjected(entity: Entity, projection: Projection): JsonObject {
  const shown: Record<string, JsonValue> = {};
  for (const [name, below] of projection) {
    if (entity.type.facts.fields.get(name)?.isReturned === false) continue;
    shown[name] = plain(entity.value(name), (one) => (below ? presentProjected(one, below) : presentShallow(one)));
  }
  return shown;
}

/** Gives a value with every entity in it shown. */
function plain(value: Value, show: (entity: Entity) => JsonValue): JsonValue {
  if (value instanceof Entity) return show(value);
  if (!Array.isArray(value)) return value as JsonValue;
  return (value as readonly Value[]).map((member) => plain(member, show));
}
