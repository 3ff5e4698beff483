import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseGraphql } from '../../../src/simulator/graphql/parse.ts';
import { Tenant, tokenFor } from '../support.ts';

let tenant: Tenant;
beforeAll(async () => {
  tenant = await Tenant.start({ records: 120 });
});
afterAll(() => tenant.close());

interface Said {
  readonly data: Readonly<Record<string, readonly Record<string, unknown>[]>> | null;
  readonly errors?: readonly { readonly message: string }[];
}
async function ask(query: string, variables?: object, token?: string): Promise<Said> {
  const { status, text } = await tenant.ask('/api/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify({ query, variables }),
  });
  expect(status).toBe(200);
  return JSON.parse(text) as Said;
}

describe('GraphQL', () => {
  it('answers the fields asked for, with the filter of a REST query', async () => {
    const query = 'query { invoices(query: "status=approved&limit=3") { id invoiceNumber supplier { id name } } }';
    const { data } = await ask(query);
    const rest = await tenant.read(
      '/api/invoices?status=approved&limit=3&fields=["id","invoice-number",{"supplier":["id","name"]}]',
    );
    const renamed = JSON.parse(JSON.stringify(rest).replaceAll('"invoice-number"', '"invoiceNumber"')) as unknown;
    expect(data?.invoices).toEqual(renamed);
    expect(data?.invoices).toHaveLength(3);
  });

  it('takes several lists, aliases, variables and lines', async () => {
    const query =
      'query Open($filter: String!) { mine: purchaseOrders(query: $filter) { id orderLines { lineNum } } suppliers(query: "limit=1") { __typename name } }';
    const { data } = await ask(query, { filter: 'id[in]=1,2' });
    expect(data?.mine?.map(({ id }) => id)).toEqual([1, 2]);
    expect(data?.mine?.[1]?.orderLines).toHaveLength(2);
    expect(data?.suppliers).toEqual([{ __typename: 'supplier', name: expect.any(String) }]);
  });

  it.each([
    ['{ nothing { id } }', "Field 'nothing' doesn't exist"],
    ['{ invoices { id colour } }', "Field 'colour' doesn't exist"],
    ['{ invoices }', 'must have selections'],
    ['{ invoices(first: 3) { id } }', "doesn't accept argument 'first'"],
    ['{ invoices(query: "nonsense[gt]=1") { id } }', 'nonsense'],
    ['{ invoices { ...parts } }', 'fragments are not served'],
    ['mutation { invoices { id } }', 'mutation is not served'],
    ['{ invoices { id }', 'ends too early'],
    ['{ invoices { id } } ;', 'unexpected ";"'],
  ])('answers %s with status 200 and the error in words', async (query, message) => {
    const { data, errors } = await ask(query);
    expect(data).toBeNull();
    expect(errors?.[0]?.message).toContain(message);
  });

  it('asks for the right that reading the resource asks for', async () => {
    const token = await tokenFor(tenant.simulator, ['core.supplier.read']);
    expect((await ask('{ invoices { id } }', {}, token)).errors?.[0]?.message).toContain('core.invoice.read');
  });

  it('reads any text without an end or a crash', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[{}():$a "]*$/u)), (text) => {
        try {
          expect(Array.isArray(parseGraphql(text, {}))).toBe(true);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(SyntaxError);
        }
      }),
    );
  });
});
