// Version 15 of the tables: runs that are handed to workers, and what they take turns by.
import { sql, type Transaction } from 'kysely';
import type { Tables } from '../tables.ts';

export async function addRunLanes(db: Transaction<Tables>): Promise<void> {
  await db.schema.alterTable('runs').addColumn('lane', 'text').execute();
  // Workers look for what nobody runs every other second; ended runs must not stand in their way.
  await sql`create index runs_handed_over on runs (state, created_at)
    where lane is not null and state in ('queued', 'running', 'stopping')`.execute(db);
}
