import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Tenant } from '../support.ts';

const nowMs = Date.UTC(2026, 10, 20, 12);
let tenant: Tenant;
beforeAll(async () => {
  tenant = await Tenant.start({ records: 120, control: true });
});
afterEach(() => tenant.control('reset', {}));
afterAll(() => tenant.close());

type Shown = Readonly<Record<string, unknown>>;
const department = (name: string) => ({ name, active: true });

describe('creating', () => {
  it('answers 201 with the record, which is then read, listed and found', async () => {
    const { status, text } = await tenant.write('POST', '/api/departments', department('Night shift'));
    expect(status).toBe(201);
    const made = JSON.parse(text) as Shown;
    expect(made).toMatchObject({ name: 'Night shift', active: true, id: expect.any(Number) });
    expect(Date.parse(String(made['created-at']))).toBeGreaterThan(nowMs - 365 * 86_400_000);
    expect(await tenant.read(`/api/departments/${made.id}`)).toEqual(made);
    expect(await tenant.read('/api/departments?name=Night%20shift')).toEqual([made]);
    const all = await tenant.read<Shown[]>('/api/departments');
    expect(all.at(-1)).toEqual(made);
  });

  it('refuses a taken name in the words of the API', async () => {
    const { status, text } = await tenant.write('POST', '/api/departments', department('Finance'));
    expect(status).toBe(422);
    expect(JSON.parse(text)).toEqual({ errors: { name: ['Name has already been taken'] } });
    await tenant.write('POST', '/api/departments', department('Night shift'));
    expect((await tenant.write('POST', '/api/departments', department('Night shift'))).status).toBe(422);
  });

  it('tells all faults at once: missing, too long, of the wrong type, not in the list', async () => {
    const { status, text } = await tenant.write('POST', '/api/suppliers', {
      number: 'x'.repeat(10),
      'invoice-matching-level': '9-way',
      'on-hold': 'perhaps',
      'savings-pct': 'much',
      'payment-term': { code: 'Net 31' },
    });
    expect(status).toBe(422);
    expect(JSON.parse(text)).toMatchObject({
      errors: {
        name: ["can't be blank"],
        invoice_matching_level: ['is not included in the list'],
        on_hold: ['is not true or false'],
        savings_pct: ['is not a number'],
        payment_term: ['Payment term does not exist'],
      },
    });
  });

  it('ignores fields that are unknown or not accepted on write', async () => {
    const body = { ...department('Night shift'), id: 77, 'created-at': '2001-01-01T00:00:00Z', nonsense: 1 };
    const made = JSON.parse((await tenant.write('POST', '/api/departments', body)).text) as Shown;
    expect(made.id).not.toBe(77);
    expect(made['created-at']).not.toContain('2001');
    expect(made).not.toHaveProperty('nonsense');
  });

  it('takes the first contact and address of a new supplier in full', async () => {
    const supplier = {
      name: 'Brand new',
      'payment-method': 'invoice',
      'invoice-matching-level': 'none',
      'primary-contact': { email: 'new@supplier.example', 'name-given': 'Ada', 'name-family': 'Byron' },
      'primary-address': { street1: '1 New Street', city: 'Leeds', 'postal-code': 'LS1', country: { code: 'GB' } },
    };
    const { status, text } = await tenant.write('POST', '/api/suppliers', supplier);
    expect([status, text.includes('does not exist')]).toEqual([201, false]);
    const { id } = JSON.parse(text) as Shown;
    expect(await tenant.read(`/api/suppliers/${id}`)).toMatchObject({
      'primary-contact': { email: 'new@supplier.example' },
      'primary-address': { street1: '1 New Street' },
    });
  });

  it('takes the rates of one day for several currency pairs, and one pair once a day', async () => {
    const rate = (code: string, date: string) =>
      tenant.write('POST', '/api/exchange_rates', {
        'from-currency': { code: 'USD' },
        'to-currency': { code },
        'rate-date': date,
        rate: '0.9',
      });
    expect((await rate('EUR', '2031-11-02T00:00:00+00:00')).status).toBe(201);
    expect((await rate('GBP', '2031-11-02T00:00:00+00:00')).status).toBe(201);
    const twin = await rate('EUR', '2031-11-02T00:00:00Z');
    expect(twin.status).toBe(422);
    expect(JSON.parse(twin.text)).toEqual({ errors: { rate_date: ['Rate date has already been taken'] } });
  });

  it('resolves references by id and by natural key, and keeps decimals exact', async () => {
    const body = {
      'from-currency': { id: 1 },
      'to-currency': { code: 'EUR' },
      'rate-date': '2026-11-02T00:00:00+00:00',
      rate: '0.91234567890123456789',
    };
    const { status, text } = await tenant.write('POST', '/api/exchange_rates', body);
    expect(status).toBe(201);
    expect(JSON.parse(text)).toMatchObject({
      rate: '0.91234567890123456789',
      'from-currency': { code: 'USD' },
      'to-currency': { id: 2, code: 'EUR' },
    });
    expect(await tenant.read<Shown[]>('/api/exchange_rates?rate=0.91234567890123456789')).toHaveLength(1);
    expect(
      await tenant.read<Shown[]>('/api/exchange_rates?rate[gt]=0.9123456789012345678&rate[lt]=0.91234567890123456790'),
    ).toHaveLength(1);
  });

  it('answers nothing when asked for no record', async () => {
    const { status, text } = await tenant.write('POST', '/api/departments?return_object=none', department('Quiet'));
    expect([status, text]).toEqual([201, '']);
  });

  it('takes XML when both headers say so, and refuses a mix', async () => {
    const body =
      '<?xml version="1.0"?><department><name>R &amp; D</name><active type="boolean">true</active></department>';
    const both = { accept: 'application/xml', 'content-type': 'application/xml' };
    const made = await tenant.ask('/api/departments', { method: 'POST', headers: both, body });
    expect(made.status).toBe(201);
    expect(made.text).toContain('<name>R &amp; D</name><updated-at>');
    const mixed = await tenant.ask('/api/departments', {
      method: 'POST',
      headers: { ...both, accept: 'application/json' },
      body,
    });
    expect(mixed.status).toBe(415);
    const unknown = await tenant.ask('/api/departments', {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body,
    });
    expect(unknown.status).toBe(415);
    const broken = await tenant.ask('/api/departments', { method: 'POST', headers: both, body: '<a><b></a>' });
    expect(broken.status).toBe(400);
  });

  it.each(['{', '[]', '"text"'])('answers 400 to the body %s', async (body) => {
    const answer = await tenant.ask('/api/departments', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(answer.status).toBe(400);
  });
});

describe('updating', () => {
  it('changes the given elements alone and moves updated-at', async () => {
    const before = await tenant.read<Shown>('/api/suppliers/3');
    const { status, text } = await tenant.write('PUT', '/api/suppliers/3', { 'display-name': 'Renamed' });
    expect(status).toBe(200);
    const after = JSON.parse(text) as Shown;
    expect(after).toEqual({ ...before, 'display-name': 'Renamed', 'updated-at': after['updated-at'] });
    expect(Date.parse(String(after['updated-at']))).toBeGreaterThan(Date.parse(String(before['updated-at'])));
    expect(await tenant.read('/api/suppliers/3')).toEqual(after);
  });

  it('shows in filters, in orders and in what refers to the record', async () => {
    await tenant.write('PUT', '/api/suppliers/3', { name: 'Zzyzx Tools' });
    const found = await tenant.read<Shown[]>('/api/suppliers?name=Zzyzx%20Tools');
    expect(found.map(({ id }) => id)).toEqual([3]);
    const [last] = await tenant.read<Shown[]>('/api/suppliers?order_by=updated-at&dir=desc&limit=1');
    expect(last?.id).toBe(3);
    const invoices = await tenant.read<{ supplier: Shown }[]>('/api/invoices?supplier[name]=Zzyzx%20Tools');
    expect(invoices.length).toBeGreaterThan(0);
    for (const { supplier } of invoices) expect(supplier).toMatchObject({ id: 3, name: 'Zzyzx Tools' });
  });

  it('marks as exported in a request of its own and leaves other changes aside', async () => {
    const [invoice] = await tenant.read<Shown[]>('/api/invoices?exported=false&limit=1');
    const { text } = await tenant.write('PUT', `/api/invoices/${invoice?.id}?exported=true`, { comments: 'also this' });
    expect(JSON.parse(text)).toMatchObject({ exported: true, comments: invoice?.comments ?? null });
    const left = await tenant.read<Shown[]>('/api/invoices?exported=false&limit=1');
    expect(left[0]?.id).not.toBe(invoice?.id);
  });

  it('adds to custom fields what it is given', async () => {
    await tenant.write('PUT', '/api/invoices/1', { 'custom-fields': { 'erp-number': '4711' } });
    await tenant.write('PUT', '/api/invoices/1', { 'custom-fields': { posted: true } });
    const invoice = await tenant.read<Shown>('/api/invoices/1');
    expect(invoice['custom-fields']).toEqual({ 'erp-number': '4711', posted: true });
    const found = await tenant.read<Shown[]>('/api/invoices?custom-fields[erp-number]=4711');
    expect(await tenant.read('/api/invoices?custom_fields[erp_number]=4711')).toEqual(found);
    expect(found.map(({ id }) => id)).toEqual([1]);
  });

  it('gives members of a written collection ids', async () => {
    const line = { description: 'Freight', price: '10.00', quantity: '1' };
    const { text } = await tenant.write('PUT', '/api/invoices/1', { 'invoice-lines': [line] });
    expect(JSON.parse(text)).toMatchObject({ 'invoice-lines': [{ ...line, id: expect.any(Number) }] });
    const found = await tenant.read<Shown[]>('/api/invoices?invoice-lines[description]=Freight');
    expect(found.map(({ id }) => id)).toEqual([1]);
  });

  it('keeps its own unique value and refuses that of another', async () => {
    const own = await tenant.read<Shown>('/api/suppliers/3');
    expect((await tenant.write('PUT', '/api/suppliers/3', { name: own.name })).status).toBe(200);
    const other = await tenant.read<Shown>('/api/suppliers/4');
    const { status, text } = await tenant.write('PUT', '/api/suppliers/3', { name: other.name });
    expect(status).toBe(422);
    expect(JSON.parse(text)).toEqual({ errors: { name: ['Name has already been taken'] } });
  });

  it('answers 404 for a record that does not exist', async () => {
    expect((await tenant.write('PUT', '/api/suppliers/99999', { name: 'x' })).status).toBe(404);
  });
});
