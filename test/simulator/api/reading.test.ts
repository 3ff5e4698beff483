import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCatalog } from '../../../src/simulator/records/facts.ts';
import { Tenant, tokenFor } from '../support.ts';

let tenant: Tenant;
beforeAll(async () => {
  tenant = await Tenant.start({ records: 230, savedFilters: { ids_only: 'fields=["id"]' } });
});
afterAll(() => tenant.close());

interface Invoice {
  readonly id: number;
  readonly 'invoice-number': string;
  readonly supplier: { readonly id: number; readonly name: string };
}

describe('reading', () => {
  it.each(
    readCatalog()
      .filter(({ listable }) => listable)
      .map(({ key }) => key),
  )('lists %s', async (key) => {
    const records = await tenant.read<{ id: number }[]>(`/api/${key}?limit=5`);
    expect(records.length).toBeGreaterThanOrEqual(3);
    expect(records.map(({ id }) => id)).toEqual([...records.map(({ id }) => id)].sort((one, other) => one - other));
  });

  it('answers at most 50 records, and as many without a limit', async () => {
    expect(await tenant.read<Invoice[]>('/api/invoices')).toHaveLength(50);
    expect(await tenant.read<Invoice[]>('/api/invoices?limit=500')).toHaveLength(50);
    expect(await tenant.read<Invoice[]>('/api/invoices?limit=7')).toHaveLength(7);
  });

  it('answers every invoice once over all pages and an empty list after the last', async () => {
    const ids = new Set<number>();
    for (let offset = 0; offset < 230; offset += 50) {
      for (const { id } of await tenant.read<Invoice[]>(`/api/invoices?offset=${offset}`)) ids.add(id);
    }
    expect(ids.size).toBe(230);
    expect(await tenant.read<Invoice[]>('/api/invoices?offset=230')).toEqual([]);
    expect(await tenant.read<Invoice[]>('/api/invoices?id[gt]=100000')).toEqual([]);
  });

  it('answers one record by its id, the same as in a list', async () => {
    const [first] = await tenant.read<Invoice[]>('/api/invoices?limit=1');
    expect(await tenant.read<Invoice>(`/api/invoices/${first?.id}`)).toEqual(first);
  });

  it.each(['/api/invoices/999999', '/api/invoices/98', '/api/invoices/abc', '/api/nothing', '/api/invoices/1/nothing'])(
    'answers 404 to %s',
    async (path) => {
      const { status, text } = await tenant.ask(path);
      expect(status).toBe(404);
      expect(JSON.parse(text)).toEqual({ errors: { base: [expect.any(String)] } });
    },
  );

  it('answers only the fields asked for, through associations, with underscores or dashes', async () => {
    const fields = encodeURIComponent(
      '["id","invoice_number",{"supplier":["name"]},{"invoice-lines":["id","total",{"account":["code"]}]}]',
    );
    const [first] = await tenant.read<Record<string, unknown>[]>(`/api/invoices?limit=1&fields=${fields}`);
    expect(first).toEqual({
      id: 1,
      'invoice-number': 'INV-0000001',
      supplier: { name: expect.any(String) },
      'invoice-lines': [
        { id: 10, total: expect.stringMatching(/^\d+\.\d\d$/u), account: { code: expect.any(String) } },
      ],
    });
  });

  it('answers ids alone when limited and keys of associations when shallow', async () => {
    expect(await tenant.read('/api/invoices?limit=2&return_object=limited')).toEqual([{ id: 1 }, { id: 2 }]);
    const [shallow] = await tenant.read<Record<string, unknown>[]>('/api/invoices?limit=1&return_object=shallow');
    expect(shallow?.['invoice-lines']).toEqual([{ id: 10, 'po-number': 'PO-0000001' }]);
    expect(shallow?.status).toEqual(expect.any(String));
    expect((await tenant.ask('/api/invoices?return_object=none')).status).toBe(400);
  });

  it('applies an API filter saved in the instance', async () => {
    expect(await tenant.read('/api/invoices?filter=ids_only&limit=1')).toEqual([{ id: 1 }]);
  });

  it('never answers what is only accepted on write', async () => {
    const [user] = await tenant.read<Record<string, unknown>[]>('/api/users?limit=1');
    expect(user).toHaveProperty('login');
    expect(user).not.toHaveProperty('password');
    const fields = encodeURIComponent('["id","password"]');
    expect(await tenant.read(`/api/users?limit=1&fields=${fields}`)).toEqual([{ id: 1 }]);
  });

  it('answers the same bytes from the same seed', async () => {
    const other = await Tenant.start({ records: 230 });
    try {
      for (const path of [
        '/api/invoices?offset=100',
        '/api/suppliers',
        '/api/purchase_orders?order_by=updated-at&dir=desc',
      ]) {
        expect((await other.ask(path)).text).toBe((await tenant.ask(path)).text);
      }
    } finally {
      await other.close();
    }
  });
});

describe('XML', () => {
  const xml = { accept: 'application/xml' };

  it('is what is answered unless JSON is asked for', async () => {
    for (const accept of ['*/*', 'application/xml', 'text/xml']) {
      expect((await tenant.ask('/api/invoices?limit=1', { headers: { accept } })).headers['content-type']).toMatch(
        /xml/u,
      );
    }
  });

  it('is well-formed for every resource, with typed elements', async () => {
    for (const { key } of readCatalog().filter(({ listable }) => listable)) {
      const { status, text } = await tenant.ask(`/api/${key}?limit=3`, { headers: xml });
      expect(status).toBe(200);
      expect(XMLValidator.validate(text), key).toBe(true);
    }
    const { text } = await tenant.ask('/api/invoices?limit=1', { headers: xml });
    const parsed = new XMLParser().parse(text) as { invoices: { invoice: Record<string, unknown> } };
    expect(parsed.invoices.invoice['invoice-number']).toBe('INV-0000001');
    expect(text).toContain('<invoices type="array"><invoice><id type="integer">1</id>');
    expect(text).toContain('<paid type="boolean">');
    expect(text).toContain('nil="true"/>');
    expect(text).toContain('<invoice-lines type="array"><invoice-line>');
  });

  it('answers 404 with its own words when nothing matches', async () => {
    const { status, text } = await tenant.ask('/api/invoices?id=999999', { headers: xml });
    expect(status).toBe(404);
    expect(text).toContain('<errors><error>No results match your search criteria.</error></errors>');
  });

  it('escapes what a filter brings back in an error', async () => {
    const { status, text } = await tenant.ask('/api/invoices?id=%3Cx%26y%3E', { headers: xml });
    expect(status).toBe(400);
    expect(text).toContain('&lt;x&amp;y&gt;');
    expect(XMLValidator.validate(text)).toBe(true);
  });

  it('answers 406 to a format it does not serve', async () => {
    expect((await tenant.ask('/api/invoices', { headers: { accept: 'text/csv' } })).status).toBe(406);
  });
});

describe('who may read', () => {
  it.each([
    ['no token', ''],
    ['a token of another kind', 'Basic abc'],
    ['an unknown token', 'Bearer abc.def.ghi'],
  ])('answers 401 to %s', async (_, authorization) => {
    const { status, text, headers } = await tenant.ask('/api/invoices', { headers: { authorization } });
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    expect(JSON.parse(text)).toEqual({ errors: { base: [expect.stringContaining('access token')] } });
  });

  it('sends a browser without a token to the login page', async () => {
    const { statusCode, headers, body } = await request(`${tenant.simulator.url}/api/invoices`, {
      headers: { accept: 'text/html' },
    });
    await body.dump();
    expect(statusCode).toBe(302);
    expect(headers.location).toBe('/login');
  });

  it('answers 403, naming the scope, to a token that lacks it', async () => {
    const token = await tokenFor(tenant.simulator, ['core.supplier.read']);
    const headers = { authorization: `Bearer ${token}` };
    expect((await tenant.ask('/api/suppliers?limit=1', { headers })).status).toBe(200);
    const { status, text } = await tenant.ask('/api/invoices?limit=1', { headers });
    expect(status).toBe(403);
    expect(text).toContain('core.invoice.read');
  });

  it('answers 401 to a token that was revoked', async () => {
    const token = await tokenFor(tenant.simulator, ['core.invoice.read']);
    const headers = { authorization: `Bearer ${token}` };
    const other = await Tenant.start({ records: 5 });
    try {
      expect((await other.ask('/api/invoices?limit=1')).status).toBe(200);
      other.simulator.authorization.revoke();
      expect((await other.ask('/api/invoices?limit=1')).status).toBe(401);
      expect((await tenant.ask('/api/invoices?limit=1', { headers })).status).toBe(200);
    } finally {
      await other.close();
    }
  });

  it('refuses a token younger than the settling time, and takes it afterwards', async () => {
    let nowMs = Date.UTC(2026, 10, 2);
    const young = await Tenant.start({ records: 5, settleMs: 5000, now: () => nowMs });
    try {
      expect((await young.ask('/api/invoices')).status).toBe(401);
      nowMs += 5000;
      expect((await young.ask('/api/invoices')).status).toBe(200);
    } finally {
      await young.close();
    }
  });
});
