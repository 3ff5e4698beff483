// Kills the command line's runs with SIGKILL at random instants, resumes each, and compares it with an undisturbed one.
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { JsonObject, JsonValue } from '../../src/document/json.ts';
import { openStore } from '../../src/store/store.ts';
import type { KillCase, Report } from './kill-cases.ts';
import type { Tenant } from './tenant.ts';

/** What must be equal however often a run was killed. */
export interface Outcome {
  readonly left: JsonValue;
  /** Input, output, errors and dropped of each snap. */
  readonly counts: readonly JsonObject[];
  readonly outputs: readonly JsonObject[];
}

export interface KillRun {
  readonly outcome: Outcome;
  /** How many of the kills came before the run had ended. */
  readonly kills: number;
  /** How often the run was started in all, by its own report. */
  readonly attempt: number;
}

/** Runs the pipeline once with nobody in the way; gives what came of it and how long it took, in ms. */
export async function runUndisturbed(
  killCase: KillCase,
): Promise<{ readonly outcome: Outcome; readonly durationMs: number }> {
  const into = 'undisturbed';
  const file = await killCase.begin(into);
  const startedAt = performance.now();
  const done = await killCase.tenant.snaps(['run', file, '--output-directory', into, '--json']);
  const durationMs = performance.now() - startedAt;
  if (done.code !== 0) throw new Error(`the undisturbed run ended with ${done.code}: ${done.stdout}${done.stderr}`);
  return { outcome: await outcomeOf(killCase, into, done.json() as Report), durationMs };
}

/** Starts a run, kills it after each of the given times (ms) and goes on with it each time; the last one runs to its end. */
export async function runKilled(
  killCase: KillCase,
  { into, afterMs }: { readonly into: string; readonly afterMs: readonly number[] },
): Promise<KillRun> {
  const { tenant } = killCase;
  const file = await killCase.begin(into);
  let runId: string | undefined;
  let kills = 0;
  const words = (): string[] => {
    const again = runId === undefined ? ['--output-directory', into] : ['--resume', runId];
    return ['run', file, ...again, '--json'];
  };
  const before = await newestRun(tenant);
  for (const ms of afterMs) {
    const command = tenant.start(words());
    const hasEnded = await Promise.race([command.finished.then(() => true), delay(ms, false)]);
    command.child.kill('SIGKILL');
    await command.finished;
    if (!hasEnded) kills += 1;
    const newest = await newestRun(tenant);
    if (newest !== before) runId = newest;
  }
  const done = await tenant.snaps(words());
  if (done.code !== 0) throw new Error(`the resumed run ended with ${done.code}: ${done.stdout}${done.stderr}`);
  const report = done.json() as Report;
  return { outcome: await outcomeOf(killCase, into, report), kills, attempt: report.attempt };
}

async function newestRun(tenant: Tenant): Promise<string | undefined> {
  const store = await openStore(`sqlite:${path.join(tenant.folder, 'data', 'snaps.sqlite')}`);
  try {
    return (await store.runs.list({ limit: 1 }))[0]?.runId;
  } finally {
    await store.close();
  }
}

async function outcomeOf(killCase: KillCase, into: string, report: Report): Promise<Outcome> {
  return {
    left: await killCase.left(into, report),
    counts: report.snaps.map(({ id, state, input, output, errors, dropped }) => ({
      ...{ id, state, input, output, errors, dropped },
    })) as readonly JsonObject[],
    // Error documents carry the run's id, so that their file's digest differs from run to run.
    outputs: report.outputs.map(({ documents, bytes }) => ({
      documents,
      ...(killCase.hasFixedLengths ? { bytes } : {}),
    })) as readonly JsonObject[],
  };
}
