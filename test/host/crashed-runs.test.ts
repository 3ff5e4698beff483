import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/document/json.ts';
import type { Host, HostConfig, RunReport } from '../../src/host.ts';
import { faultScopes, readCase } from '../support/fault-cases.ts';
import { type Fault, FaultLine } from '../support/fault-line.ts';
import { type FaultBench, type FaultTenant, openFaultTenant } from '../support/fault-tenant.ts';

let tenant: FaultTenant;
beforeAll(async () => {
  tenant = await openFaultTenant({ records: 120, scopes: faultScopes });
});
afterAll(() => tenant.close());

const asking: JsonObject = { ...readCase.pipeline, afterCrash: 'resume' };
const dyingAtCheckpoint = (): FaultLine => new FaultLine({ point: 'checkpoints.put', edge: 'before', nth: 1 });

/** A run whose process has died. */
async function crashed(pipeline: JsonObject, fault?: Fault) {
  const bench = await readCase.begin(tenant);
  const { line } = await bench.start({
    pipeline,
    line: fault === undefined ? dyingAtCheckpoint() : new FaultLine(fault),
  });
  expect(line.diedAt).toBeDefined();
  return { bench, runId: (await bench.runId()) ?? '' };
}

async function ended(host: Host, runId: string): Promise<RunReport> {
  for (;;) {
    const report = await host.runs.show(runId);
    if (!['running', 'queued', 'stopping'].includes(report.state)) return report;
    await delay(10);
  }
}

/** Serves until the run has ended, or, on a line that dies, until the host has died. */
async function serve(
  bench: FaultBench,
  runId: string,
  { line = new FaultLine(), change }: { line?: FaultLine; change?: Partial<HostConfig> } = {},
): Promise<RunReport | undefined> {
  const host = await bench.openHost(line, change);
  try {
    await host.crashedRuns.start();
    return await ended(host, runId);
  } catch (thrown) {
    if (line.diedAt === undefined) throw thrown;
    return undefined;
  } finally {
    await host.close();
    if (line.diedAt !== undefined) bench.pass(15_000);
  }
}

function idsIn(bench: FaultBench, runId: string): number[] {
  const lines = bench.written(runId)['all.ndjson']?.trimEnd().split('\n') ?? [];
  return lines.map((line) => Number((JSON.parse(line) as JsonObject).id));
}

describe('a run whose process died', () => {
  it('goes on by itself in a host that serves, when its pipeline asks for it', async () => {
    const { bench, runId } = await crashed(asking);
    expect(await serve(bench, runId)).toMatchObject({ state: 'completed', attempt: 2 });
    expect(new Set(idsIn(bench, runId)).size).toBe(120);
    expect(idsIn(bench, runId)).toHaveLength(120);
  });

  it('goes on when the host is configured so, and of two hosts one has it', async () => {
    const { bench, runId } = await crashed(readCase.pipeline);
    const hosts = [await bench.openHost(undefined, { afterCrash: 'resume' })];
    hosts.push(await bench.openHost(undefined, { afterCrash: 'resume' }));
    await Promise.all(hosts.map((host) => host.crashedRuns.start()));
    const reports = await Promise.all(hosts.map((host) => ended(host, runId)));
    for (const host of hosts) await host.close();
    expect(reports.map(({ state, attempt }) => [state, attempt])).toEqual([
      ['completed', 2],
      ['completed', 2],
    ]);
    expect(idsIn(bench, runId)).toHaveLength(120);
  });

  it('is left to a person when nobody asks for it, and when its pipeline says so against its host', async () => {
    const left: JsonObject = { ...readCase.pipeline, afterCrash: 'leave' };
    for (const [pipeline, afterCrash] of [[readCase.pipeline, 'leave'] as const, [left, 'resume'] as const]) {
      const { bench, runId } = await crashed(pipeline);
      const host = await bench.openHost(undefined, { afterCrash });
      await host.crashedRuns.start();
      expect(await host.runs.show(runId)).toMatchObject({ state: 'running', attempt: 1 });
      await host.close();
    }
  });

  it('goes on though it died before its first lease', async () => {
    const { bench, runId } = await crashed(asking, { point: 'runs.insert', edge: 'after', nth: 1 });
    bench.pass(60_000);
    expect(await serve(bench, runId)).toMatchObject({ state: 'completed', attempt: 1 });
  });

  it('three times is set aside by name while others go on, and a person can resume it', async () => {
    const { bench, runId } = await crashed(asking);
    for (let death = 2; death <= 3; death += 1) {
      expect(await serve(bench, runId, { line: dyingAtCheckpoint() })).toBeUndefined();
    }
    const aside = await serve(bench, runId);
    expect(aside).toMatchObject({ state: 'failed', attempt: 3, error: { code: 'SNAP_RUN_SET_ASIDE' } });
    expect(aside?.error?.reason).toContain('its process died 3 times');
    expect(await serve(bench, runId)).toEqual(aside);
    const other = await bench.start({ pipeline: { ...readCase.pipeline, name: 'other' } });
    expect(other.report?.state).toBe('completed');
    const resumed = await bench.start({ pipeline: asking, resume: runId, line: dyingAtCheckpoint() });
    expect(resumed.line.diedAt).toBeDefined();
    // A person has looked at it: it has its three attempts again.
    expect(await serve(bench, runId)).toMatchObject({ state: 'completed', attempt: 5 });
    expect(idsIn(bench, runId)).toHaveLength(120);
  });

  it('is stopped when somebody had asked it to stop', async () => {
    const { bench, runId } = await crashed(asking);
    const store = await bench.openStore();
    await store.runs.requestStop(runId);
    await store.close();
    expect(await serve(bench, runId)).toMatchObject({ state: 'stopped', attempt: 1 });
  });

  // The last one: removing the account revokes the token that all benches share.
  it('fails with the reason when it cannot be resumed any more', async () => {
    const { bench, runId } = await crashed(asking);
    const host = await bench.openHost();
    await host.accounts.remove('coupa');
    await host.close();
    expect(await serve(bench, runId)).toMatchObject({ state: 'failed', error: { code: 'SNAP_PIPELINE_INVALID' } });
  });
});
