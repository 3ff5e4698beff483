// Version 4 of the tables: schedules. Plain columns, so that every database takes the same step.
import type { Transaction } from 'kysely';
import type { Tables } from '../tables.ts';

export async function createSchedules(db: Transaction<Tables>): Promise<void> {
  await db.schema
    .createTable('schedules')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('definition', 'text', (column) => column.notNull())
    .addColumn('cron', 'text', (column) => column.notNull())
    .addColumn('time_zone', 'text', (column) => column.notNull())
    .addColumn('misfire', 'text', (column) => column.notNull())
    .addColumn('may_overlap', 'integer', (column) => column.notNull())
    .addColumn('next_at', 'bigint')
    .addColumn('last_run_id', 'text')
    .addColumn('last_outcome', 'text', (column) => column.notNull())
    .execute();
}
