// Owns checking the values of a write by the documented fields and making them ready to be laid over a record.
import type { JsonObject, JsonValue } from '../../document/json.ts';
import { fieldName, type TypeOf } from '../query/condition.ts';
import { readInstant } from '../query/operand.ts';
import { ApiProblem } from '../query/problem.ts';
import type { Collection } from '../records/collection.ts';
import type { Changes, Entity, Value } from '../records/entity.ts';
import type { FieldFact } from '../records/facts.ts';

/** What checking needs to see. */
export interface Target {
  readonly collection: Collection;
  readonly collectionOf: (object: string) => Collection;
  readonly typeOf: TypeOf;
  /** The record that is updated; absent when one is created. */
  readonly updated: Entity | undefined;
  /** 400 or 422. */
  readonly status: number;
}

/**
 * Checks a body and gives the changes it means. Fields that are unknown or not accepted on write are left out, as the API
 * leaves them out. Throws an ApiProblem that names every fault.
 */
export function readValues(body: JsonObject, target: Target): Changes {
  const { facts } = target.collection.type;
  const faults: Record<string, string[]> = {};
  const changes = new Map<string, () => Value>();
  for (const [name, value] of Object.entries(body)) {
    const fact = facts.fields.get(fieldName(name));
    if (!fact?.isAccepted) continue;
    const read = readValue(fact, value, target);
    if (typeof read === 'string') faults[fieldForError(fact.name)] = [read];
    else changes.set(fact.name, read);
  }
  for (const fact of facts.fields.values()) {
    if (!fact.isRequired || !fact.isAccepted || (target.updated && !changes.has(fact.name))) continue;
    const value = changes.get(fact.name)?.() ?? null;
    if (value === null || value === '') faults[fieldForError(fact.name)] ??= ["can't be blank"];
  }
  if (Object.keys(faults).length === 0) Object.assign(faults, refuseTwin(changes, target));
  if (Object.keys(faults).length > 0) throw new ApiProblem(target.status, faults);
  return changes;
}

/** Fields that are unique only together; the last of them is documented as the unique one. */
const uniqueTogether: Readonly<Record<string, readonly string[]>> = {
  'exchange-rate': ['from-currency', 'to-currency', 'rate-date'],
};

/** Refuses a record whose fields that are unique together are those of another record. */
function refuseTwin(changes: Changes, { collection, updated }: Target): Record<string, string[]> {
  const names = uniqueTogether[collection.type.facts.name] ?? [];
  const last = names.at(-1);
  if (last === undefined || !names.some((name) => changes.has(name))) return {};
  const wanted = names.map((name) => sameness((changes.get(name) ?? (() => updated?.value(name) ?? null))()));
  for (const entity of collection.scan({ low: 1, high: Number.MAX_SAFE_INTEGER - 1, isDescending: false })) {
    if (entity.id === updated?.id) continue;
    if (names.every((name, index) => sameness(entity.value(name) ?? null) === wanted[index])) {
      return { [fieldForError(last)]: [`${sentenceName(last)} has already been taken`] };
    }
  }
  return {};
}

/** The same for two spellings of one moment, and for two readings of one record. */
function sameness(value: Value): string {
  if (typeof value === 'string') return String(readInstant(value) ?? value);
  return value !== null && typeof value === 'object' && 'id' in value ? `#${String(value.id)}` : JSON.stringify(value);
}

const fieldForError = (name: string): string => name.replaceAll('-', '_');

/** Gives how to read the value later, or the message that refuses it. */
function readValue(fact: FieldFact, value: JsonValue, target: Target): (() => Value) | string {
  if (value === null) return () => null;
  if (fact.kind === 'reference') return readReference(fact, value, target);
  if (fact.kind === 'object') {
    if (typeof value !== 'object' || Array.isArray(value)) return 'is not an object';
    const before = target.updated?.value(fact.name);
    const merged = isPlainObject(before) ? { ...before, ...value } : value;
    return () => merged;
  }
  if (fact.kind === 'collection') return Array.isArray(value) ? () => value : 'is not a list';
  const refused = refuseScalar(fact, value) ?? refuseTaken(fact, value, target);
  if (refused !== undefined) return refused;
  const kept = fact.kind === 'decimal' ? String(value) : fact.kind === 'integer' ? Number(value) : value;
  return () => kept;
}

const isPlainObject = (value: Value | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function refuseScalar(fact: FieldFact, value: JsonValue): string | undefined {
  if (fact.kind === 'any') return undefined;
  if (typeof value === 'object') return 'is not a plain value';
  const text = String(value);
  if (fact.kind === 'integer' && !/^-?\d{1,15}$/u.test(text)) return 'is not a number';
  if ((fact.kind === 'decimal' || fact.kind === 'number') && !/^-?\d+(?:\.\d+)?$/u.test(text)) return 'is not a number';
  if (fact.kind === 'boolean' && typeof value !== 'boolean') return 'is not true or false';
  if ((fact.kind === 'date-time' || fact.kind === 'date') && readInstant(text) === undefined)
    return 'is not a valid date';
  if (fact.kind === 'string' && fact.lengthMax !== undefined && text.length > fact.lengthMax) {
    return `is too long (maximum is ${fact.lengthMax} characters)`;
  }
  if (fact.words.length > 0 && !fact.words.includes(typeof value === 'number' ? value : text)) {
    return 'is not included in the list';
  }
  return undefined;
}

/** Says that another record has the value of a unique field, in the words the API uses. */
function refuseTaken(fact: FieldFact, value: JsonValue, { collection, updated }: Target): string | undefined {
  if (!fact.isUnique || typeof value !== 'string' || value === '') return undefined;
  if (uniqueTogether[collection.type.facts.name]?.includes(fact.name)) return undefined;
  const found = findBy(collection, fact.name, value);
  if (!found || found.id === updated?.id) return undefined;
  return `${sentenceName(fact.name)} has already been taken`;
}

const sentenceName = (name: string): string => {
  const words = name.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/** Finds the first record with this very value in a field. */
export function findBy(collection: Collection, field: string, value: JsonValue): Entity | undefined {
  if (field === 'id') return typeof value === 'number' ? collection.read(value) : undefined;
  const known = typeof value === 'string' ? collection.find(field, value) : undefined;
  if (known) return known[0];
  for (const entity of collection.scan({ low: 1, high: Number.MAX_SAFE_INTEGER - 1, isDescending: false })) {
    if (entity.value(field) === value) return entity;
  }
  return undefined;
}

/** References whose record may be spelled out in full, by object and field. */
const broughtAlong: ReadonlySet<string> = new Set(['supplier/primary-contact', 'supplier/primary-address']);

/** A reference names a record by its id or by natural keys: `{"currency":{"code":"USD"}}`. */
function readReference(fact: FieldFact, value: JsonValue, target: Target): (() => Value) | string {
  if (fact.target === undefined) return () => value;
  if (!isPlainObject(value)) return 'is not a reference: name it by id or natural key';
  const collection = target.collectionOf(fact.target);
  // A new supplier brings these along; one that names an id means a record that is there.
  if (broughtAlong.has(`${target.collection.type.facts.name}/${fact.name}`) && value.id === undefined) {
    return () => value;
  }
  const keys = Object.entries(value).filter(([, part]) => part !== null && typeof part !== 'object');
  const [first] = keys.filter(([name]) => name === 'id').concat(keys);
  if (!first) return () => value;
  const found = findBy(collection, fieldName(first[0]), first[1]);
  const fits = found && keys.every(([name, part]) => first[0] === 'id' || found.value(fieldName(name)) === part);
  if (!found || !fits) return `${sentenceName(fact.name)} does not exist`;
  const { id } = found;
  return () => collection.read(id) ?? null;
}
