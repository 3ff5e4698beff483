// The files of a year of invoices, out and back in, with the process killed on the way.
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/document/json.ts';
import { drawing } from '../support/fault-cases.ts';
import { type Fault, FaultLine } from '../support/fault-line.ts';
import { type FaultBench, type FaultTenant, giveFile, openFaultTenant } from '../support/fault-tenant.ts';

/** Kills at each point; SNAPS_FAULT_SEEDS=20 tries more of them. */
const seeds = Number(process.env.SNAPS_FAULT_SEEDS ?? 1);
const invoices = 24;
const files = Array.from({ length: 12 }, (_, index) => `${index}.pdf`);

const example = (name: string): JsonObject =>
  JSON.parse(readFileSync(`examples/${name}.pipeline.json`, 'utf8')) as JsonObject;
const archive = example('archive-invoice-files');
// Without a quiet time a look-up follows at once; that it is kept is held elsewhere.
const attach = JSON.parse(
  JSON.stringify(example('attach-invoice-files')).replace('"existing":"skip"', '"existing":"skip","quietSeconds":0'),
) as JsonObject;

let tenant: FaultTenant;
let ids: number[];
beforeAll(async () => {
  const scopes = ['core.invoice.read', 'core.invoice.write', 'core.common.read'];
  tenant = await openFaultTenant({ records: invoices, scopes });
  ids = (await tenant.ask('invoices?fields=["id"]')).map(({ id }) => Number(id));
});
afterAll(() => tenant.close());

/** Kills a run at one of the calls that match, drawn by the seed; gives the bench with what is left. */
async function kill(pipeline: JsonObject, bench: FaultBench, fault: Omit<Fault, 'nth'>, nth: number) {
  const line = new FaultLine({ ...fault, nth });
  await bench.start({ pipeline, line });
  expect(line.diedAt, `no call ${nth} is ${JSON.stringify(fault)}`).toBeDefined();
  return (await bench.runId()) ?? '';
}

const isWhole = (name: string): boolean => name.startsWith('invoices/');

describe('the scans and attachments of a year', () => {
  it('have the same bytes, each once, wherever the run was killed, and no half file has its name', async () => {
    const calm = await tenant.bench();
    const done = await calm.start({ pipeline: archive });
    expect(done.report).toMatchObject({ state: 'completed' });
    const expected = calm.written(done.report?.runId ?? '');
    expect(Object.keys(expected).filter(isWhole)).toHaveLength(invoices * 2);
    const points = [
      ['wire', 'after', /retrieve_image_scan|attachments/u],
      ['file.write', 'after', /invoices\//u],
      ['file.rename', 'before', /invoices\//u],
      ['file.rename', 'after', /invoices\//u],
      ['checkpoints.put', 'after', /./u],
    ] as const;
    for (const [index, [point, edge, detail]] of points.entries()) {
      for (let seed = 1; seed <= seeds; seed += 1) {
        const bench = await tenant.bench();
        const nth = 1 + drawing(seed * 100 + index)(point === 'checkpoints.put' ? 3 : invoices);
        const runId = await kill(archive, bench, { point, edge, detail }, nth);
        for (const [name, bytes] of Object.entries(bench.written(runId)).filter(([file]) => isWhole(file))) {
          if (!name.endsWith('.partial')) expect(bytes, name).toBe(expected[name]);
        }
        const resumed = await bench.start({ pipeline: archive, resume: runId });
        expect(resumed.report?.state).toBe('completed');
        expect(bench.written(runId), `killed at ${point} ${edge} ${nth}`).toEqual(expected);
      }
    }
  }, 120_000);
});

describe('a folder of PDFs for invoices', () => {
  const sent = () =>
    tenant.simulator
      .stats()
      .files.map(({ name, sha256 }) => `${name} ${sha256}`)
      .sort();

  async function folder(): Promise<FaultBench> {
    tenant.simulator.reset();
    const bench = await tenant.bench();
    mkdirSync(path.join(bench.output, 'pdfs'));
    for (const name of files) giveFile(bench, `pdfs/${name}`, `%PDF-1.4\n${name.repeat(500)}`);
    giveFile(bench, 'files.csv', `invoice,file\n${files.map((name, n) => `${ids[n]},pdfs/${name}`).join('\n')}\n`);
    return bench;
  }

  it('is attached once, wherever the run was killed', async () => {
    const calm = await folder();
    expect((await calm.start({ pipeline: attach })).report).toMatchObject({ state: 'completed' });
    const expected = sent();
    expect(expected).toHaveLength(files.length);
    const points = [
      ['writes.note', 'after', /./u],
      ['wire', 'after', /^POST /u],
      ['writes.settle', 'before', /./u],
      ['writes.settle', 'after', /./u],
    ] as const;
    for (const [index, [point, edge, detail]] of points.entries()) {
      for (let seed = 1; seed <= seeds; seed += 1) {
        const bench = await folder();
        const nth = 1 + drawing(seed * 100 + index)(4);
        const runId = await kill(attach, bench, { point, edge, detail }, nth);
        const resumed = await bench.start({ pipeline: attach, resume: runId });
        expect(resumed.report, `killed at ${point} ${edge} ${nth}`).toMatchObject({ state: 'completed' });
        expect(sent(), `killed at ${point} ${edge} ${nth}`).toEqual(expected);
      }
    }
  }, 120_000);

  it('is refused file by file when a file was changed between the kill and the resume, and never half sent', async () => {
    const adding = JSON.parse(JSON.stringify(attach).replace('"existing":"skip"', '"existing":"add"')) as JsonObject;
    const bench = await folder();
    const runId = await kill(adding, bench, { point: 'writes.note', edge: 'after' }, 1);
    for (const name of files) giveFile(bench, `pdfs/${name}`, `%PDF-1.4\nanother ${name}`);
    const { report } = await bench.start({ pipeline: adding, resume: runId });
    expect(report?.state).toBe('completed');
    const refused = bench.written(runId)['not-attached.ndjson'] ?? '';
    const codes = refused
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as JsonObject).code);
    // Those that were journaled, of which none had left; the others were never begun, and are sent as they are now.
    expect(new Set(codes)).toEqual(new Set(['SNAP_FILE_CHANGED']));
    expect(sent()).toHaveLength(files.length - codes.length);
  }, 60_000);
});
