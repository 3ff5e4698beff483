import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

  it('is read by id', async () => {
    expect(await read({ id: records[5]?.sys_id ?? '' })).toEqual([records[5]]);
  }, 60_000);
});
