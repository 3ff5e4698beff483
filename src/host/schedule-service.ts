// Owns schedules in the words of the host's contract, and running them while the host serves.
import path from 'node:path';
import type { JsonObject } from '../document/json.ts';
import { ConfigurationError } from '../errors.ts';
import { cronFault, nextTick } from '../queue/cron.ts';
import { Ticker } from '../queue/ticker.ts';
import type { ScheduleRow, Store } from '../store/contract.ts';
import type { Activity } from './activity.ts';
import type { CrashedRuns } from './crashed-runs.ts';
import type { RunRequest, SavedPipelines, ScheduleChange, ScheduleInput, Schedules, ScheduleView } from './host.ts';
import { isName, nameLengthMax, nameRule } from './names.ts';
import type { Pipelines } from './pipelines.ts';
import type { RunService } from './run-service.ts';

export interface ScheduleOptions {
  readonly activity: Pick<Activity, 'tick'>;
  readonly pipelines: Pipelines;
  readonly runs: RunService;
  readonly crashed: Pick<CrashedRuns, 'isAwaited'>;
  readonly openStore: () => Promise<Store>;
  readonly runsKeptMs: number;
  readonly saved: SavedPipelines;
  /** Folder below which schedules without a folder of their own write. */
  readonly outputDirectory: string;
}

/** Ticks that are shown of a pattern. */
const shownTicks = 3;

export class ScheduleService implements Schedules {
  readonly #options: ScheduleOptions;
  #ticker: Ticker | undefined;

  constructor(options: ScheduleOptions) {
    this.#options = options;
  }

  async add(input: ScheduleInput): Promise<ScheduleView> {
    const { name, cron, timeZone = 'UTC', misfire = 'once', mayOverlap = false, ...run } = input;
    if (!isName(name, nameLengthMax)) throw invalid(name, `a name ${nameRule(nameLengthMax)}`, 'choose another name');
    const fault = cronFault(cron, timeZone);
    if (fault !== undefined) throw invalid(name, fault, 'correct the pattern or the time zone');
    const definition = {
      ...sourceOf(name, run),
      accounts: run.accounts ?? {},
      parameters: run.parameters ?? {},
      outputDirectory: path.resolve(run.outputDirectory ?? path.join(this.#options.outputDirectory, name)),
      allowPaths: run.allowPaths ?? false,
      ...(run.afterCrash === undefined ? {} : { afterCrash: run.afterCrash }),
    };
    // A schedule that could not run is refused now, not at night.
    await this.#options.pipelines.plan(await this.#request(definition), definition);
    const store = await this.#options.openStore();
    const nextAt = nextTick(cron, timeZone, await store.now());
    const row = {
      name,
      definition: definition as JsonObject,
      cron,
      timeZone,
      misfire,
      mayOverlap,
      isPaused: false,
      nextAt,
    };
    if (await store.schedules.add(row)) return view({ ...row, lastRunId: null, lastOutcome: '' });
    throw invalid(
      name,
      'a schedule of that name exists',
      `choose another name, or run "snaps schedule change ${name}"; for another pipeline, run "snaps schedule remove ${name}" first`,
    );
  }

  async change(name: string, { parameters, ...change }: ScheduleChange): Promise<ScheduleView> {
    const store = await this.#options.openStore();
    const before = await store.schedules.find(name);
    if (before === undefined) throw missing(name);
    const definition = { ...before.definition, ...(parameters === undefined ? {} : { parameters }) } as JsonObject;
    const row = { ...before, ...change, definition };
    const fault = cronFault(row.cron, row.timeZone);
    if (fault !== undefined) throw invalid(name, fault, 'correct the pattern or the time zone');
    // One that goes on, or with other parameters, could not run tonight: that is said now.
    const isTried = parameters !== undefined || (before.isPaused && !row.isPaused);
    if (isTried) await this.#options.pipelines.plan(await this.#request(definition), checkOptionsOf(definition));
    // A tick that is due already stays due unless the pattern is another one.
    const isMoved = row.cron !== before.cron || row.timeZone !== before.timeZone || row.isPaused !== before.isPaused;
    const fresh = row.isPaused ? null : nextTick(row.cron, row.timeZone, await store.now());
    const nextAt = isMoved ? fresh : before.nextAt;
    if (!(await store.schedules.change(name, { ...change, definition, ...(isMoved ? { nextAt } : {}) })))
      throw missing(name);
    return view({ ...row, nextAt });
  }

  async list(): Promise<readonly ScheduleView[]> {
    return (await (await this.#options.openStore()).schedules.list()).map(view);
  }

  async ticks(cron: string, timeZone: string): Promise<readonly string[]> {
    const fault = cronFault(cron, timeZone);
    if (fault !== undefined) throw invalid('new', fault, 'correct the pattern or the time zone');
    const ticks: string[] = [];
    let from: number | null = await (await this.#options.openStore()).now();
    while (ticks.length < shownTicks && from !== null) {
      from = nextTick(cron, timeZone, from);
      if (from !== null) ticks.push(new Date(from).toISOString());
    }
    return ticks;
  }

  async remove(name: string): Promise<void> {
    if (await (await this.#options.openStore()).schedules.remove(name)) return;
    throw missing(name);
  }

  async start(): Promise<void> {
    if (this.#ticker !== undefined) return;
    const { openStore, runs, runsKeptMs, crashed } = this.#options;
    const store = await openStore();
    this.#ticker = new Ticker({
      onTick: (lateMs) => this.#options.activity.tick(lateMs),
      store,
      runsKeptMs,
      isAwaited: (runId) => crashed.isAwaited(runId),
      start: async ({ definition }) => (await runs.start(await this.#request(definition))).runId,
    });
    this.#ticker.start();
  }

  /** What a tick starts: the file as it is then, or the newest version of the saved pipeline. */
  async #request(definition: JsonObject): Promise<RunRequest> {
    const { saved, ...rest } = definition as unknown as RunRequest & { readonly saved?: string };
    return saved === undefined ? rest : { ...rest, pipeline: (await this.#options.saved.show(saved)).pipeline };
  }

  async close(): Promise<void> {
    await this.#ticker?.close();
  }
}

const checkOptionsOf = (definition: JsonObject) => definition as unknown as Pick<RunRequest, 'accounts' | 'parameters'>;

function missing(name: string): ConfigurationError {
  return invalid(name, 'there is no schedule of that name', 'see "snaps schedule list"');
}

function view({
  name,
  definition,
  cron,
  timeZone,
  misfire,
  mayOverlap,
  isPaused,
  nextAt,
  ...last
}: ScheduleRow): ScheduleView {
  return {
    name,
    file: typeof definition.file === 'string' ? definition.file : null,
    saved: typeof definition.saved === 'string' ? definition.saved : null,
    cron,
    timeZone,
    misfire,
    mayOverlap,
    parameters: (definition.parameters ?? {}) as Readonly<Record<string, string>>,
    isPaused,
    nextAt: nextAt === null ? null : new Date(nextAt).toISOString(),
    lastRunId: last.lastRunId,
    lastOutcome: last.lastOutcome,
  };
}

function sourceOf(name: string, { file, saved }: Pick<ScheduleInput, 'file' | 'saved'>) {
  if (file !== undefined && saved === undefined) return { file: path.resolve(file) };
  if (saved !== undefined && file === undefined) return { saved };
  throw invalid(name, 'it must name either a file or a saved pipeline', 'name one of the two');
}

function invalid(name: string, reason: string, resolution: string): ConfigurationError {
  return new ConfigurationError('SNAP_SCHEDULE_INVALID', `The schedule "${name}" was not changed.`, {
    reason,
    resolution,
  });
}
