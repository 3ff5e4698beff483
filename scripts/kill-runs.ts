// Kills runs at random instants, as many as asked for, and says how many came out equal. Run: node scripts/kill-runs.ts 200
import { isDeepStrictEqual } from 'node:util';
import { runKilled, runUndisturbed, writePipeline } from '../test/support/kill-runs.ts';
import { openTenant } from '../test/support/tenant.ts';

const records = 20_000;
const instants = Number(process.argv[2] ?? 200);

const tenant = await openTenant(records, { latencyMs: 100 });
let equal = 0;
let kills = 0;
try {
  await tenant.addAccount();
  const file = writePipeline(tenant);
  const { outcome, durationMs } = await runUndisturbed(tenant, file);
  process.stdout.write(`${records} records, undisturbed in ${Math.round(durationMs)} ms\n`);
  for (let round = 0; round < instants; round += 1) {
    const afterMs = [Math.random() * durationMs];
    const killed = await runKilled(tenant, file, { into: `killed-${round}`, afterMs });
    kills += killed.kills;
    if (isDeepStrictEqual(killed.outcome, outcome)) equal += 1;
    else process.stdout.write(`round ${round}, killed after ${afterMs.join()} ms: not equal\n`);
  }
} finally {
  await tenant.close();
}
process.stdout.write(`${equal} of ${instants} equal, ${kills} killed before their end\n`);
if (equal !== instants) process.exitCode = 1;
