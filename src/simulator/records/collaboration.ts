// Owns what people leave on documents: approvals, comments, files; and what matching leaves between an invoice and a receipt.
import { formatInstant } from './calendar.ts';
import type { Entity } from './entity.ts';
import { by, constant, type Domain, type Kit } from './kit.ts';

/** How many objects files are attached to, so that about every document has one. */
const attachedObjects = 13;

const invoiceOf = (kit: Kit, { ordinal }: Entity): Entity => kit.world.collection('invoice').computedAt(ordinal);

const approval: Domain = {
  object: 'approval',
  count: (records) => records,
  period: 0,
  fields: (kit) => {
    const calendar = kit.world.calendar('approval');
    const state = (entity: Entity): string => {
      const status = invoiceOf(kit, entity).value('status');
      if (status === 'pending_approval') return 'pending_approval';
      if (status === 'ap_hold') return 'on_hold';
      return status === 'draft' ? 'pending' : 'approved';
    };
    const isApproved = (entity: Entity): boolean => state(entity) === 'approved';
    const approver = kit.some('approver', 'user');
    return {
      'approvable-type': constant('InvoiceHeader'),
      'approvable-id': by((entity) => invoiceOf(kit, entity).id),
      status: by(state),
      position: constant(1),
      type: constant('UserApproval'),
      'approver-type': constant('User'),
      approver,
      'approved-by': by((entity) => (isApproved(entity) ? approver.of(entity) : null)),
      'approval-date': by((entity) => (isApproved(entity) ? formatInstant(calendar.updatedMs(entity.ordinal)) : null)),
      holdable: constant(true),
    };
  },
};

const attachment: Domain = {
  object: 'attachment',
  count: (records) => records * attachedObjects,
  period: 0,
  fields: () => ({
    type: constant('file'),
    intent: constant('Internal'),
    'file-url': by(({ id }) => `/attachment/attachment_file/${id}/document-${id}.pdf`),
  }),
};

const matchingAllocation: Domain = {
  object: 'matching-allocation',
  count: (records) => records,
  period: 0,
  fields: (kit) => {
    const line = (entity: Entity): Entity | undefined => {
      const lines = invoiceOf(kit, entity).value('invoice-lines');
      return Array.isArray(lines) ? (lines as readonly Entity[])[0] : undefined;
    };
    const same = (field: string) => by((entity) => line(entity)?.value(field) ?? null);
    return {
      status: constant('matched'),
      'invoice-line-id': by((entity) => line(entity)?.id ?? null),
      'order-line-id': same('order-line-id'),
      quantity: same('quantity'),
      amount: same('total'),
      'invoice-line-total': same('total'),
      'manual-match': constant(false),
    };
  },
};

/** Approvals, files and matches. */
export const collaborationDomains: readonly Domain[] = [approval, attachment, matchingAllocation];
