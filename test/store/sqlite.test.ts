import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/store.ts';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'snaps-sqlite-'));
  path = join(directory, 'data', 'store.db');
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

const writer = fileURLToPath(new URL('./fixtures/writer.ts', import.meta.url));

describe('the SQLite store', () => {
  it('reads back everything that durability rests on', async () => {
    const store = await openStore(`sqlite:${path}`);
    // What need not survive a power cut is written in between, and must leave no trace in how the rest is.
    const lease = await store.leases.acquire('run:none', 'test', 1_000);
    if (lease !== undefined) await store.care.hold(lease, 'none', null);
    const findings = await store.inspect();
    await store.close();
    expect(findings.filter(({ isGood }) => !isGood)).toEqual([]);
    expect(Object.fromEntries(findings.map(({ name, value }) => [name, value]))).toMatchObject({
      'journal mode': 'wal',
      synchronous: '2',
      'busy timeout': '10000 ms',
      'secure delete': '1',
      'foreign keys': '1',
      integrity: 'ok',
    });
  });

  it('is readable by its owner alone', async () => {
    const store = await openStore(`sqlite:${path}`);
    for (const file of [path, `${path}-wal`, `${path}-shm`]) expect(statSync(file).mode & 0o077).toBe(0);
    expect(statSync(join(directory, 'data')).mode & 0o077).toBe(0);
    await store.close();
  });

  it('refuses the store of a newer host and leaves it as it is', async () => {
    await (await openStore(`sqlite:${path}`)).close();
    const database = new DatabaseSync(path);
    database.exec('insert into schema_version (version, applied_at) values (999, 0)');
    database.close();
    const digest = (): string => createHash('sha256').update(readFileSync(path)).digest('hex');
    const before = digest();
    await expect(openStore(`sqlite:${path}`)).rejects.toMatchObject({ code: 'SNAP_STORE_NEWER', exitCode: 2 });
    expect(digest()).toBe(before);
  });

  it('says what is wrong with a file that is no database, a folder, and another scheme', async () => {
    const broken = join(directory, 'broken.db');
    writeFileSync(broken, 'this is no database, and long enough to be looked at as one'.repeat(100));
    await expect(openStore(`sqlite:${broken}`)).rejects.toMatchObject({
      code: 'SNAP_STORE_UNAVAILABLE',
      reason: /not a database/,
    });
    await expect(openStore(`sqlite:${directory}`)).rejects.toMatchObject({ code: 'SNAP_STORE_UNAVAILABLE' });
    await expect(openStore('mysql://host/db')).rejects.toMatchObject({ code: 'SNAP_CONFIG_INVALID' });
    await expect(openStore('')).rejects.toMatchObject({ code: 'SNAP_CONFIG_INVALID' });
  });

  it('takes the writes of four processes at once without a refusal', async () => {
    const writes = 500;
    const children = Array.from({ length: 4 }, (_, index) =>
      spawn(process.execPath, [writer, `sqlite:${path}`, `writer-${index}`, String(writes)], { stdio: 'inherit' }),
    );
    const exits = await Promise.all(children.map((child) => once(child, 'exit')));
    expect(exits.map(([code]) => code)).toEqual([0, 0, 0, 0]);
    const store = await openStore(`sqlite:${path}`);
    expect(await store.leases.acquire('shared', 'test', 1000)).toMatchObject({ fence: 4 * writes + 1 });
    expect((await store.inspect()).find(({ name }) => name === 'integrity')?.value).toBe('ok');
    await store.close();
  });

  it('waits for a transaction of another connection in its own process', async () => {
    const [left, right] = [await openStore(`sqlite:${path}`), await openStore(`sqlite:${path}`)];
    const insert = (store: typeof left, runId: string) =>
      store.runs.insert({ runId, pipeline: 'p', parameters: {}, definition: {} });
    await Promise.all(Array.from({ length: 50 }, (_, index) => insert(index % 2 === 0 ? left : right, `run-${index}`)));
    expect(await left.runs.list({ limit: 100 })).toHaveLength(50);
    await left.close();
    await right.close();
  });
});
