// Version 11 of the tables: which run a run was started by.
import { sql, type Transaction } from 'kysely';
import type { Tables } from '../tables.ts';

export async function addChildRuns(db: Transaction<Tables>): Promise<void> {
  await db.schema
    .alterTable('runs')
    .addColumn('parent_run_id', 'text', (column) => column.references('runs.id').onDelete('cascade'))
    .execute();
  await db.schema.alterTable('runs').addColumn('parent_snap', 'text').execute();
  await db.schema.alterTable('runs').addColumn('parent_sequence', 'bigint').execute();
  await db.schema.alterTable('runs').addColumn('parent_hash', 'text').execute();
  await db.schema
    .createIndex('runs_of_parent')
    .unique()
    .on('runs')
    .columns(['parent_run_id', 'parent_snap', 'parent_sequence'])
    .execute();
  // Lists of what people started pass over the thousands of runs that those started.
  await sql`create index runs_on_their_own on runs (created_at, id) where parent_run_id is null`.execute(db);
}
