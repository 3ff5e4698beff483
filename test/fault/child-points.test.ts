import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { JsonObject } from '../../src/document/json.ts';
import { drawing, faultScopes } from '../support/fault-cases.ts';
import { FaultLine } from '../support/fault-line.ts';
import { type FaultBench, type FaultTenant, giveFile, openFaultTenant, type Started } from '../support/fault-tenant.ts';

/** Places of each edge; SNAPS_FAULT_SEEDS=100 tries as many as one likes. */
const seeds = Number(process.env.SNAPS_FAULT_SEEDS ?? 4);
vi.setConfig({ testTimeout: 60_000 * (seeds + 1) });

const halls = Array.from({ length: 6 }, (_, index) => `Hall ${index}`);

const make: JsonObject = {
  name: 'make',
  parameters: { active: { type: 'boolean' } },
  snaps: [
    { id: 'shape', snap: 'core.map', settings: { fields: { name: 'name', active: 'parameters.active' } } },
    {
      ...{ id: 'write', snap: 'coupa.create', account: 'coupa' },
      settings: { resource: 'departments', quietSeconds: 0 },
    },
  ],
  links: [['shape', 'write']],
};

const tell: JsonObject = {
  name: 'tell',
  snaps: [{ id: 'write', snap: 'core.write-file', settings: { path: 'told.ndjson' } }],
};

/** Makes a department of each document in a run of its own, and tells what could not be made. */
const pipeline: JsonObject = {
  name: 'halls',
  errorPipeline: 'tell',
  snaps: [
    { id: 'file', snap: 'core.read-file', settings: { path: 'in.ndjson' } },
    {
      ...{ id: 'call', snap: 'core.pipeline', errors: 'route' },
      settings: {
        pipeline: 'make',
        output: 'documents',
        concurrency: 2,
        parameters: { active: { expression: 'active' } },
      },
    },
    { id: 'out', snap: 'core.write-file', settings: { path: 'out.ndjson' } },
  ],
  links: [
    ['file', 'call'],
    ['call', 'out'],
  ],
};

let tenant: FaultTenant;
let calm: Started;
let expected: Awaited<ReturnType<typeof outcomeOf>>;

async function begin(): Promise<FaultBench> {
  tenant.simulator.reset();
  const bench = await tenant.bench();
  const host = await bench.openHost();
  for (const each of [make, tell]) await host.pipelines.save({ name: String(each.name), pipeline: each, basedOn: 0 });
  await host.close();
  const documents = [...halls.map((name) => ({ name, active: true })), { name: 'Hall x', active: 'perhaps' }];
  giveFile(bench, 'in.ndjson', documents.map((document) => JSON.stringify(document)).join('\n'));
  return bench;
}

async function outcomeOf(bench: FaultBench, { report }: Started) {
  const store = await bench.openStore();
  const runId = report?.runId ?? '';
  const children = await store.runs.list({ limit: 99, parent: runId });
  await store.close();
  const far = await tenant.ask('departments?fields=["name"]&name[starts_with]=Hall');
  const written = bench.written(runId);
  const namesIn = (text = ''): string[] => [...text.matchAll(/"name":"(Hall [^"]*)"/gu)].map(([, name]) => name ?? '');
  return {
    ...{ state: report?.state, errorRun: report?.errorRun?.state },
    files: Object.keys(written),
    out: namesIn(written['out.ndjson']),
    told: namesIn(written['told.ndjson']),
    far: far.map(({ name }) => name).sort(),
    children: children.map(({ pipeline: name, state }) => `${name} ${state}`).sort(),
    counts: (report?.snaps ?? []).map(({ id, input, output, errors }) => [id, input, output, errors]),
  };
}

beforeAll(async () => {
  tenant = await openFaultTenant({ records: 20, scopes: faultScopes });
  const bench = await begin();
  calm = await bench.start({ pipeline });
  expected = await outcomeOf(bench, calm);
});
afterAll(() => tenant.close());

describe('a run whose children write', () => {
  it('makes each record once and tells each error once when nothing disturbs it', () => {
    expect(expected).toMatchObject({
      ...{ state: 'completed', errorRun: 'completed', out: halls, far: halls, told: ['Hall x'] },
      files: ['in.ndjson', 'out.ndjson', 'told.ndjson'],
      children: [...halls.map(() => 'make completed'), 'tell completed'],
    });
  });

  it('tells the errors of a run that has ended in the next host that serves, when the process died in between', async () => {
    const bench = await begin();
    // The parent's own row is the last of those that a run completes before its error pipeline runs.
    const nth = 1 + halls.length;
    const line = new FaultLine({ point: 'runs.update', detail: /completed/u, edge: 'after', nth });
    await bench.start({ pipeline, line });
    expect(line.diedAt).toBeDefined();
    const runId = (await bench.runId()) ?? '';
    // A run that was queued a moment ago may have an owner that is about to take it.
    bench.pass(60_000);
    const host = await bench.openHost();
    await host.crashedRuns.start();
    const told = await vi.waitUntil(
      async () => {
        const report = await host.runs.show(runId);
        return report.errorRun?.state === 'completed' ? report : undefined;
      },
      { timeout: 60_000, interval: 50 },
    );
    await host.close();
    expect(told).toMatchObject({ state: 'completed', attempt: 1 });
    expect(bench.written(runId)['told.ndjson']).toContain('"name":"Hall x"');
  });

  it.each(['before', 'after'] as const)(
    'does so too when its process dies %s any call, and it is resumed',
    async (edge) => {
      const died: string[] = [];
      for (let seed = 1; seed <= seeds; seed += 1) {
        const nth = 1 + drawing(seed * (edge === 'after' ? 7 : 1))(calm.line.calls.length - 1);
        const bench = await begin();
        const line = new FaultLine({ point: '*', edge, nth });
        await bench.start({ pipeline, line });
        const runId = await bench.runId();
        const resumed = await bench.start({ pipeline, ...(runId === undefined ? {} : { resume: runId }) });
        expect(await outcomeOf(bench, resumed), `died at ${line.diedAt}, call ${nth}`).toEqual(expected);
        if (line.diedAt !== undefined) died.push(line.diedAt);
      }
      expect(died.length).toBeGreaterThan(0);
    },
  );
});
