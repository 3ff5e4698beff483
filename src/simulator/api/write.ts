// Owns creating and updating records. Everything written lies over the computed records; nothing else is kept.
import type { JsonObject, JsonValue } from '../../document/json.ts';
import { problem } from '../query/problem.ts';
import { readReturnObject } from '../query/query.ts';
import { formatInstant } from '../records/calendar.ts';
import type { Changes, Value } from '../records/entity.ts';
import type { Answer } from './answer.ts';
import { answerEntity, type Reader, readEntity } from './read.ts';
import { readValues, type Target } from './values.ts';

/** What writing needs beside what reading needs. */
export interface Writer extends Reader, Pick<Target, 'collectionOf' | 'typeOf' | 'status'> {
  readonly now: () => number;
}

/** Makes a record and answers it with status 201. */
export function answerCreate(writer: Writer, body: JsonObject, parameters: URLSearchParams): Answer {
  const values = readValues(body, { ...writer, updated: undefined });
  const at = formatInstant(writer.now());
  const { fields } = writer.collection.type.facts;
  const id = writer.collection.add((made) => {
    const changes = new Map<string, () => Value>([['id', () => made], ...defaultsOf(fields.keys(), at), ...values]);
    return numbered(changes, made);
  });
  const entity = readEntity(writer.collection, String(id));
  return answerEntity(writer, entity, presentationOf(parameters), 201);
}

/** Changes one record: the elements given, or its export mark alone. */
export function answerUpdate(writer: Writer, id: string, body: JsonObject, parameters: URLSearchParams): Answer {
  const entity = readEntity(writer.collection, id);
  const at = formatInstant(writer.now());
  const exported = parameters.get('exported');
  // The mark goes in a request of its own; the API does not promise other changes beside it, so none are made.
  const values =
    exported === null ? readValues(body, { ...writer, updated: entity }) : exportMark(writer, exported, at);
  writer.collection.change(entity.id, new Map([...numbered(values, entity.id), ['updated-at', () => at]]));
  return answerEntity(writer, readEntity(writer.collection, id), presentationOf(parameters));
}

const presentationOf = (parameters: URLSearchParams) => ({
  returnObject: readReturnObject(parameters.get('return_object') ?? undefined),
  projection: undefined,
});

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
