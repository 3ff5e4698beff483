// Version 2 of the tables: the journal of writes to far sides. Plain columns, so that every database takes the same step.
import type { Transaction } from 'kysely';
import type { Tables } from '../tables.ts';

export async function createWrites(db: Transaction<Tables>): Promise<void> {
  await db.schema
    .createTable('writes')
    .addColumn('run_id', 'text', (column) => column.notNull().references('runs.id').onDelete('cascade'))
    .addColumn('snap_id', 'text', (column) => column.notNull())
    .addColumn('sequence', 'bigint', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('attempt', 'integer', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('record_key', 'text')
    .addColumn('origin', 'text', (column) => column.notNull())
    .addColumn('request', 'text', (column) => column.notNull())
    .addColumn('body', 'text')
    .addColumn('outcome', 'text')
    .addColumn('sent_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('writes_key', ['run_id', 'snap_id', 'sequence'])
    .execute();
}
