// Owns what the snaps that must see every document have in common: documents set aside as they come, given on at the end.
import path from 'node:path';
import { type Batch, Document } from '../document/document.ts';
import type { JsonObject, JsonValue } from '../document/json.ts';
import type { SnapContext, SnapExecutor } from '../snap/executor.ts';
import { Spill } from './sql-spill.ts';

/** Documents that leave together. */
const batchDocuments = 50;

/** What a checkpoint holds. `isEnded` tells that everything has been given on. */
interface SpillState {
  readonly rows: number;
  readonly isEnded: boolean;
}

export interface SpillingSnap {
  /** Sets one batch aside; may give documents on at once. */
  take(batch: Batch, view: string, spill: Spill, context: SnapContext): Promise<void>;
  /** Gives on what is left when everything has come. */
  finish?(spill: Spill, context: SnapContext): Promise<void>;
}

/**
 * Runs a snap over a spill file in the output directory. The file is removed when the run has completed; while a
 * checkpoint may need it, it stays. A resumed run goes on with the rows of the checkpoint, so that it gives the same.
 */
export function createSpilling(
  outputDirectory: string,
  make: (context: SnapContext) => SpillingSnap | Promise<SpillingSnap>,
): SnapExecutor {
  let spill: Spill | undefined;
  let isEnded = false;
  let hasCheckpoint = false;
  return {
    async run(context: SnapContext): Promise<void> {
      const restored = context.restored as unknown as SpillState | undefined;
      spill = new Spill(path.resolve(outputDirectory, `.${context.runId}.${context.snapId}.spill`));
      isEnded = restored?.isEnded ?? false;
      hasCheckpoint = restored !== undefined;
      if (isEnded) return;
      const snap = await make(context);
      await spill.open(restored?.rows ?? 0);
      for await (const { view, batch } of context.inputs()) await snap.take(batch, view, spill, context);
      await snap.finish?.(spill, context);
      isEnded = true;
    },
    async snapshot(): Promise<JsonValue> {
      spill?.commit();
      hasCheckpoint = true;
      return { rows: spill?.rows ?? 0, isEnded };
    },
    async close(committed: boolean): Promise<void> {
      await spill?.close(committed || !hasCheckpoint);
    },
  };
}

/** Gives documents on in batches as they are made. */
export class Outgoing {
  readonly #context: SnapContext;
  #batch: Document[] = [];
  #given = 0;

  constructor(context: SnapContext) {
    this.#context = context;
  }

  async give(content: string | JsonObject): Promise<void> {
    const lineage = { snap: this.#context.snapId, index: this.#given };
    this.#given += 1;
    this.#batch.push(
      typeof content === 'string' ? Document.fromJson(content, lineage) : Document.fromValue(content, lineage),
    );
    if (this.#batch.length >= batchDocuments) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.#batch.length === 0) return;
    this.#context.signal.throwIfAborted();
    const batch = this.#batch;
    this.#batch = [];
    await this.#context.emit(batch);
  }
}
