// Owns the one call that asks an account for words that the pack cannot know: its own fields, its own choices.
import { parseExact } from '../../document/index.ts';
import type { JsonObject, JsonValue } from '../../document/json.ts';
import { ExecutionError } from '../../errors.ts';
import { fillTemplate, type ResourceCall, type SuggestionCall } from '../../pack/index.ts';
import { callFor } from '../choose-operation.ts';
import type { Connection } from '../connection.ts';
import { readPage } from '../read-page.ts';
import { findField } from '../record-fields.ts';
import { type Binding, callUrl } from '../request.ts';
import type { Suggestion, SuggestionPlace } from './suggestion.ts';

/** Whoever waits for words does not wait longer. */
const askMsMax = 15_000;
const wordsMax = 2_000;
const wordLengthMax = 300;
/** Nothing else may stand in a template of a query: an operator there would add a condition of its own. */
const plainName = /^[\w.-]{1,300}$/u;

/** What is asked; two equal calls have equal keys. */
export interface AccountQuestion {
  readonly key: string;
  ask(connection: Connection): Promise<Suggestion[]>;
}

/** The call that the pack declares for such a setting; undefined when there is none, or too little is filled in to make it. */
export function accountQuestion(place: SuggestionPlace): AccountQuestion | undefined {
  const { pack, word, resource, field = '' } = place;
  const declared = pack.manifest.suggestions?.find((suggestion) => suggestion.for === word);
  if (declared === undefined || resource === undefined || !isAskedFor(place, declared)) return undefined;
  const binding = bindingOf(place, declared);
  if (binding === undefined) return undefined;
  const values = { resource: resource.key, field };
  const needed = Object.values(declared.query).join('');
  if (needed.includes('{field}') && !plainName.test(field)) return undefined;
  const query = Object.entries(declared.query).map(([name, template]): [string, string] => [
    name,
    fillTemplate(template, values),
  ]);
  return {
    key: JSON.stringify([pack.name, word, binding.call.path, query]),
    ask: async (connection) => {
      const whole = { ...binding, baseUrl: connection.baseUrl };
      const traffic = { requests: 0, retries: 0, throttledMs: 0, bytesIn: 0, bytesOut: 0 };
      const reading = { binding: whole, connection, traffic, resource: resource.key };
      const deadline = AbortSignal.timeout(askMsMax);
      const page = await readPage(reading, callUrl(whole, query), deadline).catch((thrown: unknown) => {
        throw deadline.aborted ? late(binding.call.path) : thrown;
      });
      const records = page.records.map(({ bytes }) => parseExact(bytes.toString())).filter(isObject);
      return unique(records.flatMap((record) => wordsOf(record, declared))).slice(0, wordsMax);
    },
  };
}

function late(path: string): ExecutionError {
  return new ExecutionError('SNAP_DEADLINE_PASSED', 'The account was not heard in time.', {
    reason: `${path} did not answer within ${askMsMax / 1000} s`,
    resolution: 'ask again; what the pack knows is there all the same',
    retryable: true,
  });
}

/** A tree of fields that has come to another record asks nothing: records of this one do not tell. */
function isAskedFor({ word, within, operation, segments }: SuggestionPlace, declared: SuggestionCall): boolean {
  if (word !== 'fields') return true;
  const members: readonly string[] = declared.members ?? [];
  const isName =
    segments[0] === operation?.order?.setting || segments[0] === operation?.modes?.incremental?.cursorSetting;
  return !isName && (within.length === 0 || members.includes(within.join('.')));
}

function bindingOf(place: SuggestionPlace, { operation, path, scope = '' }: SuggestionCall) {
  const { pack, resource, snap } = place;
  const listing = pack.operations.get(
    operation ?? (snap.declaration.operations ?? []).map((choice) => choice.operation)[0] ?? '',
  );
  if (listing === undefined || resource === undefined) return undefined;
  const call: ResourceCall | undefined =
    path === undefined
      ? callFor(listing, resource)
      : { id: path, action: 'suggest', verb: 'GET', path, kind: 'list', scope, scopeSource: 'documented' };
  return call === undefined
    ? undefined
    : ({ pack, operation: listing, call, settings: {} } satisfies Omit<Binding, 'baseUrl'>);
}

function wordsOf(record: JsonObject, { members, value, title }: SuggestionCall): Suggestion[] {
  if (value !== undefined) {
    const word = record[value];
    const words = title === undefined ? undefined : record[title];
    if (!isWord(word)) return [];
    return [{ value: String(word), ...(isWord(words) ? { title: String(words) } : {}), detail: 'from the account' }];
  }
  return (members ?? []).flatMap((member) => {
    const holder = member === '' ? record : record[member];
    if (!isObject(holder)) return [];
    return Object.keys(holder)
      .filter(isWord)
      .map((name) => ({ value: member === '' ? name : `${member}.${name}`, detail: 'seen on records of the account' }));
  });
}

const isWord = (value: JsonValue | undefined): value is string | number =>
  (typeof value === 'string' && value !== '' && value.length <= wordLengthMax) || typeof value === 'number';

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

function unique(words: readonly Suggestion[]): Suggestion[] {
  return [...new Map(words.map((word) => [word.value, word])).values()];
}

/** The pack's words with those of the account that it does not know, behind the record's own fields. None is given that a check would refuse. */
export function joinSuggestions(
  place: SuggestionPlace,
  known: readonly Suggestion[],
  told: readonly Suggestion[],
): Suggestion[] {
  const names = new Set(known.map(({ value }) => value));
  const fresh = (place.word === 'fields' ? fittingFields(place, told) : told).filter(({ value }) => !names.has(value));
  const behind = known.findIndex(({ value }) => place.word === 'fields' && value.includes('.'));
  const at = behind === -1 ? known.length : behind;
  return [...known.slice(0, at), ...fresh, ...known.slice(at)];
}

/** Conditions take paths; a tree takes the names at the place that it has come to. */
function fittingFields({ pack, resource, operation, segments, within }: SuggestionPlace, told: readonly Suggestion[]) {
  const schema = resource === undefined ? undefined : pack.recordSchema(resource);
  if (schema === undefined) return [];
  const isPath = segments[0] === operation?.filters?.setting;
  const prefix = within.length === 0 ? '' : `${within.join('.')}.`;
  return told.flatMap((word) => {
    const found = findField(pack, schema, word.value.split('.'));
    if (typeof found === 'string' || found.kind === 'reference') return [];
    if (isPath) return [word];
    const name = word.value.slice(prefix.length);
    return word.value.startsWith(prefix) && !name.includes('.') ? [{ ...word, value: name }] : [];
  });
}
