import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ScheduleView } from '../../src/host/host.ts';
import { openStore } from '../../src/store/store.ts';
import { type CommandResult, runCommand, startCommand } from '../support/command.ts';

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'snaps-schedule-'));
  file = path.join(folder, 'copy.pipeline.json');
  writeFileSync(path.join(folder, 'in.ndjson'), '{"n":1}\n{"n":2}\n');
  const snaps = [
    { id: 'read', snap: 'core.read-file', settings: { path: 'in.ndjson' } },
    { id: 'write', snap: 'core.write-file', settings: { path: 'out.ndjson' } },
  ];
  writeFileSync(file, JSON.stringify({ name: 'copy', snaps, links: [['read', 'write']] }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const options = () => ({ directory: folder, environment: { SNAPS_DATA_DIR: path.join(folder, 'data') } });
const snaps = (...words: string[]): Promise<CommandResult> => runCommand(words, options());

describe('a schedule', () => {
  it('refuses a wrong pattern, a wrong zone and a pipeline that could not run', async () => {
    const wrong = await snaps('schedule', 'add', 'copies', file, '--cron', 'daily', '--json');
    expect(wrong.code).toBe(2);
    expect(wrong.json()).toMatchObject({ error: { code: 'SNAP_SCHEDULE_INVALID' } });
    const zone = await snaps('schedule', 'add', 'copies', file, '--cron', '* * * * *', '--time-zone', 'Here');
    expect(zone.stderr).toContain('"Here" is no time zone');
    const missing = await snaps('schedule', 'add', 'copies', 'none.json', '--cron', '* * * * *', '--json');
    expect(missing.json()).toMatchObject({ error: { code: 'SNAP_PIPELINE_NOT_FOUND' } });
  }, 60_000);

  it('runs its pipeline while the host serves, and is listed with what came of it', async () => {
    const added = await snaps('schedule', 'add', 'copies', file, '--cron', '* * * * * *', '--json');
    expect(added.json()).toMatchObject({ name: 'copies', lastRunId: null });
    const again = await snaps('schedule', 'add', 'copies', file, '--cron', '0 6 * * *', '--json');
    expect(again.json()).toMatchObject({ error: { reason: 'a schedule of that name exists' } });
    expect((await snaps('schedule', 'pause', 'copies', '--json')).json()).toMatchObject({
      isPaused: true,
      nextAt: null,
    });
    const changed = await snaps('schedule', 'change', 'copies', '--misfire', 'skip', '--time-zone', 'Europe/Berlin');
    expect(changed.stdout).toContain('copies is paused');
    expect((await snaps('schedule', 'resume', 'copies', '--json')).json()).toMatchObject({
      ...{ isPaused: false, cron: '* * * * * *', misfire: 'skip', timeZone: 'Europe/Berlin' },
    });
    const served = startCommand(['serve', '--port', '0'], options());
    const store = await openStore(`sqlite:${path.join(folder, 'data', 'snaps.sqlite')}`);
    const isDone = async () => (await store.runs.list({ limit: 1, state: 'completed' })).length > 0;
    await vi.waitUntil(isDone, { timeout: 40_000, interval: 100 });
    await store.close();
    served.child.kill('SIGINT');
    await served.finished;
    expect(existsSync(path.join(folder, 'out.ndjson'))).toBe(true);
    const [schedule] = (await snaps('schedule', 'list', '--json')).json() as ScheduleView[];
    expect(schedule?.lastRunId).not.toBeNull();
    expect((await snaps('schedule', 'remove', 'copies')).code).toBe(0);
    expect((await snaps('schedule', 'list', '--json')).json()).toEqual([]);
  }, 120_000);
});
