// Owns what the snaps of a pipeline leave for its next run. A run writes it in the step that makes it completed, and no other.

import { parseExact } from '../document/exact-json.ts';
import type { CursorChange, CursorRow, CursorRows } from './contract.ts';
import { type StoreContext, type WriteContext, write } from './database.ts';
import { toText } from './json-column.ts';

const listingMax = 1000;

export class CursorTable implements CursorRows {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  async list(pipeline?: string): Promise<readonly CursorRow[]> {
    const rows = await this.#context.db
      .selectFrom('cursors')
      .selectAll()
      .$if(pipeline !== undefined, (query) => query.where('pipeline', '=', pipeline as string))
      .orderBy('pipeline')
      .orderBy('snap_id')
      .limit(listingMax)
      .execute();
    return rows.map((row) => ({
      pipeline: row.pipeline,
      snapId: row.snap_id,
      value: parseExact(row.value),
      version: row.version,
      updatedAt: new Date(row.updated_at).toISOString(),
    }));
  }

  remove(pipeline: string, snapId?: string): Promise<number> {
    return write(this.#context, async ({ db }) => {
      const { numDeletedRows } = await db
        .deleteFrom('cursors')
        .where('pipeline', '=', pipeline)
        .$if(snapId !== undefined, (query) => query.where('snap_id', '=', snapId as string))
        .executeTakeFirst();
      return Number(numDeletedRows);
    });
  }
}

/** Moves cursors on. One that another run has moved since stays: it was further, or the next run reads again. */
export async function putCursors({ db, capabilities }: WriteContext, change: CursorChange): Promise<void> {
  for (const { snapId, value, fromVersion } of change.cursors) {
    const changed = { value: toText(value), version: fromVersion + 1, updated_at: capabilities.now };
    if (fromVersion === 0) {
      await db
        .insertInto('cursors')
        .values({ pipeline: change.pipeline, snap_id: snapId, ...changed })
        .onConflict((conflict) => conflict.columns(['pipeline', 'snap_id']).doNothing())
        .execute();
      continue;
    }
    await db
      .updateTable('cursors')
      .set(changed)
      .where('pipeline', '=', change.pipeline)
      .where('snap_id', '=', snapId)
      .where('version', '=', fromVersion)
      .execute();
  }
}
