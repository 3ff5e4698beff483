import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runKilled, runUndisturbed, writePipeline } from '../support/kill-runs.ts';
import { openTenant, type Tenant } from '../support/tenant.ts';

/** Instants of this suite; `node scripts/kill-runs.ts 200` tries as many as one likes. */
const instants = 12;

let tenant: Tenant;
beforeAll(async () => {
  tenant = await openTenant(6_000, { latencyMs: 100 });
  await tenant.addAccount();
});
afterAll(() => tenant.close());

describe('a run that is killed with SIGKILL at any instant', () => {
  it('gives, when resumed, the same bytes and counts as one that was left alone', async () => {
    const file = writePipeline(tenant);
    const { outcome, durationMs } = await runUndisturbed(tenant, file);
    for (const { input, output, errors, dropped } of outcome.counts.slice(1) as { [name: string]: number }[]) {
      expect(input).toBe(Number(output) + Number(errors) + Number(dropped));
    }
    expect(outcome.counts[0]).toMatchObject({ output: 6_000 });
    expect(outcome.counts[1]?.errors).toBeGreaterThan(50);
    let kills = 0;
    for (let round = 0; round < instants / 2; round += 1) {
      const afterMs = [1, 2].map(() => Math.random() * durationMs);
      const killed = await runKilled(tenant, file, { into: `killed-${round}`, afterMs });
      kills += killed.kills;
      expect(killed.outcome, `killed after ${afterMs.join(' and ')} ms`).toEqual(outcome);
    }
    expect(kills).toBeGreaterThan(0);
  }, 300_000);
});
