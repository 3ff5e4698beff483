// Owns run rows. Everything a run writes is fenced by its lease: a holder that was outlived writes nothing.
import { type ExpressionBuilder, type Selectable, sql, type Updateable } from 'kysely';
import { errorPipelineSnap } from './child-run-contract.ts';
import {
  type ChildRun,
  type HandedOverRun,
  type Lease,
  type ListedRun,
  type RunChange,
  type RunInsert,
  type RunListing,
  type RunPoint,
  type RunRow,
  type RunRows,
  type RunState,
  runLeaseName,
} from './contract.ts';
import { putCursors } from './cursors.ts';
import { type StoreContext, type WriteContext, write } from './database.ts';
import { toObject, toObjects, toPoints, toText } from './json-column.ts';
import { holdsFence, writeFenced } from './leases.ts';
import type { RunsTable, Tables } from './tables.ts';

const listingMax = 500;
const pipelinesMax = 1_000;
const childrenMax = 10_000;
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
  'parent_run_id',
  'parent_snap',
  'parent_sequence',
  'parent_hash',
  'replay_of',
  'lane',
] as const;

export class RunTable implements RunRows {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  insert(run: RunInsert): Promise<boolean> {
    return write(this.#context, async (context) => {
      if (run.parent !== undefined && !(await holdsFence(context, run.parent.lease))) return false;
      return await insertRun(context, run);
    });
  }

  async find(runId: string): Promise<RunRow | undefined> {
    const row = await this.#context.db
      .selectFrom('runs')
      .select(listedColumns)
      .select(['crashes', 'parameters', 'outputs', 'definition'])
      .select([countChildren, countReplays, holderOf(this.#context)])
      .where('id', '=', runId)
      .executeTakeFirst();
    return row === undefined ? undefined : toRunRow(row);
  }

  async state(runId: string): Promise<RunState | undefined> {
    const row = await this.#context.db.selectFrom('runs').select('state').where('id', '=', runId).executeTakeFirst();
    return row?.state as RunState | undefined;
  }

  async points(runId: string): Promise<readonly RunPoint[] | undefined> {
    const row = await this.#context.db.selectFrom('runs').select('points').where('id', '=', runId).executeTakeFirst();
    return row === undefined ? undefined : toPoints(row.points);
  }

  async list({
    limit,
    before,
    state,
    pipeline,
    since,
    until,
    isHandedOver,
    ...family
  }: RunListing): Promise<readonly ListedRun[]> {
    const rows = await this.#context.db
      .selectFrom('runs')
      .select(listedColumns)
      .select([countChildren, holderOf(this.#context)])
      .where(ofFamily(family))
      .$if(isHandedOver !== undefined, (query) => query.where('lane', isHandedOver === true ? 'is not' : 'is', null))
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

  async children(runId: string, snapId: string, after: number): Promise<readonly ChildRun[]> {
    const rows = await this.#context.db
      .selectFrom('runs')
      .select(['id', 'state', 'parent_sequence', 'parent_hash'])
      .where('parent_run_id', '=', runId)
      .where('parent_snap', '=', snapId)
      .where('parent_sequence', '>', after)
      .orderBy('parent_sequence')
      .limit(childrenMax)
      .execute();
    return rows.map(({ id, state, parent_sequence, parent_hash }) => ({
      ...{ runId: id, state: state as RunState, sequence: parent_sequence ?? 0, hash: parent_hash ?? '' },
    }));
  }

  async handedOver(states: readonly RunState[]): Promise<readonly HandedOverRun[]> {
    const rows = await this.#context.db
      .selectFrom('runs')
      .select(['id', 'state', 'created_at', 'lane'])
      .select(holderOf(this.#context))
      .where('lane', 'is not', null)
      .where('state', 'in', states)
      // Stopping, running, queued: a long queue must not hide a run whose worker died.
      .orderBy('state', 'desc')
      .orderBy('created_at')
      .limit(listingMax)
      .execute();
    return rows.map(({ id, state, created_at, lane, holder }) => ({
      ...{ runId: id, state: state as RunState, createdAt: toIso(created_at), lane: lane ?? '', holder },
    }));
  }

  async pipelines(): Promise<readonly string[]> {
    const rows = await this.#context.db
      .selectFrom('runs')
      .select('pipeline')
      .distinct()
      .where('parent_run_id', 'is', null)
      .orderBy('pipeline')
      .limit(pipelinesMax)
      .execute();
    return rows.map(({ pipeline }) => pipeline);
  }

  update(lease: Lease, runId: string, change: RunChange): Promise<boolean> {
    return writeFenced(
      this.#context,
      lease,
      async (context) => {
        if (change.cursors !== undefined) await putCursors(context, change.cursors);
        if (change.follower !== undefined) await insertRun(context, change.follower);
        const columns = toColumns(change);
        if (Object.keys(columns).length === 0) return true;
        const { numUpdatedRows } = await context.db
          .updateTable('runs')
          .set(columns)
          .where('id', '=', runId)
          .executeTakeFirst();
        return numUpdatedRows === 1n;
      },
      { isRepeatable: true },
    );
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
            // Runs that another one started go with it.
            .where('parent_run_id', 'is', null)
            .where(({ eb }) => eb('finished_at', '<', eb(capabilities.now, '-', olderThanMs)))
            .limit(limit),
        )
        .executeTakeFirst();
      return Number(numDeletedRows);
    });
  }
}

async function insertRun({ db, capabilities }: WriteContext, run: RunInsert): Promise<boolean> {
  const { parent } = run;
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('runs')
    .values({
      ...{ id: run.runId, pipeline: run.pipeline, state: 'queued', created_at: capabilities.now, attempt: 0 },
      ...{ started_at: null, finished_at: null, snaps: '[]', outputs: '[]', error: null },
      parameters: toText(run.parameters),
      definition: toText(run.definition),
      parent_run_id: parent?.runId ?? null,
      parent_snap: parent?.snapId ?? null,
      parent_sequence: parent?.sequence ?? null,
      parent_hash: parent?.hash ?? null,
      replay_of: run.replayOf ?? null,
      lane: run.lane ?? null,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

/** Runs that somebody started, those that one run started, those that replay one, or those of error pipelines. */
function ofFamily({ parent, replayOf, isErrorRun }: Pick<RunListing, 'parent' | 'replayOf' | 'isErrorRun'>) {
  return (eb: ExpressionBuilder<Tables, 'runs'>) => {
    if (replayOf !== undefined) return eb('replay_of', '=', replayOf);
    if (isErrorRun) return eb('parent_snap', '=', errorPipelineSnap);
    return parent === undefined ? eb('parent_run_id', 'is', null) : eb('parent_run_id', '=', parent);
  };
}

/** How many runs a run started. */
function countChildren(eb: ExpressionBuilder<Tables, 'runs'>) {
  return eb
    .selectFrom('runs as child')
    .whereRef('child.parent_run_id', '=', 'runs.id')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .as('children');
}

function countReplays(eb: ExpressionBuilder<Tables, 'runs'>) {
  return eb
    .selectFrom('runs as replay')
    .whereRef('replay.replay_of', '=', 'runs.id')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .as('replays');
}

/** Who holds the lease of a run. */
function holderOf({ capabilities }: StoreContext) {
  return (eb: ExpressionBuilder<Tables, 'runs'>) =>
    eb
      .selectFrom('leases')
      .where('leases.name', '=', sql<string>`${runLeaseName('')} || runs.id`)
      .where('leases.expires_at', '>', capabilities.now)
      .select('leases.owner')
      .as('holder');
}

function toColumns(change: RunChange): Updateable<RunsTable> {
  return {
    ...(change.state === undefined ? {} : { state: change.state }),
    ...(change.startedAt === undefined ? {} : { started_at: Date.parse(change.startedAt) }),
    ...(change.finishedAt === undefined ? {} : { finished_at: toTime(change.finishedAt) }),
    ...(change.attempt === undefined ? {} : { attempt: change.attempt }),
    ...(change.crashes === undefined ? {} : { crashes: change.crashes }),
    ...(change.snaps === undefined ? {} : { snaps: toText(change.snaps) }),
    ...(change.outputs === undefined ? {} : { outputs: toText(change.outputs) }),
    ...(change.points === undefined ? {} : { points: toText(change.points) }),
    ...(change.error === undefined ? {} : { error: change.error === null ? null : toText(change.error) }),
    ...(change.definition === undefined ? {} : { definition: toText(change.definition) }),
    ...(change.lane === undefined ? {} : { lane: change.lane }),
  };
}

const toTime = (text: string | null): number | null => (text === null ? null : Date.parse(text));
const toIso = (time: number): string => new Date(time).toISOString();

type Counted = { readonly children: number | null; readonly holder: string | null };

function toRunRow(row: Omit<Selectable<RunsTable>, 'points'> & Counted & { readonly replays: number | null }): RunRow {
  return {
    ...toListedRun(row),
    crashes: row.crashes,
    parameters: toObject(row.parameters),
    outputs: toObjects(row.outputs),
    definition: toObject(row.definition),
    replays: Number(row.replays ?? 0),
  };
}

function toListedRun(row: Pick<Selectable<RunsTable>, (typeof listedColumns)[number]> & Counted): ListedRun {
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
    parent: parentOf(row),
    children: Number(row.children ?? 0),
    replayOf: row.replay_of,
    lane: row.lane,
    holder: row.holder,
  };
}

function parentOf(row: Pick<Selectable<RunsTable>, (typeof listedColumns)[number]>): RunRow['parent'] {
  if (row.parent_run_id === null) return null;
  return {
    runId: row.parent_run_id,
    snapId: row.parent_snap ?? '',
    sequence: row.parent_sequence ?? 0,
    hash: row.parent_hash ?? '',
  };
}
