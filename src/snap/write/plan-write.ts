// Owns making one write of one document: settings resolved, body checked, natural key read, request spelled out. Sends nothing.
import { createHash } from 'node:crypto';
import type { Document } from '../../document/index.ts';
import type { JsonObject, JsonValue } from '../../document/json.ts';
import { DataError, type Fault } from '../../errors.ts';
import type { Operation, Pack, Resource, ResourceCall } from '../../pack/index.ts';
import { commonParameters } from '../request.ts';
import type { RecordedForm } from './form-body.ts';
import { type NaturalKey, readKey } from './natural-key.ts';
import { addsMembers, checkBody } from './record-check.ts';
import type { RecordedRequest } from './send-write.ts';
import { callTarget, parentsOf, writeCalls } from './write-call.ts';

export interface PlannedWrite {
  readonly document: Document;
  readonly operation: Operation;
  readonly resource: Resource | undefined;
  readonly settings: JsonObject;
  readonly hash: string;
  readonly origin: string;
  readonly key: NaturalKey | undefined;
  readonly keyFields: readonly string[];
  readonly doing: string;
  readonly scope: string;
  /** Faults of a body that is sent all the same. */
  readonly warnings: readonly Fault[];
  /** The form of an upload. */
  readonly form?: RecordedForm;
  /** Gives the bytes of the file that a form carries, from its beginning. */
  readonly open?: () => AsyncIterable<Uint8Array>;
  /** The request; for an upsert, once it is known whether the record is there, and by which id. */
  request(found?: { readonly id: JsonValue | undefined }): RecordedRequest;
}

export interface WriteSurroundings {
  readonly pack: Pack;
  readonly operation: Operation;
  readonly resource: Resource | undefined;
  /** The field that names a record. */
  readonly idField: string;
}

/** Plans the write of a document. Throws SNAP_RECORD_INVALID and SNAP_DOCUMENT_INVALID. */
export function planWrite(document: Document, settings: JsonObject, around: WriteSurroundings): PlannedWrite {
  const { operation, resource, idField } = around;
  const { body: raw, id } = readDocument(document, settings, around);
  const keyFields = keyFieldsOf(operation, resource, settings);
  const key = raw === undefined ? undefined : readKey(raw, keyFields);
  const calls = resource === undefined ? [] : writeCalls(operation, resource, settings);
  const check = (isNew: boolean) => checkRaw(raw, { ...around, settings, isNew });
  // An upsert's fields are checked now; whether required ones are missing counts only if the record is new.
  const early = check(operation.call === 'create');
  return {
    document,
    operation,
    resource,
    settings,
    hash: hashOf([operation.id, settings, raw ?? null, id ?? null]),
    origin: originOf(document),
    key,
    keyFields,
    doing: doingOf(operation, resource, settings),
    scope: calls[0]?.scope ?? 'that the call needs',
    warnings: early.warnings,
    request(found) {
      if (operation.request !== undefined) return rawRequest(operation, settings, raw);
      const isNew = operation.call === 'create' || (operation.call === 'upsert' && found === undefined);
      const call =
        operation.call === 'upsert' ? calls.find(({ kind }) => kind === (isNew ? 'create' : 'update')) : calls[0];
      if (call === undefined) throw noCall(operation, resource);
      const { body } = operation.call === 'upsert' && isNew ? check(true) : early;
      const values = { ...parentsOf(operation, settings), id: found === undefined ? id : found.id };
      return {
        method: call.verb,
        target: callTarget(call.path, values, commonParameters({ operation, settings })),
        repeatable: isRepeatable(operation, call, { body, isNew, idField }),
        body: body === undefined ? null : JSON.stringify(body),
      };
    },
  };
}

interface Body {
  readonly body: JsonObject | undefined;
  readonly id: JsonValue | undefined;
}

function readDocument(document: Document, settings: JsonObject, around: WriteSurroundings): Body {
  const { operation, idField } = around;
  const given = settings[operation.idSetting ?? ''];
  const body = operation.write?.body;
  if (body === 'none') return { body: undefined, id: given ?? document.value[idField] };
  if (body === 'setting') {
    const value = settings[operation.write?.bodySetting ?? ''];
    return { body: value as JsonObject | undefined, id: given };
  }
  // The id stands in the path; in the body it would be a field that nobody may write.
  const { [idField]: own, ...rest } = document.value;
  return { body: rest, id: given ?? own };
}

function checkRaw(
  raw: JsonObject | undefined,
  around: WriteSurroundings & { readonly settings: JsonObject; readonly isNew: boolean },
): { body: JsonObject | undefined; warnings: readonly Fault[] } {
  const { operation, resource, pack, settings, isNew } = around;
  const { check } = operation.write ?? {};
  const schema = resource === undefined ? undefined : pack.recordSchema(resource);
  const validation = check === undefined ? 'off' : (settings[check.setting] ?? check.default);
  if (raw === undefined || schema === undefined || validation === 'off') return { body: raw, warnings: [] };
  const { body, faults } = checkBody(raw, schema, { pack, isNew, apart: check?.apart ?? [] });
  if (faults.length > 0 && validation !== 'warn') throw invalidRecord(resource?.key ?? '', faults);
  return { body, warnings: faults };
}

/** The error of a body that does not follow its record schema; it names every fault. */
export function invalidRecord(resource: string, faults: readonly Fault[]): DataError {
  const [field = ''] = faults.map(({ pointer }) => pointer.split('/')[1]).filter((name) => name !== undefined);
  return new DataError('SNAP_RECORD_INVALID', `A record of ${resource} does not follow its schema.`, {
    reason: faults.map(({ pointer, message }) => `${pointer.slice(1)} ${message}`.trim()).join('; '),
    resolution: 'correct what is named, or set "validation" to "warn" to send it all the same',
    faults,
    ...(field === '' ? {} : { field }),
  });
}

function keyFieldsOf(operation: Operation, resource: Resource | undefined, settings: JsonObject): readonly string[] {
  const { key } = operation.write ?? {};
  if (key === undefined) return [];
  const given = settings[key.setting];
  return Array.isArray(given) ? given.map(String) : (resource?.naturalKey ?? []);
}

function rawRequest(
  { request, idempotence }: Operation,
  settings: JsonObject,
  body: JsonObject | undefined,
): RecordedRequest {
  const query = (settings[request?.querySetting ?? ''] ?? {}) as JsonObject;
  const parameters = Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]);
  const method = String(settings[request?.methodSetting ?? ''] ?? 'GET');
  const path = String(settings[request?.pathSetting ?? '']);
  return {
    method,
    target: callTarget(path, {}, parameters),
    repeatable: method === 'GET' || idempotence === 'safe' || settings[request?.repeatableSetting ?? ''] === true,
    body: body === undefined ? null : JSON.stringify(body),
  };
}

/** Setting the same fields twice does no harm, unless a list without ids would grow twice. */
function isRepeatable(
  { idempotence, call: kind }: Operation,
  call: ResourceCall,
  about: { readonly body: JsonObject | undefined; readonly isNew: boolean; readonly idField: string },
): boolean {
  if (call.verb === 'GET') return true;
  const isSafe = idempotence === 'safe' || (kind === 'upsert' && !about.isNew);
  return isSafe && (about.body === undefined || !addsMembers(about.body, about.idField));
}

/** What a write does, for messages. */
export function doingOf(operation: Operation, resource: Resource | undefined, settings: JsonObject): string {
  const what =
    settings[operation.actionSetting ?? ''] ?? settings[operation.request?.methodSetting ?? ''] ?? operation.id;
  return `The ${operation.call} call "${String(what)}"${resource === undefined ? '' : ` on ${resource.key}`}`;
}

/** The error of a write that the catalog has no call for. */
export function noCall(operation: Operation, resource: Resource | undefined): DataError {
  return new DataError('SNAP_DOCUMENT_INVALID', 'No documented call serves this write.', {
    reason: `${resource?.key ?? 'the resource'} documents no call that "${operation.id}" can make with these settings`,
    resolution: 'run "snaps resource show KEY" to see its calls; give the ids of its parents where it has some',
  });
}

/** Where a document was read; the same when it comes again. */
export function originOf({ lineage }: Document): string {
  return JSON.stringify([lineage.snap, lineage.page ?? '', lineage.index]);
}

/** The same for the same content. */
export const hashOf = (value: JsonValue): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('base64url');
