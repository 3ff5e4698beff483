// Kills runs at random instants, as many as asked for, and says how many came out equal.
// Run: node scripts/kill-runs.ts [instants] [pipelines, of files,sqlite,postgres,create,upsert] [records]
import { isDeepStrictEqual } from 'node:util';
import type { JsonObject, JsonValue } from '../src/document/json.ts';
import { type KillCaseName, killCaseNames, openKillCase } from '../test/support/kill-cases.ts';
import { runKilled, runUndisturbed } from '../test/support/kill-runs.ts';

const [instants = '200', names = killCaseNames.join(), records = '20000'] = process.argv.slice(2);

for (const name of names.split(',')) {
  const killCase = await openKillCase(name as KillCaseName, Number(records));
  let [equal, kills] = [0, 0];
  try {
    const { outcome, durationMs } = await runUndisturbed(killCase);
    process.stdout.write(`${name}: ${records} records, undisturbed in ${Math.round(durationMs)} ms\n`);
    const begunAt = performance.now();
    for (let round = 0; round < Number(instants); round += 1) {
      if (round > 0 && round % 10 === 0) {
        const secondsEach = (performance.now() - begunAt) / 1000 / round;
        const minutesLeft = ((Number(instants) - round) * secondsEach) / 60;
        process.stderr.write(`  ${round} rounds, ${equal} equal, ${minutesLeft.toFixed(1)} min left\n`);
      }
      const afterMs = [Math.random() * durationMs];
      const killed = await runKilled(killCase, { into: `killed-${round}`, afterMs });
      kills += killed.kills;
      if (isDeepStrictEqual(killed.outcome, outcome)) equal += 1;
      else {
        const said = differences(outcome as unknown as JsonObject, killed.outcome as unknown as JsonObject);
        process.stdout.write(`${name}: round ${round}, killed after ${afterMs.join()} ms: not equal\n${said}\n`);
      }
    }
  } finally {
    await killCase.close();
  }
  process.stdout.write(`${name}: ${equal} of ${instants} equal, ${kills} killed before their end\n`);
  if (equal !== Number(instants)) process.exitCode = 1;
}

/** Where two outcomes differ, one line a place, twenty at most. */
function differences(expected: JsonValue, found: JsonValue, place = ''): string {
  if (isDeepStrictEqual(expected, found)) return '';
  const isInner = [expected, found].every((one) => one !== null && typeof one === 'object');
  if (!isInner) return `  ${place}: ${JSON.stringify(expected)} became ${JSON.stringify(found)}`.slice(0, 500);
  const [left, right] = [expected, found] as [JsonObject, JsonObject];
  return [...new Set([...Object.keys(left), ...Object.keys(right)])]
    .map((key) => differences(left[key] ?? null, right[key] ?? null, `${place}/${key}`))
    .filter((line) => line !== '')
    .slice(0, 20)
    .join('\n');
}
