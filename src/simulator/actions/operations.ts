// Owns the actions on what runs beside the documents: integrations, budgets, stock, payables, sourcing, workers.
import { adjustBudget, copyRecord, markDocument } from './effects.ts';
import { type ActionRule, type ActionRules, now } from './rule.ts';

const receiveNotice: ActionRules = {
  receive: { from: ['created'], to: 'received' },
  void: { from: ['created', 'received'], to: 'voided' },
};
const alert = { 'contact-alert-type': 'Technical', resolved: false };
const exportIt: ActionRule = { set: { exported: true, 'last-exported-at': now } };

/** Rules by object and action. */
export const operationRules: Readonly<Record<string, ActionRules>> = {
  'account-type': { copy: { effect: copyRecord } },
  'advance-ship-notice': receiveNotice,
  'asn-line': receiveNotice,
  'budget-line': { adjust: { effect: adjustBudget } },
  'cycle-count': { submit: { from: ['in_progress', 'open'], to: 'submitted' } },
  'data-file-source': {
    load_from_coupa_file_service: { subject: 'made', set: { 'start-time': now } },
    load_from_sftp: { subject: 'made', set: { 'start-time': now } },
    validate_api_key: { subject: 'none' },
  },
  'expense-artifact': { update_with_ocr_response: { takesBody: true, set: { 'ocr-status': 'completed' } } },
  'external-payable': { void: { from: ['created'], to: 'voided' } },
  'integration-error': {
    create_alert: { subject: 'made', set: alert },
    resolve: { from: ['error', 'unresolved'], to: 'resolved', set: { resolved: true } },
    unresolve: { from: ['resolved'], to: 'error', set: { resolved: false } },
  },
  'integration-history-record': {
    acknowledge: { subject: 'made', to: 'acknowledged', set: { resolved: true } },
    create_alert: { subject: 'made', to: 'error', set: alert },
    create_alert_and_mark_exported: { subject: 'made', to: 'error', set: alert, effect: markDocument },
    mark_exported: { subject: 'made', to: 'exported', effect: markDocument },
  },
  'integration-run': {
    pending: { from: ['paused', 'failed', 'pending'], to: 'pending', set: { 'end-time': null } },
    run: { from: ['pending', 'paused'], to: 'running', set: { 'start-time': now }, takesBody: true },
    pause: { from: ['pending', 'running'], to: 'paused', takesBody: true },
    success: { from: ['pending', 'running', 'paused'], to: 'success', set: { 'end-time': now }, takesBody: true },
    fail: { from: ['pending', 'running', 'paused'], to: 'failed', set: { 'end-time': now }, takesBody: true },
  },
  'payable-allocation': { export: exportIt, reverse: { from: ['created', 'exported'], to: 'reversed' } },
  'payable-invoice': {
    export: exportIt,
    pay_externally: { from: ['track_in_coupa', 'track_externally'], to: 'paid_externally', set: { 'paid-date': now } },
    track_externally: { from: ['track_in_coupa'], to: 'track_externally' },
    track_in_coupa: { from: ['track_externally'], to: 'track_in_coupa' },
  },
  'payable-order': {
    ready_to_pay: { from: ['created'], to: 'ready_to_pay' },
    pay_externally: { from: ['created', 'ready_to_pay'], to: 'paid_externally', set: { 'paid-date': now } },
  },
  'pick-list': { update_fulfillments: { to: 'fulfilled', takesBody: true } },
  'quality-collaboration': { exported: { set: { exported: true } }, reset_exported: { set: { exported: false } } },
  'quote-request': { create_from_source: { subject: 'made' } },
  'quote-response': {
    award: { from: ['submitted'], to: 'awarded', set: { awarded: true } },
    remove_award: { from: ['awarded'], to: 'submitted', set: { awarded: false } },
  },
  supplier: {
    create_supplier_user_preferences: { subject: 'none' },
    sync_supplier_user_locale: { subject: 'none' },
    logout_iframe_session: { subject: 'none' },
  },
  worker: { invite_worker: { from: ['new', 'invited'], to: 'invited' } },
  'worker-assignment': {
    confirm: { from: ['draft'], to: 'confirmed' },
    close: { from: ['confirmed'], to: 'closed' },
    cancel: { from: ['draft', 'confirmed'], to: 'cancelled' },
  },
};
