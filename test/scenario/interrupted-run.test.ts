import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import type { CommandResult } from '../support/command.ts';
import { openTenant, type Tenant } from '../support/tenant.ts';

const records = 6_000;

let tenant: Tenant;
let file: string;
beforeAll(async () => {
  tenant = await openTenant(records);
  await tenant.addAccount();
});
afterAll(() => tenant.close());
beforeEach(() => {
  file = path.join(tenant.folder, 'all.pipeline.json');
  writeFileSync(
    file,
    JSON.stringify({
      name: 'all',
      snaps: [
        { id: 'read', snap: 'coupa.read', account: 'coupa', settings: { resource: 'invoices', fields: ['id'] } },
        { id: 'write', snap: 'core.write-file', settings: { path: 'all.ndjson' } },
      ],
      links: [['read', 'write']],
    }),
  );
});

interface Report {
  readonly runId: string;
  readonly state: string;
  readonly attempt: number;
}

/** Starts the run, sends the signal once documents are on disk, and gives what the command left. */
async function interrupt(out: string, signal: NodeJS.Signals): Promise<CommandResult & { readonly runId: string }> {
  const command = tenant.start(['run', file, '--output-directory', out, '--json']);
  const folder = path.join(tenant.folder, out);
  await vi.waitUntil(() => partialBytes(folder) > 5_000, { timeout: 20_000, interval: 20 });
  command.child.kill(signal);
  const result = await command.finished;
  const [run] = (await tenant.snaps(['runs', 'list', '--limit', '1', '--json'])).json() as Report[];
  return { ...result, runId: run?.runId ?? '' };
}

function partialBytes(folder: string): number {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.partial'));
    return Math.max(0, ...names.map((name) => statSync(path.join(folder, name)).size));
  } catch {
    return 0;
  }
}

async function expectWhole(out: string, runId: string): Promise<Report> {
  const resumed = await tenant.snaps(['run', file, '--resume', runId, '--json']);
  expect(resumed.stderr).toBe('');
  expect(resumed.code).toBe(0);
  const lines = readFileSync(path.join(tenant.folder, out, 'all.ndjson'), 'utf8')
    .trimEnd()
    .split('\n');
  const ids = lines.map((line) => JSON.parse(line).id);
  expect(ids.length).toBe(records);
  expect(new Set(ids).size).toBe(records);
  expect(ids).toEqual(ids.toSorted((left, right) => left - right));
  return resumed.json() as Report;
}

describe('an interrupted run', () => {
  it('stops cleanly on Ctrl-C with exit code 130 and is whole after a resume', async () => {
    const { runId, ...stopped } = await interrupt('stopped', 'SIGINT');
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toBe('');
    expect(stopped.json()).toMatchObject({ runId, state: 'stopped', attempt: 1 });
    expect(await expectWhole('stopped', runId)).toMatchObject({ runId, state: 'completed', attempt: 2 });
  }, 60_000);

  it('is whole after kill -9 and a resume, which waits for the lease of the dead', async () => {
    const { runId } = await interrupt('killed', 'SIGKILL');
    expect(await expectWhole('killed', runId)).toMatchObject({ runId, state: 'completed', attempt: 2 });
    // The points of its plots go on over the resume: documents that were read again count once.
    const store = await openStore(`sqlite:${path.join(tenant.folder, 'data', 'snaps.sqlite')}`);
    const points = (await store.runs.points(runId)) ?? [];
    await store.close();
    for (const name of ['seconds', 'read', 'written', 'requests'] as const) {
      const values = points.map((point) => point[name]);
      expect(values).toEqual(values.toSorted((left, right) => left - right));
    }
    expect(points[0]).toMatchObject({ seconds: 0, read: 0 });
    expect(points.at(-1)).toMatchObject({ read: records, written: records });
  }, 60_000);

  it('asks for nothing when the run to resume has completed, and says so', async () => {
    const done = (await tenant.snaps(['run', file, '--output-directory', 'done', '--json'])).json() as Report;
    const before = tenant.simulator.stats().requests;
    const again = await tenant.snaps(['run', file, '--resume', done.runId, '--json']);
    expect(again.code).toBe(0);
    expect(again.json()).toEqual(done);
    expect(tenant.simulator.stats().requests).toBe(before);
  }, 60_000);

  it('refuses to resume a changed pipeline and names what was changed', async () => {
    const { runId } = await interrupt('changed', 'SIGINT');
    writeFileSync(file, readFileSync(file, 'utf8').replace('["id"]', '["id","status"]'));
    const refused = await tenant.snaps(['run', file, '--resume', runId]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('setting "fields" of "read" was changed');
  }, 60_000);

  it('refuses a run that does not exist', async () => {
    const refused = await tenant.snaps(['run', file, '--resume', 'nope', '--json']);
    expect(refused.code).toBe(2);
    expect(refused.json()).toMatchObject({ error: { code: 'SNAP_RUN_NOT_FOUND' } });
  });
});
