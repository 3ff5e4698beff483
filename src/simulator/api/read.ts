// Owns answering lists and single records. Never changes one.

import type { SortedOrdinals } from '../query/order.ts';
import { problem } from '../query/problem.ts';
import type { QueryContext } from '../query/query.ts';
import { type Query, readQuery } from '../query/query.ts';
import { selectAmong, selectPage } from '../query/select.ts';
import type { Collection } from '../records/collection.ts';
import type { Entity } from '../records/entity.ts';
import { singular } from '../records/paths.ts';
import type { JsonWriter } from '../render/json.ts';
import { type Presentation, present } from '../render/present.ts';
import { listXml, recordXml } from '../render/xml.ts';
import { type Answer, answer } from './answer.ts';
import type { Format } from './format.ts';

/** What reading needs. */
export interface Reader {
  readonly key: string;
  readonly collection: Collection;
  readonly format: Format;
  readonly writer: JsonWriter;
  readonly sorted: SortedOrdinals;
  readonly query: Omit<QueryContext, 'type'>;
}

/** What XML says when nothing matches; JSON says `[]` (API guide, "Querying Options"). */
const nothingFound = 'No results match your search criteria.';

/** Answers a page of records: of the whole collection, or of the few that are given. */
export function answerList(reader: Reader, parameters: URLSearchParams, among?: readonly Entity[]): Answer {
  const query = readQuery(parameters, { ...reader.query, type: reader.collection.type });
  refuseNone(query);
  const page = among ? selectAmong(among, query) : selectPage(reader.collection, query, reader.sorted);
  const ids = page.map(({ id }) => id);
  if (reader.format === 'json') return answer(200, 'json', listJson(page, query, reader.writer), ids);
  if (page.length === 0) throw problem(404, nothingFound);
  const plural = elementOf(reader.key);
  return answer(
    200,
    'xml',
    listXml(
      plural,
      page.map((entity) => present(entity, query)),
    ),
    ids,
  );
}

/** Answers one record. Throws an ApiProblem with status 404. */
export function answerOne(reader: Reader, id: string, parameters: URLSearchParams): Answer {
  const query = readQuery(parameters, { ...reader.query, type: reader.collection.type });
  refuseNone(query);
  return answerEntity(reader, readEntity(reader.collection, id), query);
}

/** Answers a record that was found or written. */
export function answerEntity(reader: Reader, entity: Entity, how: Presentation, status = 200): Answer {
  if (how.returnObject === 'none') return answer(status, reader.format, '');
  const body =
    reader.format === 'json'
      ? recordJson(entity, how, reader.writer)
      : recordXml(singular(elementOf(reader.key)), present(entity, how));
  return answer(status, reader.format, body, [entity.id]);
}

/** Finds the record of an id as a path has it. */
export function readEntity(collection: Collection, id: string): Entity {
  const entity = /^\d{1,15}$/u.test(id) ? collection.read(Number(id)) : undefined;
  if (!entity) throw problem(404, `no record with id ${id} exists`);
  return entity;
}

const isWhole = (how: Presentation): boolean => how.projection === undefined && how.returnObject === 'full';

const recordJson = (entity: Entity, how: Presentation, writer: JsonWriter): string | Buffer =>
  isWhole(how) ? writer.record(entity) : JSON.stringify(present(entity, how));

const listJson = (page: readonly Entity[], how: Presentation, writer: JsonWriter): string | Buffer =>
  isWhole(how) ? writer.list(page) : JSON.stringify(page.map((entity) => present(entity, how)));

/** `contracts/contract_terms` are `contract-terms`: an element has no slash in its name. */
const elementOf = (key: string): string => (key.split('/').at(-1) ?? key).replaceAll('_', '-');

function refuseNone(query: Query): void {
  if (query.returnObject === 'none') throw problem(400, 'none serves writes only', 'return_object');
}
