import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/document/json.ts';
import { SnapError } from '../../src/errors.ts';
import { loadPack, type Pack } from '../../src/pack/index.ts';
import { type Connection, createOperationExecutor } from '../../src/snap/index.ts';
import { type FakeAnswer, fakeConnection } from '../support/fake-connection.ts';
import { type FakeContext, type FakeContextOptions, fakeContext } from '../support/fake-context.ts';

const root = join(import.meta.dirname, '../..');
let coupa: Pack;
let desk: Pack;

beforeAll(async () => {
  coupa = await loadPack(root);
  desk = await loadPack(join(root, 'test/pack/fixtures/desk'));
});

async function run(
  connection: Connection,
  options: FakeContextOptions,
  pack = coupa,
  snapId = 'coupa.read',
): Promise<FakeContext> {
  const snap = pack.snaps.get(snapId);
  if (snap === undefined) throw new Error(`no snap ${snapId}`);
  const context = fakeContext(options);
  await createOperationExecutor({ pack, snap, connect: async () => connection }).run(context);
  return context;
}

async function errorOf(work: Promise<unknown>): Promise<SnapError> {
  const thrown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (thrown instanceof SnapError) return thrown;
  throw new Error(`no SnapError, but ${String(thrown)}`);
}

/** As much of Coupa's list call as these tests need: keyset, skip, limit, order by any field. */
function listOf(records: readonly JsonObject[]) {
  return (url: URL): FakeAnswer => {
    const query = url.searchParams;
    const after = Number(query.get('id[gt]') ?? 0);
    const field = query.get('order_by') ?? 'id';
    const sorted = records
      .filter((record) => Number(record.id) > after)
      .sort((left, right) => (String(left[field]) < String(right[field]) ? -1 : 1));
    if (field === 'id') sorted.sort((left, right) => Number(left.id) - Number(right.id));
    if (query.get('dir') === 'desc') sorted.reverse();
    const offset = Number(query.get('offset') ?? 0);
    return { body: sorted.slice(offset, offset + Number(query.get('limit') ?? 50)) };
  };
}

const invoices = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: 3 * index + 1, 'invoice-number': `I-${(index * 7919) % count}` }));

describe('reading a whole resource', () => {
  it('gives every record once, in order of id, with a position behind each page', async () => {
    const context = await run(fakeConnection(listOf(invoices(777))), { settings: { resource: 'invoices' } });
    expect(context.emitted).toEqual(invoices(777));
    expect(context.positions.at(-1)).toEqual({ after: 3 * 776 + 1, read: 777 });
    expect(Math.abs((context.expected.at(-1) ?? 0) - 777)).toBeLessThan(30);
  });

  it('goes on behind the position of any page', async () => {
    const whole = await run(fakeConnection(listOf(invoices(400))), { settings: { resource: 'invoices' } });
    const restored = whole.positions[2];
    if (restored === undefined) throw new Error('fewer than three pages');
    const rest = await run(fakeConnection(listOf(invoices(400))), { settings: { resource: 'invoices' }, restored });
    const { read } = restored as { read: number };
    expect(rest.emitted).toEqual(invoices(400).slice(read));
    expect(rest.positions.at(-1)).toEqual({ after: 3 * 399 + 1, read: 400 });
  });

  it('writes filters, fields, response type and saved filter into every request', async () => {
    const connection = fakeConnection(listOf(invoices(3)));
    await run(connection, {
      settings: {
        resource: 'invoices',
        filters: [
          { field: 'updated-at', operator: 'gt', value: '2026-01-01T00:00:00+01:00' },
          { field: 'supplier.name', operator: 'contains', value: 'Ålesund & Sons' },
          { field: 'status', operator: 'in', value: ['approved', 'voided'] },
          { field: 'paid', value: true },
        ],
        fields: ['invoice-number', { supplier: ['id', 'name'] }],
        responseType: 'shallow',
        savedFilter: 'ERP',
      },
    });
    for (const { url, headers, repeatable } of connection.requests) {
      expect(url.pathname).toBe('/api/invoices');
      expect(url.search).toContain('updated_at%5Bgt%5D=2026-01-01T00%3A00%3A00%2B01%3A00');
      expect(Object.fromEntries(url.searchParams)).toMatchObject({
        'supplier[name][contains]': 'Ålesund & Sons',
        'status[in]': 'approved,voided',
        paid: 'true',
        fields: '["id","invoice_number",{"supplier":["id","name"]}]',
        return_object: 'shallow',
        filter: 'ERP',
        order_by: 'id',
      });
      expect(headers).toEqual({ accept: 'application/json', 'content-type': 'application/json' });
      expect(repeatable).toBe(true);
    }
  });

  it('keeps the bytes of a record as they were written', async () => {
    const record = '{ "id":1, "total": "10.00", "big":12345678901234567890, "__proto__":{"x":1} }';
    const emitted: string[] = [];
    const context = fakeContext({ settings: { resource: 'invoices' } });
    const snap = coupa.snaps.get('coupa.read');
    if (snap === undefined) throw new Error('no snap');
    const connection = fakeConnection(() => ({ body: `[${record}]` }));
    const emit: FakeContext['emit'] = async (documents) => {
      emitted.push(...documents.map((document) => document.json));
    };
    await createOperationExecutor({ pack: coupa, snap, connect: async () => connection }).run({ ...context, emit });
    expect(emitted).toEqual([record]);
  });

  it('reads at most the limit, over a resume too, and fifty records on a preview', async () => {
    const settings = { resource: 'invoices', limit: 120 };
    const context = await run(fakeConnection(listOf(invoices(900))), { settings });
    expect(context.emitted).toEqual(invoices(900).slice(0, 120));
    const restored = context.positions[0] ?? null;
    const rest = await run(fakeConnection(listOf(invoices(900))), { settings, restored });
    expect(rest.emitted).toHaveLength(120 - (restored as { read: number }).read);
    const preview = await run(fakeConnection(listOf(invoices(900))), {
      settings: { resource: 'invoices' },
      isPreview: true,
    });
    expect(preview.emitted).toHaveLength(50);
  });

  it('reads in a chosen order by offset, and resumes in it', async () => {
    const settings = { resource: 'invoices', order: { field: 'invoice-number', direction: 'desc' } };
    const records = invoices(163).map((record) => ({ ...record, invoice_number: record['invoice-number'] }));
    const connection = fakeConnection(listOf(records));
    const context = await run(connection, { settings });
    const wanted = records
      .map((record) => record['invoice-number'])
      .sort()
      .reverse();
    expect(context.emitted.map((record) => record['invoice-number'])).toEqual(wanted);
    expect(connection.requests[0]?.url.searchParams.get('order_by')).toBe('invoice_number');
    const restored = context.positions[1] ?? null;
    const rest = await run(fakeConnection(listOf(records)), { settings, restored });
    expect(rest.emitted.map((record) => record['invoice-number'])).toEqual(
      wanted.slice((restored as { read: number }).read),
    );
  });

  it('counts what the requests cost', async () => {
    const connection = fakeConnection(listOf(invoices(10)));
    const context = await run(connection, { settings: { resource: 'invoices' } });
    expect(context.traffic.requests).toBe(connection.requests.length);
  });
});

describe('reading by id', () => {
  const byId = (url: URL): FakeAnswer => {
    const id = Number(url.pathname.split('/').at(-1));
    return id > 5 ? { status: 404, body: { errors: 'Record not found' } } : { body: { id, path: url.pathname } };
  };
  const perDocument = { settings: { resource: 'suppliers', id: { expression: 'n' } } };

  it('reads the one record of the setting', async () => {
    const context = await run(fakeConnection(byId), { settings: { resource: 'suppliers', id: 4, fields: ['name'] } });
    expect(context.emitted).toEqual([{ id: 4, path: '/api/suppliers/4' }]);
  });

  it('reads one record for each document, in order, and hands those that are not there to the error policy', async () => {
    const input = [1, 9, 2, 8, 3].map((n) => ({ n }));
    const resolve: FakeContextOptions['resolve'] = (document) => ({
      resource: 'suppliers',
      id: document?.value.n ?? null,
    });
    const context = await run(fakeConnection(byId), { ...perDocument, input, resolve });
    expect(context.emitted.map((record) => record.id)).toEqual([1, 2, 3]);
    expect(context.failures.map(({ document, error }) => [document.n, error.code, error.status])).toEqual([
      [9, 'SNAP_NOT_FOUND', 404],
      [8, 'SNAP_NOT_FOUND', 404],
    ]);
    expect(context.failures[0]?.error.reason).toBe('Coupa answered 404 to /api/suppliers/9: Record not found');
  });

  it('never reads everything when the id of a document is missing', async () => {
    const connection = fakeConnection(byId);
    const resolve = () => ({ resource: 'suppliers' });
    const context = await run(connection, { ...perDocument, input: [{ n: 1 }], resolve });
    expect(connection.requests).toHaveLength(0);
    expect(context.failures[0]?.error.code).toBe('SNAP_DOCUMENT_INVALID');
  });

  it('keeps an id inside its path segment', async () => {
    const connection = fakeConnection(() => ({ body: { id: 1 } }));
    await run(connection, { settings: { resource: 'suppliers', id: '../users?x=' } });
    expect(connection.requests[0]?.url.href).toBe('https://acme.example/api/suppliers/..%2Fusers%3Fx%3D');
    const error = await errorOf(run(connection, { settings: { resource: 'suppliers', id: '..' } }));
    expect(error.code).toBe('SNAP_DOCUMENT_INVALID');
  });
});

describe('an answer that holds no records', () => {
  const answers: [string, FakeAnswer, string, RegExp][] = [
    ['a login redirect', { status: 302, body: '' }, 'SNAP_ANSWER_REDIRECTED', /answered 302/],
    ['a web page with 200', { body: '<!DOCTYPE html><title>Sign in</title>' }, 'SNAP_ANSWER_MALFORMED', /web page/],
    ['XML with 200', { body: '<?xml version="1.0"?><invoices/>' }, 'SNAP_ANSWER_MALFORMED', /XML instead of JSON/],
    ['an empty body', { body: '' }, 'SNAP_ANSWER_MALFORMED', /empty body/],
    ['an object', { body: {} }, 'SNAP_ANSWER_MALFORMED', /not a list/],
    ['a cut body', { body: '[{"id":1},{"id' }, 'SNAP_ANSWER_MALFORMED', /offset/],
    [
      'a missing scope',
      { status: 403, body: { error: 'insufficient_scope' } },
      'SNAP_SCOPE_MISSING',
      /core\.invoice\.read/,
    ],
    [
      'a missing permission',
      { status: 403, body: { errors: ['Access denied'] } },
      'SNAP_PERMISSION_DENIED',
      /Access denied.*core\.invoice\.read/,
    ],
    [
      'a refused filter',
      { status: 400, body: { errors: { filter: ['Unknown field'] } } },
      'SNAP_ANSWER_STATUS',
      /filter: Unknown field/,
    ],
    [
      'a maintenance page',
      { status: 503, body: '<html><title>Back soon</title></html>' },
      'SNAP_ANSWER_STATUS',
      /titled "Back soon"/,
    ],
    [
      'XML errors',
      { status: 400, body: '<errors><error>Bad one</error><error>Bad two</error></errors>' },
      'SNAP_ANSWER_STATUS',
      /Bad one; Bad two/,
    ],
    [
      'a status that no rule knows',
      { status: 418, body: 'tea\u001b[31m' },
      'SNAP_ANSWER_STATUS',
      /was 418: tea \[31m$/,
    ],
  ];
  it.each(answers)('%s ends the read with its own error', async (_name, answer, code, reason) => {
    const error = await errorOf(
      run(
        fakeConnection(() => answer),
        { settings: { resource: 'invoices' } },
      ),
    );
    expect(error.code).toBe(code);
    expect(error.reason).toMatch(reason);
    expect(error.resolution).not.toBe('');
  });
});

describe('a pack of another vendor', () => {
  it('reads with other names and no way to skip records, one page after another', async () => {
    const rows = Array.from({ length: 57 }, (_, index) => ({ number: index + 1, state: 'new' }));
    const connection = fakeConnection((url) => {
      const query = url.searchParams;
      const found = rows.filter((row) => row.number > Number(query.get('above') ?? 0));
      if (query.get('sort') === '-number') found.reverse();
      return { body: found.slice(0, Number(query.get('count'))) };
    });
    const settings = { table: 'incident', where: [{ field: 'caller.email', value: 'a@b' }] };
    const context = await run(
      { ...connection, baseUrl: new URL('https://x.desk.example/now') },
      { settings },
      desk,
      'desk.rows',
    );
    expect(context.emitted).toEqual(rows);
    expect(connection.requests[0]?.url.href).toMatch(
      /^https:\/\/x\.desk\.example\/now\/table\/incident\?q_caller\.email=a%40b&/,
    );
    expect(connection.requests).toHaveLength(1 + 6);
  });
});
