import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';

const documents = 60_000;
/** Blocks of 512 bytes that a file may have: more than the store needs, less than the output. */
const fileBlocksMax = 6_000;

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'snaps-full-'));
  file = path.join(folder, 'copy.pipeline.json');
  const line = (n: number): string => `${JSON.stringify({ n, text: 'x'.repeat(80) })}\n`;
  writeFileSync(path.join(folder, 'in.ndjson'), Array.from({ length: documents }, (_, n) => line(n)).join(''));
  const snaps = [
    { id: 'read', snap: 'core.read-file', settings: { path: 'in.ndjson' } },
    { id: 'write', snap: 'core.write-file', settings: { path: 'out.ndjson' } },
  ];
  writeFileSync(file, JSON.stringify({ name: 'copy', snaps, links: [['read', 'write']] }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const environment = (): Record<string, string> => ({ SNAPS_DATA_DIR: path.join(folder, 'data') });

interface Report {
  readonly runId: string;
  readonly state: string;
  readonly error?: { readonly code: string; readonly snap: string };
}

/** Runs the pipeline in a shell whose files cannot grow beyond a bound, as on a quota that is used up. */
async function runWithoutSpace(): Promise<{ readonly code: number | null; readonly report: Report }> {
  const command = `ulimit -f ${fileBlocksMax}; exec "$0" "$@"`;
  const words = [path.resolve('bin/snaps.js'), 'run', file, '--json'];
  const child = spawn('sh', ['-c', command, process.execPath, ...words], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, ...environment() },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, report: JSON.parse(stdout) as Report };
}

describe('a run that is out of space for its file', () => {
  it('fails with a name for it, and is whole when it is resumed with space', async () => {
    const { code, report } = await runWithoutSpace();
    expect(report).toMatchObject({ state: 'failed', error: { code: 'SNAP_DISK_FULL', snap: 'write' } });
    expect(code).toBe(1);
    const resumed = await runCommand(['run', file, '--resume', report.runId, '--json'], {
      directory: folder,
      environment: environment(),
    });
    expect(resumed.stderr).toBe('');
    expect(resumed.json()).toMatchObject({ runId: report.runId, state: 'completed', attempt: 2 });
    const [before, after] = ['in.ndjson', 'out.ndjson'].map((name) => readFileSync(path.join(folder, name), 'utf8'));
    expect(after === before).toBe(true);
  }, 90_000);
});
