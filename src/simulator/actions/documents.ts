// Owns the actions on documents that people approve and send: invoices, orders, requisitions, receipts, contracts, expenses.
import {
  addApproval,
  approvalRules,
  approverRules,
  askApproval,
  bypass,
  removeApproval,
  restart,
} from './approving.ts';
import { changeAttendees, flipToNotice } from './effects.ts';
import { type ActionRule, type ActionRules, now } from './rule.ts';

const editable = ['new', 'draft', 'rejected'];
const live = [
  'new',
  'draft',
  'pending_approval',
  'pending_receipt',
  'pending_action',
  'on_hold',
  'ap_hold',
  'booking_hold',
  'approved',
];
const held = ['buyer_hold', 'currency_hold', 'supplier_hold', 'supplier_window_hold'];
const issue: ActionRule = { from: ['draft', 'error', ...held], to: 'issued' };

/** Rules by object and action. */
export const documentRules: Readonly<Record<string, ActionRules>> = {
  approval: approvalRules,
  invoice: {
    ...approverRules,
    submit: { from: editable, to: 'pending_approval', effect: askApproval },
    abandon: { from: [...editable, 'on_hold', 'ap_hold', 'disputed', 'pending_action'], to: 'abandoned' },
    void: { from: [...live.slice(2), 'disputed'], to: 'voided', set: { canceled: true } },
    dispute: { from: live, to: 'disputed', takesBody: true },
    withdraw_dispute: { from: ['disputed'], to: 'pending_approval', effect: askApproval },
    bypass_approvals: { from: ['pending_approval'], effect: bypass('all') },
    bypass_current_approval: { from: ['pending_approval'], effect: bypass('current') },
    restart_approvals: { from: ['pending_approval', 'rejected'], to: 'pending_approval', effect: restart },
    revalidate_tolerances: { from: live },
    update_line_accounts: { from: live, takesBody: true },
    flip_to_advance_ship_notice: { from: live, effect: flipToNotice },
  },
  'purchase-order': {
    issue,
    issue_without_send: issue,
    ignore_window_and_issue: { ...issue, from: ['draft', 'error', 'supplier_window_hold'] },
    release_from_buyer_hold: { from: ['buyer_hold'], to: 'issued' },
    cancel: { from: ['draft', 'issued', 'error', ...held], to: 'cancelled' },
    close: { from: ['issued'], to: 'closed' },
    reopen: { from: ['closed'], to: 'issued' },
  },
  'purchase-order-line': {
    soft_close_for_receiving: { from: ['created', 'received'], to: 'soft_closed_for_receiving' },
    reopen_for_receiving: { from: ['soft_closed_for_receiving'], to: 'created' },
    soft_close_for_invoicing: { from: ['created', 'received'], to: 'soft_closed_for_invoicing' },
    reopen_for_invoicing: { from: ['soft_closed_for_invoicing'], to: 'created' },
  },
  'purchase-order-change': {
    ...approverRules,
    submit_for_approval: { from: ['draft', 'rejected'], to: 'pending_approval', effect: askApproval },
  },
  'order-header-confirmation': {
    submit: { from: ['draft', 'rejected'], to: 'pending_approval' },
    accept_header: { from: ['draft', 'pending_approval'], to: 'accepted' },
    reject_header: { from: ['draft', 'pending_approval'], to: 'rejected' },
  },
  requisition: {
    ...approverRules,
    add_to_cart: { subject: 'cart', takesBody: true },
    current_cart: { subject: 'cart' },
    save_for_later: { from: ['cart', 'draft'], to: 'draft' },
    submit_for_approval: { subject: 'made', to: 'pending_approval', set: { 'submitted-at': now }, effect: askApproval },
    update_and_submit_for_approval: {
      from: ['draft', 'cart', 'withdrawn', 'pending_buyer_action'],
      to: 'pending_approval',
      set: { 'submitted-at': now },
      takesBody: true,
      effect: askApproval,
    },
    schedule_issuance: { set: { '@issuance': 'scheduled' } },
    unschedule_issuance: { set: { '@issuance': null } },
  },
  'receiving-transaction': { void: { from: ['created', 'received', 'pending'], to: 'voided', takesBody: true } },
  'receipt-request': {
    submit: { from: ['draft', 'withdrawn', 'rejected'], to: 'pending_approval', effect: askApproval },
    withdraw: { from: ['pending_approval'], to: 'withdrawn' },
    add_approver: { from: ['pending_approval'], effect: addApproval },
    remove_approver: { from: ['pending_approval'], effect: removeApproval },
    add_watcher: {},
    remove_watcher: {},
  },
  'return-request': { submit: { from: ['draft'], to: 'submitted' } },
  contract: {
    ...approverRules,
    submit_for_approval: { from: ['draft', 'rejected'], to: 'pending_approval', effect: askApproval },
    complete: { from: ['draft', 'approved', 'published', 'pending_signature'], to: 'completed' },
    check_out: { from: ['draft', 'published', 'approved'], set: { 'locked-by-user-id': 1 } },
    check_in: { set: { 'locked-by-user-id': null } },
    create_published: { to: 'published', set: { 'published-date': now }, takesBody: true },
    update_published: { from: ['published', 'completed'], takesBody: true },
    ccc_signature_created: { from: ['draft', 'approved', 'published'], to: 'pending_signature' },
    withdraw_signatures: { from: ['pending_signature'], to: 'draft' },
  },
  'expense-report': {
    ...approverRules,
    submit: { from: ['draft', 'rejected'], to: 'pending_approval', effect: askApproval },
  },
  'expense-line': {
    calculate_mileage: { takesBody: true },
    calculate_per_diem: { takesBody: true },
    assign_attendee: { effect: changeAttendees(true) },
    unassign_attendee: { effect: changeAttendees(false) },
  },
  'easy-form-response': {
    ...approverRules,
    approval: { from: ['pending_approval'], to: 'approved' },
    review: { from: ['pending_approval', 'approved', 'rejected'], to: 'reviewed' },
  },
};
