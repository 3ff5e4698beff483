import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { SnapError } from '../../src/errors.ts';
import { type FailingSqlite, failingSqlite } from '../support/failing-sqlite.ts';
import {
  departments,
  drawing,
  type FaultCase,
  faultScopes,
  invoices,
  outcomeOf,
  readCase,
  type Undisturbed,
  undisturbed,
  writeCase,
} from '../support/fault-cases.ts';
import { FaultLine } from '../support/fault-line.ts';
import { type FaultBench, type FaultTenant, openFaultTenant, type Started } from '../support/fault-tenant.ts';

/** Cells of each kind; SNAPS_FAULT_SEEDS widens them. */
const seeds = Number(process.env.SNAPS_FAULT_SEEDS ?? 2);
const codes = ['ENOSPC', 'EROFS', 'EACCES', 'EMFILE'] as const;
const named = /^SNAP_(?:DISK_FULL|FILE_FAILED|STORE_UNAVAILABLE|FILE_OUTSIDE)$/u;
// A test has as long as its seeds need on a machine that is busy with others.
vi.setConfig({ testTimeout: 60_000 * (seeds + 1) });

let tenant: FaultTenant;
let sqlite: FailingSqlite;
const expected = new Map<string, Undisturbed>();
/** SQL statements of an undisturbed run. */
const statementsOf = new Map<string, number>();
beforeAll(async () => {
  tenant = await openFaultTenant({ records: invoices, scopes: faultScopes });
  sqlite = failingSqlite();
  for (const each of [readCase, writeCase]) {
    sqlite.fail('ENOSPC', undefined);
    expected.set(each.name, await undisturbed(each, tenant));
    statementsOf.set(each.name, sqlite.count);
  }
});
afterAll(async () => {
  sqlite.close();
  await tenant.close();
});

const eachSeed = Array.from({ length: seeds }, (_, index) => index + 1);

/** What a failed run says: in its report, or to whoever started it when even that could not be stored. */
function codeOf({ report, thrown }: Started): string {
  if (thrown instanceof SnapError) return thrown.code;
  return thrown === undefined ? (report?.error?.code ?? report?.state ?? 'nothing') : String(thrown);
}

/** Goes on with a run when all is well again, and compares it with one that nothing happened to. */
async function expectWhole(faultCase: FaultCase, bench: FaultBench, words: string): Promise<void> {
  bench.pass(15_000);
  const runId = await bench.runId();
  const store = await bench.openStore();
  const integrity = (await store.inspect()).find(({ name }) => name === 'integrity');
  await store.close();
  expect(integrity?.value, words).toBe('ok');
  const { report, thrown } = await bench.start({
    pipeline: faultCase.pipeline,
    ...(runId === undefined ? {} : { resume: runId }),
  });
  expect(thrown, words).toBeUndefined();
  expect(await outcomeOf(faultCase, { tenant, bench, report }), words).toEqual(expected.get(faultCase.name)?.outcome);
}

describe('a run whose files cannot be written from the nth call on', () => {
  it.each(codes)('fails by name (%s), and is whole when it is resumed', async (code) => {
    const calm = expected.get('read')?.started.line.calls.filter(({ point }) => point.startsWith('file.')) ?? [];
    let met = 0;
    for (const seed of eachSeed) {
      const bench = await readCase.begin(tenant);
      const nth = 1 + drawing(seed * 7 + codes.indexOf(code))(calm.length);
      const error = () => Object.assign(new Error(code), { code });
      const line = new FaultLine({ point: 'file.*', edge: 'before', nth, error, times: 1_000_000 });
      const failed = await bench.start({ pipeline: readCase.pipeline, line });
      if (line.met < nth) continue;
      met += 1;
      expect(codeOf(failed), `${code} at ${nth}`).toMatch(named);
      await expectWhole(readCase, bench, `${code} at file call ${nth}`);
    }
    expect(met).toBeGreaterThan(0);
  });
});

describe('a run whose store cannot be written from the nth statement on', () => {
  it.each(codes)('fails by name (%s), and is whole when it is resumed', async (code) => {
    for (const faultCase of [readCase, writeCase]) {
      for (const seed of eachSeed) {
        const statements = statementsOf.get(faultCase.name) ?? 1;
        const bench = await faultCase.begin(tenant);
        const nth = 1 + drawing(seed * 7 + codes.indexOf(code))(statements);
        sqlite.fail(code, nth);
        const failed = await bench.start({ pipeline: faultCase.pipeline });
        sqlite.fail(code, undefined);
        const words = `${faultCase.name}: ${code} at statement ${nth} of ${statements}`;
        // The last statements give back what is over anyway.
        if (failed.report?.state !== 'completed') expect(codeOf(failed), words).toMatch(named);
        await expectWhole(faultCase, bench, words);
      }
    }
  });
});

describe('a run that is stopped at any call', () => {
  it.each([readCase, writeCase])('of "$name" is stopped cleanly and whole after a resume', async (faultCase) => {
    const calm = expected.get(faultCase.name)?.started.line.calls.length ?? 1;
    const states = new Set<string | undefined>();
    for (let seed = 1; seed <= seeds * 3; seed += 1) {
      const bench = await faultCase.begin(tenant);
      let stop: () => void = () => undefined;
      const fault = { point: '*', edge: 'before', nth: 1 + drawing(seed)(calm), does: () => stop() } as const;
      const started = await bench.start({
        pipeline: faultCase.pipeline,
        line: new FaultLine(fault),
        whileRunning: (_host, stopIt) => {
          stop = stopIt;
        },
      });
      states.add(started.report?.state);
      expect(started.report?.error, `seed ${seed}`).toBeUndefined();
      await expectWhole(faultCase, bench, `stopped at call ${fault.nth}`);
    }
    // A stop that comes at the very end comes too late.
    expect(states.delete('stopped')).toBe(true);
    expect([...states].filter((state) => state !== 'completed')).toEqual([]);
  });
});

describe('a write that the far side does after our deadline', () => {
  it('is found after the quiet time and not sent again', async () => {
    const quietSeconds = 2;
    const bench = await writeCase.begin(tenant);
    const match = { method: 'POST', path: '/api/departments' };
    await tenant.fault({ match, fault: 'late', delayMs: 1_000, times: 3 });
    const line = new FaultLine();
    const { report } = await bench.start({
      pipeline: {
        ...writeCase.pipeline,
        snaps: (writeCase.pipeline.snaps as { id: string }[]).map((snap) =>
          snap.id === 'write' ? { ...snap, settings: { resource: 'departments', quietSeconds } } : snap,
        ),
      },
      line,
      wire: (next) => (request) => next(request.method === 'POST' ? { ...request, totalTimeoutMs: 300 } : request),
    });
    expect(report?.state).toBe('completed');
    expect(await outcomeOf(writeCase, { tenant, bench, report })).toEqual(expected.get('write')?.outcome);
    const posts = line.calls.filter(({ detail }) => detail === 'POST /api/departments').length;
    expect(posts).toBe(departments);
  });
});
