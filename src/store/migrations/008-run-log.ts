// Version 8 of the tables: the log of each run.
import type { ColumnDefinitionBuilder, Transaction } from 'kysely';
import type { Tables } from '../tables.ts';

const needed = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull();

export async function createRunLog(db: Transaction<Tables>): Promise<void> {
  await db.schema
    .createTable('run_log')
    .addColumn('run_id', 'text', (column) => column.notNull().references('runs.id').onDelete('cascade'))
    .addColumn('sequence', 'bigint', needed)
    .addColumn('at', 'bigint', needed)
    .addColumn('level', 'text', needed)
    .addColumn('event', 'text', needed)
    .addColumn('snap_id', 'text')
    .addColumn('message', 'text', needed)
    .addColumn('details', 'text')
    .addPrimaryKeyConstraint('run_log_key', ['run_id', 'sequence'])
    .execute();
}
