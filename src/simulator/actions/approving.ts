// Owns approvals: who still has to say yes to a document, and what the document becomes when they have. Never changes a computed
// record but by laying values over it.
import type { JsonObject } from '../../document/json.ts';
import { problem } from '../query/problem.ts';
import { documentType, objectOfDocument } from '../records/document-types.ts';
import type { Entity, Value } from '../records/entity.ts';
import { stateField } from '../records/lifecycles.ts';
import { type ActionRules, type Desk, type Effect, now } from './rule.ts';

/** What a document becomes when the last approval is given, and when one is refused. */
interface Outcome {
  readonly approved: string;
  readonly rejected: string;
  readonly whenApproved?: (desk: Desk, document: Entity) => void;
}

const outcomes: Readonly<Record<string, Outcome>> = {
  contract: { approved: 'approved', rejected: 'draft' },
  'easy-form-response': { approved: 'approved', rejected: 'rejected' },
  'expense-report': { approved: 'approved_for_payment', rejected: 'rejected' },
  invoice: { approved: 'approved', rejected: 'rejected' },
  'purchase-order-change': {
    approved: 'applied',
    rejected: 'rejected',
    whenApproved: (desk, change) => reviseOrder(desk, change),
  },
  'receipt-request': { approved: 'approved', rejected: 'rejected' },
  requisition: { approved: 'approved', rejected: 'draft' },
};
const openStates: ReadonlySet<unknown> = new Set(['pending_approval', 'pending', 'on_hold']);

/** Lays values over a record, and the instant. */
export function put(desk: Desk, entity: Entity, values: JsonObject): void {
  const changes = Object.entries({ ...values, 'updated-at': desk.at });
  const known = desk.collectionOf(entity.type.name);
  known.change(entity.id, new Map(changes.map(([name, value]) => [name, () => value])));
}

/** A changed order has a new version, and is to be exported again. */
export function reviseOrder(desk: Desk, change: Entity): void {
  const orders = desk.collectionOf('purchase-order');
  const id = Number(change.value('order-header-id') ?? 0);
  const order = orders.read(id) ?? orders.find('po-number', String(change.value('po-number')))?.[0];
  if (order)
    put(desk, order, { version: Number(order.value('version') ?? 0) + 1, exported: false, 'last-exported-at': null });
}

/** Gives the approvals of a document, first to last. */
function approvalsOf(desk: Desk, document: Entity): readonly Entity[] {
  const approvals = desk.collectionOf('approval');
  const type = documentType(document.type.name);
  const isOf = (approval: Entity | undefined): approval is Entity =>
    approval?.value('approvable-type') === type && approval.value('approvable-id') === document.id;
  const computed = document.isMade ? undefined : approvals.read(approvals.at(document.ordinal).id);
  const found = [computed, ...approvals.written()].filter(isOf);
  return [...new Map(found.map((approval) => [approval.id, approval])).values()];
}

const openOnes = (desk: Desk, document: Entity): readonly Entity[] =>
  approvalsOf(desk, document).filter((approval) => openStates.has(approval.value('status')));

/** Asks one more person; `approver_id` names them. */
export const addApproval: Effect = (desk, document, input) => {
  const users = desk.collectionOf('user');
  const asked = Number(input['approver-id'] ?? input.approver_id ?? 0);
  const approver = users.read(asked) ?? users.at(document.id % Math.max(1, users.computedCount));
  const position = approvalsOf(desk, document).length + 1;
  const values: JsonObject = {
    'created-at': desk.at,
    'updated-at': desk.at,
    'approvable-type': documentType(document.type.name),
    'approvable-id': document.id,
    status: 'pending_approval',
    type: 'UserApproval',
    'approver-type': 'User',
    'approver-id': approver.id,
    position,
    holdable: true,
    delegates: [],
    reasons: [],
  };
  desk
    .collectionOf('approval')
    .add(
      (id) =>
        new Map<string, () => Value>([
          ['id', () => id],
          ['approver', () => users.read(approver.id) ?? null],
          ...Object.entries(values).map(([name, value]) => [name, () => value] as const),
        ]),
    );
  showApprovals(desk, document);
  return undefined;
};

/** Lets the document show its approvals from now on, as they are when it is read. */
function showApprovals(desk: Desk, document: Entity): void {
  if (!document.type.facts.fields.has('approvals')) return;
  const list = (): readonly Entity[] => approvalsOf(desk, document);
  desk.collectionOf(document.type.name).change(document.id, new Map([['approvals', list]]));
}

/** Makes sure that somebody is asked. */
export const askApproval: Effect = (desk, document, input) =>
  openOnes(desk, document).length > 0 ? undefined : addApproval(desk, document, input);

/** Takes an approval away; `approval_id` names it, else the last open one. */
export const removeApproval: Effect = (desk, document, input) => {
  const named = Number(input['approval-id'] ?? input.approval_id ?? 0);
  const open = openOnes(desk, document);
  const removed = named > 0 ? open.find(({ id }) => id === named) : open.at(-1);
  if (!removed) throw problem(422, 'names no approval that is still open', 'approval_id');
  desk.collectionOf('approval').delete(removed.id);
  return undefined;
};

const settle = (desk: Desk, approvals: readonly Entity[], status: string): void => {
  for (const approval of approvals) put(desk, approval, { status, 'approval-date': desk.at });
};

/** Passes over all open approvals, or the current one alone; the document is approved when none is left. */
export const bypass =
  (which: 'all' | 'current'): Effect =>
  (desk, document) => {
    const open = openOnes(desk, document);
    settle(desk, which === 'all' ? open : open.slice(0, 1), 'skipped');
    concludeWhenDone(desk, document);
    return undefined;
  };

/** Opens every approval of the document again. */
export const restart: Effect = (desk, document, input) => {
  for (const approval of approvalsOf(desk, document))
    put(desk, approval, { status: 'pending_approval', 'approval-date': null });
  return askApproval(desk, document, input);
};

function concludeWhenDone(desk: Desk, document: Entity): void {
  const outcome = outcomes[document.type.name];
  if (!outcome || openOnes(desk, document).length > 0) return;
  put(desk, document, { [stateField(document.type.facts.fields)]: outcome.approved });
  outcome.whenApproved?.(desk, document);
}

const documentOf = (desk: Desk, approval: Entity): Entity | undefined =>
  desk
    .collectionOf(objectOfDocument(String(approval.value('approvable-type'))))
    .read(Number(approval.value('approvable-id')));

const conclude: Effect = (desk, approval) => {
  const document = documentOf(desk, approval);
  if (document) concludeWhenDone(desk, document);
  return undefined;
};

const refuse: Effect = (desk, approval, input) => {
  const document = documentOf(desk, approval);
  const outcome = document && outcomes[document.type.name];
  if (document && outcome) {
    settle(desk, openOnes(desk, document), 'skipped');
    put(desk, document, { [stateField(document.type.facts.fields)]: outcome.rejected });
  }
  const note = input.reason ?? input.note;
  if (typeof note === 'string') put(desk, approval, { note });
  return undefined;
};

const open = ['pending_approval', 'on_hold'];

/** What is done with an approval itself. */
export const approvalRules: ActionRules = {
  approve: { from: open, to: 'approved', set: { 'approval-date': now }, effect: conclude },
  reject: { from: open, to: 'rejected', set: { 'approval-date': now }, effect: refuse },
  hold: { from: ['pending_approval'], to: 'on_hold' },
};

/** What is done with the approvals of a document that is being approved. */
export const approverRules: ActionRules = {
  add_approver: { from: ['pending_approval'], effect: addApproval },
  remove_approval: { from: ['pending_approval'], effect: removeApproval },
};
