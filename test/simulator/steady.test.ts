import { afterEach, describe, expect, it, vi } from 'vitest';
import { addDecimals } from '../../src/simulator/decimal.ts';
import { Tenant } from './support.ts';

let tenant: Tenant | undefined;
afterEach(() => tenant?.close());

describe('mutations at a rate', () => {
  it('are played while somebody reads, and end at a reset', async () => {
    tenant = await Tenant.start({ records: 100, control: true });
    const { simulator } = tenant;
    const order = { resource: 'invoices', insert: 1, update: 1, delete: 1, ratePerSecond: 200, seconds: 60 };
    expect((await tenant.control('mutate', order)).status).toBe(200);
    await vi.waitFor(() => expect(simulator.stats().mutated.inserted).toBeGreaterThan(5), 5000);
    const { inserted, updated, deleted } = simulator.stats().mutated;
    expect(updated).toBe(inserted);
    expect(deleted).toBe(inserted);
    await tenant.control('reset', {});
    const first = simulator.stats();
    expect([first.mutated.inserted, first.storedRecords]).toEqual([0, 0]);
  });

  it.each([
    [{ resource: 'nothing', ratePerSecond: 1, seconds: 1 }, 'nothing is not a resource'],
    [{ resource: 'invoices', ratePerSecond: 1e6, seconds: 1 }, 'ratePerSecond takes'],
    [{ resource: 'invoices', ratePerSecond: 1 }, 'seconds takes'],
  ])('are refused: %j', async (order, message) => {
    tenant = await Tenant.start({ records: 10, control: true });
    const { status, text } = await tenant.control('mutate', order);
    expect([status, text]).toEqual([400, expect.stringContaining(message)]);
  });
});

describe('decimals', () => {
  it.each([
    ['0.10', '0.20', '0.30'],
    ['-0.05', '0.1', '0.05'],
    ['12345678901234567890.1', '0.01', '12345678901234567890.11'],
    ['5', '-7', '-2'],
  ])('adds %s and %s exactly', (one, other, sum) => {
    expect(addDecimals(one, other)).toBe(sum);
  });
});
