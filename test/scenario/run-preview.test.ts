import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTenant, type Tenant } from '../support/tenant.ts';

let tenant: Tenant;
let file: string;
beforeAll(async () => {
  tenant = await openTenant(1_000);
  await tenant.addAccount();
  file = path.join(tenant.folder, 'shaped.pipeline.json');
  writeFileSync(
    file,
    JSON.stringify({
      name: 'shaped',
      snaps: [
        {
          id: 'read',
          snap: 'coupa.read',
          account: 'coupa',
          settings: { resource: 'invoices', fields: ['id', 'status'] },
        },
        { id: 'shape', snap: 'core.map', settings: { fields: { number: 'id', state: 'status' } } },
        { id: 'write', snap: 'core.write-file', settings: { path: 'shaped.ndjson' } },
      ],
      links: [
        ['read', 'shape'],
        ['shape', 'write'],
      ],
    }),
  );
});
afterAll(() => tenant.close());

describe('snaps run --preview', () => {
  it('shows the first documents of each snap as tables, and writes nothing', async () => {
    const shown = await tenant.snaps(['run', file, '--preview', '3', '--output-directory', 'out']);
    expect(shown.stderr).toBe('');
    expect(shown.code).toBe(0);
    expect(shown.stdout).toMatch(/\nread \(3\)\nid +status\n1 /u);
    expect(shown.stdout).toMatch(/\nshape \(3\)\nnumber +state\n1 /u);
    expect(shown.stdout).toMatch(/write +skipped/u);
    expect(existsSync(path.join(tenant.folder, 'out'))).toBe(false);
  });

  it('gives the samples as JSON beside the report, and leaves no run behind', async () => {
    const shown = await tenant.snaps(['run', file, '--preview', '2', '--json']);
    const report = shown.json() as { state: string; samples: Record<string, { number?: number }[]> };
    expect(report.state).toBe('completed');
    expect(report.samples.shape?.map(({ number }) => number)).toEqual([1, 2]);
    expect((await tenant.snaps(['runs', 'list', '--json'])).json()).toEqual([]);
  });

  it('does not resume a run', async () => {
    const refused = await tenant.snaps(['run', file, '--preview', '2', '--resume', 'some', '--json']);
    expect(refused.code).toBe(2);
    expect(refused.json()).toMatchObject({ error: { code: 'SNAP_USAGE' } });
  });
});
