// Version 12 of the tables: how far each tenant's budget of requests is filled.
import type { Transaction } from 'kysely';
import type { Tables } from '../tables.ts';

export async function createBudgets(db: Transaction<Tables>): Promise<void> {
  await db.schema
    .createTable('budgets')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('filled_until', 'bigint', (column) => column.notNull())
    .execute();
}
