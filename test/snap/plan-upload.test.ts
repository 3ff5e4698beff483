import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { Document } from '../../src/document/index.ts';
import type { JsonObject } from '../../src/document/json.ts';
import { loadPack, type Pack } from '../../src/pack/index.ts';
import { formBody, formContentType, type RecordedForm } from '../../src/snap/write/form-body.ts';
import { planUpload } from '../../src/snap/write/plan-upload.ts';

let pack: Pack;
beforeAll(async () => {
  pack = await loadPack('.');
});

const bytes = Buffer.from('%PDF-1.4 of the test');
const files = {
  measure: async () => ({ bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }),
  async *read() {
    yield bytes.subarray(0, 4);
    yield bytes.subarray(4);
  },
};

async function plan(settings: JsonObject) {
  const operation = pack.operations.get('attach');
  const resource = pack.resources.get('attachments');
  if (operation === undefined) throw new Error('no operation "attach"');
  const whole = { resource: 'attachments', parents: { invoice_id: 5 }, ...settings };
  const document = Document.fromValue({}, { snap: 'up', index: 0 });
  const planned = await planUpload(document, whole, { pack, operation, resource, idField: 'id', files });
  const request = planned.request();
  return { planned, request, form: JSON.parse(request.body ?? '') as RecordedForm };
}

async function sent(settings: JsonObject): Promise<string> {
  const { planned, form } = await plan(settings);
  const body = formBody(form, planned.open ?? files.read);
  const pieces: Uint8Array[] = [];
  for await (const piece of body.open()) pieces.push(piece);
  const text = Buffer.concat(pieces);
  expect(text.length).toBe(body.bytes);
  return text.toString();
}

describe('the form of an upload', () => {
  it('is read by the platform as it was meant, and is the same at each sending', async () => {
    const settings = { path: 'in/rechnung größe.pdf', intent: 'Internal' };
    const { form, request } = await plan(settings);
    expect(request).toMatchObject({ method: 'POST', target: '/api/invoices/5/attachments', repeatable: false });
    const text = await sent(settings);
    expect(await sent(settings)).toBe(text);
    const answer = new Response(text, { headers: { 'content-type': formContentType(form) } });
    const entries = [...(await answer.formData())];
    expect(entries.map(([name]) => name)).toEqual(['attachment[type]', 'attachment[intent]', 'attachment[file]']);
    const file = entries.at(-1)?.[1] as File;
    expect([file.name, file.type, await file.text()]).toEqual([
      'rechnung größe.pdf',
      'application/pdf',
      bytes.toString(),
    ]);
  });

  it.each([
    ['../../etc/cron.d/x.sh', 'x.sh'],
    ['C:\\temp\\a.pdf', 'a.pdf'],
    ['a"; name="other".pdf', 'a- name=-other-.pdf'],
    ['a\r\nContent-Disposition: form-data\r\n\r\n<b>.pdf', 'a-Content-Disposition- form-data-b-.pdf'],
    ['.htaccess', 'htaccess'],
    ['..', 'file'],
    ['\u202Egpj.exe', 'gpj.exe'],
    [`${'n'.repeat(300)}.pdf`, `${'n'.repeat(120)}.pdf`],
  ])('names %j as %j', async (name, safe) => {
    expect((await plan({ path: 'a', name })).form.name).toBe(safe);
  });

  it('lets no setting begin another part of it', async () => {
    const text = await sent({ path: 'a.pdf', intent: 'Internal\r\n--snaps' });
    expect(text).toContain('Internal --snaps\r\n');
  });

  it('takes base64 with line breaks, and refuses half of it, none, and what is no base64', async () => {
    const content = bytes.toString('base64');
    const { form } = await plan({ content: content.replace(/(.{8})/gu, '$1\r\n'), name: 'a.pdf' });
    expect(form).toMatchObject({ bytes: bytes.length, path: null, contentType: 'application/pdf' });
    for (const bad of [`${content}é`, 'data:application/pdf;base64,YQ==', '', '?']) {
      await expect(plan({ content: bad, name: 'a' })).rejects.toMatchObject({ code: 'SNAP_DOCUMENT_INVALID' });
    }
  });

  it('never ends when the file is another by now', async () => {
    const { form } = await plan({ path: 'a.pdf' });
    for (const other of [
      bytes.subarray(1),
      Buffer.concat([bytes, bytes]),
      Buffer.from(bytes.toString().toUpperCase()),
    ]) {
      const body = formBody(form, async function* () {
        yield other;
      });
      let text = '';
      const reading = async () => {
        for await (const piece of body.open()) text += Buffer.from(piece).toString();
      };
      await expect(reading()).rejects.toMatchObject({ code: 'SNAP_FILE_CHANGED' });
      expect(text.endsWith('--\r\n')).toBe(false);
    }
  });
});
