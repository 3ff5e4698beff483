// Owns what is known of runs whose process has died: from which deaths, and what was in hand. Fenced by the run's lease.
import type { JsonObject } from '../document/json.ts';
import type { CareRow, CareRows, Lease } from './contract.ts';
import { type StoreContext, writeLightly } from './database.ts';
import { toObject, toText } from './json-column.ts';
import { holdsFence, writeFenced } from './leases.ts';

export class CareTable implements CareRows {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  async read(runId: string): Promise<CareRow | undefined> {
    const row = await this.#context.db
      .selectFrom('run_care')
      .select(['care', 'in_hand'])
      .where('run_id', '=', runId)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    return { care: toObject(row.care), inHand: row.in_hand === null ? null : toObject(row.in_hand) };
  }

  put(lease: Lease, runId: string, care: JsonObject): Promise<boolean> {
    return writeFenced(this.#context, lease, async ({ db }) => {
      const row = { care: toText(care), in_hand: null };
      await db
        .insertInto('run_care')
        .values({ run_id: runId, ...row })
        .onConflict((conflict) => conflict.column('run_id').doUpdateSet(row))
        .execute();
    });
  }

  hold(lease: Lease, runId: string, inHand: JsonObject | null): Promise<boolean> {
    return writeLightly(this.#context, async (context) => {
      if (!(await holdsFence(context, lease))) return false;
      const { numUpdatedRows } = await context.db
        .updateTable('run_care')
        .set({ in_hand: inHand === null ? null : toText(inHand) })
        .where('run_id', '=', runId)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    });
  }
}
