// Owns which work a documented call is: reading, writing, an action or a file, under the parents its path names. Never looks at a token.
import type { JsonObject } from '../../document/json.ts';
import { applyAction, ruleOf } from '../actions/apply.ts';
import type { Desk } from '../actions/rule.ts';
import { problem } from '../query/problem.ts';
import type { Entity } from '../records/entity.ts';
import { type Answer, answer } from './answer.ts';
import type { ApiRequest } from './api.ts';
import { answerDownload, answerFileDelete, answerUpload } from './file-calls.ts';
import { readBody } from './format.ts';
import { answerEntity, answerList, answerOne, readEntity } from './read.ts';
import type { Route } from './routes.ts';
import { answerCreate, answerDelete, answerUpdate, presentationOf } from './write.ts';

/** Matches are asked for by the invoice, which they know by its lines alone; computed lines have their invoice's id in theirs. */
const invoiceOfLine = 'invoice_line[invoice_header_id][in]';
const linesOfInvoiceMax = 10;

/** Answers a documented call. Throws an ApiProblem. */
export function answerCall(desk: Desk, route: Route, request: ApiRequest): Answer {
  const parent = parentOf(desk, route);
  const { id, call } = route;
  const parameters = request.url.searchParams;
  if (id !== undefined && parent) refuseStranger(desk, parent, id);
  switch (call.kind) {
    case 'list':
      return id === undefined ? answerMembers(desk, route, parent, parameters) : answerHistory(desk, id, parameters);
    case 'get':
      return answerOne(desk, id ?? '', parameters);
    case 'create':
      return answerCreate(desk, bodyOf(desk, request), parameters, parent);
    case 'update':
      return answerUpdate(desk, id ?? '', bodyOf(desk, request), parameters);
    case 'delete':
      return answerDelete(desk, id ?? '');
    case 'download':
      return answerDownload(desk, slotOf(route), id ?? '');
    case 'upload':
      return answerUpload(desk, { slot: slotOf(route), id, parent, request });
    case 'action':
      return answerAction(desk, { route, parent, request });
  }
}

const bodyOf = (desk: Desk, request: ApiRequest): JsonObject => readBody(request.headers, request.body, desk.format);

/** A file of a record by the name of its action; an attachment is its own file. */
function slotOf({ call, object }: Route): string {
  if (object === 'attachment') return 'file';
  const name = call.action.replace(/^avatar_.*$/u, 'avatar');
  return name === 'image_scan' || name === 'legal_agreement' ? `retrieve_${name}` : name;
}

/** Finds the innermost parent; each must stand under the one before it. Throws an ApiProblem with status 404. */
function parentOf(desk: Desk, { parents }: Route): Entity | undefined {
  let parent: Entity | undefined;
  for (const { object, id } of parents) {
    const found = readEntity(desk.collectionOf(object), id);
    if (parent && desk.families.parentOf(found)?.type === parent.type) refuseUnlessUnder(desk, parent, found);
    parent = found;
  }
  return parent;
}

function refuseUnlessUnder(desk: Desk, parent: Entity, child: Entity): void {
  for (const one of desk.families.childrenOf(parent, child.type.name)) if (one.id === child.id) return;
  throw problem(404, `no record with id ${child.id} stands under ${parent.type.name} ${parent.id}`);
}

const refuseStranger = (desk: Desk, parent: Entity, id: string): void =>
  refuseUnlessUnder(desk, parent, readEntity(desk.collection, id));

function answerMembers(desk: Desk, route: Route, parent: Entity | undefined, parameters: URLSearchParams): Answer {
  const own = new URLSearchParams(parameters);
  const invoices = own.get(invoiceOfLine);
  if (invoices !== null) {
    own.delete(invoiceOfLine);
    const lines = invoices
      .split(',')
      .flatMap((invoice) =>
        Array.from({ length: linesOfInvoiceMax }, (_, place) => Number(invoice) * linesOfInvoiceMax + place),
      );
    own.set('invoice_line_id[in]', lines.join(','));
  }
  return answerList(desk, own, parent && [...desk.families.childrenOf(parent, route.object)]);
}

/** The simulator keeps no former versions: the history of a record is the record as it is. */
const answerHistory = (desk: Desk, id: string, parameters: URLSearchParams): Answer =>
  answerList(desk, parameters, [readEntity(desk.collection, id)]);

interface ActionCall {
  readonly route: Route;
  readonly parent: Entity | undefined;
  readonly request: ApiRequest;
}

function answerAction(desk: Desk, { route, parent, request }: ActionCall): Answer {
  const { call, id, parameters } = route;
  if (call.action.endsWith('_delete')) return answerFileDelete(desk, slotOf(route), id ?? '');
  const query = request.url.searchParams;
  const said = Object.fromEntries([...query].map(([name, value]) => [name.replaceAll('_', '-'), value]));
  const input = { ...said, ...parameters, ...bodyOf(desk, request) };
  const entity = applyAction(desk, { action: call.action, id, input, parent });
  if (!entity) return call.verb === 'DELETE' ? answer(204, desk.format, '') : answerSaid(desk);
  const isMade = ruleOf(route.object, call.action)?.subject === 'made' || entity.type !== desk.collection.type;
  return answerEntity(desk, entity, presentationOf(query), isMade ? 201 : 200);
}

/** What is about no record is answered with the fact that it was done. */
const answerSaid = ({ format }: Desk): Answer =>
  answer(
    200,
    format,
    format === 'json' ? '{"status":"ok"}' : '<?xml version="1.0" encoding="UTF-8"?>\n<status>ok</status>\n',
  );
