// Owns the words that a pack itself knows for a setting: resources, fields, operators, actions, values. Asks nobody.
import type { Operation, Pack, Resource, ResourceCall } from '../../pack/index.ts';
import type { JsonSchema } from '../../schema/index.ts';
import { callFor } from '../choose-operation.ts';
import { findField, wordsOf } from '../record-fields.ts';
import { actionsOf } from '../write/write-call.ts';
import { fieldPaths } from './field-paths.ts';
import type { Suggestion, SuggestionPlace } from './suggestion.ts';

/** The words for a setting, the likeliest first; none for one that can hold anything. */
export function packSuggestions(place: SuggestionPlace): Suggestion[] {
  const words = markedWords(place);
  const allowed = wordsOf(place.schema);
  if (allowed.length === 0) return words;
  const known = new Map(words.map((word) => [word.value, word]));
  // A list that the settings schema closes stays closed; what the pack knows of the rest is no use here.
  const kept = allowed.filter((value) => known.size === 0 || known.has(value));
  return kept.map((value) => known.get(value) ?? plain(value, value === place.schema.default ? 'default' : undefined));
}

function markedWords(place: SuggestionPlace): Suggestion[] {
  switch (place.word) {
    case 'resources':
      return resourceWords(place);
    case 'fields':
      return fieldWords(place);
    case 'operators':
      return operatorWords(place);
    case 'actions':
      return actionWords(place);
    case 'values':
      return valueWords(place);
    case 'paths':
      return pathWords(place);
    default:
      return [];
  }
}

function resourceWords({ pack, snap }: SuggestionPlace): Suggestion[] {
  const choices = snap.declaration.operations ?? [];
  const isServed = (resource: Resource) =>
    choices.some(({ operation: id, mode }) => {
      const operation = pack.operations.get(id);
      if (operation === undefined || !isCallable(pack, operation, resource)) return false;
      return mode !== 'incremental' || typeof resource.cursorField === 'string';
    });
  return [...pack.resources.values()]
    .filter(isServed)
    .map(({ key, title, group }) => ({ value: key, title, detail: group }));
}

function isCallable(pack: Pack, operation: Operation, resource: Resource): boolean {
  const has = (kind: ResourceCall['kind']) => resource.calls.some((call) => call.kind === kind);
  switch (operation.call) {
    case 'list':
    case 'get':
      return callFor(operation, resource) !== undefined;
    case 'download':
    case 'create':
    case 'update':
      return has(operation.call);
    case 'upload':
      return resource.calls.some(
        ({ kind, action }) => kind === 'upload' && operation.actions?.includes(action) !== false,
      );
    case 'upsert': {
      const lookup = pack.operations.get(operation.write?.key?.operation ?? '');
      return has('create') && has('update') && lookup !== undefined && callFor(lookup, resource) !== undefined;
    }
    case 'action':
      return actionsOf(resource).length > 0;
    default:
      return false;
  }
}

/** Paths in conditions, names everywhere else: those of the record, or of the one that a tree of fields has come to. */
function fieldWords({ pack, resource, operation, segments, within }: SuggestionPlace): Suggestion[] {
  const schema = resource === undefined ? undefined : pack.recordSchema(resource);
  if (schema === undefined) return [];
  const { filters, order, modes } = operation ?? {};
  const [setting] = segments;
  if (filters !== undefined && setting === filters.setting) {
    return fieldPaths(pack, schema, { depthMax: filters.associationDepthMax, takesReferences: false });
  }
  if (setting === order?.setting) {
    return fieldPaths(pack, schema, { depthMax: 0, takesReferences: false });
  }
  if (setting === modes?.incremental?.cursorSetting) {
    return fieldPaths(pack, schema, {
      depthMax: 0,
      takesReferences: false,
      isFitting: (kind) => kind === 'date-time',
    });
  }
  const record = within.length === 0 ? schema : targetOf(pack, schema, within);
  return record === undefined ? [] : fieldPaths(pack, record, { depthMax: 0, takesReferences: true });
}

/** The operators that serve the condition's field; all of them while it names none. */
function operatorWords(place: SuggestionPlace): Suggestion[] {
  const { filters } = place.operation ?? {};
  const field = comparedFieldOf(place);
  return Object.entries(filters?.operators ?? {})
    .filter(([, { notFor = [] }]) => field === undefined || !(notFor as readonly string[]).includes(field.kind))
    .map(([value, { title }]) => ({ value, title, ...(value === filters?.default ? { detail: 'default' } : {}) }));
}

function actionWords({ operation, resource }: SuggestionPlace): Suggestion[] {
  const calls = resource?.calls ?? [];
  const isNamed = ({ kind }: ResourceCall) =>
    operation?.call === 'download' || operation?.call === 'upload'
      ? kind === operation.call
      : kind === 'action' || kind === 'delete';
  const found = new Map<string, Suggestion>();
  for (const call of calls.filter(isNamed)) {
    if (!found.has(call.action)) found.set(call.action, { value: call.action, detail: `${call.verb} ${call.path}` });
  }
  return [...found.values()];
}

function valueWords(place: SuggestionPlace): Suggestion[] {
  const field = comparedFieldOf(place);
  if (field === undefined) return [];
  if (field.kind === 'boolean') return ['true', 'false'].map((value) => plain(value));
  return field.words.map((value) => plain(value));
}

/** Every documented path of the method that is chosen. */
function pathWords({ pack, operation, settings }: SuggestionPlace): Suggestion[] {
  const method = settings[operation?.request?.methodSetting ?? ''];
  return [...pack.resources.values()].flatMap((resource) =>
    resource.calls
      .filter(({ verb }) => method === undefined || verb === method)
      .map((call) => ({ value: call.path, title: `${call.action} (${resource.title})`, detail: call.verb })),
  );
}

function comparedFieldOf({ pack, resource, field }: SuggestionPlace) {
  const schema = resource === undefined ? undefined : pack.recordSchema(resource);
  const found = schema === undefined || field === undefined ? undefined : findField(pack, schema, field.split('.'));
  return typeof found === 'string' ? undefined : found;
}

function targetOf(pack: Pack, schema: JsonSchema, path: readonly string[]): JsonSchema | undefined {
  const found = findField(pack, schema, path);
  return typeof found === 'string' ? undefined : found.target;
}

const plain = (value: string, detail?: string): Suggestion => (detail === undefined ? { value } : { value, detail });
