import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { ExecutionError } from '../../src/errors.ts';
import { openHost, resolveConfig } from '../../src/host.ts';
import { runLeaseName, type Store } from '../../src/store/contract.ts';
import { openStore } from '../../src/store/store.ts';

const runId = '11111111-2222-4333-8444-555555555555';
const pipeline = {
  name: 'copy',
  snaps: [
    { id: 'read', snap: 'core.read-file', settings: { path: 'in.ndjson' } },
    { id: 'write', snap: 'core.write-file', settings: { path: 'out.ndjson' } },
  ],
  links: [['read', 'write']],
};

it('a run that cannot be begun because the store is away for a moment is given back, and begins the next time', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'snaps-start-'));
  const away = new ExecutionError('SNAP_STORE_UNAVAILABLE', 'The store is away.', { reason: 'a', resolution: 'b' });
  const stores: Store[] = [];
  let isAway = true;
  const host = await openHost(
    await resolveConfig({ directory: folder, environment: { SNAPS_DATA_DIR: folder, SNAPS_LOG_LEVEL: 'silent' } }),
    {
      openStore: async (url) => {
        const store = await openStore(url);
        const find = store.runs.find.bind(store.runs);
        // It fails the moment that the run has its lease.
        store.runs.find = async (id) => {
          if (isAway && (await store.leases.holder(runLeaseName(id))) !== undefined) throw away;
          return await find(id);
        };
        stores.push(store);
        return store;
      },
    },
  );
  try {
    writeFileSync(path.join(folder, 'in.ndjson'), '{"id":1}\n');
    await expect(host.startRun({ pipeline, runId, outputDirectory: folder })).rejects.toThrow(away);
    expect(await stores[0]?.leases.holder(runLeaseName(runId))).toBeUndefined();
    isAway = false;
    const again = await host.startRun({ resume: runId, outputDirectory: folder });
    expect(await again.finished).toMatchObject({ state: 'completed', attempt: 1 });
  } finally {
    await host.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
