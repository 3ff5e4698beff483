// Owns the journal of writes: rows are durable before their request leaves, and settled by its outcome. Fenced by the run's lease.
import type { Selectable } from 'kysely';
import type { Lease, WriteNote, WriteRow, WriteRows, WriteSettlement } from './contract.ts';
import type { StoreContext, WriteContext } from './database.ts';
import { toObject, toText } from './json-column.ts';
import { writeFenced } from './leases.ts';
import type { WritesTable } from './tables.ts';

const listingMax = 1000;

export class WriteTable implements WriteRows {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  note(lease: Lease, runId: string, notes: readonly WriteNote[]): Promise<boolean> {
    return this.#fenced(lease, async ({ db, capabilities }) => {
      for (const note of notes) {
        const changes = {
          state: 'sent' as const,
          attempt: note.attempt,
          hash: note.hash,
          record_key: note.key,
          origin: note.origin,
          request: toText(note.request),
          body: note.body,
          outcome: null,
          sent_at: capabilities.now,
        };
        await db
          .insertInto('writes')
          .values({ run_id: runId, snap_id: note.snapId, sequence: note.sequence, ...changes })
          .onConflict((conflict) => conflict.columns(['run_id', 'snap_id', 'sequence']).doUpdateSet(changes))
          .execute();
      }
    });
  }

  settle(lease: Lease, runId: string, settlements: readonly WriteSettlement[]): Promise<boolean> {
    return this.#fenced(lease, async ({ db }) => {
      for (const { snapId, sequence, state, outcome } of settlements) {
        if (state === 'not-done') {
          await db
            .deleteFrom('writes')
            .where('run_id', '=', runId)
            .where('snap_id', '=', snapId)
            .where('sequence', '=', sequence)
            .execute();
        } else {
          await db
            .updateTable('writes')
            .set({ state, outcome: outcome ?? null })
            .where('run_id', '=', runId)
            .where('snap_id', '=', snapId)
            .where('sequence', '=', sequence)
            .execute();
        }
      }
    });
  }

  async list(
    runId: string,
    page: { readonly snapId: string; readonly after?: number; readonly limit: number },
  ): Promise<readonly WriteRow[]> {
    const rows = await this.#context.db
      .selectFrom('writes')
      .selectAll()
      .where('run_id', '=', runId)
      .where('snap_id', '=', page.snapId)
      .where('sequence', '>', page.after ?? -1)
      .orderBy('sequence')
      .limit(Math.min(page.limit, listingMax))
      .execute();
    return rows.map(toWriteRow);
  }

  async undecided(runId: string): Promise<readonly WriteRow[]> {
    const rows = await this.#context.db
      .selectFrom('writes')
      .selectAll()
      .where('run_id', '=', runId)
      .where('state', '=', 'undecided')
      .orderBy('snap_id')
      .orderBy('sequence')
      .limit(listingMax)
      .execute();
    return rows.map(toWriteRow);
  }

  prune(lease: Lease, runId: string, below: { snapId: string; sequence: number }): Promise<boolean> {
    return this.#fenced(lease, async ({ db }) => {
      await db
        .deleteFrom('writes')
        .where('run_id', '=', runId)
        .where('snap_id', '=', below.snapId)
        .where('sequence', '<', below.sequence)
        .where('state', 'in', ['done', 'refused'])
        .execute();
    });
  }

  #fenced(lease: Lease, steps: (context: WriteContext) => Promise<void>): Promise<boolean> {
    return writeFenced(this.#context, lease, steps, { isRepeatable: true });
  }
}

function toWriteRow(row: Selectable<WritesTable>): WriteRow {
  return {
    snapId: row.snap_id,
    sequence: row.sequence,
    state: row.state,
    attempt: row.attempt,
    hash: row.hash,
    key: row.record_key,
    origin: row.origin,
    request: toObject(row.request),
    body: row.body,
    outcome: row.outcome,
  };
}
