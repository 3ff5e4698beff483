import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/document/json.ts';
import { openStore } from '../../src/store/store.ts';

const fixture = path.join(import.meta.dirname, 'fixtures/run-to-kill.ts');
const execute = promisify(execFile);
const documents = 25_000;

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function makeFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'snaps-points-'));
  folders.push(folder);
  const line = (n: number): string => `${JSON.stringify({ n, kind: n % 1_000 === 7 ? 'odd' : `${n}` })}\n`;
  mkdirSync(path.join(folder, 'out'));
  writeFileSync(path.join(folder, 'out', 'in.ndjson'), Array.from({ length: documents }, (_, n) => line(n)).join(''));
  const pipeline = {
    name: 'points',
    snaps: [
      { id: 'read', snap: 'core.read-file', settings: { path: 'in.ndjson' } },
      { id: 'keep', snap: 'core.filter', settings: { condition: "kind != 'odd'" } },
      { id: 'lines', snap: 'core.write-file', settings: { path: 'all.ndjson' } },
      { id: 'table', snap: 'core.write-file', settings: { path: 'kept.csv' } },
    ],
    links: [
      ['read', 'keep'],
      ['read', 'lines'],
      ['keep', 'table'],
    ],
  };
  writeFileSync(path.join(folder, 'pipeline.json'), JSON.stringify(pipeline));
  return folder;
}

interface Ended {
  readonly report: JsonObject | undefined;
  readonly isKilled: boolean;
}

async function start(folder: string, point = '', resume = ''): Promise<Ended> {
  try {
    const { stdout } = await execute(process.execPath, ['--no-warnings', fixture, folder, point, resume]);
    return { report: JSON.parse(stdout) as JsonObject, isKilled: false };
  } catch (thrown) {
    if ((thrown as { signal?: string }).signal !== 'SIGKILL') throw thrown;
    return { report: undefined, isKilled: true };
  }
}

async function newestRun(folder: string): Promise<string> {
  const store = await openStore(`sqlite:${path.join(folder, 'store.sqlite')}`);
  const [run] = await store.runs.list({ limit: 2 });
  await store.close();
  return run?.runId ?? '';
}

function outcome(folder: string, report: JsonObject | undefined): JsonObject {
  const rows = (report?.snaps ?? []) as readonly JsonObject[];
  const outputs = (report?.outputs ?? []) as readonly JsonObject[];
  return {
    state: report?.state ?? null,
    names: readdirSync(path.join(folder, 'out')).sort(),
    counts: rows.map(({ id = '', input = 0, output = 0, errors = 0, dropped = 0 }) => [
      id,
      input,
      output,
      errors,
      dropped,
    ]),
    digests: outputs.map(({ sha256 = '' }) => sha256),
    files: ['all.ndjson', 'kept.csv'].map((name) => readFileSync(path.join(folder, 'out', name), 'utf8')),
  };
}

describe('a run that is killed', () => {
  let expected: JsonObject;
  beforeAll(async () => {
    const folder = makeFolder();
    expected = outcome(folder, (await start(folder)).report);
    expect(expected).toMatchObject({ state: 'completed', names: ['all.ndjson', 'in.ndjson', 'kept.csv'] });
  });

  it.each([
    ['before its row is written', 'runs.insert before'],
    ['when it is queued', 'runs.insert after'],
    ['when it holds its lease', 'leases.acquire after'],
    ['when it is said to be running', 'runs.update after'],
    ['when a file is written and not yet durable', 'file.datasync before'],
    ['when one file of a checkpoint is durable', 'file.datasync after 1'],
    ['when both files are durable and the checkpoint is not', 'checkpoints.put before'],
    ['when the checkpoint is durable', 'checkpoints.put after'],
    ['at the second checkpoint', 'checkpoints.put before 2'],
    ['when all is durable and no file has its name', 'file.rename before'],
    ['when one file has its name', 'file.rename after 1'],
    ['when both files have their names and the run is not said to be done', 'file.rename after 2'],
  ])(
    '%s is whole after a resume',
    async (_when, point) => {
      const folder = makeFolder();
      expect((await start(folder, point)).isKilled).toBe(true);
      const runId = await newestRun(folder);
      const { report } = await start(folder, '', runId);
      expect(outcome(folder, report)).toEqual(expected);
    },
    60_000,
  );
});
