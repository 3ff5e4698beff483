// Version 3 of the tables: pipelines of the web page and their versions.
import type { Transaction } from 'kysely';
import type { Tables } from '../tables.ts';

export async function createPipelines(db: Transaction<Tables>): Promise<void> {
  await db.schema
    .createTable('pipelines')
    .addColumn('name', 'text', (column) => column.notNull().primaryKey())
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('layout', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('pipeline_versions')
    .addColumn('name', 'text', (column) => column.notNull().references('pipelines.name').onDelete('cascade'))
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('saved_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('pipeline_versions_key', ['name', 'version'])
    .execute();
}
