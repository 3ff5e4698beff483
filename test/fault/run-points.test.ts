import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  departments,
  drainCase,
  drawing,
  type FaultCase,
  faultScopes,
  invoices,
  keylessCase,
  outcomeOf,
  readCase,
  twiceCase,
  type Undisturbed,
  undisturbed,
  writeCase,
} from '../support/fault-cases.ts';
import { type Fault, FaultLine, Killed } from '../support/fault-line.ts';
import { type FaultBench, type FaultTenant, openFaultTenant, type Started } from '../support/fault-tenant.ts';

/** Seeds of each point; SNAPS_FAULT_SEEDS=20 tries as many as the fault matrix asks for. */
const seeds = Number(process.env.SNAPS_FAULT_SEEDS ?? 3);
/** Calls in flight at once, and thus pages that a run may fetch again and writes that may be in doubt. */
const inFlightMax = 12;
// A test has as long as its seeds need on a machine that is busy with others.
vi.setConfig({ testTimeout: 60_000 * (seeds + 1) });

let tenant: FaultTenant;
const expected = new Map<string, Undisturbed>();
beforeAll(async () => {
  tenant = await openFaultTenant({ records: invoices, scopes: faultScopes });
  for (const each of [readCase, writeCase, drainCase]) expected.set(each.name, await undisturbed(each, tenant));
});
afterAll(() => tenant.close());

const callsOf = ({ line }: Started, point: string, detail = /./u) =>
  line.calls.filter((call) => call.point === point && detail.test(call.detail)).length;
const apiCalls = (started: Started) => callsOf(started, 'wire', / \/api\//u);

interface Disturbed {
  readonly bench: FaultBench;
  readonly killed: Started;
  readonly resumed: Started;
}

/** Kills a run at one of the calls that match, drawn by the seed, and resumes it in a host of its own. */
async function disturb(faultCase: FaultCase, fault: Omit<Fault, 'nth'>, seed: number): Promise<Disturbed> {
  const calm = expected.get(faultCase.name)?.started;
  const count = calm === undefined ? 1 : callsOf(calm, fault.point, fault.detail ?? /./u);
  const drawn = 1 + drawing(seed)(count);
  // How many calls there are depends a little on what runs at the same time; the first is always there.
  for (const nth of [drawn, 1]) {
    const bench = await faultCase.begin(tenant);
    const line = new FaultLine({ ...fault, nth });
    const killed = await bench.start({ pipeline: faultCase.pipeline, line });
    if (line.diedAt === undefined) continue;
    const runId = await bench.runId();
    const resumed = await bench.start({
      pipeline: faultCase.pipeline,
      ...(runId === undefined ? {} : { resume: runId }),
    });
    return { bench, killed, resumed };
  }
  throw new Error(`no call of ${faultCase.name} is ${JSON.stringify(fault)}`);
}

async function expectSame(faultCase: FaultCase, { bench, killed, resumed }: Disturbed): Promise<void> {
  const { report } = resumed;
  const outcome = await outcomeOf(faultCase, { tenant, bench, report });
  expect(outcome, `died at ${killed.line.diedAt}`).toEqual(expected.get(faultCase.name)?.outcome);
}

const eachSeed = Array.from({ length: seeds }, (_, index) => index + 1);
const runRow = { point: 'runs.insert' } as const;
const put = { point: 'checkpoints.put' } as const;
const department = { point: 'wire', detail: /^POST \/api\/departments/u } as const;
const mark = { point: 'wire', detail: /^PUT \/api\/invoices\// } as const;

describe('a run that dies', () => {
  it('(K1) before its row is written has left nothing, and is started anew', async () => {
    const done = await disturb(readCase, { ...runRow, edge: 'before' }, 1);
    expect(done.killed.thrown).toBeInstanceOf(Killed);
    expect(apiCalls(done.killed)).toBe(0);
    expect(done.resumed.report?.attempt).toBe(1);
    await expectSame(readCase, done);
  });

  it.each([
    ['(K2) when it is queued', { ...runRow, edge: 'after' }],
    ['(K3) when it holds its lease', { point: 'leases.acquire', detail: /run:/u, edge: 'after' }],
    ['(K3) when it is said to be running', { point: 'runs.update', detail: /running/u, edge: 'after' }],
  ] as const)('%s starts after it, and no call of the API is made twice', async (_when, fault) => {
    const done = await disturb(readCase, fault, 1);
    expect(apiCalls(done.killed)).toBe(0);
    await expectSame(readCase, done);
    const calm = expected.get('read')?.started;
    expect(apiCalls(done.resumed)).toBe(calm === undefined ? -1 : apiCalls(calm));
  });

  it.each([
    ['(K8) when a page was asked for', { point: 'wire', detail: /^GET \/api\/invoices/u, edge: 'after' }],
    ['(K10) when a file is written and not durable', { point: 'file.write', edge: 'after' }],
    ['(K10) when a file is about to be made durable', { point: 'file.datasync', edge: 'before' }],
    ['(K11) when a file is durable and the checkpoint is not', { point: 'file.datasync', edge: 'after' }],
    ['(K11) when all files are durable and the checkpoint is not', { ...put, edge: 'before' }],
    ['(K12) when a checkpoint is committed', { ...put, edge: 'after' }],
    ['(K19) when all is durable and no file has its name', { point: 'file.rename', edge: 'before' }],
    ['(K19) when a file has its name and the folder is not durable', { point: 'file.rename', edge: 'after' }],
    ['(K20) before it is said to be done', { point: 'runs.update', detail: /completed/u, edge: 'before' }],
  ] as const)('%s is resumed to the same files and counts', async (_when, fault) => {
    const calm = expected.get('read')?.started;
    for (const seed of eachSeed) {
      const done = await disturb(readCase, fault, seed);
      await expectSame(readCase, done);
      const again = apiCalls(done.killed) + apiCalls(done.resumed) - (calm === undefined ? 0 : apiCalls(calm));
      expect(again).toBeLessThanOrEqual(inFlightMax);
    }
  });

  it('(K9) when a page was parsed gives it once', async () => {
    for (const seed of eachSeed) {
      const done = await disturb(readCase, { point: 'wire', detail: /^GET \/api\/invoices/u, edge: 'next' }, seed);
      await expectSame(readCase, done);
    }
  });

  it('(K12) when its last checkpoint is committed asks the far side for nothing', async () => {
    const done = await disturb(readCase, { ...put, detail: /complete/u, edge: 'after' }, 1);
    await expectSame(readCase, done);
    expect(apiCalls(done.resumed)).toBe(0);
  });

  it('(K20) when it is said to be done is done: a resume says so and calls nobody', async () => {
    const done = await disturb(readCase, { point: 'runs.update', detail: /completed/u, edge: 'after' }, 1);
    await expectSame(readCase, done);
    expect(done.resumed.report?.attempt).toBe(1);
    expect(callsOf(done.resumed, 'wire')).toBe(0);
  });
});

describe('a run that writes and dies', () => {
  it.each([
    ['(K13) when a write is journaled and not sent', { point: 'writes.note', edge: 'after' }, inFlightMax],
    ['(K15) when a write is done and its answer is not here', { ...department, edge: 'after' }, 0],
    ['(K16) when an answer is read and not settled', { point: 'writes.settle', edge: 'before' }, 0],
    ['(K16) when an answer is settled and no checkpoint has it', { point: 'writes.settle', edge: 'after' }, 0],
  ] as const)('%s leaves each record once after a resume', async (_when, fault, againMax) => {
    for (const seed of eachSeed) {
      const done = await disturb(writeCase, fault, seed);
      const posts = [done.killed, done.resumed].map((each) => callsOf(each, 'wire', department.detail));
      await expectSame(writeCase, done);
      const sent = (posts[0] ?? 0) + (posts[1] ?? 0);
      expect(sent, `died at ${done.killed.line.diedAt}`).toBeGreaterThanOrEqual(departments);
      expect(sent, `died at ${done.killed.line.diedAt}`).toBeLessThanOrEqual(departments + againMax);
    }
  });

  it('(K14) when a write was sent and not done leaves each record once after a resume', async () => {
    for (const seed of eachSeed) {
      const nth = 1 + drawing(seed)(departments);
      const bench = await writeCase.begin(tenant);
      const match = { method: 'POST', path: '/api/departments' };
      await tenant.fault({ match, fault: 'reset', after: nth - 1 });
      const line = new FaultLine({ ...department, edge: 'failed', nth: 1 });
      const killed = await bench.start({ pipeline: writeCase.pipeline, line });
      expect(line.diedAt).toBeDefined();
      const resumed = await bench.start({ pipeline: writeCase.pipeline, resume: (await bench.runId()) ?? '' });
      await expectSame(writeCase, { bench, killed, resumed });
    }
  });

  it('(K14) leaves one record of two documents with one key, which come again together', async () => {
    const bench = await twiceCase.begin(tenant);
    const match = { method: 'POST', path: '/api/departments' };
    await tenant.fault({ match, fault: 'reset', times: 6 });
    const killed = await bench.start({
      pipeline: twiceCase.pipeline,
      line: new FaultLine({ ...department, edge: 'failed', nth: 1 }),
    });
    expect(killed.line.diedAt).toBeDefined();
    tenant.simulator.reset();
    const resumed = await bench.start({ pipeline: twiceCase.pipeline, resume: (await bench.runId()) ?? '' });
    expect(resumed.report?.state).toBe('completed');
    const made = (await twiceCase.far(tenant)) as readonly string[];
    expect(made).toEqual([...new Set(made)]);
    expect(made).toHaveLength(6);
  });

  it('(K15) without a natural key sends none of them again, and lists those in doubt', async () => {
    for (const seed of eachSeed) {
      const bench = await keylessCase.begin(tenant);
      const line = new FaultLine({ ...department, edge: 'after', nth: 1 + drawing(seed)(departments) });
      const killed = await bench.start({ pipeline: keylessCase.pipeline, line });
      const runId = (await bench.runId()) ?? '';
      const resumed = await bench.start({ pipeline: keylessCase.pipeline, resume: runId });
      expect(resumed.report).toMatchObject({ state: 'failed', error: { code: 'SNAP_WRITE_UNDECIDED' } });
      // It stops at the first in doubt: what was not sent yet waits for a person's word.
      const sent = callsOf(killed, 'wire', department.detail) + callsOf(resumed, 'wire', department.detail);
      expect(sent).toBeLessThanOrEqual(departments);
      const made = await writeCase.far(tenant);
      expect(made).toEqual([...new Set(made as readonly string[])]);
      const host = await bench.openHost();
      const undecided = await host.runs.undecided(runId);
      await host.close();
      expect(undecided.length).toBeGreaterThan(0);
      expect(undecided.length).toBeLessThanOrEqual(inFlightMax);
    }
  });

  it.each([
    ['(K17) when all has arrived and no mark was sent', { ...mark, edge: 'before' }],
    ['(K18) when a mark was sent and its answer is not here', { ...mark, edge: 'after' }],
  ] as const)('%s delivers each record once and marks them all', async (_when, fault) => {
    for (const seed of eachSeed) await expectSame(drainCase, await disturb(drainCase, fault, seed));
  });
});
