import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/document/json.ts';
import { type FolderHost, openFolderHost } from '../support/folder-host.ts';

let here: FolderHost;
beforeAll(async () => {
  here = await openFolderHost();
  here.lines(
    'suppliers.ndjson',
    [1, 2, 3, 4].map((id) => ({ id, name: `S${id}` })),
  );
  for (const id of [1, 2, 3, 4]) {
    here.lines(
      `orders-${id}.ndjson`,
      Array.from({ length: id }, (_, n) => ({ order: `${id}-${n}`, n })),
    );
  }
});
afterAll(() => here.close());

const read = (file: string) => ({ id: 'read', snap: 'core.read-file', settings: { path: file } });
const write = (file: string) => ({ id: 'write', snap: 'core.write-file', settings: { path: file } });

/** Reads the orders of one supplier and writes them to a file of its own. */
const oneSupplier: JsonObject = {
  parameters: { supplier: { type: 'integer' } },
  snaps: [
    {
      id: 'read',
      snap: 'core.read-file',
      settings: { path: { expression: "'orders-' & parameters.supplier & '.ndjson'" } },
    },
    {
      id: 'shape',
      snap: 'core.map',
      errors: 'route',
      settings: { keep: true, fields: { supplier: 'parameters.supplier' } },
    },
    {
      id: 'write',
      snap: 'core.write-file',
      settings: { path: { expression: "'out/' & parameters.supplier & '.ndjson'" } },
    },
  ],
  links: [
    ['read', 'shape'],
    ['shape', 'write'],
  ],
};

const perSupplier = (settings: JsonObject, more: JsonObject = {}): JsonObject => ({
  snaps: [
    read('suppliers.ndjson'),
    {
      ...{ id: 'call', snap: 'core.pipeline', ...more },
      settings: { pipeline: 'children/one.pipeline.json', parameters: { supplier: { expression: 'id' } }, ...settings },
    },
    write('results.ndjson'),
  ],
  links: [
    ['read', 'call'],
    ['call', 'write'],
  ],
});

describe('a pipeline that runs another for each document', () => {
  it('gives each run a row of its own, and a summary in the order of the documents', async () => {
    here.pipeline('children/one', oneSupplier);
    const report = await here.run(here.pipeline('each', perSupplier({ concurrency: 3 })));
    expect(report).toMatchObject({ state: 'completed', children: 4 });
    expect(report.snaps[1]).toMatchObject({ id: 'call', input: 4, output: 4, errors: 0 });
    const results = here.read('results.ndjson');
    expect(results).toMatchObject(
      [1, 2, 3, 4].map((id) => ({
        ...{ pipeline: 'one', read: id, written: id, errors: 0, original: { id, name: `S${id}` } },
        outputs: [{ path: path.join(here.folder, `out/${id}.ndjson`), documents: id }],
      })),
    );
    expect(here.read('out/3.ndjson')).toMatchObject([{ order: '3-0', supplier: 3 }, {}, {}]);
    const all = await here.host.runs.list({ limit: 9 });
    expect(all).toMatchObject([{ pipeline: 'each', parent: null, children: 4 }]);
    const children = await here.host.runs.list({ limit: 9, parent: report.runId });
    expect(new Set(children.map(({ runId }) => runId))).toEqual(new Set(results.map(({ runId }) => runId)));
    expect(children).toMatchObject(Array(4).fill({ pipeline: 'one', parent: report.runId, state: 'completed' }));
    const log = await here.host.runs.log(report.runId, { limit: 99 });
    expect(log.entries.filter(({ event }) => event === 'child')).toMatchObject([
      { snap: 'call', message: expect.stringMatching(/of "one" is completed$/u) },
      { details: { count: 3, state: 'completed' } },
    ]);
  });

  it('hands on the documents that leave the child, and takes the document into its open input', async () => {
    here.pipeline('children/open', {
      parameters: { factor: { type: 'number', default: 10 } },
      snaps: [
        { id: 'lines', snap: 'core.split', settings: { elements: '[1..id].{ "line": $ }', fields: { of: 'name' } } },
        { id: 'shape', snap: 'core.map', settings: { keep: true, fields: { value: 'line * parameters.factor' } } },
      ],
      links: [['lines', 'shape']],
    });
    const settings = { pipeline: 'children/open.pipeline.json', parameters: {}, output: 'documents', concurrency: 2 };
    const report = await here.run(here.pipeline('documents', perSupplier(settings)));
    expect(report).toMatchObject({ state: 'completed', children: 4 });
    expect(report.outputs).toMatchObject([{ documents: 10 }]);
    const expected = [1, 2, 3, 4].flatMap((id) =>
      Array.from({ length: id }, (_, n) => ({ line: n + 1, of: `S${id}`, value: (n + 1) * 10 })),
    );
    expect(here.read('results.ndjson')).toEqual(expected);
    expect(readdirSync(here.folder).filter((name) => name.endsWith('.children'))).toEqual([]);
  });

  it('runs once when nothing is linked to its input', async () => {
    const report = await here.run(
      here.pipeline('once', {
        snaps: [
          {
            ...{ id: 'call', snap: 'core.pipeline' },
            settings: { pipeline: 'children/one.pipeline.json', parameters: { supplier: 2 } },
          },
        ],
      }),
    );
    expect(report).toMatchObject({ state: 'completed', children: 1 });
    expect(here.read('out/2.ndjson')).toHaveLength(2);
  });

  it('treats a child that fails by the error policy, and names its run', async () => {
    here.lines('suppliers.ndjson', [{ id: 1 }, { id: 9 }, { id: 'x' }, { id: 2 }]);
    const file = here.pipeline('failing', perSupplier({}, { errors: 'route' }));
    const report = await here.run(file);
    expect(report).toMatchObject({ state: 'completed', children: 3 });
    expect(report.snaps[1]).toMatchObject({ input: 4, output: 2, errors: 2 });
    const errors = await here.host.runs.errors(report.runId, { limit: 9 });
    const failed = (await here.host.runs.list({ limit: 9, parent: report.runId })).find(
      ({ state }) => state === 'failed',
    );
    expect(errors).toMatchObject([
      {
        code: 'SNAP_FILE_FAILED',
        message: expect.stringContaining(`The run ${failed?.runId} of "one" failed`),
        resolution: expect.stringContaining(`snaps runs show ${failed?.runId}`),
        snap: 'call',
        original: { id: 9 },
      },
      {
        code: 'SNAP_PIPELINE_INVALID',
        reason: expect.stringContaining('must be a whole number'),
        original: { id: 'x' },
      },
    ]);
    await expect(
      here.host.startRun({ resume: failed?.runId ?? '', outputDirectory: here.folder }),
    ).rejects.toMatchObject({
      code: 'SNAP_USAGE',
      reason: expect.stringContaining(report.runId),
    });
  });

  it('goes on where it failed: runs that have completed are not run again', async () => {
    here.lines(
      'suppliers.ndjson',
      [1, 2, 5, 3].map((id) => ({ id })),
    );
    const file = here.pipeline('resumed', perSupplier({ concurrency: 2 }));
    const failed = await here.run(file);
    expect(failed).toMatchObject({ state: 'failed', error: { snap: 'call', code: 'SNAP_FILE_FAILED' } });
    here.lines('orders-5.ndjson', [{ order: '5-0' }]);
    const done = await here.run(file, { resume: failed.runId });
    expect(done).toMatchObject({ state: 'completed', attempt: 2, children: 4 });
    expect(here.read('results.ndjson').map(({ original }) => (original as JsonObject).id)).toEqual([1, 2, 5, 3]);
    const attempts = new Map<JsonObject, number>();
    for (const { runId } of await here.host.runs.list({ limit: 9, parent: failed.runId })) {
      const child = await here.host.runs.show(runId);
      attempts.set(child.parameters, child.attempt);
    }
    expect(Object.fromEntries([...attempts].map(([{ supplier }, attempt]) => [supplier, attempt]))).toMatchObject({
      1: 1,
      2: 1,
      5: 2,
    });
  });

  it('lets no two children write one file', async () => {
    here.lines('suppliers.ndjson', [
      { id: 1, n: 1 },
      { id: 1, n: 2 },
    ]);
    const report = await here.run(here.pipeline('clash', perSupplier({}, { errors: 'route' })));
    expect(report.snaps[1]).toMatchObject({ output: 1, errors: 1 });
    const [error] = await here.host.runs.errors(report.runId, { limit: 9 });
    expect(error).toMatchObject({ code: 'SNAP_SETTINGS_INVALID', original: { n: 2 } });
  });

  it('previews a few children, with what they write left out', async () => {
    here.lines(
      'suppliers.ndjson',
      [1, 2].map((id) => ({ id })),
    );
    const before = (await here.host.runs.list({ limit: 99 })).length;
    const preview = async (name: string, settings: JsonObject) => {
      const file = here.pipeline(name, perSupplier(settings));
      return await here.host.preview({ file, outputDirectory: here.folder, documentsMax: 5 });
    };
    rmSync(path.join(here.folder, 'out'), { recursive: true });
    const written = await preview('previewed', {});
    expect(written.report).toMatchObject({ state: 'completed' });
    expect(written.samples.call).toMatchObject([
      { pipeline: 'one', read: 1 },
      { read: 2, outputs: [] },
    ]);
    expect(existsSync(path.join(here.folder, 'out'))).toBe(false);
    const given = { pipeline: 'children/open.pipeline.json', parameters: {}, output: 'documents' };
    expect((await preview('previewed-documents', given)).samples.call).toMatchObject([
      { value: 10 },
      { value: 10 },
      { value: 20 },
    ]);
    expect(await here.host.runs.list({ limit: 99 })).toHaveLength(before);
  });
});

describe('documents that flow through another pipeline', () => {
  const through = (settings: JsonObject, more: JsonObject = {}): JsonObject => ({
    parameters: { factor: { type: 'number', default: 2 } },
    snaps: [
      read('numbers.ndjson'),
      {
        ...{ id: 'through', snap: 'core.pipeline' },
        settings: { pipeline: 'children/double.pipeline.json', mode: 'stream', ...settings },
      },
      write('doubled.ndjson'),
      { id: 'bad', snap: 'core.write-file', settings: { path: 'bad.ndjson' } },
    ],
    links: [
      ['read', 'through'],
      ['through', 'write'],
      ['through.error', 'bad'],
    ],
    ...more,
  });

  it('pass its open views as if its snaps stood here, with parameters of its own', async () => {
    here.lines(
      'numbers.ndjson',
      Array.from({ length: 120 }, (_, n) => ({ n: n === 50 ? 'fifty' : n })),
    );
    here.pipeline('children/inner', {
      snaps: [{ id: 'keep', snap: 'core.filter', settings: { condition: 'n != 3' } }],
    });
    here.pipeline('children/double', {
      parameters: { by: { type: 'number' } },
      snaps: [
        {
          id: 'shape',
          snap: 'core.map',
          errors: 'route',
          settings: { fields: { n: 'n', twice: 'n * parameters.by' } },
        },
        { id: 'inner', snap: 'core.pipeline', settings: { pipeline: 'inner.pipeline.json', mode: 'stream' } },
      ],
      links: [['shape', 'inner']],
    });
    const file = here.pipeline('through', through({ parameters: { by: { expression: 'parameters.factor + 1' } } }));
    const report = await here.run(file);
    expect(report).toMatchObject({ state: 'completed' });
    expect(report.children).toBeUndefined();
    expect(report.snaps.map(({ id, input, output, errors }) => [id, input, output, errors])).toEqual([
      ['read', 0, 120, 0],
      ['through', 120, 120, 0],
      ['through.shape', 120, 119, 1],
      ['through.inner', 119, 119, 0],
      ['through.inner.keep', 119, 118, 0],
      ['write', 118, 118, 0],
      ['bad', 1, 1, 0],
    ]);
    expect(here.read('doubled.ndjson')[3]).toEqual({ n: 4, twice: 12 });
    expect(here.read('bad.ndjson')).toMatchObject([{ snap: 'through.shape', original: { n: 'fifty' } }]);
  });

  it('fail the run when a value is not what the parameter says', async () => {
    const file = here.pipeline('wrong', through({ parameters: { by: { expression: "'many'" } } }));
    expect(await here.run(file)).toMatchObject({
      state: 'failed',
      error: { code: 'SNAP_PIPELINE_INVALID', reason: '/parameters/by must be a number; found "many"' },
    });
    expect(existsSync(path.join(here.folder, 'doubled.ndjson.partial'))).toBe(false);
  });
});

describe('the check of a pipeline that runs others', () => {
  const check = async (name: string, content: JsonObject) => {
    const { faults } = await here.host.checkPipeline(here.pipeline(name, content));
    return faults.map(({ pointer, message }) => `${pointer}: ${message}`);
  };

  it('names the faults of all of them at once, each with its place', async () => {
    here.pipeline('children/faulty', {
      parameters: { since: { type: 'string' }, count: { type: 'integer', default: 'x' } },
      snaps: [
        { id: 'shape', snap: 'core.map', settings: { fields: { a: 'b +' } } },
        { id: 'write', snap: 'core.write-file', settings: {} },
        { id: 'deeper', snap: 'core.pipeline', settings: { pipeline: '../loop.pipeline.json' } },
      ],
      links: [['shape', 'write']],
    });
    const faults = await check('loop', {
      snaps: [
        {
          id: 'call',
          snap: 'core.pipeline',
          settings: { pipeline: 'children/faulty.pipeline.json', parameters: { sinse: 'x', count: 'many' } },
        },
        { id: 'gone', snap: 'core.pipeline', settings: { pipeline: 'nowhere.pipeline.json' } },
        { id: 'saved', snap: 'core.pipeline', settings: { pipeline: 'not-saved' } },
        { id: 'bare', snap: 'core.pipeline', settings: { mode: 'often' } },
      ],
    });
    const at = '/snaps/0/settings';
    const child = 'children/faulty.pipeline.json at';
    const circle = 'loop.pipeline.json -> faulty.pipeline.json -> loop.pipeline.json';
    expect(faults).toEqual([
      `${at}/pipeline: ${child} /parameters/count/default: must be a whole number; found "x"`,
      expect.stringContaining(`${at}/pipeline: ${child} /snaps/0/settings/fields/a: does not parse`),
      `${at}/pipeline: ${child} /snaps/1/settings: "path" is missing`,
      `${at}/pipeline: ${child} /snaps/2/settings/pipeline: closes a circle of pipelines: ${circle}`,
      `${at}/parameters/since: has no default and must be given`,
      `${at}/parameters/count: must be a whole number; found "many"`,
      `${at}/parameters/sinse: the pipeline has no parameter "sinse"; did you mean "since"?`,
      '/snaps/0: "call" needs a link into its input: "shape" of "children/faulty.pipeline.json" waits for documents',
      expect.stringContaining('/snaps/1/settings/pipeline: Could not read the pipeline'),
      '/snaps/2/settings/pipeline: there is no saved pipeline "not-saved"; a file\'s name ends in .json',
      '/snaps/3/settings: "pipeline" is missing',
      '/snaps/3/settings/mode: must be one of "each", "stream"; found "often"',
    ]);
  });
});
