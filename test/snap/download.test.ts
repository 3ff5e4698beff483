import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createFileSink } from '../../src/core/index.ts';
import type { JsonObject } from '../../src/document/json.ts';
import { createHttpClient } from '../../src/http/client.ts';
import type { HttpClient } from '../../src/http/contract.ts';
import type { RetryRules } from '../../src/http/retry.ts';
import { loadPack, type Pack } from '../../src/pack/index.ts';
import { checkSettings, createDownloadExecutor, requiredScopes } from '../../src/snap/index.ts';
import { type FakeContextOptions, fakeContext } from '../support/fake-context.ts';

let pack: Pack;
let folder: string;
let server: Server;
let client: HttpClient;
beforeAll(async () => {
  pack = await loadPack(path.join(import.meta.dirname, '../..'));
});
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'snaps-files-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await client.close();
  server.close();
});

async function serve(listener: RequestListener, retry: Partial<RetryRules> = {}): Promise<URL> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = createHttpClient({ allowedHosts: ['127.0.0.1'], retry });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

const snapOf = () => {
  const snap = pack.snaps.get('coupa.download');
  if (snap === undefined) throw new Error('no coupa.download');
  return snap;
};

async function download(baseUrl: URL, settings: JsonObject, more: Omit<FakeContextOptions, 'settings'> = {}) {
  const context = fakeContext({ settings, ...more });
  const files = createFileSink({ outputDirectory: folder, allowPaths: false });
  const connection = { account: 'a', baseUrl, send: client.send };
  await createDownloadExecutor({ pack, snap: snapOf(), files, connect: async () => connection }).run(context);
  return context;
}

const scan = { resource: 'invoices', action: 'retrieve_image_scan', id: { expression: 'id' } };
const forEach = (ids: readonly number[], settings: JsonObject = {}) => ({
  input: ids.map((id) => ({ id })),
  resolve: (document?: { value: JsonObject }) => ({ ...scan, ...settings, id: document?.value.id ?? null }),
});

describe('downloading', () => {
  it('saves one file for each document with its hash, and names what is not there', async () => {
    const paths: string[] = [];
    const baseUrl = await serve((request, response) => {
      paths.push(request.url ?? '');
      if (request.url?.includes('/3/')) response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
      else response.writeHead(200, { 'content-type': 'image/png' }).end(`scan of ${request.url}`);
    });
    const { emitted, failures } = await download(baseUrl, scan, forEach([1, 2, 3]));
    const text = 'scan of /api/invoices/2/retrieve_image_scan';
    expect(emitted).toHaveLength(2);
    expect(emitted[1]).toEqual({
      id: 2,
      file: {
        path: 'invoices-2-retrieve_image_scan.png',
        bytes: text.length,
        sha256: createHash('sha256').update(text).digest('hex'),
        contentType: 'image/png',
      },
    });
    expect(readFileSync(path.join(folder, 'invoices-2-retrieve_image_scan.png'), 'utf8')).toBe(text);
    expect(failures.map(({ error }) => error.code)).toEqual(['SNAP_NOT_FOUND']);
    expect(readdirSync(folder).filter((name) => name.endsWith('.partial'))).toEqual([]);
  });

  it("never uses the far side's file name, and never leaves the output directory", async () => {
    const baseUrl = await serve((_, response) => {
      const disposition = 'attachment; filename="../../../etc/cron.d/x.SH;rm"';
      response.writeHead(200, { 'content-type': 'text/plain', 'content-disposition': disposition }).end('x');
    });
    const { emitted } = await download(baseUrl, { ...scan, id: 7 });
    expect(emitted[0]).toMatchObject({ file: { path: 'invoices-7-retrieve_image_scan.sh' } });
    for (const outside of ['../up.pdf', '/tmp/abs.pdf', 'a/../../b.pdf']) {
      await expect(download(baseUrl, { ...scan, id: 7, path: outside })).rejects.toMatchObject({
        code: 'SNAP_FILE_OUTSIDE',
      });
    }
  });

  it('refuses a second file of one name, a web page in place of a file, and a file above the bound', async () => {
    const baseUrl = await serve((request, response) => {
      if (request.url?.includes('/8/')) response.writeHead(200, { 'content-type': 'text/html' }).end('<html>login');
      else if (request.url?.includes('/9/')) response.writeHead(200, { 'content-length': String(2 ** 30) }).end();
      else response.writeHead(200, { 'content-type': 'application/pdf' }).end('%PDF');
    });
    const twice = await download(baseUrl, scan, forEach([1, 2], { path: 'same.pdf' }));
    expect(twice.failures.map(({ error }) => error.code)).toEqual(['SNAP_DOCUMENT_INVALID']);
    await expect(download(baseUrl, { ...scan, id: 8 })).rejects.toMatchObject({ code: 'SNAP_ANSWER_MALFORMED' });
    await expect(download(baseUrl, { ...scan, id: 9 })).rejects.toMatchObject({ code: 'SNAP_ANSWER_TOO_LARGE' });
  });

  it('leaves nothing behind when a file is cut short or empty, and a former file as it was', async () => {
    const whole = '%PDF '.repeat(50_000);
    const baseUrl = await serve(
      (request, response) => {
        const [, id] = /invoices\/(\d)/u.exec(request.url ?? '') ?? [];
        response.writeHead(200, {
          'content-type': 'application/pdf',
          ...(id === '3' ? {} : { 'content-length': '250000' }),
        });
        if (id === '1') response.end(whole);
        else if (id === '2') response.write(whole.slice(0, 100_000), () => response.destroy());
        else response.end();
      },
      { attemptsMax: 1 },
    );
    await download(baseUrl, { ...scan, id: 1, path: 'kept.pdf' });
    for (const id of [2, 3]) {
      const failed = download(baseUrl, { ...scan, id, path: 'kept.pdf' });
      await expect(failed).rejects.toMatchObject({ code: 'SNAP_ANSWER_MALFORMED' });
    }
    expect(readdirSync(folder)).toEqual(['kept.pdf']);
    expect(readFileSync(path.join(folder, 'kept.pdf'), 'utf8')).toBe(whole);
  });

  it('takes a page as a file when it is sent as one, and saves names of any length', async () => {
    const baseUrl = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html', 'content-disposition': 'attachment; filename="a.html"' });
      response.end('<html>');
    });
    const name = `${'ü'.repeat(120)}.html`;
    await download(baseUrl, { ...scan, id: 1, path: name });
    expect(readFileSync(path.join(folder, name), 'utf8')).toBe('<html>');
  });

  it('reaches every documented download, with its parents and its scope, and says which there are', async () => {
    const baseUrl = await serve((_, response) => void response.writeHead(200).end('x'));
    for (const resource of pack.resources.values()) {
      for (const call of resource.calls.filter(({ kind }) => kind === 'download')) {
        const names = [...call.path.matchAll(/:(\w+)/g)].map(([, name]) => name ?? '').filter((name) => name !== 'id');
        const parents = names.length === 0 ? {} : { parents: Object.fromEntries(names.map((name) => [name, 5])) };
        const settings = { resource: resource.key, action: call.action, id: 4, ...parents };
        expect(checkSettings(pack, snapOf(), settings)).toEqual([]);
        expect(requiredScopes(pack, snapOf(), settings)).toEqual([call.scope]);
        await download(baseUrl, { ...settings, path: 'one.bin' });
      }
    }
    const faults = checkSettings(pack, snapOf(), { resource: 'invoices', id: 1 });
    expect(faults[0]?.message).toContain('retrieve_legal_invoice_pdf');
    expect(checkSettings(pack, snapOf(), { resource: 'currencies', id: 1 })[0]?.message).toContain(
      'no documented files',
    );
  });
});
