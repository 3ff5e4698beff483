// Version 6 of the tables: whether an account's authorization server names itself in its callbacks.
import type { Transaction } from 'kysely';
import type { Tables } from '../tables.ts';

export async function addSendsIssuer(db: Transaction<Tables>): Promise<void> {
  await db.schema
    .alterTable('accounts')
    .addColumn('sends_issuer', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute();
}
