// Owns schedule rows. A tick belongs to whoever moves the row on from it, so that many hosts start one run.
import type { Selectable, Updateable } from 'kysely';
import type { ScheduleChange, ScheduleRow, ScheduleRows } from './contract.ts';
import { type StoreContext, write } from './database.ts';
import { toObject, toText } from './json-column.ts';
import type { SchedulesTable } from './tables.ts';

const listingMax = 1000;

export class ScheduleTable implements ScheduleRows {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  add(schedule: Omit<ScheduleRow, 'lastRunId' | 'lastOutcome'>): Promise<boolean> {
    return write(this.#context, async ({ db }) => {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('schedules')
        .values({
          name: schedule.name,
          definition: toText(schedule.definition),
          cron: schedule.cron,
          time_zone: schedule.timeZone,
          misfire: schedule.misfire,
          may_overlap: schedule.mayOverlap ? 1 : 0,
          is_paused: schedule.isPaused ? 1 : 0,
          next_at: schedule.nextAt,
          last_run_id: null,
          last_outcome: '',
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return numInsertedOrUpdatedRows === 1n;
    });
  }

  async find(name: string): Promise<ScheduleRow | undefined> {
    const row = await this.#context.db.selectFrom('schedules').selectAll().where('name', '=', name).executeTakeFirst();
    return row === undefined ? undefined : toScheduleRow(row);
  }

  async list(): Promise<readonly ScheduleRow[]> {
    const rows = await this.#context.db.selectFrom('schedules').selectAll().orderBy('name').limit(listingMax).execute();
    return rows.map(toScheduleRow);
  }

  change(name: string, change: ScheduleChange): Promise<boolean> {
    return write(this.#context, async ({ db }) => {
      const { numUpdatedRows } = await db
        .updateTable('schedules')
        // Its own name stands among the columns, so that a change of nothing is a statement too.
        .set({ name, ...toColumns(change) })
        .where('name', '=', name)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    });
  }

  remove(name: string): Promise<boolean> {
    return write(this.#context, async ({ db }) => {
      const { numDeletedRows } = await db.deleteFrom('schedules').where('name', '=', name).executeTakeFirst();
      return numDeletedRows === 1n;
    });
  }

  claim(name: string, { dueAt, nextAt }: { dueAt: number; nextAt: number | null }): Promise<boolean> {
    return write(this.#context, async ({ db }) => {
      const { numUpdatedRows } = await db
        .updateTable('schedules')
        .set({ next_at: nextAt })
        .where('name', '=', name)
        .where('next_at', '=', dueAt)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    });
  }

  note(name: string, { runId, text }: { runId: string | null; text: string }): Promise<void> {
    return write(this.#context, async ({ db }) => {
      await db
        .updateTable('schedules')
        .set({ last_outcome: text, ...(runId === null ? {} : { last_run_id: runId }) })
        .where('name', '=', name)
        .execute();
    });
  }
}

function toColumns(change: ScheduleChange): Updateable<SchedulesTable> {
  return {
    ...(change.definition === undefined ? {} : { definition: toText(change.definition) }),
    ...(change.cron === undefined ? {} : { cron: change.cron }),
    ...(change.timeZone === undefined ? {} : { time_zone: change.timeZone }),
    ...(change.misfire === undefined ? {} : { misfire: change.misfire }),
    ...(change.mayOverlap === undefined ? {} : { may_overlap: change.mayOverlap ? 1 : 0 }),
    ...(change.isPaused === undefined ? {} : { is_paused: change.isPaused ? 1 : 0 }),
    ...(change.nextAt === undefined ? {} : { next_at: change.nextAt }),
  };
}

function toScheduleRow(row: Selectable<SchedulesTable>): ScheduleRow {
  return {
    name: row.name,
    definition: toObject(row.definition),
    cron: row.cron,
    timeZone: row.time_zone,
    misfire: row.misfire,
    mayOverlap: row.may_overlap === 1,
    isPaused: row.is_paused === 1,
    nextAt: row.next_at,
    lastRunId: row.last_run_id,
    lastOutcome: row.last_outcome,
  };
}
