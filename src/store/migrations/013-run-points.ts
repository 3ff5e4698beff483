// Version 13 of the tables: the points of each run's plots.
import type { Transaction } from 'kysely';
import type { Tables } from '../tables.ts';

export async function addRunPoints(db: Transaction<Tables>): Promise<void> {
  await db.schema
    .alterTable('runs')
    .addColumn('points', 'text', (column) => column.notNull().defaultTo('[]'))
    .execute();
}
