import { FormData, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePdf } from '../../../src/simulator/files/pdf.ts';
import { makePng } from '../../../src/simulator/files/png.ts';
import { Tenant } from '../support.ts';

let tenant: Tenant;
beforeAll(async () => {
  tenant = await Tenant.start({ records: 60, fileBytesMax: 300_000 });
});
afterAll(() => tenant.close());

async function send(path: string, form: FormData, method: 'POST' | 'PUT' = 'POST') {
  const answer = await request(tenant.simulator.url + path, {
    method,
    headers: { authorization: `Bearer ${tenant.token}`, accept: 'application/json' },
    body: form,
  });
  return { status: answer.statusCode, record: (await answer.body.json()) as { readonly id: number } };
}
async function bytesOf(path: string) {
  const answer = await request(tenant.simulator.url + path, {
    headers: { authorization: `Bearer ${tenant.token}`, accept: '*/*' },
  });
  return { status: answer.statusCode, headers: answer.headers, bytes: Buffer.from(await answer.body.arrayBuffer()) };
}
const noise = Buffer.from(Array.from({ length: 5000 }, (_, place) => (place * 7919) % 256));

describe('files', () => {
  it('gives back an attachment byte for byte, with its type and name', async () => {
    const form = new FormData();
    form.set('attachment[type]', 'file');
    form.set('attachment[file]', new Blob([noise], { type: 'image/tiff' }), 'größe "1".tif');
    const { status, record } = await send('/api/invoices/1/attachments', form);
    expect(status).toBe(201);
    expect(record).toMatchObject({ type: 'file', 'file-url': expect.stringContaining('.tif') });
    const answer = await bytesOf(`/api/invoices/1/attachments/${record.id}`);
    expect(answer.bytes.equals(noise)).toBe(true);
    expect(answer.headers['content-type']).toBe('image/tiff');
    expect(answer.headers['content-disposition']).toContain(`filename*=UTF-8''gr%C3%B6%C3%9Fe`);
    const listed = await tenant.read<{ id: number }[]>('/api/invoices/1/attachments');
    expect(listed.map(({ id }) => id)).toContain(record.id);
  });

  it('refuses a form without a file, and one that is cut off', async () => {
    const form = new FormData();
    form.set('attachment[type]', 'file');
    expect(await send('/api/invoices/1/attachments', form)).toMatchObject({
      status: 422,
      record: { errors: { file: ["can't be blank"] } },
    });
    const cut = await tenant.ask('/api/invoices/1/attachments', {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
      body: '--x\r\nContent-Disposition: form-data; name="attachment[file]"; filename="a"\r\n\r\nhalf',
    });
    expect(cut.status).toBe(400);
  });

  it('refuses a file in another field, of another type, without a form, and a body that is too large', async () => {
    const wrong = new FormData();
    wrong.set('file', new Blob([noise]), 'a.pdf');
    expect(await send('/api/invoices/1/attachments', wrong)).toMatchObject({ status: 422 });
    const other = new FormData();
    other.set('attachment[type]', 'url');
    other.set('attachment[file]', new Blob([noise]), 'a.pdf');
    expect(await send('/api/invoices/1/attachments', other)).toMatchObject({
      status: 422,
      record: { errors: { type: [expect.any(String)] } },
    });
    expect((await tenant.write('PUT', '/api/invoices/1/image_scan', { file: 'text' })).status).toBe(415);
    const large = new FormData();
    large.set('file', new Blob([Buffer.alloc(400_000)]), 'a.pdf');
    expect(await send('/api/invoices/1/image_scan', large, 'PUT')).toMatchObject({ status: 413 });
    expect(tenant.simulator.stats().files.filter(({ name }) => name === 'a.pdf')).toEqual([]);
  });

  it('keeps a link as an attachment without a file', async () => {
    const made = await tenant.write('POST', '/api/invoices/1/attachments', { type: 'url', url: 'https://a.example' });
    expect(made.status).toBe(201);
    const { id } = JSON.parse(made.text) as { id: number };
    expect((await tenant.ask(`/api/invoices/1/attachments/${id}`)).status).toBe(404);
  });

  it.each([
    ['retrieve_image_scan', 'application/pdf', '%PDF-1.4'],
    ['retrieve_legal_invoice_pdf', 'application/pdf', '%PDF-1.4'],
    ['retrieve_clearance_document', 'application/xml', '<?xml'],
  ])('answers %s of a computed invoice, the same each time', async (action, type, start) => {
    const one = await bytesOf(`/api/invoices/1/${action}`);
    const other = await bytesOf(`/api/invoices/1/${action}`);
    expect(one.headers['content-type']).toBe(type);
    expect(one.bytes.toString('latin1').startsWith(start)).toBe(true);
    expect(one.bytes.equals(other.bytes)).toBe(true);
  });

  it('replaces an image scan and takes an avatar away', async () => {
    const form = new FormData();
    form.set('file', new Blob([noise], { type: 'image/png' }), 'scan.png');
    expect((await send('/api/invoices/2/image_scan', form, 'PUT')).status).toBe(200);
    expect((await bytesOf('/api/invoices/2/retrieve_image_scan')).bytes.equals(noise)).toBe(true);
    expect((await bytesOf('/api/workers/1/avatar')).headers['content-type']).toBe('image/png');
    expect((await tenant.ask('/api/workers/1/avatar', { method: 'DELETE' })).status).toBe(204);
    expect((await bytesOf('/api/workers/1/avatar')).status).toBe(404);
  });

  it('makes documents that readers accept', () => {
    const pdf = makePdf(['A (small) page', 'with two lines']).toString('latin1');
    const start = Number(/startxref\n(\d+)/u.exec(pdf)?.[1]);
    expect(pdf.slice(start, start + 4)).toBe('xref');
    for (const [index, found] of [...pdf.matchAll(/^(\d{10}) 00000 n/gmu)].entries()) {
      expect(pdf.slice(Number(found[1])).startsWith(`${index + 1} 0 obj`)).toBe(true);
    }
    expect(makePng(3).subarray(1, 4).toString()).toBe('PNG');
  });
});
