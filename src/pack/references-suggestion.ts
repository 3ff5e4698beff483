// Owns the checks of suggestions that a schema cannot make: what is asked is one thing, and what is read of it is one thing.
import type { Fault } from '../errors.ts';
import type { Operation, Suggestion } from '../generated/host/manifest.ts';
import { placeholdersOf } from './template.ts';

const placeholders = ['resource', 'field'];

/** All faults of one suggestion, with pointers into the manifest. */
export function checkSuggestion(
  suggestion: Suggestion,
  operations: ReadonlyMap<string, Operation>,
  pointer: string,
): Fault[] {
  const { operation, path, members, value, title, query } = suggestion;
  const fault = (message: string, place = '') => ({ pointer: `${pointer}${place}`, message });
  const unknown = Object.entries(query).flatMap(([name, template]) =>
    placeholdersOf(template)
      .filter((each) => !placeholders.includes(each))
      .map((each) => fault(`unknown placeholder {${each}}; known are {resource} and {field}`, `/query/${name}`)),
  );
  return [
    ...((operation === undefined) === (path === undefined) ? [fault('must have either "operation" or "path"')] : []),
    ...((members === undefined) === (value === undefined) ? [fault('must have either "members" or "value"')] : []),
    ...(title !== undefined && value === undefined ? [fault('"title" goes with "value"', '/title')] : []),
    ...(operation !== undefined && operations.get(operation)?.call !== 'list'
      ? [fault(`no operation "${operation}" that lists stands in the manifest`, '/operation')]
      : []),
    ...unknown,
  ];
}
