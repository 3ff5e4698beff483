import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Host, openHost, resolveConfig } from '../../src/host.ts';
import { LiveRuns } from '../../src/server/live-runs.ts';

let folder: string;
let hosts: Host[];
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'snaps-pressed-'));
  const config = await resolveConfig({ environment: { SNAPS_DATA_DIR: folder }, directory: folder });
  hosts = [await openHost(config), await openHost(config)];
});
afterAll(async () => {
  for (const host of hosts) await host.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a run whose button is pressed twenty times', () => {
  it('on two hosts of one store at once, with one key, is one run', async () => {
    const pipeline = {
      name: 'pressed',
      snaps: [
        { id: 'log', snap: 'core.log' },
        { id: 'read', snap: 'core.read-file', settings: { path: 'in.ndjson' } },
      ],
      links: [['read', 'log']],
    };
    // Both have their store open, so that neither is late by that.
    for (const host of hosts) expect(await host.runs.list({ limit: 10 })).toEqual([]);
    const servers = hosts.map((host) => new LiveRuns(host));
    const presses = Array.from({ length: 20 }, (_, index) => servers[index % 2]?.start({ pipeline }, 'one key'));
    const ids = await Promise.all(presses);
    expect(new Set(ids).size).toBe(1);
    const [first] = hosts;
    expect(await first?.runs.list({ limit: 10 })).toHaveLength(1);
  });
});
