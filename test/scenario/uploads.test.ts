import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/document/json.ts';
import { type HostTenant, openHostTenant } from '../support/host-tenant.ts';

const scopes = ['invoice', 'common', 'contract', 'integration'].flatMap((name) => [
  `core.${name}.read`,
  `core.${name}.write`,
]);
let tenant: HostTenant;
let invoices: number[] = [];
beforeAll(async () => {
  tenant = await openHostTenant(30, { scopes, fileBytesMax: 300_000 });
  const settings = { resource: 'invoices', fields: ['id'] };
  await tenant.run([
    { id: 'read', snap: 'coupa.read', account: 'coupa', settings },
    { id: 'write', snap: 'core.write-file', settings: { path: 'all.ndjson' } },
  ]);
  invoices = tenant.lines('all.ndjson').map(({ id }) => Number(id));
  mkdirSync(path.join(tenant.folder, 'pdfs'), { recursive: true });
});
afterAll(() => tenant.close());
beforeEach(() => tenant.simulator.reset());

const pdf = (name: string) => `%PDF-1.4\n${name}\n`.repeat(50);
const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Writes PDFs and the CSV that says which invoice each belongs to. */
function folderOf(names: readonly string[]): void {
  for (const name of names) writeFileSync(path.join(tenant.folder, 'pdfs', name), pdf(name));
  const rows = names.map((name, index) => `${invoices[index % invoices.length]},pdfs/${name}`);
  writeFileSync(path.join(tenant.folder, 'files.csv'), `invoice,file\n${rows.join('\n')}\n`);
}

const attaching = {
  resource: 'attachments',
  parents: { invoice_id: { expression: 'invoice' } },
  path: { expression: 'file' },
};

async function upload(settings: JsonObject, more: JsonObject = {}) {
  const report = await tenant.run([
    { id: 'list', snap: 'core.read-file', settings: { path: 'files.csv' } },
    { id: 'upload', snap: 'coupa.upload', account: 'coupa', settings, ...more },
    { id: 'out', snap: 'core.write-file', settings: { path: 'out.ndjson' } },
  ]);
  return { report, error: report.error as { readonly code: string; readonly reason: string } | undefined };
}

const kept = () => tenant.simulator.stats().files;
/** Several files are on their way at once, and arrive in any order. */
const marks = () =>
  kept()
    .map(({ name, sha256: hash }) => `${name} ${hash}`)
    .sort();
/** What the documents that went on say of their uploads. */
const sentOf = () => tenant.lines('out.ndjson').map(({ upload: sending }) => sending as JsonObject);
const sent = () => tenant.requests('/api/invoices/:id/attachments');
const names = Array.from({ length: 12 }, (_, index) => `rechnung ${index} größe.pdf`);

describe('a folder of PDFs for the invoices that a CSV names', () => {
  it('arrives byte for byte, under safe names, and not once more where that is asked for', async () => {
    folderOf(names);
    const first = await upload({ ...attaching, existing: 'skip' });
    expect([first.report.state, first.error]).toEqual(['completed', undefined]);
    expect(marks()).toEqual(names.map((name) => `${name} ${sha256(pdf(name))}`).sort());
    const made = sentOf();
    expect(made.map(({ isNew, name }) => [isNew, name])).toEqual(names.map((name) => [true, name]));
    const second = await upload({ ...attaching, existing: 'skip' });
    expect(second.report.state).toBe('completed');
    expect(kept()).toHaveLength(names.length);
    expect(sentOf()).toEqual(made.map((each) => ({ ...each, isNew: false })));
    await upload(attaching);
    expect(kept()).toHaveLength(names.length * 2);
  }, 60_000);

  it('is attached once under whichever name comes first, when it is listed under two', async () => {
    folderOf(['one.pdf']);
    const copy = readFileSync(path.join(tenant.folder, 'pdfs', 'one.pdf'));
    writeFileSync(path.join(tenant.folder, 'pdfs', 'two.pdf'), copy);
    const rows = ['one', 'two'].map((name) => `${invoices[0]},pdfs/${name}.pdf`).join('\n');
    writeFileSync(path.join(tenant.folder, 'files.csv'), `invoice,file\n${rows}\n`);
    expect((await upload({ ...attaching, existing: 'skip' })).report.state).toBe('completed');
    expect(kept()).toHaveLength(1);
    expect(new Set(sentOf().map(({ isNew }) => isNew))).toEqual(new Set([true, false]));
  }, 60_000);

  it('is found by its bytes when an answer was lost, and sent again only when it is not there', async () => {
    folderOf(names.slice(0, 3));
    const match = { method: 'POST', path: '/api/invoices/*' };
    await tenant.control('faults', { match, fault: 'lost-answer', after: 0 });
    await tenant.control('faults', { match, fault: 'reset', after: 0 });
    const { report, error } = await upload({ ...attaching, quietSeconds: 0 });
    expect([report.state, error]).toEqual(['completed', undefined]);
    expect(marks()).toEqual(
      names
        .slice(0, 3)
        .map((name) => `${name} ${sha256(pdf(name))}`)
        .sort(),
    );
    expect(sent()).toBeGreaterThan(4);
  }, 60_000);

  it('tells of each document whose file cannot be sent, and sends the others', async () => {
    folderOf(names.slice(0, 2));
    writeFileSync(path.join(tenant.folder, 'pdfs', 'empty.pdf'), '');
    writeFileSync(path.join(tenant.folder, 'pdfs', 'large.pdf'), Buffer.alloc(500_000));
    const bad = [
      'pdfs/missing.pdf',
      'pdfs/empty.pdf',
      '../../etc/passwd',
      '/etc/passwd',
      'pdfs',
      'pdfs/link.pdf',
      'pdfs/large.pdf',
    ];
    const csv = readFileSync(path.join(tenant.folder, 'files.csv'), 'utf8');
    const rows = bad.map((file) => `${invoices[0]},${file}\n`).join('');
    writeFileSync(path.join(tenant.folder, 'files.csv'), `${csv}${rows}987654321,pdfs/large.pdf\n`);
    symlinkSync('/etc/passwd', path.join(tenant.folder, 'pdfs', 'link.pdf'));
    const { report } = await upload({ ...attaching, existing: 'skip' }, { errors: 'route' });
    expect(report.state).toBe('completed');
    const errors = await tenant.host.runs.errors(report.runId, { limit: 100 });
    expect(errors.map(({ code }) => code)).toEqual([
      ...Array.from({ length: 6 }, () => 'SNAP_DOCUMENT_INVALID'),
      'SNAP_RECORD_REFUSED',
      'SNAP_NOT_FOUND',
    ]);
    expect(errors[6]?.reason).toContain('413');
    expect(kept()).toHaveLength(2);
  }, 60_000);
});

describe('other files', () => {
  it('replace a scan, from base64 in the document, as often as they are sent', async () => {
    folderOf(names.slice(0, 1));
    const content = Buffer.from(pdf('scan')).toString('base64');
    writeFileSync(path.join(tenant.folder, 'files.csv'), `invoice,scan\n${invoices[4]},${content}\n`);
    const settings = {
      resource: 'invoices',
      action: 'image_scan',
      id: { expression: 'invoice' },
      content: { expression: 'scan' },
      name: { expression: "'../scan \"of\" ' & invoice & '.PDF'" },
    };
    await tenant.control('faults', { match: { method: 'PUT' }, fault: 'lost-answer' });
    const { report, error } = await upload(settings);
    expect([report.state, error]).toEqual(['completed', undefined]);
    const [file, ...more] = kept();
    expect(more).toEqual([]);
    expect(file).toMatchObject({ name: `scan -of- ${invoices[4]}.PDF`, sha256: sha256(pdf('scan')) });
  }, 60_000);

  it('that are worked off each time are never sent again: a lost answer leaves them undecided', async () => {
    folderOf(names.slice(0, 1));
    await tenant.control('faults', { match: { method: 'POST', path: '/api/data_file*' }, fault: 'lost-answer' });
    const settings = { resource: 'data_file_sources', action: 'load_file', path: { expression: 'file' } };
    const { report, error } = await upload(settings);
    expect([report.state, error?.code]).toEqual(['failed', 'SNAP_WRITE_UNDECIDED']);
    expect(kept()).toHaveLength(1);
  }, 60_000);
});
