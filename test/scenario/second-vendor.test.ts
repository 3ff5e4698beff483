import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/document/json.ts';
import { runCommand } from '../support/command.ts';
import {
  clientSecret,
  type FakeServiceNow,
  startFakeServiceNow,
  type TableRecord,
} from '../support/fake-servicenow.ts';

const records: TableRecord[] = Array.from({ length: 950 }, (_, index) => ({
  sys_id: createHash('md5').update(String(index)).digest('hex'),
  number: `INC${index}`,
  state: index % 3 === 0 ? 'a^b' : '1',
}));

let far: FakeServiceNow;
let folder: string;
beforeAll(async () => {
  far = await startFakeServiceNow(records);
  folder = mkdtempSync(path.join(tmpdir(), 'snaps-vendor-'));
  const added = await snaps(
    ['account', 'add', 'desk', '--type', 'servicenow.oauth2', '--secret', 'clientSecret=env:THE_SECRET'].concat([
      '--set',
      `host=${far.url}`,
      '--set',
      'clientId=c',
    ]),
  );
  expect(added.stderr).toBe('');
  expect(added.code).toBe(0);
});
afterAll(async () => {
  await far.close();
  rmSync(folder, { recursive: true, force: true });
});

const snaps = (words: readonly string[]) =>
  runCommand(words, {
    directory: folder,
    environment: {
      SNAPS_DATA_DIR: path.join(folder, 'data'),
      SNAPS_ALLOWED_HOSTS: '127.0.0.1',
      THE_SECRET: clientSecret,
    },
  });

async function read(settings: JsonObject): Promise<JsonObject[]> {
  const file = path.join(folder, 'incidents.pipeline.json');
  const source = { id: 'read', snap: 'servicenow.read', account: 'desk', settings: { table: 'incident', ...settings } };
  const write = { id: 'write', snap: 'core.write-file', settings: { path: 'out.ndjson' } };
  writeFileSync(file, JSON.stringify({ name: 'incidents', snaps: [source, write], links: [['read', 'write']] }));
  const result = await snaps(['run', file, '--json']);
  expect(result.code, result.stdout + result.stderr).toBe(0);
  return readFileSync(path.join(folder, 'out.ndjson'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JsonObject);
}

describe('a second vendor, declared by a manifest alone', () => {
  it('is read whole, page by page, each record once', async () => {
    const all = await read({ fields: ['number'] });
    expect(all).toHaveLength(records.length);
    expect(new Set(all.map(({ sys_id }) => sys_id)).size).toBe(records.length);
    expect(Object.keys(all[0] ?? {})).toEqual(['sys_id', 'number']);
    expect(far.queries.every((query) => query === 'ORDERBYsys_id')).toBe(true);
  }, 60_000);

  it('is filtered, and no value can add a condition of its own', async () => {
    const some = await read({ filters: [{ field: 'state', value: 'a^b' }] });
    expect(some).toHaveLength(records.filter(({ state }) => state === 'a^b').length);
    expect(far.queries.at(-1)).toBe('state=a^^b^ORDERBYsys_id');
  }, 60_000);

  it('takes files and gives them back', async () => {
    mkdirSync(path.join(folder, 'pdfs'));
    const names = ['a.pdf', 'b.pdf'];
    for (const name of names) writeFileSync(path.join(folder, 'pdfs', name), `%PDF-1.4 ${name.repeat(1_000)}`);
    writeFileSync(
      path.join(folder, 'files.csv'),
      `record,file\n${names.map((name) => `r1,pdfs/${name}`).join('\n')}\n`,
    );
    const resource = 'sys_attachment';
    const attach = { resource, table: 'incident', record: { expression: 'record' }, path: { expression: 'file' } };
    const download = {
      resource,
      id: { expression: 'upload.answer.sys_id' },
      path: { expression: "'back/' & upload.name" },
    };
    const all = [
      { id: 'list', snap: 'core.read-file', settings: { path: 'files.csv' } },
      { id: 'up', snap: 'servicenow.upload', account: 'desk', settings: attach },
      { id: 'down', snap: 'servicenow.download', account: 'desk', settings: download },
      { id: 'write', snap: 'core.write-file', settings: { path: 'back.ndjson' } },
    ];
    const links = all.slice(1).map(({ id }, index) => [all[index]?.id ?? '', id]);
    const file = path.join(folder, 'files.pipeline.json');
    writeFileSync(file, JSON.stringify({ name: 'files', snaps: all, links }));
    const result = await snaps(['run', file, '--json']);
    expect(result.code, result.stdout + result.stderr).toBe(0);
    for (const name of names) {
      const [there, back] = ['pdfs', 'back'].map((below) => readFileSync(path.join(folder, below, name)));
      expect(back?.equals(there ?? Buffer.of())).toBe(true);
    }
    expect(readFileSync(path.join(folder, 'back.ndjson'), 'utf8')).toContain('"table_sys_id":"r1"');
  }, 60_000);

  it('is read by id', async () => {
    expect(await read({ id: records[5]?.sys_id ?? '' })).toEqual([records[5]]);
  }, 60_000);
});
