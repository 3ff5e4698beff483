import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/document/json.ts';
import type { PipelineImport } from '../../../src/host/import-contract.ts';
import { importSlp } from '../../../src/host/slp/import-slp.ts';
import { loadPack, PackRegistry } from '../../../src/pack/index.ts';
import { checkPipeline } from '../../../src/pipeline/check-pipeline.ts';
import { runCommand } from '../../support/command.ts';

const fixture = 'test/host/slp/nightly-invoices.slp';
/** In the form of newer versions: views by label, classes with their builds, memory settings on every snap. */
const orders = 'test/host/slp/orders-by-supplier.slp';
const folder = mkdtempSync(path.join(tmpdir(), 'slp-'));
let registry: PackRegistry;
let imported: PipelineImport;

beforeAll(async () => {
  registry = new PackRegistry([await loadPack('.'), await loadPack('packs/core')]);
  imported = importSlp(fixture, registry);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const snapOf = (id: string): JsonObject | undefined =>
  (imported.pipeline.snaps as readonly JsonObject[]).find((snap) => snap.id === id);

/** The fixture with one thing changed. */
function changed(change: (file: Record<string, never>) => void): PipelineImport {
  const json = JSON.parse(readFileSync(fixture, 'utf8'));
  change(json);
  const file = path.join(folder, 'changed.slp');
  writeFileSync(file, JSON.stringify(json));
  return importSlp(file, registry);
}

describe('importing an .slp file', () => {
  it('takes over snaps, settings, policies, accounts, parameters and links', () => {
    expect(imported.pipeline).toMatchObject({ name: 'Nightly-Invoices', description: 'Invoices for the ledger.' });
    expect(snapOf('read-invoices')).toEqual({
      id: 'read-invoices',
      title: 'Read invoices',
      snap: 'coupa.read',
      account: 'Coupa Production',
      errors: 'route',
      settings: {
        resource: 'invoices',
        responseType: 'limited',
        filters: [
          { field: 'updated-at', operator: 'gt', value: { expression: 'parameters.since' } },
          { field: 'status', value: 'approved' },
        ],
      },
    });
    expect(snapOf('shape')).toMatchObject({
      snap: 'core.map',
      settings: { keep: false, fields: { id: 'id', supplier: '{"name": supplier.name, "key": supplier.id}' } },
    });
    expect(imported.pipeline.links).toEqual([
      ['read-invoices', 'shape'],
      ['shape', 'only-large'],
      ['only-large', 'by-region'],
      ['by-region.Europe', 'europe-file'],
      ['by-region.Rest-of-world', 'legacy-script'],
      ['legacy-script', 'world-file'],
      ['read-invoices.error', 'error-file'],
    ]);
  });

  it('takes over aggregates and the pipeline that runs on failure', () => {
    const field = (value: string) => ({ value, expression: true });
    const { pipeline, unmapped } = changed((file) => {
      Object.assign(file.snap_map ?? {}, {
        sum: {
          class_id: 'com-snaplogic-snaps-transform-aggregate',
          property_map: {
            info: { label: { value: 'Sum' } },
            settings: {
              aggregateFields: {
                value: [{ function: { value: 'SUM' }, field: field('$total'), resultField: { value: 'spend' } }],
              },
              groupByFields: { value: [] },
              integerMode: { value: false },
              minimumMemory: { value: 500, expression: false },
              outOfResourceTimeout: { value: 30, expression: false },
              sortedStreams: { value: 'Unsorted' },
            },
          },
        },
      });
    });
    expect((pipeline.snaps as readonly JsonObject[]).find(({ id }) => id === 'sum')).toMatchObject({
      ...{ snap: 'core.aggregate', settings: { fields: { spend: { function: 'sum', value: 'total' } } } },
    });
    expect(unmapped.filter(({ snap: label }) => label === 'Sum')).toEqual([]);
    expect(pipeline.errorPipeline).toBe('Tell-Operations');
  });

  it('takes over joins with their sides, unique, sorts, splits, batches and pipelines that it runs', () => {
    const { pipeline } = importSlp(orders, registry);
    const settings = Object.fromEntries(
      (pipeline.snaps as readonly JsonObject[]).map(({ id, snap, settings: given }) => [id, [snap, given]]),
    );
    expect(settings).toMatchObject({
      'orders-file': [
        'core.read-file',
        { path: 'orders.csv', format: 'csv', delimiter: ';', quote: '"', header: true },
      ],
      'suppliers-file': ['core.read-file', { path: 'suppliers.xml', format: 'xml' }],
      'once-each': ['core.unique', { keys: ['$'] }],
      'in-order': [
        'core.sort',
        {
          keys: [
            { value: 'total', direction: 'descending' },
            { value: '`order-no`', direction: 'ascending' },
          ],
        },
      ],
      'with-suppliers': ['core.join', { left: ['supplier.id'], right: ['id'], kind: 'left' }],
      lines: ['core.split', { elements: 'lines' }],
      hundreds: ['core.batch', { size: 100, field: 'lines' }],
      'send-them': [
        'core.pipeline',
        {
          ...{ pipeline: 'Send-Lines', parameters: { day: { expression: 'parameters.day' } } },
          ...{ concurrency: 5, mode: 'each', output: 'documents' },
        },
      ],
    });
    expect(pipeline.links).toEqual(
      expect.arrayContaining([
        ['in-order', 'with-suppliers.left'],
        ['suppliers-file', 'with-suppliers.right'],
      ]),
    );
  });

  it('lists a row whose columns it does not know, and passes over an empty one', () => {
    const { unmapped } = changed((file) => {
      Object.assign(file.snap_map ?? {}, {
        call: {
          class_id: 'com-snaplogic-snaps-flow-pipeexec',
          property_map: {
            info: { label: { value: 'Call' } },
            settings: {
              pipeline: { value: 'One' },
              params: {
                value: [{ otherName: { value: 'id' }, otherValue: { value: '1' } }, { paramName: { value: '' } }],
              },
            },
          },
        },
      });
    });
    const told = unmapped.filter(({ snap: label }) => label === 'Call');
    expect(told.map(({ message }) => message)).toEqual([expect.stringContaining('a row without a name')]);
  });

  it('folds formatters into the files they are written to', () => {
    expect(snapOf('europe-file')).toMatchObject({ settings: { path: 'europe.csv', format: 'csv', delimiter: ';' } });
    expect(snapOf('world-file')).toMatchObject({ settings: { path: 'world.ndjson', format: 'ndjson' } });
    expect(snapOf('error-file')).toMatchObject({ settings: { path: 'errors.json', format: 'json' } });
  });

  it('lists what it could not take over with its place', () => {
    const listed = imported.unmapped.map(({ snap, message }) => `${snap ?? 'pipeline'}: ${message}`);
    expect(listed).toEqual([
      expect.stringMatching(/^pipeline: the value of "ftp_password" looks like a secret/u),
      expect.stringMatching(/^Read invoices: the parameter "limit"/u),
      expect.stringMatching(/^Read invoices: the setting "batchSize"/u),
      expect.stringMatching(/^Shape: the expression Date\.now\(\)/u),
      expect.stringMatching(/^Legacy script: .* has no counterpart \(there are no scripts here/u),
      expect.stringMatching(/^World file: the setting "fileAction" \("APPEND"\)/u),
    ]);
    const file = JSON.parse(readFileSync(fixture, 'utf8'));
    for (const { pointer } of imported.unmapped) {
      const segments = pointer.split('/').slice(1);
      expect(
        segments.reduce((value, segment) => value?.[segment], file),
        pointer,
      ).toBeDefined();
    }
  });

  it('leaves every snap and expression that it could not take over where a check names it', () => {
    const faults = checkPipeline(imported.pipeline, { registry, accounts: {}, trustsInferredScopes: true });
    expect(faults.map(({ pointer }) => pointer)).toEqual([
      '/snaps/1/settings/fields/today',
      '/snaps/5/snap',
      '/errorPipeline',
    ]);
  });

  it('keeps no value that looks like a secret', () => {
    expect(JSON.stringify(imported)).not.toContain('canary-7731');
  });

  it('keeps a snap of a class that it does not know, disabled ones and broken links included', () => {
    const result = changed((file: Record<string, never>) => {
      const { snap_map: snaps, link_map: links } = file as unknown as Record<string, Record<string, JsonObject>>;
      if (snaps === undefined || links === undefined) throw new Error('the fixture lost its maps');
      const [first = ''] = Object.keys(snaps);
      snaps[first] = { class_fqid: 'com-snaplogic-snaps-other-thing_4-main1234', property_map: {} };
      links.lost = { src_id: first, dst_id: 'nowhere' };
    });
    expect(result.unmapped).toContainEqual(expect.objectContaining({ pointer: '/link_map/lost' }));
    expect((result.pipeline.snaps as readonly JsonObject[])[0]).toMatchObject({
      snap: 'com-snaplogic-snaps-other-thing',
    });
  });

  it('says what does the work of a snap that it cannot take over, and what a snap does otherwise', () => {
    const { unmapped, remarks } = importSlp(orders, registry);
    expect(unmapped.map(({ pointer, message }) => [pointer, message])).toEqual([
      ['/property_map/settings/error_param_table', expect.stringContaining('parameters of the error pipeline')],
      ['/snap_map/c1', expect.stringContaining('drops every repeated document')],
      ['/snap_map/d1', expect.stringContaining('in the field "right" here')],
      ['/snap_map/d2/property_map/settings/includeParents', expect.stringContaining('"includeParents"')],
      ['/snap_map/e1/property_map/settings/retryLimit', expect.stringContaining('"retryLimit"')],
      ['/snap_map/f1', expect.stringContaining('(core.aggregate with')],
      ['/snap_map/f2', expect.stringContaining('(no snap calls an')],
      ['/snap_map/f3', expect.stringContaining('in the field "right" here')],
      ['/snap_map/f3/property_map/settings/joinType', expect.stringContaining('"Merge"')],
      ['/snap_map/f3/property_map/input/input101', expect.stringContaining('"input101"')],
    ]);
    expect(remarks.map(({ pointer }) => pointer.split('/').at(-1))).toEqual(['error_pipeline', 'filePath', 'pipeline']);
  });

  it('puts no default in the place of a value that it does not know, and no view in that of another', () => {
    const { pipeline } = importSlp(orders, registry);
    const faults = checkPipeline(pipeline, { registry, accounts: {}, trustsInferredScopes: true });
    expect(faults.map(({ pointer }) => pointer)).toEqual([
      '/snaps/7/settings/pipeline',
      '/snaps/8/snap',
      '/snaps/9/snap',
      '/snaps/10/settings/kind',
      '/links/11/1',
      '/errorPipeline',
    ]);
  });

  it('writes the pipeline beside the file, never over one that is there', async () => {
    const output = path.join(folder, 'nightly.pipeline.json');
    const words = ['pipeline', 'import', fixture, '--output', output, '--json'];
    const first = await runCommand(words);
    expect(first.code).toBe(0);
    expect(first.json()).toMatchObject({ file: output, mapped: imported.mapped, unmapped: imported.unmapped });
    expect(JSON.parse(readFileSync(output, 'utf8'))).toEqual(imported.pipeline);
    const second = await runCommand(words);
    expect(second.code).toBe(2);
    expect(second.json()).toMatchObject({ error: { code: 'SNAP_USAGE', reason: 'a file of that name exists' } });
  });

  it('refuses files that are no such pipelines', () => {
    for (const [text, reason] of [
      ['{', 'line 1'],
      ['[]', 'snap_map'],
      ['{"snap_map":{}}', 'snap_map'],
    ] as const) {
      const file = path.join(folder, 'wrong.slp');
      writeFileSync(file, text);
      expect(() => importSlp(file, registry)).toThrow(
        expect.objectContaining({ reason: expect.stringContaining(reason) }),
      );
    }
    expect(() => importSlp(path.join(folder, 'none.slp'), registry)).toThrow(
      expect.objectContaining({ code: 'SNAP_PIPELINE_NOT_FOUND' }),
    );
  });
});
