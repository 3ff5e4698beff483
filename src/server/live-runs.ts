// Owns the runs that were started through this server: one run for one press of a button, and a feed of events for each.
import path from 'node:path';
import type { JsonObject } from '../document/json.ts';
import type { Host, RunHandle, RunProgress, RunReport, RunRequest } from '../host/host.ts';
import { uuidOf } from '../host/run-id.ts';
import type { ReplayRun, RunProgressData, StartRun } from './contract.ts';
import { RunFeed } from './run-feed.ts';

/** Feeds kept of runs that have ended; a page opened later reads the report. */
const endedFeedsMax = 50;
const progressMsMin = 250;

export class LiveRuns {
  readonly #host: Host;
  readonly #feeds = new Map<string, RunFeed>();
  /** Starts that are under way, by run id: a second press waits for the first. */
  readonly #starting = new Map<string, Promise<string>>();

  constructor(host: Host) {
    this.#host = host;
  }

  feed(runId: string): RunFeed | undefined {
    return this.#feeds.get(runId);
  }

  /** How many runs are under way here. */
  get active(): number {
    return [...this.#feeds.values()].filter((feed) => !feed.isEnded).length;
  }

  /** Starts a run and gives its id; the same key gives the same run, also after a restart. Throws what `startRun` throws. */
  async start(request: StartRun, idempotencyKey: string): Promise<string> {
    const { pipeline, accounts = {}, parameters = {}, resume } = request;
    const runId = resume ?? uuidOf(`run ${idempotencyKey}`);
    return await this.#once(runId, resume !== undefined, async (told) => {
      const body = typeof pipeline === 'string' ? (await this.#host.pipelines.show(pipeline)).pipeline : pipeline;
      return await this.#host.startRun({
        ...(body === undefined ? {} : { pipeline: body }),
        ...(resume === undefined ? { runId } : { resume }),
        accounts,
        parameters,
        outputDirectory: path.join(this.#host.config.dataDirectory, 'outputs', runId),
        ...told,
      });
    });
  }

  /** Sends error documents of a run back in and gives the id of the replay; the same key gives the same replay. Throws what `replayRun` throws. */
  async replay(of: string, { documents }: ReplayRun, idempotencyKey: string): Promise<string> {
    const replayId = uuidOf(`run ${idempotencyKey}`);
    return await this.#once(replayId, false, (told) =>
      this.#host.replayRun({ runId: of, replayId, ...(documents === undefined ? {} : { documents }), ...told }),
    );
  }

  /** One run for one id: a second press waits for the first, and a run that is known already is not begun again. */
  async #once(runId: string, isResumed: boolean, begin: Begin): Promise<string> {
    const under = this.#starting.get(runId);
    if (under !== undefined) return await under;
    const start = this.#beginFirst(runId, isResumed, begin).finally(() => this.#starting.delete(runId));
    this.#starting.set(runId, start);
    return await start;
  }

  async #beginFirst(runId: string, isResumed: boolean, begin: Begin): Promise<string> {
    const isDone = async (): Promise<boolean> => !isResumed && (await this.#isKnown(runId));
    if (await isDone()) return runId;
    try {
      return await this.#begin(runId, begin);
    } catch (thrown) {
      // The same press may have come to another host of this store a moment before.
      if (await isDone()) return runId;
      throw thrown;
    }
  }

  async #begin(runId: string, begin: Begin): Promise<string> {
    const feed = new RunFeed();
    let toldAt = 0;
    const handle = await begin({
      onProgress: (progress) => {
        const now = performance.now();
        if (now - toldAt < progressMsMin && !isOver(progress)) return;
        toldAt = now;
        feed.publish('progress', progressData(progress));
      },
      onLog: (line) => feed.publish('log', { line }),
    });
    // A worker tells what becomes of a run that was handed over: the store is followed then.
    if (handle.isQueued) return handle.runId;
    this.#keep(runId, feed);
    void handle.finished.then(
      (report) => this.#end(feed, report),
      () => feed.end(),
    );
    return handle.runId;
  }

  #end(feed: RunFeed, report: RunReport): void {
    feed.publish('report', report as unknown as JsonObject);
    feed.end();
  }

  async #isKnown(runId: string): Promise<boolean> {
    return await this.#host.runs.show(runId).then(
      () => true,
      () => false,
    );
  }

  #keep(runId: string, feed: RunFeed): void {
    this.#feeds.delete(runId);
    this.#feeds.set(runId, feed);
    const ended = [...this.#feeds].filter(([, kept]) => kept.isEnded);
    for (const [id] of ended.slice(0, Math.max(0, ended.length - endedFeedsMax))) this.#feeds.delete(id);
  }
}

/** Starts a run that tells the feed what it does. */
type Begin = (told: Required<Pick<RunRequest, 'onProgress' | 'onLog'>>) => Promise<RunHandle>;

/** The last word of a run always counts: its snaps are no longer working. */
function isOver({ snaps }: RunProgress): boolean {
  return snaps.every(({ state }) => state !== 'running' && state !== 'waiting');
}

function progressData(progress: RunProgress): JsonObject {
  const data: RunProgressData = {
    at: new Date().toISOString(),
    state: 'running',
    elapsedMs: Math.round(progress.elapsedMs),
    read: progress.read,
    written: progress.written,
    errors: progress.errors,
    expected: progress.expected ?? null,
    snaps: progress.snaps,
  };
  return data as unknown as JsonObject;
}
