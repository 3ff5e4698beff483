// Prints the memory and the speed of one large file on its way up and down again. Run: node bench/files.ts [MEGABYTES]
import { type ChildProcess, fork } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { JsonObject } from '../src/document/json.ts';
import { type Host, openHost, resolveConfig } from '../src/host.ts';

const megabytes = Number(process.argv[2] ?? 200);
const megabyte = 1024 * 1024;
const growthAllowed = 96 * megabyte;
const sampleMs = 20;

interface Tenant {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: string;
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
  return hash.digest('hex');
}

/** Runs one snap on a document of its own; gives its output, and how far the memory grew meanwhile. */
async function run(host: Host, folder: string, snap: string, settings: JsonObject): Promise<JsonObject> {
  const out = { id: 'out', snap: 'core.write-file', settings: { path: `${snap}.json` } };
  const pipeline = {
    name: snap,
    snaps: [{ id: 'file', snap, account: 'coupa', settings }, out],
    links: [['file', 'out']],
  };
  const before = process.memoryUsage.rss();
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, sampleMs);
  const startedAt = performance.now();
  const { finished } = await host.startRun({ pipeline, outputDirectory: folder });
  const report = await finished;
  const seconds = (performance.now() - startedAt) / 1000;
  clearInterval(timer);
  if (report.state !== 'completed') throw new Error(JSON.stringify(report.error));
  const shown = [peak, peak - before].map((bytes) => Math.round(bytes / megabyte));
  process.stdout.write(
    `${snap.padEnd(16)} ${Math.round(megabytes / seconds)} MB/s, ${shown[0]} MB at most, ${shown[1]} MB more than before\n`,
  );
  if (peak - before > growthAllowed) throw new Error(`${snap} took more than ${growthAllowed / megabyte} MB`);
  const pieces: Buffer[] = [];
  for await (const piece of createReadStream(path.join(folder, `${snap}.json`))) pieces.push(piece as Buffer);
  return (JSON.parse(Buffer.concat(pieces).toString()) as readonly JsonObject[])[0] ?? {};
}

async function measure(folder: string, child: ChildProcess): Promise<void> {
  const [tenant] = (await once(child, 'message')) as [Tenant];
  const environment = { SNAPS_DATA_DIR: path.join(folder, 'data'), SNAPS_ALLOWED_HOSTS: '127.0.0.1' };
  const host = await openHost(await resolveConfig({ directory: folder, environment }));
  try {
    const { url, clientId, clientSecret, scopes } = tenant;
    const settings = { host: url, clientId, scopes };
    await host.accounts.add({ name: 'coupa', type: 'coupa.oauth2', settings, secrets: { clientSecret } });
    const record = { resource: 'attachments', parents: { invoice_id: 1 } };
    const { upload } = await run(host, folder, 'coupa.upload', { ...record, path: 'up.bin' });
    const { id } = (upload as { readonly answer: { readonly id: number } }).answer;
    await run(host, folder, 'coupa.download', { ...record, id, path: 'down.bin' });
  } finally {
    await host.close();
  }
  const [up, down] = await Promise.all(['up.bin', 'down.bin'].map((name) => sha256Of(path.join(folder, name))));
  if (up !== down) throw new Error('the file came back as another');
}

const folder = mkdtempSync(path.join(tmpdir(), 'snaps-bench-'));
const made = openSync(path.join(folder, 'up.bin'), 'w');
for (let part = 0; part < megabytes; part += 1) writeSync(made, randomBytes(megabyte));
const child = fork(path.join(import.meta.dirname, 'support/file-tenant.ts'));
try {
  await measure(folder, child);
} finally {
  child.disconnect();
  rmSync(folder, { recursive: true, force: true });
}
