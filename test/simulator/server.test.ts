import { once } from 'node:events';
import { createServer } from 'node:net';
import { request } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { Bucket } from '../../src/simulator/bucket.ts';
import type { SimulatorOptions } from '../../src/simulator/index.ts';
import { Tenant } from './support.ts';

let tenants: Tenant[] = [];
async function start(options: SimulatorOptions = {}): Promise<Tenant> {
  const tenant = await Tenant.start({ records: 60, control: true, ...options });
  tenants.push(tenant);
  return tenant;
}
afterEach(async () => {
  await Promise.all(tenants.map((tenant) => tenant.close()));
  tenants = [];
});

const page = '/api/invoices?limit=2';

describe('the rate limit', () => {
  it('takes a burst, then as many as leak out, and says how long to wait', () => {
    let nowMs = 0;
    const bucket = new Bucket({ ratePerSecond: 25, burst: 20, now: () => nowMs });
    for (let taken = 0; taken < 20; taken += 1) expect(bucket.take()).toBe(0);
    expect(bucket.take()).toBe(40);
    nowMs += 39;
    expect(bucket.take()).toBe(1);
    nowMs += 1;
    expect(bucket.take()).toBe(0);
    expect(bucket.take()).toBe(40);
    nowMs += 60_000;
    for (let taken = 0; taken < 20; taken += 1) expect(bucket.take()).toBe(0);
    expect(bucket.take()).toBeGreaterThan(0);
  });

  it('gives exactly rate and burst over a long time of greedy asking', () => {
    let nowMs = 0;
    const bucket = new Bucket({ ratePerSecond: 25, burst: 20, now: () => nowMs });
    let taken = 0;
    for (; nowMs < 100_000; nowMs += 1) if (bucket.take() === 0) taken += 1;
    expect(taken).toBeGreaterThanOrEqual(2519);
    expect(taken).toBeLessThanOrEqual(2520);
  });

  it.each([
    ['seconds', /^\d+$/u],
    ['date', /GMT$/u],
    ['none', undefined],
  ] as const)('answers 429 with Retry-After as %s', async (retryAfter, pattern) => {
    const tenant = await start({ ratePerSecond: 1, burst: 1, retryAfter });
    expect((await tenant.ask(page)).status).toBe(200);
    const { status, headers, text } = await tenant.ask(page);
    expect(status).toBe(429);
    if (pattern) expect(headers['retry-after']).toMatch(pattern);
    else expect(headers['retry-after']).toBeUndefined();
    expect(JSON.parse(text)).toEqual({ errors: { base: [expect.stringContaining('too many requests')] } });
    expect(tenant.simulator.stats().rateRefusals).toBe(1);
  });

  it('does not count requests for tokens', async () => {
    const tenant = await start({ ratePerSecond: 1, burst: 1 });
    expect(tenant.simulator.stats().tokenRequests).toBe(1);
    expect((await tenant.ask(page)).status).toBe(200);
  });
});

describe('a fault', () => {
  it.each([
    [503, undefined],
    [429, '7'],
    [500, undefined],
  ])('answers status %i as often as told, then all is well', async (status, retryAfter) => {
    const tenant = await start();
    await tenant.control('faults', [
      { match: { path: '/api/invoices' }, fault: 'status', status, times: 2, ...(retryAfter ? { retryAfter } : {}) },
    ]);
    for (const expected of [status, status, 200]) {
      const answer = await tenant.ask(page);
      expect(answer.status).toBe(expected);
      if (expected !== 200) expect(answer.headers['retry-after']).toBe(retryAfter);
    }
  });

  it('meets only the method and the path it is for', async () => {
    const tenant = await start();
    await tenant.control('faults', [
      { match: { method: 'PUT', path: '/api/suppliers/*' }, fault: 'status', status: 502 },
    ]);
    expect((await tenant.ask('/api/suppliers/1')).status).toBe(200);
    expect((await tenant.write('PUT', '/api/invoices/1', {})).status).toBe(200);
    expect((await tenant.write('PUT', '/api/suppliers/1', {})).status).toBe(502);
  });

  it('lets the first requests pass when told to', async () => {
    const tenant = await start();
    await tenant.control('faults', { fault: 'status', status: 500, after: 2 });
    const statuses = [];
    for (let asked = 0; asked < 4; asked += 1) statuses.push((await tenant.ask(page)).status);
    expect(statuses).toEqual([200, 200, 500, 200]);
  });

  it('resets the connection', async () => {
    const tenant = await start();
    await tenant.control('faults', [{ fault: 'reset' }]);
    await expect(tenant.ask(page)).rejects.toThrow();
    expect((await tenant.ask(page)).status).toBe(200);
    expect(tenant.simulator.stats().byPath['GET /api/invoices']).toEqual({ 0: 1, 200: 1 });
  });

  it('hangs until the client gives up', async () => {
    const tenant = await start();
    await tenant.control('faults', [{ fault: 'hang' }]);
    const asked = request(tenant.simulator.url + page, { headersTimeout: 50, bodyTimeout: 50 });
    await expect(asked).rejects.toThrow();
  });

  it('cuts the body short of what its length says', async () => {
    const tenant = await start();
    await tenant.control('faults', [{ fault: 'truncate' }]);
    await expect(tenant.ask(page)).rejects.toThrow(/terminated|other side closed|aborted|mismatch/u);
    expect((await tenant.ask(page)).status).toBe(200);
  });

  it('answers garbage where JSON was promised', async () => {
    const tenant = await start();
    await tenant.control('faults', [{ fault: 'garbage' }]);
    const { status, headers, text } = await tenant.ask(page);
    expect(status).toBe(200);
    expect(headers['content-type']).toContain('json');
    expect(() => JSON.parse(text)).toThrow();
  });

  it('answers the page of a maintenance window, or the way to the login', async () => {
    const tenant = await start();
    await tenant.control('faults', [{ fault: 'html' }, { fault: 'redirect-login' }]);
    const html = await tenant.ask(page);
    expect([html.status, html.headers['content-type']]).toEqual([503, 'text/html; charset=utf-8']);
    const redirect = await tenant.ask(page);
    expect([redirect.status, redirect.headers.location]).toEqual([302, '/login']);
  });

  it('delays the answer and then gives it', async () => {
    const tenant = await start();
    await tenant.control('faults', [{ fault: 'slow', delayMs: 20 }]);
    expect((await tenant.ask(page)).status).toBe(200);
  });

  it('does the work of a write and loses the answer', async () => {
    const tenant = await start();
    await tenant.control('faults', [{ match: { method: 'POST' }, fault: 'lost-answer' }]);
    await expect(tenant.write('POST', '/api/departments', { name: 'Lost', active: true })).rejects.toThrow();
    expect(await tenant.read<unknown[]>('/api/departments?name=Lost')).toHaveLength(1);
  });

  it('loses the answer of the token endpoint after it was given', async () => {
    const tenant = await start();
    await tenant.control('faults', [{ match: { path: '/oauth2/token' }, fault: 'lost-answer' }]);
    const before = tenant.simulator.stats().tokenRequests;
    const asked = request(`${tenant.simulator.url}/oauth2/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials',
    });
    await expect(asked).rejects.toThrow();
    expect(tenant.simulator.stats().tokenRequests).toBe(before + 1);
  });

  it('of an unknown kind is refused', async () => {
    const tenant = await start();
    const { status, text } = await tenant.control('faults', [{ fault: 'flood' }]);
    expect(status).toBe(400);
    expect(text).toContain('lost-answer');
  });
});

describe('control', () => {
  it('is closed unless opened', async () => {
    const tenant = await start({ control: false });
    expect((await tenant.control('faults', [{ fault: 'reset' }])).status).toBe(404);
    expect((await tenant.ask(page)).status).toBe(200);
  });

  it('counts by path and status, and keeps a ledger of what it answered', async () => {
    const tenant = await start({ keepsLedger: true });
    await tenant.ask(page);
    await tenant.ask('/api/invoices/2');
    await tenant.ask('/api/invoices/99999');
    const stats = JSON.parse((await tenant.ask('/__control/stats')).text) as Record<string, unknown>;
    expect(stats).toMatchObject({
      requests: 4,
      byPath: { 'GET /api/invoices': { 200: 1 }, 'GET /api/invoices/:id': { 200: 1, 404: 1 } },
      rateRefusals: 0,
      tokenRequests: 1,
      served: { invoices: { 1: 1, 2: 2 } },
    });
  });

  it('changes records while somebody reads, and reset takes it all back', async () => {
    const tenant = await start();
    const ids = async (): Promise<number[]> =>
      (await tenant.read<{ id: number }[]>('/api/invoices?limit=50&order_by=id&dir=desc')).map(({ id }) => id);
    const before = await tenant.ask('/api/invoices');
    const changed = await tenant.control('mutate', [{ resource: 'invoices', insert: 2, update: 3, delete: [5] }]);
    const [done] = JSON.parse(changed.text) as { inserted: number[]; updated: number[]; deleted: number[] }[];
    expect(done).toMatchObject({
      inserted: [61, 62],
      updated: [expect.any(Number), expect.any(Number), expect.any(Number)],
      deleted: [5],
    });
    expect((await ids()).slice(0, 2)).toEqual([62, 61]);
    expect((await tenant.ask('/api/invoices/5')).status).toBe(404);
    const recent = await tenant.read<{ id: number }[]>('/api/invoices?updated-at[gt]=2026-11-01');
    expect(recent.map(({ id }) => id).sort()).toEqual([...(done?.updated ?? []), 61, 62].sort());
    expect(tenant.simulator.stats().storedRecords).toBe(6);
    await tenant.control('reset', {});
    expect((await tenant.ask('/api/invoices')).text).toBe(before.text);
    expect(tenant.simulator.stats().storedRecords).toBe(0);
  });

  it('revokes tokens', async () => {
    const tenant = await start();
    await tenant.control('revoke', {});
    expect((await tenant.ask(page)).status).toBe(401);
  });

  it.each([
    ['mutate', '{"resource":"nothing"}', 400],
    ['mutate', '{}', 400],
    ['faults', '{', 400],
    ['nothing', '{}', 404],
  ])('answers a wrong order to %s in words', async (path, body, status) => {
    const tenant = await start();
    const answer = await tenant.ask(`/__control/${path}`, { method: 'POST', body });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toEqual({ error: expect.any(String) });
  });
});

describe('the server', () => {
  it('starts with a hundred million records and stores none of them', async () => {
    const tenant = await start({ records: 100_000_000 });
    const [last] = await tenant.read<{ 'invoice-number': string }[]>('/api/invoices?order_by=id&dir=desc&limit=1');
    expect(last?.['invoice-number']).toBe('INV-100000000');
    expect(tenant.simulator.stats().storedRecords).toBe(0);
  });

  it('waits the latency before it answers', async () => {
    const tenant = await start({ latencyMs: 5 });
    expect((await tenant.ask(page)).status).toBe(200);
  });

  it('refuses to start on a port that is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    try {
      const { port } = taken.address() as { port: number };
      await expect(Tenant.start({ port })).rejects.toThrow('EADDRINUSE');
    } finally {
      taken.close();
    }
  });

  it('closes twice without harm, and ends open connections', async () => {
    const tenant = await start();
    await tenant.ask(page);
    await tenant.simulator.close();
    await tenant.simulator.close();
    await expect(tenant.ask(page)).rejects.toThrow();
  });
});
