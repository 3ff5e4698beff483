import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Answered, Tenant } from '../support.ts';

let tenant: Tenant;
beforeAll(async () => {
  tenant = await Tenant.start({ records: 120, control: true });
});
afterEach(() => tenant.control('reset', {}));
afterAll(() => tenant.close());

type Shown = Readonly<Record<string, unknown>> & { readonly id: number };
const parse = ({ text }: Answered): Shown => JSON.parse(text) as Shown;
const act = (path: string, body: unknown = {}): Promise<Answered> => tenant.write('PUT', path, body);
async function one(query: string): Promise<Shown> {
  const [found] = await tenant.read<Shown[]>(`/api/${query}&limit=1`);
  if (!found) throw new Error(`nothing at ${query}`);
  return found;
}

describe('an invoice', () => {
  const draft = { 'invoice-number': 'T-1', supplier: { id: 1 } };
  const make = async (): Promise<Shown> => parse(await tenant.write('POST', '/api/invoices', draft));

  it('goes from draft to approved by its approval, and is then voided', async () => {
    const { id, status } = await make();
    expect(status).toBe('draft');
    const submitted = parse(await act(`/api/invoices/${id}/submit`));
    expect(submitted).toMatchObject({ status: 'pending_approval', approvals: [{ id: expect.any(Number) }] });
    const approval = await one(`approvals?approvable_type=InvoiceHeader&approvable_id=${id}`);
    expect(approval.status).toBe('pending_approval');
    expect(parse(await act(`/api/approvals/${approval.id}/approve`)).status).toBe('approved');
    expect((await tenant.read<Shown>(`/api/invoices/${id}`)).status).toBe('approved');
    expect(parse(await act(`/api/invoices/${id}/void`))).toMatchObject({ status: 'voided', canceled: true });
  });

  it('is approved when the last of several has approved, and rejected when one refuses', async () => {
    const { id } = await make();
    await act(`/api/invoices/${id}/submit`);
    await act(`/api/invoices/${id}/add_approver`, { approver_id: 3 });
    const approvals = await tenant.read<Shown[]>(`/api/approvals?approvable_id=${id}&approvable_type=InvoiceHeader`);
    expect(approvals).toHaveLength(2);
    await act(`/api/approvals/${approvals[0]?.id}/approve`);
    expect((await tenant.read<Shown>(`/api/invoices/${id}`)).status).toBe('pending_approval');
    await act(`/api/approvals/${approvals[1]?.id}/reject`, { reason: 'twice billed' });
    expect((await tenant.read<Shown>(`/api/invoices/${id}`)).status).toBe('rejected');
    expect((await act(`/api/invoices/${id}/restart_approvals`)).status).toBe(200);
    expect(parse(await act(`/api/invoices/${id}/bypass_approvals`)).status).toBe('approved');
  });

  it('is refused in words when its state does not allow the action, and stays as it was', async () => {
    const { id } = await make();
    const { status, text } = await act(`/api/invoices/${id}/void`);
    expect(status).toBe(422);
    expect(JSON.parse(text)).toEqual({
      errors: {
        status: [expect.stringMatching(/^does not allow void: the invoice is draft, and must be one of .*approved/u)],
      },
    });
    expect((await tenant.read<Shown>(`/api/invoices/${id}`)).status).toBe('draft');
  });

  it('is made once for each number of a supplier', async () => {
    await make();
    const { status, text } = await tenant.write('POST', '/api/invoices', draft);
    expect(status).toBe(422);
    expect(JSON.parse(text)).toEqual({ errors: { invoice_number: ['Invoice number has already been taken'] } });
    expect((await tenant.write('POST', '/api/invoices', { ...draft, supplier: { id: 2 } })).status).toBe(201);
    expect((await act('/api/invoices/1', { 'invoice-number': 'T-1', supplier: { id: 1 } })).status).toBe(422);
    expect((await act('/api/invoices/1', { 'invoice-number': 'INV-0000001' })).status).toBe(200);
  });
});

describe('a purchase order', () => {
  it('is closed, reopened and cancelled, each from its state alone', async () => {
    const { id } = await one('purchase_orders?status=issued');
    expect(parse(await act(`/api/purchase_orders/${id}/close`)).status).toBe('closed');
    expect((await act(`/api/purchase_orders/${id}/cancel`)).status).toBe(422);
    expect(parse(await act(`/api/purchase_orders/${id}/reopen`)).status).toBe('issued');
    expect(parse(await act(`/api/purchase_orders/${id}/cancel`)).status).toBe('cancelled');
  });

  it('gets a new version that is to be exported again by an approved change, and by no change over the API', async () => {
    const order = await one('purchase_orders?exported=true&status=issued');
    await act(`/api/purchase_orders/${order.id}`, { 'custom-fields': { erp: '7' } });
    const same = await tenant.read<Shown>(`/api/purchase_orders/${order.id}`);
    expect(same).toMatchObject({ version: 1, exported: true });
    const change = await one('purchase_order_changes?status=draft');
    await tenant.control('mutate', {
      resource: 'purchase_order_changes',
      update: [change.id],
      values: { 'order-header-id': order.id },
    });
    await act(`/api/purchase_order_changes/${change.id}/submit_for_approval`);
    const approval = await one(`approvals?approvable_type=OrderHeaderRevision&approvable_id=${change.id}`);
    await act(`/api/approvals/${approval.id}/approve`);
    expect((await tenant.read<Shown>(`/api/purchase_order_changes/${change.id}`)).status).toBe('applied');
    expect(await tenant.read(`/api/purchase_orders/${order.id}`)).toMatchObject({ version: 2, exported: false });
  });

  it('holds its lines as records of their own', async () => {
    const body = { 'order-lines': [{ description: 'Gloves', price: '2.50', quantity: '4' }, { description: 'Hats' }] };
    const made = parse(await tenant.write('POST', '/api/purchase_orders', body)) as Shown & {
      'order-lines': Shown[];
    };
    const [gloves, hats] = made['order-lines'];
    expect(gloves).toMatchObject({ description: 'Gloves', price: '2.50' });
    expect(await tenant.read(`/api/purchase_order_lines/${gloves?.id}`)).toMatchObject({ description: 'Gloves' });
    await tenant.ask(`/api/purchase_order_lines/${hats?.id}`, { method: 'DELETE' });
    expect((await tenant.read<typeof made>(`/api/purchase_orders/${made.id}`))['order-lines']).toHaveLength(1);
  });
});

describe('other documents', () => {
  it('adjusts a budget line by each call once more, exactly', async () => {
    const before = await tenant.read<Shown>('/api/budget_lines/1');
    await act('/api/budget_lines/1/adjust', { amount: '0.10' });
    await act('/api/budget_lines/1/adjust', { amount: '0.20' });
    const after = await tenant.read<Shown>('/api/budget_lines/1');
    expect(Math.round(Number(after.amount) * 100)).toBe(Math.round(Number(before.amount) * 100) + 30);
    const adjustments = await tenant.read<Shown[]>('/api/budget_lines/1/budget_line_adjustments');
    expect(adjustments.slice(-2).map((one) => one.amount)).toEqual(['0.10', '0.20']);
    expect((await act('/api/budget_lines/1/adjust', { amount: 'much' })).status).toBe(422);
  });

  it('runs an integration: pending, running, failed, and not from its end', async () => {
    const run = { integration: { id: 1 }, flow: 'outbound' };
    const { id, status } = parse(await tenant.write('POST', '/api/integration_runs', run));
    expect(status).toBe('pending');
    expect(parse(await act(`/api/integration_runs/${id}/run`))).toMatchObject({ status: 'running' });
    expect(parse(await act(`/api/integration_runs/${id}/fail`))).toMatchObject({
      status: 'failed',
      'end-time': expect.any(String),
    });
    expect((await act(`/api/integration_runs/${id}/success`)).status).toBe(422);
  });

  it('notes an alert and marks the document that it is about as exported', async () => {
    const invoice = await one('invoices?exported=false');
    const body = { 'document-type': 'InvoiceHeader', 'document-id': invoice.id, status: 'whatever' };
    const path = '/api/integration_history_records/create_alert_and_mark_exported';
    const made = await tenant.write('POST', path, body);
    expect(made.status).toBe(201);
    expect(parse(made)).toMatchObject({ 'document-id': invoice.id, resolved: false });
    expect(await tenant.read(`/api/invoices/${invoice.id}`)).toMatchObject({ exported: true });
    const nothing = await tenant.write('POST', path, { ...body, 'document-id': 999_999 });
    expect(nothing.status).toBe(422);
  });

  it('lists the children of one parent alone and answers 404 for those of another', async () => {
    const made = parse(await tenant.write('POST', '/api/invoices/1/comments', { comments: 'Called the supplier' }));
    expect(made).toMatchObject({ 'commentable-id': 1, 'commentable-type': 'InvoiceHeader' });
    const listed = await tenant.read<Shown[]>('/api/invoices/1/comments');
    expect(listed.map(({ id }) => id)).toContain(made.id);
    expect(await tenant.read<Shown[]>('/api/invoices/2/comments')).not.toContainEqual(made);
    expect((await tenant.ask(`/api/invoices/2/comments/${made.id}`)).status).toBe(404);
    expect((await tenant.ask(`/api/users/1/comments/${made.id}`)).status).toBe(404);
    expect((await tenant.ask('/api/invoices/99999/comments')).status).toBe(404);
  });

  it('deletes what may be deleted, and says why not', async () => {
    const draft = parse(await tenant.write('POST', '/api/requisitions', {}));
    expect((await tenant.ask(`/api/requisitions/${draft.id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await tenant.ask(`/api/requisitions/${draft.id}`)).status).toBe(404);
    const refused = await tenant.ask('/api/requisitions/1', { method: 'DELETE' });
    expect([refused.status, refused.text]).toEqual([
      422,
      '{"errors":{"status":["does not allow deleting: it is ordered"]}}',
    ]);
  });
});
