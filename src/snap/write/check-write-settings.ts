// Owns what only the catalog can tell of a write's settings: the call exists, its action, its parents, the fields of its key.
import type { JsonObject, JsonValue } from '../../document/json.ts';
import type { Fault } from '../../errors.ts';
import type { Operation, Pack, Resource } from '../../pack/index.ts';
import { joinPointer, nearestWord } from '../../schema/index.ts';
import { callFor } from '../choose-operation.ts';
import { findField } from '../record-fields.ts';
import { actionsOf, parentsOf, placeholdersIn, writeCalls } from './write-call.ts';

/** Faults of the settings of a write, with pointers into them. */
export function checkWriteSettings(
  pack: Pack,
  operation: Operation,
  resource: Resource,
  settings: JsonObject,
): Fault[] {
  if (operation.call === 'upload') {
    return [...checkUploadCall(operation, resource, settings), ...checkSource(operation, settings)];
  }
  return [...checkCall(pack, operation, resource, settings), ...checkKey(pack, operation, resource, settings)];
}

function checkUploadCall(operation: Operation, resource: Resource, settings: JsonObject): Fault[] {
  const [call] = writeCalls(operation, resource, settings);
  const { idSetting, actionSetting = '', parentsSetting = '' } = operation;
  const needsId = call !== undefined && placeholdersIn(call.path).includes('id');
  if (call !== undefined) {
    if (!needsId) return [];
    if (idSetting !== undefined && settings[idSetting] !== undefined) return [];
    return [
      { pointer: joinPointer('', idSetting ?? actionSetting), message: `${call.action} needs the ID of a record` },
    ];
  }
  const uploads = resource.calls.filter(({ kind }) => kind === operation.call);
  if (uploads.length === 0) return [{ pointer: '/resource', message: `${resource.key} takes no files by itself` }];
  const action = settings[actionSetting];
  const known = uploads.some((each) => each.action === action);
  if (action !== undefined && !known) {
    const names = [...new Set(uploads.map((each) => each.action))];
    return [{ pointer: joinPointer('', actionSetting), message: `is none of its files: ${names.join(', ')}` }];
  }
  const offers = uploads.map((each) => `${each.action} (${each.path})`).join(', ');
  const pointer = joinPointer('', parentsSetting);
  return [{ pointer, message: `name one of its files and the record that it belongs to: ${offers}` }];
}

/** The file comes from a path or from the document, and the document's has no name of its own. */
function checkSource({ upload }: Operation, settings: JsonObject): Fault[] {
  if (upload === undefined) return [];
  const { pathSetting, contentSetting, nameSetting } = upload;
  const hasContent = settings[contentSetting] !== undefined;
  if ((settings[pathSetting] !== undefined) === hasContent) {
    const message = `give either "${pathSetting}" or "${contentSetting}"`;
    return [{ pointer: joinPointer('', pathSetting), message }];
  }
  if (!hasContent || settings[nameSetting] !== undefined) return [];
  return [{ pointer: joinPointer('', nameSetting), message: `is needed with "${contentSetting}"` }];
}

function checkCall(pack: Pack, operation: Operation, resource: Resource, settings: JsonObject): Fault[] {
  const calls = writeCalls(operation, resource, settings);
  const isWhole = operation.call === 'upsert' ? calls.length === 2 : calls.length === 1;
  const [call] = calls;
  const idSetting = operation.idSetting ?? '';
  if (isWhole && operation.call === 'action' && call !== undefined) {
    const needsId = placeholdersIn(call.path).includes('id');
    if (needsId === (settings[idSetting] !== undefined)) return checkLookup(pack, operation, resource);
    const message = needsId
      ? `the action "${call.action}" needs the ID of a record`
      : `the action "${call.action}" takes no ID`;
    return [{ pointer: joinPointer('', idSetting), message }];
  }
  if (isWhole) return checkLookup(pack, operation, resource);
  const action = settings[operation.actionSetting ?? ''];
  if (operation.call === 'action' && typeof action === 'string' && !actionsOf(resource).includes(action)) {
    return [{ pointer: joinPointer('', operation.actionSetting ?? ''), message: unknownAction(resource, action) }];
  }
  const parents = Object.keys(parentsOf(operation, settings));
  const known = parentNames(operation, resource);
  if (known.length > 0) {
    const message = `${resource.key} stands under ${known.join(' or ')}; give these IDs, not ${parents.join(', ') || 'none'}`;
    return [{ pointer: joinPointer('', operation.parentsSetting ?? ''), message }];
  }
  return [{ pointer: '/resource', message: `${resource.key} has no documented call to ${operation.call} a record` }];
}

/** The sets of parents that the resource's calls of this kind have, each in words. */
function parentNames(operation: Operation, resource: Resource): string[] {
  const kinds =
    operation.call === 'action' ? ['action', 'delete'] : operation.call === 'upsert' ? ['create'] : [operation.call];
  const sets = resource.calls
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ path }) =>
      placeholdersIn(path)
        .filter((name) => name !== 'id')
        .join(' and '),
    );
  return [...new Set(sets.filter((names) => names !== ''))];
}

function checkLookup(pack: Pack, operation: Operation, resource: Resource): Fault[] {
  if (operation.call !== 'upsert') return [];
  const lookup = pack.operations.get(operation.write?.key?.operation ?? '');
  if (lookup !== undefined && callFor(lookup, resource) !== undefined) return [];
  return [{ pointer: '/resource', message: `${resource.key} has no documented call that finds a record by its key` }];
}

function checkKey(pack: Pack, operation: Operation, resource: Resource, settings: JsonObject): Fault[] {
  const setting = operation.write?.key?.setting;
  const schema = pack.recordSchema(resource);
  if (setting === undefined) return [];
  const given = settings[setting];
  if (given === undefined) {
    if (operation.call !== 'upsert' || resource.naturalKey !== null) return [];
    return [
      { pointer: joinPointer('', setting), message: `${resource.key} has no natural key of its own; name its fields` },
    ];
  }
  if (!Array.isArray(given) || schema === undefined) return [];
  return (given as readonly JsonValue[]).flatMap((field, index) => {
    const found = typeof field === 'string' ? findField(pack, schema, [field]) : undefined;
    return typeof found === 'string' ? [{ pointer: joinPointer('', setting, index), message: found }] : [];
  });
}

function unknownAction(resource: Resource, action: string): string {
  const known = actionsOf(resource);
  const near = nearestWord(action, known);
  if (near !== undefined) return `no action of ${resource.key} is named "${action}"; did you mean "${near}"?`;
  return known.length === 0
    ? `${resource.key} has no documented actions`
    : `no action of ${resource.key} is named "${action}"; documented are ${known.join(', ')}`;
}
