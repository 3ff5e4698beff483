// Owns what a documented call is: its clean path, its action, and its kind (list, get, create ...).
import type { FactCall } from './facts.ts';
import { singular } from './names.ts';

/** What a call does with records: `action` is every call that is none of the others. */
export type CallKind = 'list' | 'get' | 'create' | 'update' | 'delete' | 'action' | 'download' | 'upload';

/** A documented call after cleaning, before it has an id. */
export interface Call {
  readonly verb: string;
  readonly path: string;
  readonly action: string;
  readonly kind: CallKind;
  /** Query parameters that the call cannot go without. */
  readonly query?: readonly string[];
}

const downloads = new Set([
  'avatar_show',
  'download',
  'get_a_single_attachment',
  'image',
  'retrieve_clearance_document',
  'retrieve_executive_summary',
  'retrieve_image_scan',
  'retrieve_legal_agreement',
  'retrieve_legal_invoice_pdf',
  'retrieves_expense_report_attachments',
]);
const uploads = new Set([
  'add_attachments',
  'avatar_update',
  'image_scan',
  'legal_agreement',
  'load_file',
  'load_files',
]);
/** GETs on a path of their own that answer a list. */
const lists = new Set(['all', 'available_allocations', 'favorites', 'mine', 'recent', 'search', 'show_history']);

/** Writes a path the one way: own id is `:id`, ids of parents are named after them, no optional part, no query. */
export function cleanPath(path: string): { path: string; query: readonly string[] } {
  const [, withQuery] = /^\/api\/[a-z_]+\/([^/]+)=$/.exec(path) ?? [];
  if (withQuery !== undefined) return { path: path.slice(0, path.lastIndexOf('/')), query: [withQuery] };
  const segments = path.replace(/\(.*\)$/, '').split('/');
  const lastId = segments.findLastIndex((segment) => segment.startsWith(':'));
  const named = segments.map((segment, index) => {
    if (segment === ':id' && index < lastId && segments[lastId] === ':id') {
      return `:${singular(segments[index - 1] ?? '')}_id`;
    }
    // `/api/attachments/:attachment_id` is the record itself: its id is `:id` as everywhere.
    return index === lastId && index === segments.length - 1 && !segments.includes(':id') ? ':id' : segment;
  });
  return { path: named.join('/'), query: [] };
}

const plainActions: Readonly<Record<string, string>> = { GET: 'index', POST: 'create' };
const recordActions: Readonly<Record<string, string>> = {
  GET: 'show',
  PUT: 'update',
  PATCH: 'update',
  DELETE: 'destroy',
};

/** Gives the action of a call; where the page names none, it is read off the verb and the end of the path. */
function actionOf({ verb, action }: FactCall, path: string, query: readonly string[]): string {
  if (query.length > 0) return `index_by_${(query[0] ?? '').replace(/\W+/g, '_').replace(/_in_$/, '')}`;
  if (action === 'query') return 'index';
  if (action !== '') return action;
  const last = path.slice(path.lastIndexOf('/') + 1);
  if (last.startsWith(':')) return recordActions[verb] ?? 'show';
  const isCollection = last.endsWith('s');
  return (isCollection && plainActions[verb]) || last.replace(/-/g, '_');
}

function kindOf(verb: string, path: string, action: string): CallKind {
  const isRecord = /\/:\w+$/.test(path);
  const isAttachment = /\/attachments(\/:\w+)?$/.test(path);
  if (verb === 'GET') {
    if (downloads.has(action) || (isAttachment && isRecord)) return 'download';
    if (isRecord) return 'get';
    const isList = lists.has(action) || /^(index|list_)/.test(action) || action === 'show';
    return isList ? 'list' : 'action';
  }
  if (uploads.has(action) || (verb === 'POST' && isAttachment)) return 'upload';
  if (verb === 'POST') return action === 'create' ? 'create' : 'action';
  if (verb === 'DELETE') return isRecord && /^(destroy|delete)$/.test(action) ? 'delete' : 'action';
  return action === 'update' && isRecord ? 'update' : 'action';
}

/** Cleans one documented call. */
export function cleanCall(fact: FactCall): Call {
  const { path, query } = cleanPath(fact.path);
  const action = actionOf(fact, path, query);
  return {
    verb: fact.verb,
    path,
    action,
    kind: kindOf(fact.verb, path, action),
    ...(query.length > 0 ? { query } : {}),
  };
}
