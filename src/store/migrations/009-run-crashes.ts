// Version 9 of the tables: how often a run ended its process since a person started or resumed it.
import type { Transaction } from 'kysely';
import type { Tables } from '../tables.ts';

export async function addRunCrashes(db: Transaction<Tables>): Promise<void> {
  await db.schema
    .alterTable('runs')
    .addColumn('crashes', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute();
}
