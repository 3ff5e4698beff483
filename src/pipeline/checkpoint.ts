// Owns checkpoints: when one begins, which snaps have reported, and when it is whole. It stores none itself.
import type { JsonObject, JsonValue } from '../document/json.ts';
import type { SnapCounts } from './counts.ts';

/** Where one snap was at a checkpoint. `state` is a source's position or another snap's snapshot. */
export interface SnapCheckpoint {
  readonly state?: JsonValue;
  /** What the snap leaves for the next run of the pipeline; known when it has ended. */
  readonly cursor?: JsonValue;
  /** The snap had ended, and everything it gave had left it. */
  readonly isDone: boolean;
  readonly counts: SnapCounts;
}

/** Everything that a resumed run needs. Plain JSON. */
export interface Checkpoint {
  readonly version: 1;
  /** True when every snap had ended: only closing (renaming files, say) may be left to do. */
  readonly isComplete: boolean;
  readonly fingerprint: Readonly<Record<string, string>>;
  readonly snaps: Readonly<Record<string, SnapCheckpoint>>;
}

/** Makes a checkpoint durable together with the error documents that were kept up to it. */
export type SaveCheckpoint = (checkpoint: JsonObject, errors: readonly JsonObject[]) => Promise<void>;

export interface CheckpointLimits {
  /** Documents that sources give before the next checkpoint begins. */
  readonly checkpointDocumentsMax: number;
  /** Time after which one begins anyway, in ms. */
  readonly checkpointMs: number;
}

export const checkpointLimitsDefault: CheckpointLimits = { checkpointDocumentsMax: 20_000, checkpointMs: 1_000 };

interface Report {
  readonly checkpoint: SnapCheckpoint;
  readonly errors: readonly JsonObject[];
}

export interface CheckpointerOptions {
  readonly snapIds: readonly string[];
  readonly fingerprint: Readonly<Record<string, string>>;
  readonly limits: CheckpointLimits;
  readonly save: SaveCheckpoint | undefined;
  readonly onError: (error: unknown) => void;
}

/**
 * States: idle (no checkpoint under way), collecting (number n is asked for; sources put marker n behind their next
 * batch with a position, and every snap reports when the marker has come on all its links), saving (all have reported).
 * idle -> collecting by documents or time; collecting -> saving with the last report; saving -> idle when it is durable.
 * A snap that has ended reports once, and that report stands in every later checkpoint. One is under way at a time, so a
 * snap never sees marker n+1 before all have reported n. A source that never gives a position keeps its run in
 * collecting: nothing is saved, and a resume begins anew. collecting -> idle when a snap cannot take part now (`giveUp`);
 * the errors that were reported for it wait for the next.
 */
export class Checkpointer {
  readonly #options: CheckpointerOptions;
  readonly #done = new Map<string, Report>();
  #reports = new Map<string, Report>();
  #carriedErrors: JsonObject[] = [];
  #state: 'idle' | 'collecting' | 'saving' = 'idle';
  #number = 0;
  #documents = 0;
  #begunAt = performance.now();
  #saving: Promise<void> = Promise.resolve();

  constructor(options: CheckpointerOptions) {
    this.#options = options;
  }

  /** The number of the checkpoint under way; undefined when sources need put no marker. */
  get asked(): number | undefined {
    return this.#state === 'collecting' ? this.#number : undefined;
  }

  /** Counts what sources gave, and begins a checkpoint when it is time. */
  count(documents: number): void {
    this.#documents += documents;
    const { checkpointDocumentsMax, checkpointMs } = this.#options.limits;
    const isTime = this.#documents >= checkpointDocumentsMax || performance.now() - this.#begunAt >= checkpointMs;
    if (isTime) this.begin();
  }

  /** Begins a checkpoint unless one is under way. */
  begin(): void {
    if (this.#state !== 'idle' || this.#options.save === undefined) return;
    this.#state = 'collecting';
    this.#number += 1;
    this.#documents = 0;
    this.#begunAt = performance.now();
    this.#reports = new Map();
    this.#completeWhenAll();
  }

  report(snapId: string, checkpoint: SnapCheckpoint, errors: readonly JsonObject[]): void {
    this.#reports.set(snapId, { checkpoint, errors });
    this.#completeWhenAll();
  }

  /** Ends the checkpoint under way without saving it; false when it is not under way any more. */
  giveUp(checkpoint: number): boolean {
    if (this.asked !== checkpoint) return false;
    this.#carriedErrors.push(...[...this.#reports.values()].flatMap((report) => report.errors));
    this.#reports = new Map();
    this.#state = 'idle';
    return true;
  }

  /** A snap has ended; its errors go with the checkpoint that comes next. */
  end(snapId: string, checkpoint: SnapCheckpoint, errors: readonly JsonObject[]): void {
    this.#done.set(snapId, { checkpoint, errors });
    this.#completeWhenAll();
  }

  /** Saves the last checkpoint, of a run whose snaps have all ended. */
  async complete(): Promise<void> {
    await this.#saving;
    if (this.#options.save === undefined) return;
    await this.#save(this.#options.save, this.#done, true);
  }

  /** Error documents that were reported and not saved. */
  get unsavedErrors(): readonly JsonObject[] {
    const reported = [...this.#done.values(), ...this.#reports.values()].flatMap((report) => report.errors);
    return [...this.#carriedErrors, ...reported];
  }

  /** Waits until nothing is being saved any more. */
  async settle(): Promise<void> {
    await this.#saving;
  }

  #completeWhenAll(): void {
    const { snapIds, save, onError } = this.#options;
    if (this.#state !== 'collecting' || save === undefined) return;
    // When all have ended, `complete` saves; a checkpoint without a living source would only be saved twice.
    if (snapIds.every((id) => this.#done.has(id))) return;
    if (!snapIds.every((id) => this.#reports.has(id) || this.#done.has(id))) return;
    this.#state = 'saving';
    const all = new Map(snapIds.map((id) => [id, this.#reports.get(id) ?? (this.#done.get(id) as Report)]));
    this.#saving = this.#save(save, all, false).then(() => {
      this.#reports = new Map();
      this.#state = 'idle';
    }, onError);
  }

  async #save(save: SaveCheckpoint, reports: ReadonlyMap<string, Report>, isComplete: boolean): Promise<void> {
    const checkpoint: Checkpoint = {
      version: 1,
      isComplete,
      fingerprint: this.#options.fingerprint,
      snaps: Object.fromEntries([...reports].map(([id, report]) => [id, report.checkpoint])),
    };
    const errors = [...this.#carriedErrors, ...[...reports.values()].flatMap((report) => report.errors)];
    await save(checkpoint as unknown as JsonObject, errors);
    this.#carriedErrors = [];
    // An ended snap's report stands in later checkpoints too, but its errors are stored only once.
    for (const [id, report] of this.#done) {
      if (reports.get(id) === report) this.#done.set(id, { checkpoint: report.checkpoint, errors: [] });
    }
  }
}
