// Version 5 of the tables: what the snaps of a pipeline leave for its next run.
import type { Transaction } from 'kysely';
import type { Tables } from '../tables.ts';

export async function createCursors(db: Transaction<Tables>): Promise<void> {
  await db.schema
    .createTable('cursors')
    .addColumn('pipeline', 'text', (column) => column.notNull())
    .addColumn('snap_id', 'text', (column) => column.notNull())
    .addColumn('value', 'text', (column) => column.notNull())
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('cursors_key', ['pipeline', 'snap_id'])
    .execute();
}
