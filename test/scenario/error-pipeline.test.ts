import { appendFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/document/json.ts';
import type { RunReport } from '../../src/host/host.ts';
import { type FolderHost, openFolderHost } from '../support/folder-host.ts';

let here: FolderHost;
beforeAll(async () => {
  here = await openFolderHost();
});
afterAll(() => here.close());

const good = (n: number) => ({ n, amount: `${n}` });
const bad = (n: number) => ({ n, amount: 'much' });

beforeEach(() => {
  here.lines('in.ndjson', [good(1), bad(2), good(3), bad(4)]);
  here.pipeline('errors', {
    snaps: [
      {
        id: 'shape',
        snap: 'core.map',
        settings: { fields: { code: 'code', isRunFailure: 'isRunFailure', original: 'original' } },
      },
      { id: 'write', snap: 'core.write-file', settings: { path: { expression: "'errors-' & run.id & '.ndjson'" } } },
    ],
    links: [['shape', 'write']],
  });
});

const failing = (name: string, more: JsonObject = {}): string =>
  here.pipeline(name, {
    snaps: [
      { id: 'read', snap: 'core.read-file', settings: { path: 'in.ndjson' } },
      { id: 'shape', snap: 'core.map', errors: 'route', settings: { fields: { amount: '$number(amount)' } } },
      { id: 'write', snap: 'core.write-file', settings: { path: `${name}.ndjson` } },
    ],
    links: [
      ['read', 'shape'],
      ['shape', 'write'],
    ],
    errorPipeline: 'errors.pipeline.json',
    ...more,
  });

/** What the error pipeline wrote that followed a run last. */
const told = ({ errorRun }: RunReport): readonly JsonObject[] => here.read(`errors-${errorRun?.runId}.ndjson`);
const spoil = () => appendFileSync(path.join(here.folder, 'in.ndjson'), 'no json\n');

describe('an error pipeline', () => {
  it('gets the error documents that nobody took, once the run has completed', async () => {
    const report = await here.run(failing('completed'));
    expect(report).toMatchObject({ state: 'completed', children: 1, errorRun: { state: 'completed' } });
    expect(told(report)).toEqual([
      { code: 'SNAP_EXPRESSION_FAILED', original: bad(2) },
      { code: 'SNAP_EXPRESSION_FAILED', original: bad(4) },
    ]);
    const again = await here.run(failing('completed'), { resume: report.runId });
    expect(again).toMatchObject({ children: 1, errorRun: report.errorRun });
  });

  it('gets one document about a failure, and after a resume only what it was not told', async () => {
    const file = failing('failed');
    spoil();
    const failed = await here.run(file);
    expect(failed).toMatchObject({ state: 'failed', errorRun: { state: 'completed' } });
    const [failure, ...documents] = told(failed);
    expect(failure).toMatchObject({
      ...{ code: 'SNAP_DOCUMENT_INVALID', isRunFailure: true },
      original: { runId: failed.runId, pipeline: 'failed', state: 'failed', attempt: 1, startedAt: failed.startedAt },
    });
    expect(documents).toMatchObject([{ original: bad(2) }, { original: bad(4) }].slice(0, documents.length));
    const whole = readFileSync(path.join(here.folder, 'in.ndjson'), 'utf8').replace('no json\n', '');
    here.lines('in.ndjson', [
      ...whole
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
      bad(5),
    ]);
    const done = await here.run(file, { resume: failed.runId });
    expect(done).toMatchObject({ state: 'completed', children: 2, errorRun: { state: 'completed' } });
    expect(done.errorRun?.runId).not.toBe(failed.errorRun?.runId);
    expect([...documents, ...told(done)].map(({ original }) => (original as JsonObject).n)).toEqual([2, 4, 5]);
  });

  it('is left out when nothing went wrong', async () => {
    here.lines('in.ndjson', [good(1)]);
    const report = await here.run(failing('clean'));
    expect(report.errorRun).toBeUndefined();
    expect(report.children).toBeUndefined();
  });

  it('whose own run fails is told, and starts no other', async () => {
    here.pipeline('errors', {
      snaps: [
        { id: 'pass', snap: 'core.map', settings: { fields: { code: '$error("on purpose")' } } },
        { id: 'log', snap: 'core.log' },
      ],
      links: [['pass', 'log']],
      errorPipeline: 'errors.pipeline.json',
    });
    const report = await here.run(failing('looping'));
    expect(report).toMatchObject({ state: 'completed', children: 1, errorRun: { state: 'failed' } });
    expect((await here.host.runs.show(report.errorRun?.runId ?? '')).children).toBeUndefined();
    const { entries } = await here.host.runs.log(report.runId, { limit: 99 });
    expect(entries.at(-1)).toMatchObject({ level: 'error', event: 'child', details: { state: 'failed' } });
  });

  it('is checked with the pipeline, before anything is sent', async () => {
    here.pipeline('closed', { snaps: [{ id: 'read', snap: 'core.read-file', settings: {} }] });
    const { faults } = await here.host.checkPipeline(failing('faulty', { errorPipeline: 'closed.pipeline.json' }));
    expect(faults).toEqual([
      { pointer: '/errorPipeline', message: 'closed.pipeline.json at /snaps/0/settings: "path" is missing' },
      {
        pointer: '/errorPipeline',
        message: '"closed.pipeline.json" must leave one input open for the error documents; it leaves 0',
      },
    ]);
  });
});

describe('the limits of a run', () => {
  const long = (name: string, limits: JsonObject): string =>
    here.pipeline(name, {
      limits,
      snaps: [
        { id: 'read', snap: 'core.read-file', settings: { path: 'many.ndjson' } },
        { id: 'shape', snap: 'core.map', settings: { fields: { n: 'n' } } },
        { id: 'write', snap: 'core.write-file', settings: { path: `${name}.ndjson` } },
      ],
      links: [
        ['read', 'shape'],
        ['shape', 'write'],
      ],
    });

  it('fail a run whose sources give more documents, and let it be resumed with a higher one', async () => {
    here.lines(
      'many.ndjson',
      Array.from({ length: 1_000 }, (_, n) => ({ n })),
    );
    const file = long('bounded', { documents: 300 });
    const failed = await here.run(file);
    expect(failed).toMatchObject({
      state: 'failed',
      error: { code: 'SNAP_LIMIT_REACHED', snap: 'read', reason: 'it was to take at most 300' },
    });
    expect(failed.snaps[0]?.output).toBeLessThanOrEqual(300);
    expect(await here.run(file, { resume: failed.runId, limits: { documents: 999 } })).toMatchObject({
      state: 'failed',
      error: { code: 'SNAP_LIMIT_REACHED' },
    });
    const done = await here.run(file, { resume: failed.runId, limits: { documents: 1_000 } });
    expect(done).toMatchObject({ state: 'completed', attempt: 3 });
    expect(here.read('bounded.ndjson')).toEqual(Array.from({ length: 1_000 }, (_, n) => ({ n })));
  });

  it('fail a run that takes too long, which can be resumed', async () => {
    here.lines(
      'many.ndjson',
      Array.from({ length: 60_000 }, (_, n) => ({ n })),
    );
    const file = long('timed', { seconds: 1 });
    const slow = JSON.parse(readFileSync(file, 'utf8'));
    slow.snaps[1].settings.fields.n = 'n + $sum([1..300]) - 45150';
    here.pipeline('timed', slow);
    const failed = await here.run(file);
    expect(failed).toMatchObject({
      state: 'failed',
      error: { code: 'SNAP_LIMIT_REACHED', reason: 'it was to end within 1 s of its start' },
    });
    slow.snaps[1].settings.fields.n = 'n';
    const done = await here.run(here.pipeline('timed-quick', slow), { limits: { seconds: 600 } });
    expect(done).toMatchObject({ state: 'completed' });
  }, 60_000);
});
