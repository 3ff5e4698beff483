// Owns creating, updating and deleting records. Everything written lies over the computed records; nothing else is kept.
import type { JsonObject, JsonValue } from '../../document/json.ts';
import { problem } from '../query/problem.ts';
import { readReturnObject } from '../query/query.ts';
import { formatInstant } from '../records/calendar.ts';
import { documentType } from '../records/document-types.ts';
import type { Changes, Entity, Value } from '../records/entity.ts';
import { type Families, holdingField, markOf, parentMark } from '../records/families.ts';
import { lifecycles, stateField } from '../records/lifecycles.ts';
import { type Answer, answer } from './answer.ts';
import { refuseTakenKey } from './keys.ts';
import { answerEntity, type Reader, readEntity } from './read.ts';
import { readValues, type Target } from './values.ts';

/** What writing needs beside what reading needs. */
export interface Writer extends Reader, Pick<Target, 'collectionOf' | 'typeOf' | 'status'> {
  readonly families: Families;
  /** The fields that together name one record, where the catalog says so. */
  readonly naturalKey: readonly string[];
  readonly now: () => number;
}

/** States in which a record may still be deleted; objects that are not listed may always. */
const deletableStates: Readonly<Record<string, readonly string[]>> = {
  requisition: ['draft', 'cart', 'withdrawn', 'abandoned'],
  'receiving-transaction': ['created', 'pending', 'voided'],
  'receipt-request': ['draft', 'withdrawn', 'rejected'],
  'return-request': ['draft'],
};

/** Makes a record under a parent, or under none, and answers it with status 201. */
export function answerCreate(writer: Writer, body: JsonObject, parameters: URLSearchParams, parent?: Entity): Answer {
  return answerEntity(writer, createRecord(writer, body, parent), presentationOf(parameters), 201);
}

/** Makes a record of a body. Throws an ApiProblem that names every fault. */
export function createRecord(writer: Writer, body: JsonObject, parent?: Entity): Entity {
  const { collection } = writer;
  const under = parent ? valuesUnder(parent, collection.type.facts.fields) : [];
  const given = parent ? { ...referencesIn(body, parent), ...body } : body;
  const values = readValues(given, { ...writer, updated: undefined });
  refuseTakenKey(collection, values, { naturalKey: writer.naturalKey, status: writer.status });
  const at = formatInstant(writer.now());
  const { fields } = collection.type.facts;
  const initial = lifecycles[collection.type.name]?.initial;
  const state: [string, () => Value][] = initial === undefined ? [] : [[stateField(fields), () => initial]];
  const id = collection.add((made) => {
    const changes = new Map<string, () => Value>([
      ['id', () => made],
      ...defaultsOf(fields.keys(), at),
      ...state,
      ...values,
      ...under,
    ]);
    return numbered(changes, made);
  });
  keepHeld(writer, readEntity(collection, String(id)), values);
  return readEntity(collection, String(id));
}

/** Changes one record: the elements given, or its export mark alone. */
export function answerUpdate(writer: Writer, id: string, body: JsonObject, parameters: URLSearchParams): Answer {
  const entity = readEntity(writer.collection, id);
  const at = formatInstant(writer.now());
  const exported = parameters.get('exported');
  // The mark goes in a request of its own; the API does not promise other changes beside it, so none are made.
  const values =
    exported === null ? readValues(body, { ...writer, updated: entity }) : exportMark(writer, exported, at);
  refuseTakenKey(writer.collection, values, {
    naturalKey: writer.naturalKey,
    status: writer.status,
    updated: entity,
  });
  writer.collection.change(entity.id, new Map([...numbered(values, entity.id), ['updated-at', () => at]]));
  keepHeld(writer, readEntity(writer.collection, id), values);
  return answerEntity(writer, readEntity(writer.collection, id), presentationOf(parameters));
}

/** Takes a record away and answers nothing, with status 204. */
export function answerDelete(writer: Writer, id: string): Answer {
  const entity = readEntity(writer.collection, id);
  const states = deletableStates[entity.type.name];
  const field = stateField(entity.type.facts.fields);
  if (states && !states.some((state) => state === entity.value(field))) {
    throw problem(writer.status, `does not allow deleting: it is ${String(entity.value(field))}`, field);
  }
  const parent = writer.families.parentOf(entity);
  writer.collection.delete(entity.id);
  const held = parent && holdingField(parent.type.name, entity.type.name);
  if (parent && held !== undefined) showHeld(writer, parent, held, entity.type.name);
  return answer(204, writer.format, '');
}

/** Gives how an answer to a write shows the record. */
export const presentationOf = (parameters: URLSearchParams) => ({
  returnObject: readReturnObject(parameters.get('return_object') ?? undefined),
  projection: undefined,
});

/** Gives the values by which a child says where it stands. */
function valuesUnder(parent: Entity, fields: ReadonlyMap<string, unknown>): readonly [string, () => Value][] {
  const { name } = parent.type;
  const mark = markOf(parent);
  const values: Readonly<Record<string, Value>> = {
    [`${name}-id`]: parent.id,
    'commentable-id': parent.id,
    'commentable-type': documentType(name),
    'linkable-id': parent.id,
    'linkable-type': documentType(name),
  };
  const stated = Object.entries(values).filter(([field]) => fields.has(field));
  return [[parentMark, () => mark], ...stated.map(([field, value]) => [field, () => value] as [string, () => Value])];
}

/** A child refers to its parent without being told: the path has said it. */
const referencesIn = (body: JsonObject, { type, id }: Entity): JsonObject =>
  Object.hasOwn(body, type.name) ? {} : { [type.name]: { id } };

/** Lines of an order or a report are records of their own: they are made in their collection, and shown where they stand. */
function keepHeld(writer: Writer, parent: Entity, values: Changes): void {
  for (const [field, read] of values) {
    const object = parent.type.facts.fields.get(field)?.target;
    if (object === undefined || holdingField(parent.type.name, object) !== field) continue;
    const members = read();
    const lines = writer.collectionOf(object);
    const at = formatInstant(writer.now());
    for (const member of Array.isArray(members) ? (members as readonly JsonValue[]) : []) {
      if (typeof member !== 'object' || member === null || Array.isArray(member)) continue;
      const line = member as JsonObject;
      const given = readValues(line, { ...writer, collection: lines, updated: parent });
      const known = typeof line.id === 'number' ? lines.read(line.id) : undefined;
      const laid: [string, () => Value][] = [...given, ['updated-at', () => at], ...valuesUnder(parent, new Map())];
      if (known) lines.change(known.id, new Map(laid));
      else
        lines.add(
          (id) =>
            new Map<string, () => Value>([
              ['id', () => id],
              ['created-at', () => at],
              ['status', () => 'created'],
              ...laid,
            ]),
        );
    }
    showHeld(writer, parent, field, object);
  }
}

function showHeld(writer: Writer, parent: Entity, field: string, object: string): void {
  const parents = writer.collectionOf(parent.type.name);
  const { id } = parent;
  const list = (): readonly Entity[] => {
    const now = parents.read(id);
    return now ? [...writer.families.childrenOf(now, object)] : [];
  };
  parents.change(id, new Map([[field, list]]));
}

function exportMark(writer: Writer, exported: string, at: string): Changes {
  if (!writer.collection.type.facts.fields.has('exported')) throw problem(400, 'is not an attribute here', 'exported');
  if (exported !== 'true' && exported !== 'false') throw problem(400, 'takes true or false', 'exported');
  const isExported = exported === 'true';
  return new Map<string, () => Value>([
    ['exported', () => isExported],
    ['last-exported-at', () => (isExported ? at : null)],
  ]);
}

function defaultsOf(fields: Iterable<string>, at: string): readonly [string, () => Value][] {
  const defaults: Readonly<Record<string, Value>> = {
    'created-at': at,
    'updated-at': at,
    exported: false,
    version: 1,
    'custom-fields': {},
  };
  return [...fields]
    .filter((name) => Object.hasOwn(defaults, name))
    .map((name) => [name, () => defaults[name] ?? null]);
}

/** Gives the members of written collections ids, which the API assigns. */
function numbered(changes: Changes, id: number): Changes {
  return new Map(
    [...changes].map(([name, read]): [string, () => Value] => {
      const value = read();
      if (!Array.isArray(value)) return [name, read];
      const members = (value as readonly JsonValue[]).map((member, place) =>
        typeof member === 'object' && member !== null && !Array.isArray(member) && !Object.hasOwn(member, 'id')
          ? { id: id * 10 + place, ...member }
          : member,
      );
      return [name, () => members];
    }),
  );
}
