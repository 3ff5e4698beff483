// Owns the states of documents: those that computed records show and the one that a new record starts in.
// Words that the API's tables do not list are ours, after the names of the actions.

/** The states of one object. */
export interface Lifecycle {
  /** The state of a record made over the API. */
  readonly initial: string;
  /** States of computed records, drawn evenly; a state stands more than once when it is common. */
  readonly drawn: readonly string[];
}

/** States by object; they stand in `status`, or in `state` where the object has no `status`. */
export const lifecycles: Readonly<Record<string, Lifecycle>> = {
  'advance-ship-notice': { initial: 'created', drawn: ['created', 'received', 'created'] },
  'asn-line': { initial: 'created', drawn: ['created', 'received', 'created'] },
  approval: { initial: 'pending_approval', drawn: ['pending_approval', 'approved'] },
  contract: { initial: 'draft', drawn: ['published', 'published', 'draft', 'expired'] },
  'cycle-count': { initial: 'in_progress', drawn: ['in_progress', 'submitted'] },
  'cycle-count-line': { initial: 'open', drawn: ['open', 'counted'] },
  'data-file-source': { initial: 'pending', drawn: ['completed', 'completed', 'failed'] },
  'easy-form-response': { initial: 'pending_approval', drawn: ['pending_approval', 'approved', 'rejected'] },
  'expense-report': { initial: 'draft', drawn: ['approved_for_payment', 'pending_approval', 'draft'] },
  'external-payable': { initial: 'created', drawn: ['created', 'paid', 'voided'] },
  'integration-error': { initial: 'error', drawn: ['error', 'error', 'resolved'] },
  'integration-history-record': { initial: 'created', drawn: ['created', 'acknowledged'] },
  'integration-run': { initial: 'pending', drawn: ['pending', 'running', 'success', 'success', 'failed', 'paused'] },
  invoice: { initial: 'draft', drawn: [] },
  'order-header-confirmation': { initial: 'draft', drawn: ['draft', 'pending_approval', 'accepted', 'rejected'] },
  'payable-allocation': { initial: 'created', drawn: ['created', 'exported', 'reversed'] },
  'payable-invoice': { initial: 'track_in_coupa', drawn: ['track_in_coupa', 'track_externally', 'paid_externally'] },
  'payable-order': { initial: 'created', drawn: ['created', 'ready_to_pay', 'paid_externally'] },
  'pick-list': { initial: 'open', drawn: ['open', 'fulfilled'] },
  'purchase-order': { initial: 'draft', drawn: [] },
  'purchase-order-change': { initial: 'draft', drawn: ['draft', 'pending_approval', 'applied', 'rejected'] },
  'purchase-order-line': { initial: 'created', drawn: [] },
  'quality-collaboration': { initial: 'requested', drawn: ['requested', 'submitted', 'approved'] },
  'quote-request': { initial: 'new', drawn: ['new', 'production', 'complete'] },
  'quote-response': { initial: 'draft', drawn: ['submitted', 'awarded', 'submitted'] },
  'receipt-request': { initial: 'draft', drawn: ['draft', 'pending_approval', 'approved'] },
  'receiving-transaction': { initial: 'created', drawn: [] },
  requisition: { initial: 'draft', drawn: [] },
  'return-request': { initial: 'draft', drawn: ['draft', 'submitted'] },
  supplier: { initial: 'active', drawn: [] },
  task: { initial: 'new', drawn: ['new', 'in_progress', 'completed'] },
  worker: { initial: 'new', drawn: ['active', 'invited', 'new'] },
  'worker-assignment': { initial: 'draft', drawn: ['draft', 'confirmed', 'closed', 'cancelled'] },
};

/** The field that holds an object's state: one of the documented ones, or a hidden one where none is documented. */
export const stateField = (fields: ReadonlyMap<string, unknown>): string =>
  fields.has('status') ? 'status' : fields.has('state') ? 'state' : '@state';
