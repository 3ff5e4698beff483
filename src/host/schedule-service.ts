// Owns schedules in the words of the host's contract, and running them while the host serves.
import path from 'node:path';
import type { JsonObject } from '../document/json.ts';
import { ConfigurationError } from '../errors.ts';
import { cronFault, nextTick } from '../queue/cron.ts';
import { Ticker } from '../queue/ticker.ts';
import type { ScheduleRow, Store } from '../store/contract.ts';
import type { RunRequest, ScheduleInput, Schedules, ScheduleView } from './host.ts';
import type { Pipelines } from './pipelines.ts';
import type { RunService } from './run-service.ts';

export interface ScheduleOptions {
  readonly pipelines: Pipelines;
  readonly runs: RunService;
  readonly openStore: () => Promise<Store>;
  readonly runsKeptMs: number;
}

export class ScheduleService implements Schedules {
  readonly #options: ScheduleOptions;
  #ticker: Ticker | undefined;

  constructor(options: ScheduleOptions) {
    this.#options = options;
  }

  async add(input: ScheduleInput): Promise<ScheduleView> {
    const { name, cron, timeZone = 'UTC', misfire = 'once', mayOverlap = false, ...run } = input;
    const fault = cronFault(cron, timeZone);
    if (fault !== undefined) throw invalid(name, fault, 'correct --cron or --time-zone');
    const definition = {
      file: path.resolve(run.file),
      accounts: run.accounts ?? {},
      parameters: run.parameters ?? {},
      outputDirectory: path.resolve(run.outputDirectory),
      allowPaths: run.allowPaths ?? false,
    };
    // A schedule that could not run is refused now, not at night.
    await this.#options.pipelines.plan(definition, definition);
    const store = await this.#options.openStore();
    const nextAt = nextTick(cron, timeZone, await store.now());
    const row = { name, definition: definition as JsonObject, cron, timeZone, misfire, mayOverlap, nextAt };
    if (await store.schedules.add(row)) return view({ ...row, lastRunId: null, lastOutcome: '' });
    throw invalid(name, 'a schedule of that name exists', `run "snaps schedule remove ${name}" first`);
  }

  async list(): Promise<readonly ScheduleView[]> {
    return (await (await this.#options.openStore()).schedules.list()).map(view);
  }

  async remove(name: string): Promise<void> {
    if (await (await this.#options.openStore()).schedules.remove(name)) return;
    throw invalid(name, 'there is no schedule of that name', 'see "snaps schedule list"');
  }

  async start(): Promise<void> {
    if (this.#ticker !== undefined) return;
    const { openStore, runs, runsKeptMs } = this.#options;
    const store = await openStore();
    this.#ticker = new Ticker({
      store,
      runsKeptMs,
      start: async ({ definition }) => (await runs.start(definition as unknown as RunRequest)).runId,
    });
    this.#ticker.start();
  }

  async close(): Promise<void> {
    await this.#ticker?.close();
  }
}

function view({ name, definition, cron, timeZone, misfire, mayOverlap, nextAt, ...last }: ScheduleRow): ScheduleView {
  return {
    name,
    file: String(definition.file),
    cron,
    timeZone,
    misfire,
    mayOverlap,
    nextAt: nextAt === null ? null : new Date(nextAt).toISOString(),
    lastRunId: last.lastRunId,
    lastOutcome: last.lastOutcome,
  };
}

function invalid(name: string, reason: string, resolution: string): ConfigurationError {
  return new ConfigurationError('SNAP_SCHEDULE_INVALID', `The schedule "${name}" was not changed.`, {
    reason,
    resolution,
  });
}
