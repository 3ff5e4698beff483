import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/document/json.ts';
import { openReadingTenant, type ReadingTenant } from '../support/reading-tenant.ts';

let tenant: ReadingTenant;
beforeAll(async () => {
  tenant = await openReadingTenant(40);
});
afterAll(() => tenant.close());

async function run(name: string, snaps: readonly JsonObject[]): Promise<JsonObject[]> {
  const file = path.join(tenant.folder, `${name}.pipeline.json`);
  const all = [...snaps, { id: 'write', snap: 'core.write-file', settings: { path: `${name}.ndjson` } }];
  const links = all.slice(1).map((snap, index) => [all[index]?.id ?? '', snap.id] as JsonValue);
  writeFileSync(file, JSON.stringify({ name, snaps: all, links }));
  const result = await tenant.snaps(['run', file, '--json']);
  expect(result.code, result.stdout + result.stderr).toBe(0);
  return readFileSync(path.join(tenant.folder, `${name}.ndjson`), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JsonObject);
}

describe('files and queries over real sockets', () => {
  it('downloads the legal PDF of every invoice, each whole and with its hash', async () => {
    const read = {
      id: 'read',
      snap: 'coupa.read',
      account: 'coupa',
      settings: { resource: 'invoices', fields: ['id'] },
    };
    const download = {
      id: 'download',
      snap: 'coupa.download',
      account: 'coupa',
      settings: {
        resource: 'invoices',
        action: 'retrieve_legal_invoice_pdf',
        id: { expression: 'id' },
        path: { expression: "'legal/' & id & '.pdf'" },
      },
    };
    const saved = await run('legal', [read, download]);
    expect(saved).toHaveLength(40);
    for (const { id, file } of saved) {
      const bytes = readFileSync(path.join(tenant.folder, 'legal', `${id}.pdf`));
      expect(bytes.subarray(0, 5).toString()).toBe('%PDF-');
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      expect(file).toMatchObject({ path: `legal/${id}.pdf`, bytes: bytes.length, sha256 });
    }
  }, 60_000);

  it('asks GraphQL and gives the records', async () => {
    const query = 'query { invoices { id invoiceNumber supplier { id name } } }';
    const ask = { id: 'ask', snap: 'coupa.graphql', account: 'coupa', settings: { query } };
    const records = await run('asked', [ask]);
    expect(records.length).toBeGreaterThan(10);
    expect(Object.keys(records[0] ?? {})).toEqual(['id', 'invoiceNumber', 'supplier']);
  }, 60_000);

  it('reads once for each document that comes in', async () => {
    const suppliers = {
      id: 'list',
      snap: 'coupa.read',
      account: 'coupa',
      settings: { resource: 'invoices', fields: ['id'], limit: 3 },
    };
    const each = {
      id: 'each',
      snap: 'coupa.read',
      account: 'coupa',
      settings: {
        resource: 'invoices',
        fields: ['id'],
        filters: [{ field: 'id', operator: 'lt_or_eq', value: { expression: 'id' } }],
      },
    };
    expect(await run('each', [suppliers, each])).toHaveLength(1 + 2 + 3);
  }, 60_000);
});
