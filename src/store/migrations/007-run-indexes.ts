// Version 7 of the tables: histories of one pipeline or one state are read in their order, however many runs there are.
import type { Transaction } from 'kysely';
import type { Tables } from '../tables.ts';

export async function addRunIndexes(db: Transaction<Tables>): Promise<void> {
  await db.schema.createIndex('runs_of_pipeline').on('runs').columns(['pipeline', 'created_at', 'id']).execute();
  await db.schema.createIndex('runs_in_state').on('runs').columns(['state', 'created_at', 'id']).execute();
}
