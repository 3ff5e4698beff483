// Version 14 of the tables: what is known of runs whose process has died.
import type { Transaction } from 'kysely';
import type { Tables } from '../tables.ts';

export async function createRunCare(db: Transaction<Tables>): Promise<void> {
  await db.schema
    .createTable('run_care')
    .addColumn('run_id', 'text', (column) => column.primaryKey().references('runs.id').onDelete('cascade'))
    .addColumn('care', 'text', (column) => column.notNull())
    .addColumn('in_hand', 'text')
    .execute();
}
