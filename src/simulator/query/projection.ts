// Owns the `fields` parameter: which elements of a record, and of its associations, an answer holds.
import type { EntityType } from '../records/entity.ts';
import { fieldName, type TypeOf } from './condition.ts';
import { problem } from './problem.ts';

/** The elements to answer; under an association, the elements of its members. */
export type Projection = ReadonlyMap<string, Projection | undefined>;

const depthMax = 5;
const charactersMax = 20_000;

/** Reads `fields=["id",{"supplier":["name"]}]`; undefined when there is none. Throws an ApiProblem with status 400. */
export function readProjection(
  text: string | undefined,
  context: { readonly type: EntityType; readonly typeOf: TypeOf; readonly isStrict: boolean },
): Projection | undefined {
  if (text === undefined) return undefined;
  if (text.length > charactersMax) throw problem(400, `has more than ${charactersMax} characters`, 'fields');
  let tree: unknown;
  try {
    tree = JSON.parse(text);
  } catch {
    throw problem(400, 'is not JSON', 'fields');
  }
  const read = (node: unknown, type: EntityType | undefined, depth: number): Projection => {
    if (!Array.isArray(node) || depth > depthMax)
      throw problem(400, `takes a list, ${depthMax} deep at most`, 'fields');
    const projection = new Map<string, Projection | undefined>();
    for (const member of node as readonly unknown[]) {
      if (typeof member === 'string') {
        if (knows(member, type)) projection.set(fieldName(member), undefined);
      } else if (typeof member === 'object' && member !== null && !Array.isArray(member)) {
        for (const [name, below] of Object.entries(member)) {
          if (!knows(name, type)) continue;
          const target = type?.facts.fields.get(fieldName(name))?.target;
          projection.set(
            fieldName(name),
            read(below, target === undefined ? undefined : context.typeOf(target), depth + 1),
          );
        }
      } else {
        throw problem(400, 'takes names and objects of names', 'fields');
      }
    }
    return projection;
  };
  const knows = (name: string, type: EntityType | undefined): boolean => {
    if (!type || type.facts.fields.has(fieldName(name))) return true;
    if (context.isStrict) throw problem(400, `${JSON.stringify(name)} is not an attribute of ${type.name}`, 'fields');
    return false;
  };
  return read(tree, context.type, 1);
}
