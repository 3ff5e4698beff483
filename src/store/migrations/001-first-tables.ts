// Step 1: accounts, token sets, keys, leases and runs.
import type { ColumnDefinitionBuilder, Transaction } from 'kysely';
import type { Tables } from '../tables.ts';

const needed = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull();
const key = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull().primaryKey();
const ofAccount = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder =>
  column.notNull().references('accounts.id').onDelete('cascade');
const ofRun = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder =>
  column.notNull().references('runs.id').onDelete('cascade');

/** Makes the tables of the first version. */
export async function createFirstTables(db: Transaction<Tables>): Promise<void> {
  await createKeyTables(db);
  await createAccountTables(db);
  await createRunTables(db);
}

async function createKeyTables(db: Transaction<Tables>): Promise<void> {
  await db.schema
    .createTable('data_keys')
    .addColumn('id', 'text', key)
    .addColumn('state', 'text', needed)
    .addColumn('created_at', 'bigint', needed)
    .execute();
  await db.schema
    .createTable('key_wraps')
    .addColumn('key_id', 'text', (column) => column.notNull().references('data_keys.id').onDelete('cascade'))
    .addColumn('fingerprint', 'text', needed)
    .addColumn('wrap', 'text', needed)
    .addPrimaryKeyConstraint('key_wraps_key', ['key_id', 'fingerprint'])
    .execute();
  await db.schema
    .createTable('leases')
    .addColumn('name', 'text', key)
    .addColumn('owner', 'text', needed)
    .addColumn('fence', 'bigint', needed)
    .addColumn('expires_at', 'bigint', needed)
    .execute();
}

async function createAccountTables(db: Transaction<Tables>): Promise<void> {
  await db.schema
    .createTable('accounts')
    .addColumn('id', 'text', key)
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('type', 'text', needed)
    .addColumn('settings', 'text', needed)
    .addColumn('revision', 'bigint', needed)
    .addColumn('secrets_version', 'bigint', needed)
    .addColumn('secrets_key_id', 'text', (column) => column.references('data_keys.id'))
    .addColumn('secrets', 'text')
    .addColumn('token_version', 'bigint', needed)
    .addColumn('state', 'text', needed)
    .addColumn('state_reason', 'text', needed)
    .addColumn('state_at', 'bigint', needed)
    .addColumn('created_at', 'bigint', needed)
    .addColumn('updated_at', 'bigint', needed)
    .execute();
  await db.schema
    .createTable('token_sets')
    .addColumn('account_id', 'text', (column) => ofAccount(column).primaryKey())
    .addColumn('version', 'bigint', needed)
    .addColumn('key_id', 'text', (column) => column.notNull().references('data_keys.id'))
    .addColumn('sealed', 'text', needed)
    .addColumn('scopes', 'text')
    .addColumn('is_rejected', 'integer', needed)
    .addColumn('answers_rejection', 'integer', needed)
    .addColumn('issued_at', 'bigint', needed)
    .addColumn('expires_at', 'bigint', needed)
    .addColumn('refresh_expires_at', 'bigint')
    .execute();
  await db.schema
    .createTable('renewals')
    .addColumn('account_id', 'text', (column) => ofAccount(column).primaryKey())
    .addColumn('sent_from_version', 'bigint')
    .addColumn('sent_at', 'bigint')
    .addColumn('attempts', 'integer', needed)
    .addColumn('failures', 'integer', needed)
    .addColumn('cool_down_until', 'bigint', needed)
    .addColumn('last_failure', 'text', needed)
    .execute();
  await db.schema
    .createTable('authorizations')
    .addColumn('state_hash', 'text', key)
    .addColumn('account_id', 'text', ofAccount)
    .addColumn('revision', 'bigint', needed)
    .addColumn('redirect_uri', 'text', needed)
    .addColumn('nonce_hash', 'text')
    .addColumn('key_id', 'text', (column) => column.notNull().references('data_keys.id'))
    .addColumn('sealed', 'text', needed)
    .addColumn('expires_at', 'bigint', needed)
    .execute();
}

async function createRunTables(db: Transaction<Tables>): Promise<void> {
  await db.schema
    .createTable('runs')
    .addColumn('id', 'text', key)
    .addColumn('pipeline', 'text', needed)
    .addColumn('state', 'text', needed)
    .addColumn('created_at', 'bigint', needed)
    .addColumn('started_at', 'bigint')
    .addColumn('finished_at', 'bigint')
    .addColumn('attempt', 'integer', needed)
    .addColumn('parameters', 'text', needed)
    .addColumn('snaps', 'text', needed)
    .addColumn('outputs', 'text', needed)
    .addColumn('error', 'text')
    .addColumn('definition', 'text', needed)
    .execute();
  await db.schema.createIndex('runs_newest').on('runs').columns(['created_at', 'id']).execute();
  await db.schema
    .createTable('checkpoints')
    .addColumn('run_id', 'text', (column) => ofRun(column).primaryKey())
    .addColumn('body', 'text', needed)
    .execute();
  await db.schema
    .createTable('error_documents')
    .addColumn('run_id', 'text', ofRun)
    .addColumn('sequence', 'bigint', needed)
    .addColumn('body', 'text', needed)
    .addPrimaryKeyConstraint('error_documents_key', ['run_id', 'sequence'])
    .execute();
}
