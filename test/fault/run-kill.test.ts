import { afterEach, describe, expect, it } from 'vitest';
import { type KillCase, openKillCase } from '../support/kill-cases.ts';
import { runKilled, runUndisturbed } from '../support/kill-runs.ts';

/** Rounds of this suite, with two kills each; `node scripts/kill-runs.ts 200` tries as many as one likes, of 20,000 records. */
const rounds = 1;

let killCase: KillCase | undefined;
afterEach(async () => {
  await killCase?.close();
  killCase = undefined;
});

describe('a run that is killed with SIGKILL at any instant', () => {
  it.each([
    ['files', 'the same bytes', 2_000],
    ['sqlite', 'the same rows of a SQLite table', 2_000],
    ['postgres', 'the same rows of a PostgreSQL table', 2_000],
    ['create', 'each record of the far side once', 60],
    ['upsert', 'each record of the far side once, though its file names some twice', 60],
  ] as const)(
    'over %s gives, when resumed, %s and the same counts as one that was left alone',
    async (name, _what, records) => {
      killCase = await openKillCase(name, records);
      const { outcome, durationMs } = await runUndisturbed(killCase);
      for (const { input, output, errors, dropped } of outcome.counts.slice(1) as { [name: string]: number }[]) {
        expect(input).toBe(Number(output) + Number(errors) + Number(dropped));
      }
      const first = outcome.counts[0] as { output: number };
      expect(first.output).toBeGreaterThanOrEqual(records);
      let kills = 0;
      for (let round = 0; round < rounds; round += 1) {
        // The first one early, so that it comes before the end also when the machine has less to do by then.
        const afterMs = [0.4, 1].map((part) => Math.random() * part * durationMs);
        const killed = await runKilled(killCase, { into: `killed-${round}`, afterMs });
        kills += killed.kills;
        expect(killed.outcome, `killed after ${afterMs.join(' and ')} ms`).toEqual(outcome);
      }
      expect(kills).toBeGreaterThan(0);
    },
    300_000,
  );
});
