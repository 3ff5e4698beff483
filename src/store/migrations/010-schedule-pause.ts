// Version 10 of the tables: a schedule that is paused keeps its place and starts nothing.
import type { Transaction } from 'kysely';
import type { Tables } from '../tables.ts';

export async function addSchedulePause(db: Transaction<Tables>): Promise<void> {
  await db.schema
    .alterTable('schedules')
    .addColumn('is_paused', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
}
