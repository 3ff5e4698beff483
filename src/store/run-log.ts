// Owns the log of each run: entries in order, the newest of them only.

import type { Lease } from './contract.ts';
import type { StoreContext } from './database.ts';
import { toObject, toText } from './json-column.ts';
import { writeFenced } from './leases.ts';
import type { RunLogInsert, RunLogLevel, RunLogRow, RunLogRows } from './run-log-contract.ts';

/** Entries kept of one run. */
export const runLogEntriesMax = 2_000;
const listingMax = 1_000;
/** Rows of one INSERT, far below the bound on parameters of either database. */
const insertRowsMax = 200;

export class RunLogTable implements RunLogRows {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  append(lease: Lease, runId: string, entries: readonly RunLogInsert[]): Promise<boolean> {
    return writeFenced(this.#context, lease, async ({ db }) => {
      const last = await db
        .selectFrom('run_log')
        .select(({ fn }) => fn.max('sequence').as('sequence'))
        .where('run_id', '=', runId)
        .executeTakeFirst();
      const start = Number(last?.sequence ?? 0) + 1;
      for (let from = 0; from < entries.length; from += insertRowsMax) {
        const rows = entries
          .slice(from, from + insertRowsMax)
          .map(({ at, level, event, snapId, message, details }, index) => ({
            ...{ run_id: runId, sequence: start + from + index, at, level, event, snap_id: snapId, message },
            details: details === null ? null : toText(details),
          }));
        await db.insertInto('run_log').values(rows).execute();
      }
      const oldest = start + entries.length - runLogEntriesMax;
      if (oldest > 1)
        await db.deleteFrom('run_log').where('run_id', '=', runId).where('sequence', '<', oldest).execute();
    });
  }

  async list(runId: string, page: { readonly after?: number; readonly limit: number }): Promise<readonly RunLogRow[]> {
    const rows = await this.#context.db
      .selectFrom('run_log')
      .selectAll()
      .where('run_id', '=', runId)
      .where('sequence', '>', page.after ?? 0)
      .orderBy('sequence')
      .limit(Math.min(page.limit, listingMax))
      .execute();
    return rows.map(({ sequence, at, level, event, snap_id, message, details }) => ({
      ...{ sequence, at, event, snapId: snap_id, message },
      level: level as RunLogLevel,
      details: details === null ? null : toObject(details),
    }));
  }

  async first(runId: string): Promise<number | undefined> {
    const row = await this.#context.db
      .selectFrom('run_log')
      .select(({ fn }) => fn.min('sequence').as('sequence'))
      .where('run_id', '=', runId)
      .executeTakeFirst();
    return row?.sequence === null || row?.sequence === undefined ? undefined : Number(row.sequence);
  }
}
