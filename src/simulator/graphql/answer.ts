// Owns answering GraphQL queries: lists of a resource with a filter string as REST takes it, and the fields asked for.
// Errors come with status 200, as the API sends them. Reads only.
import type { JsonObject, JsonValue } from '../../document/json.ts';
import type { SortedOrdinals } from '../query/order.ts';
import { ApiProblem } from '../query/problem.ts';
import { type QueryContext, readQuery } from '../query/query.ts';
import { selectPage } from '../query/select.ts';
import type { Collection } from '../records/collection.ts';
import { Entity, type Value } from '../records/entity.ts';
import { type CatalogResource, objectOf } from '../records/facts.ts';
import { presentShallow } from '../render/present.ts';
import { type GraphField, parseGraphql } from './parse.ts';

/** What answering needs. */
export interface GraphContext {
  readonly catalog: readonly CatalogResource[];
  readonly collectionOf: (object: string) => Collection;
  readonly sorted: SortedOrdinals;
  readonly query: Omit<QueryContext, 'type'>;
  /** The rights of the caller. */
  readonly scopes: readonly string[];
  readonly onServed: (resource: string, ids: readonly number[]) => void;
}

/** Answers the body of a query: `{"data":...}`, or `{"data":null,"errors":[{"message":...}]}`. */
export function answerGraphql(context: GraphContext, body: JsonObject): JsonObject {
  try {
    if (typeof body.query !== 'string') throw new SyntaxError('query is missing');
    const variables =
      typeof body.variables === 'object' && body.variables !== null ? (body.variables as JsonObject) : {};
    const fields = parseGraphql(body.query, variables);
    return { data: Object.fromEntries(fields.map((field) => [field.alias, root(context, field)])) };
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return refused([thrown.message]);
    if (!(thrown instanceof ApiProblem)) throw thrown;
    const told = Object.entries(thrown.errors).flatMap(([field, texts]) => texts.map((text) => `${field} ${text}`));
    return refused(told);
  }
}

const refused = (messages: readonly string[]): JsonObject => ({
  data: null,
  errors: messages.map((message) => ({ message })),
});

const kebabCase = (name: string): string =>
  name.replaceAll(/(?<=[a-z0-9])[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`).replaceAll('_', '-');

function root(context: GraphContext, field: GraphField): JsonValue {
  const key = kebabCase(field.name).replaceAll('-', '_');
  const resource = context.catalog.find((one) => one.listable && one.key === key);
  if (!resource) throw new SyntaxError(`Field '${field.name}' doesn't exist on type 'Query'`);
  const scope = resource.calls.find(({ kind }) => kind === 'list')?.scope ?? '';
  if (!context.scopes.includes(scope)) throw new SyntaxError(`the access token lacks the scope ${scope}`);
  if (field.fields.length === 0) throw new SyntaxError(`Field '${field.name}' must have selections`);
  const unknown = Object.keys(field.values).find((name) => name !== 'query');
  if (unknown !== undefined) throw new SyntaxError(`Field '${field.name}' doesn't accept argument '${unknown}'`);
  const collection = context.collectionOf(objectOf(resource));
  const filter = typeof field.values.query === 'string' ? field.values.query : '';
  const query = readQuery(new URLSearchParams(filter), { ...context.query, type: collection.type });
  const page = selectPage(collection, query, context.sorted);
  context.onServed(
    resource.key,
    page.map(({ id }) => id),
  );
  return page.map((entity) => shown(entity, field.fields));
}

function shown(entity: Entity, fields: readonly GraphField[]): JsonObject {
  return Object.fromEntries(
    fields.map((field) => {
      if (field.name === '__typename') return [field.alias, entity.type.name];
      const fact = entity.type.facts.fields.get(kebabCase(field.name));
      if (!fact?.isReturned) throw new SyntaxError(`Field '${field.name}' doesn't exist on type '${entity.type.name}'`);
      return [field.alias, shownValue(entity.value(fact.name), field.fields)];
    }),
  );
}

function shownValue(value: Value, fields: readonly GraphField[]): JsonValue {
  if (value instanceof Entity) return fields.length > 0 ? shown(value, fields) : presentShallow(value);
  if (Array.isArray(value)) return (value as readonly Value[]).map((member) => shownValue(member, fields));
  if (typeof value !== 'object' || value === null || fields.length === 0) return value as JsonValue;
  const record = value as JsonObject;
  return Object.fromEntries(fields.map(({ alias, name }) => [alias, record[kebabCase(name)] ?? record[name] ?? null]));
}
