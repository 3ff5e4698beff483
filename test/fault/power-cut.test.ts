import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  drawing,
  faultScopes,
  outcomeOf,
  readCase,
  type Undisturbed,
  undisturbed,
  writeCase,
} from '../support/fault-cases.ts';
import { FaultLine } from '../support/fault-line.ts';
import { type FaultTenant, openFaultTenant } from '../support/fault-tenant.ts';

/** Cuts of each pipeline; SNAPS_FAULT_SEEDS widens it. */
const seeds = Number(process.env.SNAPS_FAULT_SEEDS ?? 3) * 4;
/** Calls that change what is on a disk or say that it is there. */
const durability = /^(?:file\.|checkpoints\.put|runs\.update)/u;
// A test has as long as its seeds need on a machine that is busy with others.
vi.setConfig({ testTimeout: 60_000 * (seeds + 1) });

let tenant: FaultTenant;
const expected = new Map<string, Undisturbed>();
beforeAll(async () => {
  tenant = await openFaultTenant({ records: 300, scopes: faultScopes });
  for (const each of [readCase, writeCase]) expected.set(each.name, await undisturbed(each, tenant));
});
afterAll(() => tenant.close());

describe('a power cut', () => {
  it.each([readCase, writeCase])(
    'at any call of the run "$name", after which the disk has lost what was not synced, is resumed to the same',
    async (faultCase) => {
      const calm = expected.get(faultCase.name);
      const calls = calm?.started.line.calls.filter(({ point }) => durability.test(point)) ?? [];
      for (let seed = 1; seed <= seeds; seed += 1) {
        const draw = drawing(seed);
        const drawn = calls[draw(calls.length)] ?? { point: 'file.datasync', detail: '' };
        const alike = calls.filter(({ point }) => point === drawn.point).length;
        const fault = { point: drawn.point, edge: draw(2) === 0 ? 'before' : 'after', nth: 1 + draw(alike) } as const;
        const bench = await faultCase.begin(tenant);
        const killed = await bench.start({ pipeline: faultCase.pipeline, line: new FaultLine(fault) });
        const runId = await bench.runId();
        // Each change that was not durable is there or not as the seed will have it: a disk promises nothing about it.
        killed.disk.cutPower(() => draw(2) === 0);
        const resumed = await bench.start({
          pipeline: faultCase.pipeline,
          ...(runId === undefined ? {} : { resume: runId }),
        });
        const outcome = await outcomeOf(faultCase, { tenant, bench, report: resumed.report ?? killed.report });
        expect(outcome, `seed ${seed}: ${JSON.stringify(fault)} ${killed.line.diedAt}`).toEqual(calm?.outcome);
      }
    },
  );
});

describe('a run', () => {
  it('makes its last checkpoint, its files, their names and the folders durable before it says that it is done', () => {
    const calls = expected.get('read')?.started.line.calls ?? [];
    const dirty = new Set<string>();
    const unnamed = new Set<string>();
    for (const { point, detail } of calls) {
      const folder = detail.includes('/') ? detail.slice(0, detail.lastIndexOf('/')) : '';
      if (point === 'file.write') dirty.add(detail);
      if (point === 'file.datasync' || point === 'file.sync') dirty.delete(detail);
      if (point === 'file.write' || point === 'file.rename') unnamed.add(folder);
      if (point === 'file.sync') unnamed.delete(detail);
      if (point === 'file.rename') expect([...dirty], `${detail} gets its name`).not.toContain(detail);
      if (point === 'runs.update' && detail.includes('completed')) expect([...dirty, ...unnamed]).toEqual([]);
    }
    const order = calls
      .filter(({ point, detail }) => point === 'file.rename' || /complete/u.test(detail))
      .map(({ point }) => point);
    expect(order).toEqual(['checkpoints.put', 'file.rename', 'file.rename', 'runs.update']);
  });
});
