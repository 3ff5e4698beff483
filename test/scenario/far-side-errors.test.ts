// Every shape in which the far side says no, each through a whole run: what it becomes, who has to act, and how often was asked.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/document/json.ts';
import { type HostTenant, openHostTenant } from '../support/host-tenant.ts';

let tenant: HostTenant;
beforeAll(async () => {
  const areas = ['invoice', 'common', 'supplier', 'user', 'contract', 'purchase_order', 'catalog', 'budget'];
  const scopes = areas.flatMap((area) => [`core.${area}.read`, `core.${area}.write`]);
  tenant = await openHostTenant(20, { scopes });
});
afterAll(() => tenant.close());

const told = 'The simulator was told to answer so.';
const always = 1_000;

interface Ended {
  readonly state: string;
  /** The error that stopped the run, or else the one that its only document met. */
  readonly error: JsonObject;
  readonly isDocuments: boolean;
  readonly requests: number;
  readonly retries: number;
  readonly output: number;
}

/** Runs one snap of the account, behind a file of one document where it has an input, and says how it ended. */
async function run(name: string, snap: JsonObject, document?: JsonObject): Promise<Ended> {
  const id = `ask-${name}`;
  const own = { id, account: 'coupa', errors: 'route', ...snap };
  const file = { id: `in-${name}`, snap: 'core.read-file', settings: { path: `${name}.ndjson` } };
  if (document !== undefined) writeFileSync(path.join(tenant.folder, `${name}.ndjson`), JSON.stringify(document));
  const out = { id: `out-${name}`, snap: 'core.write-file', settings: { path: `${name}.out.ndjson` } };
  const report = await tenant.run([...(document === undefined ? [] : [file]), own, out]);
  const [kept, ...more] = await tenant.host.runs.errors(report.runId, { limit: 10 });
  expect(more).toEqual([]);
  const counts = (report.snaps ?? []).find((each) => each.id === id) as unknown as Ended;
  const { requests, retries, output } = counts;
  const error = (report.error ?? kept ?? {}) as JsonObject;
  return { state: report.state, error, isDocuments: report.error === undefined, requests, retries, output };
}

const fault = (method: string, below: string, order: JsonObject) =>
  tenant.control('faults', { match: { method, path: below }, ...order });

const read = (resource: string) => ({ snap: 'coupa.read', settings: { resource, fields: ['id'] } });
const create = (resource: string) => ({
  snap: 'coupa.create',
  settings: { resource, validation: 'off', quietSeconds: 0 },
});

describe('what passes by itself', () => {
  it.each([
    ['suppliers', 'a page of a proxy with 503', { fault: 'html', status: 503 }],
    ['currencies', 'a body that is cut short', { fault: 'truncate' }],
    ['departments', 'XML with 500', { fault: 'status', status: 500, format: 'xml' }],
  ] as const)(
    'is asked for again: %s, answered with %s',
    async (resource, _what, order) => {
      await fault('GET', `/api/${resource}`, order);
      const { state, retries, output } = await run(resource, read(resource));
      expect([state, retries]).toEqual(['completed', 1]);
      expect(output).toBeGreaterThan(0);
    },
    60_000,
  );
});

describe('what stops the run', () => {
  it.each([
    [
      'contracts',
      'a page of maintenance that stays',
      { fault: 'html', times: always },
      4,
      {
        code: 'SNAP_ANSWER_STATUS',
        status: 503,
        reason: 'Coupa answered 503, as it does in a maintenance window: a web page titled "Maintenance"',
        resolution: 'run again later; a run that stopped can be resumed',
      },
    ],
    [
      'payment_terms',
      'a body that is always cut short',
      { fault: 'truncate', times: always },
      4,
      { code: 'SNAP_ANSWER_MALFORMED', reason: expect.stringContaining('cut short') },
    ],
    [
      'users',
      'a web page with 200',
      { fault: 'html', status: 200, times: always },
      1,
      {
        code: 'SNAP_ANSWER_MALFORMED',
        reason: expect.stringContaining('was 200 with a web page, as a login or a proxy gives'),
        resolution: expect.stringContaining('check the host of account "coupa"'),
      },
    ],
    [
      'shipping_terms',
      'the way to a login page',
      { fault: 'redirect-login', times: always },
      1,
      {
        code: 'SNAP_ANSWER_REDIRECTED',
        status: 302,
        reason: expect.stringContaining('the token is not accepted here'),
        resolution: 'check the host of the account',
      },
    ],
    [
      'business_groups',
      'XML with 403 that names no scope',
      { fault: 'status', status: 403, format: 'xml', times: always },
      1,
      { code: 'SNAP_PERMISSION_DENIED', status: 403, reason: expect.stringContaining(told) },
    ],
    [
      'commodities',
      'bytes that are no JSON',
      { fault: 'garbage', times: always },
      1,
      { code: 'SNAP_ANSWER_MALFORMED' },
    ],
  ] as const)(
    '%s: %s',
    async (resource, _what, order, asked, expected) => {
      await fault('GET', `/api/${resource}`, order);
      const { state, error, isDocuments, requests } = await run(resource, read(resource));
      expect(error).toMatchObject(expected);
      // The first page and the last ID are asked for side by side, and all runs of the account share what may be repeated.
      expect([state, isDocuments]).toEqual(['failed', false]);
      expect(requests).toBeGreaterThanOrEqual(Math.min(asked, 2));
      expect(requests).toBeLessThanOrEqual(asked * 2);
      expect(`${error.message} ${error.reason}`).toContain(resource);
      expect(String(error.resolution)).not.toBe('');
    },
    60_000,
  );

  it('a login page in place of a write, which counts as not done', async () => {
    await fault('POST', '/api/departments', { fault: 'redirect-login' });
    const ended = await run('redirected', create('departments'), { name: 'Redirected hall' });
    expect(ended).toMatchObject({ state: 'failed', requests: 1, error: { code: 'SNAP_ANSWER_REDIRECTED' } });
    const again = await run('redirected', create('departments'), { name: 'Redirected hall' });
    expect(again).toMatchObject({ state: 'completed', output: 1 });
  }, 60_000);
});

describe('what is the fault of one document', () => {
  it.each([400, 409, 422])(
    'a refusal in XML with %d, whose words are told',
    async (status) => {
      await fault('POST', '/api/departments', { fault: 'status', status, format: 'xml' });
      const ended = await run(`xml-${status}`, create('departments'), { name: `Hall ${status}` });
      expect(ended).toMatchObject({ state: 'completed', isDocuments: true, requests: 1, retries: 0, output: 0 });
      expect(ended.error).toMatchObject({ code: 'SNAP_RECORD_REFUSED', status, reason: expect.stringContaining(told) });
    },
    60_000,
  );

  it('a value that the far side refuses, with the field that it names', async () => {
    const first = await run('hall', create('departments'), { name: 'Field hall' });
    expect(first).toMatchObject({ state: 'completed', output: 1 });
    const { error, state } = await run('hall', create('departments'), { name: 'Field hall' });
    expect(state).toBe('completed');
    expect(error).toMatchObject({
      code: 'SNAP_RECORD_REFUSED',
      status: 422,
      field: 'name',
      reason: expect.stringMatching(/^Coupa answered 422: name: .*already been taken/iu),
      resolution: 'correct what Coupa names',
      original: { name: 'Field hall' },
    });
  }, 60_000);

  it('a query that is answered with errors and 200', async () => {
    const query = 'query { invoices { id noSuchField } }';
    const ended = await run('query', { snap: 'coupa.graphql', settings: { query } });
    expect(ended).toMatchObject({ state: 'completed', isDocuments: true, requests: 1, retries: 0, output: 0 });
    expect(ended.error).toMatchObject({
      code: 'SNAP_RECORD_REFUSED',
      reason: expect.stringContaining('noSuchField'),
      resolution: 'correct the query or its variables',
    });
  }, 60_000);

  it('a record that is not there', async () => {
    const settings = { resource: 'invoices', id: { expression: 'id' } };
    const ended = await run('absent', { snap: 'coupa.read', settings }, { id: 987_654_321 });
    expect(ended).toMatchObject({ state: 'completed', error: { code: 'SNAP_NOT_FOUND', status: 404 }, retries: 0 });
  }, 60_000);
});

describe('what leaves a write in doubt', () => {
  it.each([
    ['a web page with 200', { fault: 'html', status: 200 }],
    ['a page of a proxy with 503', { fault: 'html', status: 503 }],
    ['XML with 500', { fault: 'status', status: 500, format: 'xml' }],
  ] as const)(
    'is looked up, and made when it is not there: %s',
    async (what, order) => {
      await fault('POST', '/api/departments', order);
      const name = what.replaceAll(/\W+/gu, '-');
      const ended = await run(name, create('departments'), { name });
      expect(ended).toMatchObject({ state: 'completed', output: 1, retries: 0 });
    },
    60_000,
  );

  it('is adopted when it is there: an answer that was cut short', async () => {
    await fault('POST', '/api/departments', { fault: 'truncate' });
    const ended = await run('cut', create('departments'), { name: 'Cut hall' });
    expect(ended).toMatchObject({ state: 'completed', output: 1, retries: 0 });
    // Were it made twice, the name would have been refused as taken.
    expect(ended.error).toEqual({});
  }, 60_000);
});
