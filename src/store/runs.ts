// Owns run rows. Everything a run writes is fenced by its lease: a holder that was outlived writes nothing.
import type { Selectable, Updateable } from 'kysely';
import type { Lease, ListedRun, RunChange, RunInsert, RunListing, RunRow, RunRows, RunState } from './contract.ts';
import { putCursors } from './cursors.ts';
import { type StoreContext, write } from './database.ts';
import { toObject, toObjects, toText } from './json-column.ts';
import { holdsFence } from './leases.ts';
import type { RunsTable } from './tables.ts';

const listingMax = 500;
const pipelinesMax = 1_000;
const listedColumns = [
  'id',
  'pipeline',
  'state',
  'created_at',
  'started_at',
  'finished_at',
  'attempt',
  'snaps',
  'error',
] as const;

export class RunTable implements RunRows {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  insert(run: RunInsert): Promise<boolean> {
    return write(this.#context, async ({ db, capabilities }) => {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('runs')
        .values({
          id: run.runId,
          pipeline: run.pipeline,
          state: 'queued',
          created_at: capabilities.now,
          started_at: null,
          finished_at: null,
          attempt: 0,
          parameters: toText(run.parameters),
          snaps: '[]',
          outputs: '[]',
          error: null,
          definition: toText(run.definition),
        })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .executeTakeFirst();
      return numInsertedOrUpdatedRows === 1n;
    });
  }

  async find(runId: string): Promise<RunRow | undefined> {
    const row = await this.#context.db.selectFrom('runs').selectAll().where('id', '=', runId).executeTakeFirst();
    return row === undefined ? undefined : toRunRow(row);
  }

  async list({ limit, before, state, pipeline, since, until }: RunListing): Promise<readonly ListedRun[]> {
    const rows = await this.#context.db
      .selectFrom('runs')
      .select(listedColumns)
      .$if(state !== undefined, (query) => query.where('state', '=', state as string))
      .$if(pipeline !== undefined, (query) => query.where('pipeline', '=', pipeline as string))
      .$if(since !== undefined, (query) => query.where('created_at', '>=', Date.parse(since ?? '')))
      .$if(until !== undefined, (query) => query.where('created_at', '<', Date.parse(until ?? '')))
      .$if(before !== undefined, (query) =>
        query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('created_at', 'id'), '<', tuple(Date.parse(before?.createdAt ?? ''), before?.runId ?? '')),
        ),
      )
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(Math.min(limit, listingMax))
      .execute();
    return rows.map(toListedRun);
  }

  async pipelines(): Promise<readonly string[]> {
    const rows = await this.#context.db
      .selectFrom('runs')
      .select('pipeline')
      .distinct()
      .orderBy('pipeline')
      .limit(pipelinesMax)
      .execute();
    return rows.map(({ pipeline }) => pipeline);
  }

  update(lease: Lease, runId: string, change: RunChange): Promise<boolean> {
    return write(this.#context, async (context) => {
      if (!(await holdsFence(context, lease))) return false;
      if (change.cursors !== undefined) await putCursors(context, change.cursors);
      const columns = toColumns(change);
      if (Object.keys(columns).length === 0) return true;
      const { numUpdatedRows } = await context.db
        .updateTable('runs')
        .set(columns)
        .where('id', '=', runId)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    });
  }

  requestStop(runId: string): Promise<RunState | undefined> {
    return write(this.#context, async ({ db, capabilities }) => {
      const row = await db
        .updateTable('runs')
        .set(({ eb, ref }) => ({
          finished_at: eb.case().when('state', '=', 'queued').then(capabilities.now).else(ref('finished_at')).end(),
          state: eb
            .case()
            .when('state', '=', 'queued')
            .then('stopped')
            .when('state', '=', 'running')
            .then('stopping')
            .else(ref('state'))
            .end(),
        }))
        .where('id', '=', runId)
        .returning('state')
        .executeTakeFirst();
      return row?.state as RunState | undefined;
    });
  }

  remove(runId: string): Promise<boolean> {
    return write(this.#context, async ({ db }) => {
      const { numDeletedRows } = await db.deleteFrom('runs').where('id', '=', runId).executeTakeFirst();
      return numDeletedRows === 1n;
    });
  }

  removeEnded(olderThanMs: number, limit: number): Promise<number> {
    return write(this.#context, async ({ db, capabilities }) => {
      const { numDeletedRows } = await db
        .deleteFrom('runs')
        .where('id', 'in', (query) =>
          query
            .selectFrom('runs')
            .select('id')
            .where('state', 'in', ['completed', 'failed', 'stopped'])
            .where(({ eb }) => eb('finished_at', '<', eb(capabilities.now, '-', olderThanMs)))
            .limit(limit),
        )
        .executeTakeFirst();
      return Number(numDeletedRows);
    });
  }
}

function toColumns(change: RunChange): Updateable<RunsTable> {
  return {
    ...(change.state === undefined ? {} : { state: change.state }),
    ...(change.startedAt === undefined ? {} : { started_at: Date.parse(change.startedAt) }),
    ...(change.finishedAt === undefined ? {} : { finished_at: Date.parse(change.finishedAt) }),
    ...(change.attempt === undefined ? {} : { attempt: change.attempt }),
    ...(change.crashes === undefined ? {} : { crashes: change.crashes }),
    ...(change.snaps === undefined ? {} : { snaps: toText(change.snaps) }),
    ...(change.outputs === undefined ? {} : { outputs: toText(change.outputs) }),
    ...(change.error === undefined ? {} : { error: change.error === null ? null : toText(change.error) }),
  };
}

const toIso = (time: number): string => new Date(time).toISOString();

function toRunRow(row: Selectable<RunsTable>): RunRow {
  return {
    ...toListedRun(row),
    crashes: row.crashes,
    parameters: toObject(row.parameters),
    outputs: toObjects(row.outputs),
    definition: toObject(row.definition),
  };
}

function toListedRun(row: Pick<Selectable<RunsTable>, (typeof listedColumns)[number]>): ListedRun {
  return {
    runId: row.id,
    pipeline: row.pipeline,
    state: row.state as RunState,
    createdAt: toIso(row.created_at),
    startedAt: row.started_at === null ? null : toIso(row.started_at),
    finishedAt: row.finished_at === null ? null : toIso(row.finished_at),
    attempt: row.attempt,
    snaps: toObjects(row.snaps),
    error: row.error === null ? null : toObject(row.error),
  };
}
