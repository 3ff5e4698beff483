// Owns the last complete checkpoint of each run. Error documents of the same moment are written with it or not at all.
import type { JsonObject } from '../document/json.ts';
import type { CheckpointRows, Lease } from './contract.ts';
import type { StoreContext } from './database.ts';
import { appendErrorDocuments } from './error-documents.ts';
import { toObject, toText } from './json-column.ts';
import { writeFenced } from './leases.ts';

export class CheckpointTable implements CheckpointRows {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  async read(runId: string): Promise<JsonObject | undefined> {
    const row = await this.#context.db
      .selectFrom('checkpoints')
      .select('body')
      .where('run_id', '=', runId)
      .executeTakeFirst();
    return row === undefined ? undefined : toObject(row.body);
  }

  put(lease: Lease, runId: string, checkpoint: JsonObject, errors: readonly JsonObject[] = []): Promise<boolean> {
    return writeFenced(
      this.#context,
      lease,
      async (context) => {
        const body = toText(checkpoint);
        await context.db
          .insertInto('checkpoints')
          .values({ run_id: runId, body })
          .onConflict((conflict) => conflict.column('run_id').doUpdateSet({ body }))
          .execute();
        if (errors.length > 0) await appendErrorDocuments(context, runId, errors);
      },
      { isRepeatable: errors.length === 0 },
    );
  }
}
