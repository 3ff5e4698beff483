// Kills the command line's runs with SIGKILL at random instants, resumes each, and compares it with an undisturbed one.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { JsonObject } from '../../src/document/json.ts';
import { openStore } from '../../src/store/store.ts';
import type { Tenant } from './tenant.ts';

/** What must be equal however often a run was killed. */
export interface Outcome {
  readonly files: Readonly<Record<string, string>>;
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

interface Report {
  readonly runId: string;
  readonly state: string;
  readonly attempt: number;
  readonly snaps: readonly JsonObject[];
  readonly outputs: readonly JsonObject[];
}

/** Reads, maps (every fiftieth document fails and is routed) and writes two files. */
export function writePipeline(tenant: Tenant): string {
  const file = path.join(tenant.folder, 'killed.pipeline.json');
  const settings = { resource: 'invoices', fields: ['id', 'invoice-number', 'status'] };
  const fields = { number: 'id % 50 = 7 ? $number(status) : id', name: '`invoice-number`', state: 'status' };
  const pipeline = {
    name: 'killed',
    snaps: [
      { id: 'read', snap: 'coupa.read', account: 'coupa', settings },
      { id: 'shape', snap: 'core.map', errors: 'route', settings: { fields } },
      { id: 'some', snap: 'core.filter', settings: { condition: 'number % 10 != 3' } },
      { id: 'write', snap: 'core.write-file', settings: { path: 'good.csv' } },
      { id: 'bad', snap: 'core.write-file', settings: { path: 'bad.ndjson' } },
    ],
    links: [
      ['read', 'shape'],
      ['shape', 'some'],
      ['some', 'write'],
      ['shape.error', 'bad'],
    ],
  };
  writeFileSync(file, JSON.stringify(pipeline));
  return file;
}

/** Runs the pipeline once with nobody in the way; gives what came of it and how long it took, in ms. */
export async function runUndisturbed(
  tenant: Tenant,
  file: string,
): Promise<{ readonly outcome: Outcome; readonly durationMs: number }> {
  const startedAt = performance.now();
  const done = await tenant.snaps(['run', file, '--output-directory', 'undisturbed', '--json']);
  const durationMs = performance.now() - startedAt;
  return { outcome: outcomeOf(tenant, 'undisturbed', done.json() as Report), durationMs };
}

/** Starts a run, kills it after each of the given times (ms) and goes on with it each time; the last one runs to its end. */
export async function runKilled(
  tenant: Tenant,
  file: string,
  { into, afterMs }: { readonly into: string; readonly afterMs: readonly number[] },
): Promise<KillRun> {
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
  return { outcome: outcomeOf(tenant, into, report), kills, attempt: report.attempt };
}

async function newestRun(tenant: Tenant): Promise<string | undefined> {
  const store = await openStore(`sqlite:${path.join(tenant.folder, 'data', 'snaps.sqlite')}`);
  try {
    return (await store.runs.list({ limit: 1 }))[0]?.runId;
  } finally {
    await store.close();
  }
}

function outcomeOf(tenant: Tenant, folder: string, report: Report): Outcome {
  const read = (name: string): string =>
    readFileSync(path.join(tenant.folder, folder, name), 'utf8').replaceAll(report.runId, 'RUN');
  return {
    files: Object.fromEntries(['good.csv', 'bad.ndjson'].map((name) => [name, read(name)])),
    counts: report.snaps.map(({ id, state, input, output, errors, dropped }) => ({
      ...{ id, state, input, output, errors, dropped },
    })) as readonly JsonObject[],
    // Error documents carry the run's id, so that their file's digest differs from run to run.
    outputs: report.outputs.map(({ documents, bytes }) => ({ documents, bytes })) as readonly JsonObject[],
  };
}
