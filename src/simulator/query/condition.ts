// Owns the filters of a query: a path through at most two associations, an operator and a typed operand, made into one test.
import { Entity, type EntityType, type Value } from '../records/entity.ts';
import type { FieldFact } from '../records/facts.ts';
import { compareDecimals, readInstant, readOperand } from './operand.ts';
import { problem } from './problem.ts';

/** The operators of the API guide, "API Operators"; `eq` is the one that is not written. */
export const operators = [
  'eq',
  'contains',
  'starts_with',
  'ends_with',
  'gt',
  'lt',
  'gt_or_eq',
  'lt_or_eq',
  'not_eq',
  'in',
  'not_in',
  'blank',
] as const;
export type Operator = (typeof operators)[number];

/** One filter. All filters of a query must hold. */
export interface Condition {
  /** Field names from the record to what is compared. */
  readonly path: readonly string[];
  readonly operator: Operator;
  /** The operand as it was written. */
  readonly text: string;
  /** Kind of the field that is compared. */
  readonly fact: FieldFact;
  test(entity: Entity): boolean;
}

const associationsMax = 2;
const listMembersMax = 1000;
const textOperators: ReadonlySet<Operator> = new Set(['contains', 'starts_with', 'ends_with', 'blank']);

/** Finds the type of an object by name. */
export type TypeOf = (object: string) => EntityType;

/** Makes one filter of the parts of a query key: `supplier[name][contains]` is `['supplier', 'name', 'contains']`. */
export function makeCondition(parts: readonly string[], text: string, type: EntityType, typeOf: TypeOf): Condition {
  const last = parts.at(-1) ?? '';
  const hasOperator = parts.length > 1 && (operators as readonly string[]).includes(last) && last !== 'eq';
  const operator = hasOperator ? (last as Operator) : 'eq';
  const { path, fact } = resolvePath(hasOperator ? parts.slice(0, -1) : parts, type, typeOf);
  const isTime = fact.kind === 'date-time' || fact.kind === 'date';
  if (isTime && textOperators.has(operator)) {
    throw problem(400, `the operator ${operator} does not serve date-times`, fact.name);
  }
  const holds = makeTest(fact, operator, text);
  const leaf = path.at(-1) ?? '';
  const associations = path.slice(0, -1);
  const read = isTime
    ? (entity: Entity): Value => entity.instant(leaf) ?? null
    : (entity: Entity) => entity.value(leaf);
  const test =
    associations.length === 0
      ? (entity: Entity): boolean => holds(read(entity))
      : (entity: Entity): boolean =>
          membersAt(entity, associations).some((member) => holds(valueIn(member, leaf, read)));
  return { path, operator, text, fact, test };
}

/** Names in queries may be written with underscores or dashes. */
export const fieldName = (part: string): string => part.replaceAll('_', '-');

function resolvePath(parts: readonly string[], type: EntityType, typeOf: TypeOf) {
  const path: string[] = [];
  let current: EntityType | undefined = type;
  let fact: FieldFact | undefined;
  for (const part of parts) {
    const name = fieldName(part);
    const found: FieldFact | undefined = current?.facts.fields.get(name);
    if (fact?.kind === 'object')
      return { path: [...path, part], fact: { ...fact, name: part, kind: 'string' as const } };
    if (found) {
      path.push(name);
      fact = found;
    } else {
      // A reference may be named by its id: from_currency_id=1 (API guide, "Querying Options").
      const reference: string | undefined = /^(.+)-id$/u.exec(name)?.[1];
      const referred: FieldFact | undefined = current?.facts.fields.get(reference ?? '');
      if (reference === undefined || referred?.kind !== 'reference') throw unknownAttribute(name, current ?? type);
      path.push(reference, 'id');
      fact = idFact(referred);
    }
    const target: string | undefined = fact.target;
    current = target === undefined ? undefined : typeOf(target);
  }
  if (!fact) throw problem(400, 'a filter without a field');
  if (path.length - 1 > associationsMax) {
    throw problem(400, `filters reach through ${associationsMax} associations at most`, parts[0]);
  }
  return { path, fact };
}

const idFact = (reference: FieldFact): FieldFact => ({ ...reference, name: 'id', kind: 'integer' });

const unknownAttribute = (name: string, type: EntityType) =>
  problem(400, `is not an attribute of ${type.name.replaceAll('-', '_')}`, name);

/** Gives all entities, or plain objects, that the associations lead to. */
function membersAt(entity: Entity, associations: readonly string[]): readonly Value[] {
  let members: readonly Value[] = [entity];
  for (const association of associations) {
    members = members.flatMap((member): readonly Value[] => {
      const value = member instanceof Entity ? member.value(association) : plainField(member, association);
      return Array.isArray(value) ? (value as readonly Value[]) : value === null ? [] : [value];
    });
  }
  return members;
}

const valueIn = (member: Value, leaf: string, read: (entity: Entity) => Value): Value =>
  member instanceof Entity ? read(member) : plainField(member, leaf);

function plainField(value: Value, name: string): Value {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  // A custom field has no fact that knows its spelling: as written, else with dashes, as in records.
  const known = [name, fieldName(name)].find((spelling) => Object.hasOwn(value, spelling));
  return known === undefined ? null : ((value as Readonly<Record<string, Value>>)[known] ?? null);
}

const isBlank = (value: Value): boolean =>
  value === null || value === '' || (Array.isArray(value) && value.length === 0);

/** Makes the test of one value. An empty value meets no comparison, not even "is not": so do the databases behind such APIs. */
function makeTest(fact: FieldFact, operator: Operator, text: string): (value: Value) => boolean {
  if (operator === 'blank') {
    if (text !== 'true' && text !== 'false') throw problem(400, 'blank takes true or false', fact.name);
    return (value) => isBlank(value) === (text === 'true');
  }
  if (fact.kind === 'reference' || fact.kind === 'collection' || fact.kind === 'object') {
    throw problem(400, 'is an association: name one of its attributes', fact.name);
  }
  const filled = (holds: (value: string | number | boolean) => boolean) => (value: Value) =>
    value !== null && typeof value !== 'object' && holds(value);
  if (operator === 'contains') return filled((value) => String(value).includes(text));
  if (operator === 'starts_with') return filled((value) => String(value).startsWith(text));
  if (operator === 'ends_with') return filled((value) => String(value).endsWith(text));
  const compare = compareFor(fact);
  if (operator === 'in' || operator === 'not_in') {
    const members = text.split(',').map((member) => readOperand(fact, member.trim()));
    if (members.length > listMembersMax) throw problem(400, `a list has at most ${listMembersMax} members`, fact.name);
    return filled((value) => members.some((member) => compare(value, member) === 0) === (operator === 'in'));
  }
  const operand = readOperand(fact, text);
  return filled((value) => meets(operator, compare(value, operand)));
}

function meets(operator: Operator, order: number): boolean {
  switch (operator) {
    case 'gt':
      return order > 0;
    case 'lt':
      return order < 0;
    case 'gt_or_eq':
      return order >= 0;
    case 'lt_or_eq':
      return order <= 0;
    case 'not_eq':
      return order !== 0;
    default:
      return order === 0;
  }
}

type Scalar = string | number | boolean;

/** How two values of a field stand to each other; instants come as milliseconds, or as text inside plain objects. */
export function compareFor(fact: FieldFact): (one: Scalar, other: Scalar) => number {
  if (fact.kind === 'decimal') return (one, other) => compareDecimals(String(one), String(other));
  if (fact.kind === 'date-time' || fact.kind === 'date') return (one, other) => asInstant(one) - asInstant(other);
  return (one, other) => (one === other ? 0 : one < other ? -1 : 1);
}

const asInstant = (value: Scalar): number =>
  typeof value === 'number' ? value : (readInstant(String(value)) ?? Number.NaN);
