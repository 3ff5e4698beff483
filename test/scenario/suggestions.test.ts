import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/document/json.ts';
import type { Suggestions } from '../../src/host/host.ts';
import { openHost, resolveConfig } from '../../src/host.ts';
import { clientSecret, startFakeServiceNow } from '../support/fake-servicenow.ts';
import { type HostTenant, openHostTenant } from '../support/host-tenant.ts';

let tenant: HostTenant;
beforeAll(async () => {
  tenant = await openHostTenant(60);
  await tenant.addAccount('narrow', ['core.common.read']);
  const newest = Number((await newestInvoice())?.id);
  await tenant.control('mutate', {
    resource: 'invoices',
    update: [newest],
    values: { 'custom-fields': { 'erp-number': '4711', 'cost-owner': { id: 7 } } },
  });
});
afterAll(() => tenant.close());

async function newestInvoice(): Promise<JsonObject | undefined> {
  const settings = { resource: 'invoices', fields: ['id'], order: { field: 'id', direction: 'desc' }, limit: 1 };
  await tenant.run([
    { id: 'read', snap: 'coupa.read', account: 'coupa', settings },
    { id: 'write', snap: 'core.write-file', settings: { path: 'newest.ndjson' } },
  ]);
  return tenant.lines('newest.ndjson')[0];
}

interface More {
  readonly snap?: string;
  readonly account?: string;
  readonly text?: string;
}

const ask = (
  setting: string,
  settings: JsonObject,
  { snap = 'coupa.read', ...more }: More = {},
): Promise<Suggestions> =>
  tenant.host.suggest({ snap, setting, settings: { resource: 'invoices', ...settings }, ...more });

const valuesOf = ({ values }: Suggestions): string[] => values.map(({ value }) => value);

describe('what the pack suggests', () => {
  it('names the resources that a snap serves', async () => {
    const readable = valuesOf(await ask('resource', {}));
    expect(readable).toContain('exchange_rates');
    expect(valuesOf(await ask('resource', {}, { snap: 'coupa.download' }))).toContain('attachments');
    expect(valuesOf(await ask('resource', {}, { snap: 'coupa.download' }))).not.toContain('exchange_rates');
    expect(valuesOf(await ask('resource', {}, { snap: 'coupa.report' }))).toEqual([
      'integration_runs',
      'integration_history_records',
      'integration_errors',
    ]);
    for (const resource of valuesOf(await ask('resource', {}, { snap: 'coupa.upsert' }))) {
      const file = {
        name: 'one',
        links: [],
        snaps: [{ id: 'a', snap: 'coupa.upsert', account: 'coupa', settings: { resource, key: ['id'] } }],
      };
      const faults = await tenant.host.checkDraft(file);
      expect(faults.filter(({ pointer }) => pointer.endsWith('/settings/resource'))).toEqual([]);
    }
  });

  it('names fields through two references, nearest first, and fields of a tree where it has come to', async () => {
    const found = await ask('/filters/0/field', {});
    expect(valuesOf(found)).toEqual(expect.arrayContaining(['invoice-number', 'status']));
    expect(found.more).toBeGreaterThan(1_000);
    const narrowed = valuesOf(await ask('filters/0/field', {}, { text: 'Supplier.Parent' }));
    expect(narrowed.length).toBeGreaterThan(0);
    expect(narrowed.every((value) => value.toLowerCase().includes('supplier.parent'))).toBe(true);
    expect(Math.max(...narrowed.map((value) => value.split('.').length))).toBe(3);
    expect(valuesOf(await ask('fields/1/supplier/0', {}))).toEqual(expect.arrayContaining(['id', 'name', 'number']));
    expect(valuesOf(await ask('fields/0', {}))).toEqual(expect.arrayContaining(['id', 'supplier', 'invoice-lines']));
    expect(valuesOf(await ask('order/field', {}))).not.toContain('supplier');
    expect(valuesOf(await ask('cursor', {}))).toEqual(expect.arrayContaining(['updated-at', 'invoice-date']));
    expect(valuesOf(await ask('cursor', {}))).not.toContain('id');
  });

  it('names the operators that serve the field, and the values that it can have', async () => {
    const at = (field: string): JsonObject => ({ filters: [{ field }] });
    expect(valuesOf(await ask('filters/0/operator', at('updated-at')))).not.toContain('contains');
    expect(valuesOf(await ask('filters/0/operator', at('invoice-number')))).toContain('contains');
    expect(valuesOf(await ask('filters/0/value', at('status')))).toEqual(
      expect.arrayContaining(['approved', 'voided']),
    );
    expect(valuesOf(await ask('filters/0/value', at('paid')))).toEqual(['true', 'false']);
    expect(valuesOf(await ask('filters/0/value', at('supplier.invoice-matching-level')))).toContain('3-way');
    expect(valuesOf(await ask('filters/0/value', at('invoice-number')))).toEqual([]);
    expect(valuesOf(await ask('mode', {}))).toEqual(['full', 'incremental', 'drain']);
  });

  it('names the documented actions and paths', async () => {
    const actions = valuesOf(await ask('action', {}, { snap: 'coupa.action' }));
    expect(actions).toEqual(expect.arrayContaining(['abandon', 'void', 'submit']));
    expect(valuesOf(await ask('action', {}, { snap: 'coupa.download' }))).toContain('retrieve_image_scan');
    expect(valuesOf(await ask('action', {}, { snap: 'coupa.upload' }))).toContain('image_scan');
    const runs = await ask('action', { resource: 'integration_runs' }, { snap: 'coupa.report' });
    expect(valuesOf(runs)).toEqual(['run', 'pause', 'pending', 'success', 'fail']);
    const paths = await ask('path', { method: 'PUT' }, { snap: 'coupa.request', text: '/approve' });
    expect(valuesOf(paths)).toContain('/api/approvals/:id/approve');
  });

  it('says which settings there are when one is not, and which snap is near', async () => {
    await expect(ask('filters/0/feild', {})).rejects.toMatchObject({
      code: 'SNAP_USAGE',
      reason: expect.stringContaining('/filters/0/value'),
      resolution: expect.stringContaining('/filters/0/field'),
    });
    await expect(ask('resource', {}, { snap: 'coupa.raed' })).rejects.toMatchObject({ code: 'SNAP_PACK_NOT_FOUND' });
    await expect(ask('__proto__/constructor', {})).rejects.toMatchObject({ code: 'SNAP_USAGE' });
    expect(await ask('filters/0/field', { resource: 'invoces' })).toMatchObject({
      values: [],
      problem: { code: 'SNAP_PACK_NOT_FOUND', resolution: expect.stringContaining('"invoices"') },
    });
  });
});

describe('what the account suggests', () => {
  it('names its custom fields, asking once for everybody, and a filter by one finds the record', async () => {
    const before = tenant.requests('/api/invoices');
    const found = await Promise.all(
      [1, 2, 3].map(() => ask('filters/0/field', {}, { account: 'coupa', text: 'custom' })),
    );
    for (const { from, values } of found) {
      expect(from).toBe('account');
      expect(values).toContainEqual({ value: 'custom-fields.erp-number', detail: 'seen on records of the account' });
    }
    expect(valuesOf(await ask('fields/3/custom-fields/0', {}, { account: 'coupa' }))).toEqual([
      'erp-number',
      'cost-owner',
    ]);
    expect(tenant.requests('/api/invoices')).toBe(before + 1);
    const report = await tenant.run([
      {
        id: 'read',
        snap: 'coupa.read',
        account: 'coupa',
        settings: { resource: 'invoices', filters: [{ field: 'custom-fields.erp-number', value: '4711' }] },
      },
      { id: 'write', snap: 'core.write-file', settings: { path: 'custom.ndjson' } },
    ]);
    expect([report.state, report.error]).toEqual(['completed', undefined]);
    expect(tenant.lines('custom.ndjson')).toHaveLength(1);
  });

  it('still gives the words of the pack when the account cannot tell, and says why', async () => {
    const refused = await ask('filters/0/field', {}, { account: 'narrow' });
    expect(refused).toMatchObject({ from: 'pack', problem: { code: 'SNAP_SCOPE_MISSING' } });
    expect(valuesOf(refused)).toContain('status');
    expect(await ask('filters/0/field', {}, { account: 'nobody' })).toMatchObject({
      problem: { code: 'SNAP_ACCOUNT_NOT_FOUND' },
    });
  });
});

it('asks another vendor by its own manifest: columns that the instance added, and the choices of a column', async () => {
  const far = await startFakeServiceNow([
    { sys_id: 'a1', number: 'INC1', state: '1', u_cost_owner: 'x', 'bad^name': '' },
  ]);
  const folder = mkdtempSync(path.join(tmpdir(), 'snaps-suggest-'));
  const environment = { SNAPS_DATA_DIR: folder, SNAPS_ALLOWED_HOSTS: '127.0.0.1' };
  const host = await openHost(await resolveConfig({ directory: folder, environment }));
  try {
    const settings = { host: far.url, clientId: 'c' };
    await host.accounts.add({ name: 'desk', type: 'servicenow.oauth2', settings, secrets: { clientSecret } });
    const about = (setting: string, field: string) =>
      host.suggest({
        snap: 'servicenow.read',
        setting,
        settings: { table: 'incident', filters: [{ field }] },
        account: 'desk',
      });
    const columns = valuesOf(await about('filters/0/field', ''));
    expect(columns).toContain('u_cost_owner');
    expect(columns).not.toContain('bad^name');
    expect(await about('filters/0/value', 'state')).toMatchObject({
      from: 'account',
      values: [
        { value: '1', title: 'New' },
        { value: '2', title: 'In Progress' },
      ],
    });
    const asked = far.queries.length;
    expect(await about('filters/0/value', 'state^ORactive=true')).toMatchObject({ from: 'pack', values: [] });
    expect(far.queries).toHaveLength(asked);
    expect(
      await host.suggest({
        snap: 'coupa.read',
        setting: 'filters/0/field',
        settings: { resource: 'invoices' },
        account: 'desk',
      }),
    ).toMatchObject({
      problem: { code: 'SNAP_ACCOUNT_INVALID' },
    });
  } finally {
    await host.close();
    await far.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
