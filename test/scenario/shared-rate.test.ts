import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openTenant, type Tenant } from '../support/tenant.ts';

const records = 2_500;

let tenant: Tenant | undefined;
afterEach(async () => {
  await tenant?.close();
  tenant = undefined;
});

describe('two processes that read one tenant at the same time', () => {
  it('share its rate: both read everything, and next to no request is refused', async () => {
    tenant = await openTenant(records, { ratePerSecond: 25, burst: 20 });
    await tenant.addAccount();
    const runs = ['first', 'second'].map((name) => {
      const file = path.join(tenant?.folder ?? '', `${name}.pipeline.json`);
      const snaps = [
        { id: 'read', snap: 'coupa.read', account: 'coupa', settings: { resource: 'invoices', fields: ['id'] } },
        { id: 'write', snap: 'core.write-file', settings: { path: `${name}.ndjson` } },
      ];
      writeFileSync(file, JSON.stringify({ name, snaps, links: [['read', 'write']] }));
      return tenant?.snaps(['run', file, '--json']);
    });
    const reports = (await Promise.all(runs)).map(
      (result) => result?.json() as { state: string; snaps: { output: number; throttledMs: number }[] },
    );
    expect(reports.map(({ state, snaps }) => [state, snaps[0]?.output])).toEqual([
      ['completed', records],
      ['completed', records],
    ]);
    // Each alone would have kept to the rate; both of them had to wait for one another.
    for (const { snaps } of reports) expect(snaps[0]?.throttledMs).toBeGreaterThan(0);
    // Without a shared bucket a quarter of a hundred requests is refused; a machine that stalls may send a few in a bunch.
    expect(tenant.simulator.stats().rateRefusals).toBeLessThan(5);
  }, 120_000);
});
