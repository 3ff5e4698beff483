// Owns which documented call a write makes, and its URL: placeholders are filled from id and parents, always encoded.
import type { JsonObject, JsonValue } from '../../document/json.ts';
import { DataError } from '../../errors.ts';
import type { Operation, Resource, ResourceCall } from '../../pack/index.ts';

/** Where one action is documented with several methods, the first of these is used. */
const verbOrder = ['PUT', 'POST', 'PATCH', 'DELETE', 'GET'];

const placeholder = /:([A-Za-z][A-Za-z0-9_]*)/g;

/** The names of a path's placeholders. */
export function placeholdersIn(path: string): string[] {
  return [...path.matchAll(placeholder)].map(([, name = '']) => name);
}

/** Every call that a writing operation may make on a resource with these settings. */
export function writeCalls(operation: Operation, resource: Resource, settings: JsonObject): ResourceCall[] {
  const parents = Object.keys(parentsOf(operation, settings)).sort().join();
  const fitting = resource.calls
    .filter(
      ({ path }) =>
        placeholdersIn(path)
          .filter((name) => name !== 'id')
          .sort()
          .join() === parents,
    )
    .sort((left, right) => verbOrder.indexOf(left.verb) - verbOrder.indexOf(right.verb));
  switch (operation.call) {
    case 'create':
      return fitting.filter(({ kind }) => kind === 'create').slice(0, 1);
    case 'update':
      return fitting.filter(({ kind }) => kind === 'update').slice(0, 1);
    case 'upsert':
      return (['update', 'create'] as const).flatMap((wanted) =>
        fitting.filter(({ kind }) => kind === wanted).slice(0, 1),
      );
    case 'action': {
      const hasId = settings[operation.idSetting ?? ''] !== undefined;
      const action = settings[operation.actionSetting ?? ''];
      const named = fitting.filter((call) => isAction(call) && call.action === action);
      return [...named].sort((left, right) => idRank(left, hasId) - idRank(right, hasId)).slice(0, 1);
    }
    case 'upload':
      return uploadCalls(operation, fitting, settings);
    default:
      return [];
  }
}

/** The upload that settings name; the only one when they name none. */
function uploadCalls(operation: Operation, fitting: readonly ResourceCall[], settings: JsonObject): ResourceCall[] {
  const named = settings[operation.actionSetting ?? ''];
  const own = fitting.filter(
    ({ kind, action }) =>
      kind === 'upload' &&
      (operation.actions === undefined || operation.actions.includes(action)) &&
      (named === undefined || action === named),
  );
  return new Set(own.map(({ action }) => action)).size === 1 ? own.slice(0, 1) : [];
}

/** Whether these settings want nothing to be sent that is there already. */
export function isSkipping({ upload }: Operation, settings: JsonObject): boolean {
  return upload?.existing !== undefined && settings[upload.existing.setting] === 'skip';
}

/** The calls that list the files of a record and give one's bytes; undefined where none is documented. */
export function existingCalls(
  resource: Resource,
  call: ResourceCall | undefined,
): { readonly list: ResourceCall | undefined; readonly bytes: ResourceCall | undefined } {
  const downloads = resource.calls.filter(({ kind }) => kind === 'download');
  return {
    list: resource.calls.find(({ kind, path }) => kind === 'list' && path === call?.path),
    bytes:
      downloads.find(({ path }) => path === `${call?.path}/:id`) ??
      downloads.find(({ path }) => path.endsWith('/:id') && placeholdersIn(path).length === 1),
  };
}

const idRank = ({ path }: ResourceCall, hasId: boolean) => (placeholdersIn(path).includes('id') === hasId ? 0 : 1);

const isAction = ({ kind }: ResourceCall) => kind === 'action' || kind === 'delete';

/** The names of a resource's documented actions. */
export function actionsOf(resource: Resource): string[] {
  return [...new Set(resource.calls.filter(isAction).map(({ action }) => action))];
}

/** The setting that holds the ids of the records which a sub-resource stands under, by placeholder. */
export function parentsOf(operation: Operation, settings: JsonObject): JsonObject {
  const parents = settings[operation.parentsSetting ?? ''];
  return parents !== null && typeof parents === 'object' && !Array.isArray(parents) ? (parents as JsonObject) : {};
}

/** The path and query of a call, as it goes into the journal. Throws SNAP_DOCUMENT_INVALID for an id that cannot stand in a path. */
export function callTarget(
  path: string,
  values: Readonly<Record<string, JsonValue | undefined>>,
  parameters: readonly (readonly [string, string])[],
): string {
  const filled = path.replace(placeholder, (_, name: string) => encodeURIComponent(idText(name, values[name])));
  const query = new URLSearchParams(parameters.map(([name, value]): [string, string] => [name, value])).toString();
  return query === '' ? filled : `${filled}?${query}`;
}

/** The URL of a target on the account's own host. */
export function targetUrl(baseUrl: URL, target: string): URL {
  const [path = '', query = ''] = target.split('?');
  const url = new URL(baseUrl);
  url.pathname = url.pathname.replace(/\/$/, '') + path;
  url.search = query;
  return url;
}

function idText(name: string, value: JsonValue | undefined): string {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
  // "." and ".." would be resolved away as path segments, encoded or not.
  if (text !== '' && text !== '.' && text !== '..') return text;
  throw new DataError('SNAP_DOCUMENT_INVALID', 'A record cannot be named by this ID.', {
    reason: `"${name}" must be a number or a text; it is ${JSON.stringify(value) ?? 'missing'}`,
    resolution: 'correct the setting or its expression, or filter out documents without it',
    field: name,
  });
}
