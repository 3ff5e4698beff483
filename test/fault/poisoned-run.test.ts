import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/document/json.ts';
import { openStore } from '../../src/store/store.ts';
import type { PoisonedOptions, PoisonedReport } from './fixtures/process-options.ts';

const documents = 120;
const poisoned = 57;
/** What the process may hold, in MB; the poisoned document becomes a text of half as much again. */
const heapMb = 96;
const copies = 130;

let folder = '';
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A pipeline whose map makes a small document of every one but the poisoned, which it makes larger than the process can write. */
function prepare(): string {
  folder = mkdtempSync(path.join(tmpdir(), 'poisoned-'));
  const document = (n: number): JsonObject => ({ n, text: n === poisoned ? 'x'.repeat(1024 * 1024) : 'small' });
  const lines = Array.from({ length: documents }, (_, n) => `${JSON.stringify(document(n))}\n`);
  writeFileSync(path.join(folder, 'in.ndjson'), lines.join(''));
  const fields = Object.fromEntries(Array.from({ length: copies }, (_, index) => [`copy${index}`, 'text']));
  const pipeline = {
    name: 'poisoned',
    afterCrash: 'resume',
    snaps: [
      { id: 'read', snap: 'core.read-file', settings: { path: 'in.ndjson' } },
      { id: 'copy', snap: 'core.map', settings: { fields: { n: 'n', ...fields } } },
      { id: 'write', snap: 'core.write-file', settings: { path: 'out.ndjson' } },
    ],
    links: [
      ['read', 'copy'],
      ['copy', 'write'],
    ],
  };
  const file = path.join(folder, 'poisoned.pipeline.json');
  writeFileSync(file, JSON.stringify(pipeline));
  return file;
}

/** Lets one process work; its report, or undefined when it died for want of memory. */
async function work(options: PoisonedOptions): Promise<PoisonedReport | undefined> {
  const script = fileURLToPath(new URL('./fixtures/poisoned-process.ts', import.meta.url));
  const flags = ['--no-warnings', `--max-old-space-size=${heapMb}`, script, JSON.stringify(options)];
  const child = spawn(process.execPath, flags, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, errors] = [text(child.stdout), text(child.stderr)];
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === 0) return JSON.parse((await out).split('\n')[1] ?? '') as PoisonedReport;
  expect(await errors).toContain('heap out of memory');
  return undefined;
}

async function newestRun(): Promise<string> {
  const store = await openStore(`sqlite:${path.join(folder, '.data', 'snaps.sqlite')}`);
  const [run] = await store.runs.list({ limit: 1 });
  await store.close();
  return run?.runId ?? '';
}

describe('a document that no process has the memory for', () => {
  it('is set aside after the third death, whoever resumes the run, and the run goes on to its end', async () => {
    const file = prepare();
    expect(await work({ directory: folder, file }), 'started').toBeUndefined();
    const runId = await newestRun();
    expect(await work({ directory: folder, file, serves: runId }), 'served').toBeUndefined();
    expect(await work({ directory: folder, file, resume: runId }), 'resumed').toBeUndefined();
    const { run, errors } = (await work({ directory: folder, file, serves: runId })) as PoisonedReport;
    expect(run).toMatchObject({ state: 'completed', attempt: 4 });
    const counts = run.snaps.map(({ id, input, output, errors: failed, dropped }) => [
      id,
      input,
      output,
      failed,
      dropped,
    ]);
    expect(counts).toEqual([
      ['read', 0, documents, 0, 0],
      ['copy', documents, documents, 0, 0],
      ['write', documents, documents - 1, 1, 0],
    ]);
    expect(errors).toEqual([
      expect.objectContaining({
        code: 'SNAP_DOCUMENT_SET_ASIDE',
        snap: 'write',
        reason: expect.stringContaining('the process died 3 times, the last 2 of them'),
        place: { snap: 'read', page: `in.ndjson, line ${poisoned + 1}`, index: poisoned },
      }),
    ]);
    const written = readFileSync(path.join(folder, 'out.ndjson'), 'utf8').trimEnd().split('\n');
    const wanted = Array.from({ length: documents }, (_, n) => n).filter((n) => n !== poisoned);
    expect(written.map((line) => (JSON.parse(line) as JsonObject).n)).toEqual(wanted);
  }, 180_000);
});
