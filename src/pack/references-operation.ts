// Owns the checks of operations that a schema cannot make: placeholders that exist, operators that exist.
import type { Fault } from '../errors.ts';
import type { Manifest, Operation } from '../generated/host/manifest.ts';
import { placeholdersOf } from './template.ts';

/** All faults of one operation, with pointers into the manifest. */
export function checkOperation(operation: Operation, manifest: Manifest, pointer: string): Fault[] {
  const faults: Fault[] = [];
  if (manifest.api === undefined) faults.push({ pointer, message: 'an operation needs the section "api"' });
  if (manifest.resources === undefined) faults.push({ pointer, message: 'an operation needs the section "resources"' });
  if (operation.call === 'get' && operation.idSetting === undefined) {
    faults.push({ pointer, message: 'a call of kind "get" needs "idSetting"' });
  }
  if (operation.call === 'list' && operation.paging === undefined) {
    faults.push({ pointer, message: 'a call of kind "list" needs "paging"' });
  }
  if (operation.filters !== undefined && !Object.hasOwn(operation.filters.operators, operation.filters.default)) {
    faults.push({
      pointer: `${pointer}/filters/default`,
      message: `no operator is named "${operation.filters.default}"`,
    });
  }
  faults.push(...checkModes(operation, `${pointer}/modes`));
  faults.push(...checkWrite(operation, manifest).map((message) => ({ pointer, message })));
  for (const page of pageTemplates(operation)) faults.push(...checkPage(page, pointer));
  return faults;
}

/** A mode reads a list and names operators that its filters have. */
function checkModes({ modes, filters, paging, order }: Operation, pointer: string): Fault[] {
  if (modes === undefined) return [];
  if (filters === undefined || paging === undefined || order === undefined) {
    return [{ pointer, message: 'modes need "filters", "paging" and "order"' }];
  }
  const { incremental, drain } = modes;
  return [incremental?.from, incremental?.before, drain?.oneOf]
    .filter((name) => name !== undefined && !Object.hasOwn(filters.operators, name))
    .map((name) => ({ pointer, message: `no operator is named "${name}"` }));
}

/** What a writing operation must say, so that no write is ever repeated or given up by chance. */
function checkWrite(operation: Operation, manifest: Manifest): string[] {
  const { call, write, idempotence, onUnknownOutcome, request } = operation;
  if (['list', 'get', 'download', 'query'].includes(call)) {
    return [
      ...(write === undefined ? [] : [`a call of kind "${call}" takes no "write"`]),
      ...(idempotence === 'safe' ? [] : [`a call of kind "${call}" must be safe`]),
      ...((call === 'query') === (operation.ask === undefined) ? ['"ask" goes with a call of kind "query"'] : []),
      ...((call === 'download') === (operation.file === undefined)
        ? ['"file" goes with a call of kind "download"']
        : []),
    ];
  }
  if (write === undefined) return [`a call of kind "${call}" needs "write"`];
  const { key, quiet } = write;
  const found = key?.operation ?? operation.upload?.existing?.operation;
  const lookup = (manifest.operations ?? []).find(({ id }) => id === found);
  return [
    ...((write.body === 'setting') === (write.bodySetting === undefined)
      ? ['"bodySetting" goes with body "setting"']
      : []),
    ...((call === 'request') === (request === undefined) ? ['"request" goes with a call of kind "request"'] : []),
    ...(call === 'action' && operation.actionSetting === undefined
      ? ['a call of kind "action" needs "actionSetting"']
      : []),
    ...(call === 'upsert' && write.key === undefined ? ['a call of kind "upsert" needs "write/key"'] : []),
    ...(idempotence !== 'safe' && onUnknownOutcome === undefined
      ? ['needs "onUnknownOutcome", for it is not safe']
      : []),
    ...((call === 'upload') === (operation.upload === undefined || write.body !== 'file')
      ? ['"upload" and body "file" go with a call of kind "upload"']
      : []),
    ...(onUnknownOutcome === 'lookup' && (idempotence !== 'byKey' || found === undefined || quiet === undefined)
      ? ['a lookup needs idempotence "byKey", "write/key" (or "upload/existing") and "write/quiet"']
      : []),
    ...(found !== undefined && (lookup?.filters === undefined || lookup.paging === undefined)
      ? [`no operation "${found}" with filters and paging stands in the manifest`]
      : []),
  ];
}

interface PageTemplates {
  readonly place: string;
  readonly query: Readonly<Record<string, string>>;
  readonly needed: readonly string[];
  readonly allowed: readonly string[];
}

function pageTemplates({ paging, order }: Operation): PageTemplates[] {
  const pages: PageTemplates[] = [];
  if (paging !== undefined) {
    pages.push({ place: '/paging/window', query: paging.window, needed: ['after', 'limit'], allowed: ['skip'] });
    pages.push({ place: '/paging/last', query: paging.last, needed: [], allowed: [] });
    pages.push({ place: '/paging/offset', query: paging.offset, needed: ['offset', 'limit'], allowed: [] });
  }
  if (order !== undefined) {
    pages.push({ place: '/order/query', query: order.query, needed: ['field', 'direction'], allowed: [] });
  }
  return pages;
}

function checkPage(page: PageTemplates, pointer: string): Fault[] {
  const used = new Set(Object.values(page.query).flatMap(placeholdersOf));
  const known = [...page.needed, ...page.allowed];
  return [
    ...page.needed
      .filter((name) => !used.has(name))
      .map((name) => ({ pointer: `${pointer}${page.place}`, message: `{${name}} is missing` })),
    ...[...used]
      .filter((name) => !known.includes(name))
      .map((name) => ({
        pointer: `${pointer}${page.place}`,
        message: `unknown placeholder {${name}}; known are ${known.map((each) => `{${each}}`).join(', ') || 'none'}`,
      })),
  ];
}
