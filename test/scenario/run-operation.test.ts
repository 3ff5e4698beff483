import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JsonObject } from '../../src/document/json.ts';
import { openStore } from '../../src/store/store.ts';
import { type CommandResult, runCommand, type StartedCommand, startCommand } from '../support/command.ts';

const documents = 200;

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'snaps-operation-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const options = () => ({ directory: folder, environment: { SNAPS_DATA_DIR: path.join(folder, 'data') } });
const snaps = (...words: string[]): Promise<CommandResult> => runCommand(words, options());

interface Report extends JsonObject {
  readonly runId: string;
  readonly state: string;
  readonly snaps: readonly JsonObject[];
}

function writePipeline(name: string, map: JsonObject): void {
  file = path.join(folder, `${name}.pipeline.json`);
  const pipeline = {
    name,
    snaps: [
      { id: 'read', snap: 'core.read-file', settings: { path: 'in.ndjson' } },
      { id: 'shape', snap: 'core.map', errors: 'route', settings: { fields: map } },
      { id: 'write', snap: 'core.write-file', settings: { path: `${name}.ndjson` } },
    ],
    links: [
      ['read', 'shape'],
      ['shape', 'write'],
    ],
  };
  writeFileSync(file, JSON.stringify(pipeline));
}

beforeEach(() => {
  const line = (n: number) => JSON.stringify({ n, amount: n % 50 === 7 ? 'much' : `${n}` });
  writeFileSync(path.join(folder, 'in.ndjson'), Array.from({ length: documents }, (_, n) => `${line(n)}\n`).join(''));
});

describe('error documents of a run', () => {
  it('are kept, paged, mended and sent back in where they failed', async () => {
    writePipeline('mended', { amount: '$number(amount)' });
    const first = (await snaps('run', file, '--json')).json() as Report;
    expect(first).toMatchObject({ state: 'completed' });
    const pages = await Promise.all([
      snaps('runs', 'errors', first.runId, '--limit', '3', '--json'),
      snaps('runs', 'errors', first.runId, '--after', '3'),
    ]);
    expect((pages[0].json() as JsonObject[]).map(({ original }) => original)).toEqual(
      [7, 57, 107].map((n) => ({ n, amount: 'much' })),
    );
    expect(pages[1].stdout.trim().split('\n')).toHaveLength(1);

    const errors = (await snaps('runs', 'errors', first.runId)).stdout.replaceAll('"much"', '"12"');
    writeFileSync(path.join(folder, 'mended.errors'), errors);
    const replayed = await snaps('runs', 'replay', first.runId, '--documents', 'mended.errors', '--json');
    expect(replayed.stderr).toBe('');
    const report = replayed.json() as Report;
    expect(report).toMatchObject({ state: 'completed', pipeline: 'mended', replayOf: first.runId });
    const shown = (await snaps('runs', 'show', first.runId)).stdout;
    expect(shown).toContain(`1 run sent its error documents back in: snaps runs list --replay-of ${first.runId}`);
    expect(report.snaps.map(({ id, output }) => [id, output])).toEqual([
      ['replay:shape', 4],
      ['shape', 4],
      ['write', 4],
    ]);
    const [output] = report.outputs as readonly JsonObject[];
    expect(readFileSync(String(output?.path), 'utf8')).toBe('{"amount":12}\n'.repeat(4));
    expect(readFileSync(path.join(folder, 'mended.ndjson'), 'utf8').trim().split('\n')).toHaveLength(196);
  }, 60_000);

  it('say what cannot be sent back in', async () => {
    writePipeline('refused', { amount: '$number(amount)' });
    const { runId } = (await snaps('run', file, '--json')).json() as Report;
    writeFileSync(path.join(folder, 'wrong.errors'), '{"snap":"nobody","original":{}}\n{"snap":"read","original":{}}');
    const refused = await snaps('runs', 'replay', runId, '--documents', 'wrong.errors');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('"nobody" is no snap of the pipeline; "read" takes no documents');
    writeFileSync(path.join(folder, 'broken.errors'), '{"snap":"shape","original":[]}\nno json');
    const broken = await snaps('runs', 'replay', runId, '--documents', 'broken.errors');
    expect(broken.code).toBe(2);
    expect(broken.stderr).toContain('line 2: is no JSON');
  }, 60_000);

  it('are kept when the run fails, and come once when it is resumed', async () => {
    writePipeline('failing', { amount: '$number(amount)' });
    const input = path.join(folder, 'in.ndjson');
    // More than a view holds: the reader cannot come to the broken line before the map has handled the first lines.
    const whole = readFileSync(input, 'utf8').repeat(20);
    writeFileSync(input, `${whole}no json\n`);
    const failed = await snaps('run', file, '--json');
    expect(failed.code).toBe(1);
    const { runId } = failed.json() as Report;
    expect(failed.json()).toMatchObject({ state: 'failed', error: { snap: 'read' } });
    const before = (await snaps('runs', 'errors', runId, '--json')).json() as readonly JsonObject[];
    expect(before.length).toBeGreaterThan(0);
    writeFileSync(input, whole);
    expect((await snaps('run', file, '--resume', runId, '--json')).json()).toMatchObject({ state: 'completed' });
    const after = (await snaps('runs', 'errors', runId, '--limit', '100', '--json')).json();
    expect(after).toHaveLength(4 * 20);
  }, 60_000);
});

describe('snaps runs cancel', () => {
  /** Every document takes a turn of the expression worker, so that the run is long enough to be stopped. */
  async function startLong(name: string): Promise<{ command: StartedCommand; runId: string }> {
    const lines = Array.from({ length: 300_000 }, (_, n) => `{"n":${n}}\n`).join('');
    writeFileSync(path.join(folder, 'in.ndjson'), lines);
    writePipeline(name, { n: '$sum([1..200]) + n' });
    const command = startCommand(['run', file, '--json'], options());
    const store = await openStore(`sqlite:${path.join(folder, 'data', 'snaps.sqlite')}`);
    const find = async () => (await store.runs.list({ limit: 1, state: 'running' }))[0]?.runId;
    const runId = await vi.waitUntil(find, { timeout: 20_000, interval: 50 });
    await store.close();
    return { command, runId };
  }

  it('stops a run of another process, which can be resumed', async () => {
    const { command, runId } = await startLong('cancelled');
    const cancelled = await snaps('runs', 'cancel', runId, '--json');
    expect(cancelled.json()).toMatchObject({ runId, state: 'stopped' });
    expect((await command.finished).code).toBe(130);
  }, 60_000);

  it('stops at once a run whose process is gone', async () => {
    const { command, runId } = await startLong('gone');
    command.child.kill('SIGKILL');
    await command.finished;
    expect((await snaps('runs', 'cancel', runId, '--json')).json()).toMatchObject({ runId, state: 'stopped' });
  }, 60_000);

  it('does not know a run that never was', async () => {
    const refused = await snaps('runs', 'cancel', 'never', '--json');
    expect(refused.code).toBe(2);
    expect(refused.json()).toMatchObject({ error: { code: 'SNAP_RUN_NOT_FOUND' } });
  });
});
