// The tables as Kysely types. Times are ms since the epoch, flags 0 or 1, structures JSON text: the same in every database.
import type { Generated } from 'kysely';

export interface AccountsTable {
  id: string;
  name: string;
  type: string;
  settings: string;
  revision: number;
  secrets_version: number;
  secrets_key_id: string | null;
  secrets: string | null;
  token_version: number;
  sends_issuer: number;
  state: string;
  state_reason: string;
  state_at: number;
  created_at: number;
  updated_at: number;
}

export interface TokenSetsTable {
  account_id: string;
  version: number;
  key_id: string;
  sealed: string;
  scopes: string | null;
  is_rejected: number;
  answers_rejection: number;
  issued_at: number;
  expires_at: number;
  refresh_expires_at: number | null;
}

export interface RenewalsTable {
  account_id: string;
  sent_from_version: number | null;
  sent_at: number | null;
  attempts: number;
  failures: number;
  cool_down_until: number;
  last_failure: string;
}

export interface AuthorizationsTable {
  state_hash: string;
  account_id: string;
  revision: number;
  redirect_uri: string;
  nonce_hash: string | null;
  key_id: string;
  sealed: string;
  expires_at: number;
}

export interface DataKeysTable {
  id: string;
  state: 'active' | 'retiring';
  created_at: number;
}

export interface KeyWrapsTable {
  key_id: string;
  fingerprint: string;
  wrap: string;
}

export interface LeasesTable {
  name: string;
  owner: string;
  fence: number;
  expires_at: number;
}

export interface RunsTable {
  id: string;
  pipeline: string;
  state: string;
  created_at: number;
  started_at: number | null;
  finished_at: number | null;
  attempt: number;
  crashes: Generated<number>;
  parameters: string;
  snaps: string;
  outputs: string;
  error: string | null;
  definition: string;
  points: Generated<string>;
  parent_run_id: string | null;
  parent_snap: string | null;
  parent_sequence: number | null;
  parent_hash: string | null;
  replay_of: string | null;
  lane: string | null;
}

export interface CheckpointsTable {
  run_id: string;
  body: string;
}

export interface ErrorDocumentsTable {
  run_id: string;
  sequence: number;
  body: string;
}

export interface RunCareTable {
  run_id: string;
  care: string;
  in_hand: string | null;
}

export interface RunLogTable {
  run_id: string;
  sequence: number;
  at: number;
  level: string;
  event: string;
  snap_id: string | null;
  message: string;
  details: string | null;
}

export interface CursorsTable {
  pipeline: string;
  snap_id: string;
  value: string;
  version: number;
  updated_at: number;
}

export interface WritesTable {
  run_id: string;
  snap_id: string;
  sequence: number;
  state: 'sent' | 'done' | 'refused' | 'undecided';
  attempt: number;
  hash: string;
  record_key: string | null;
  origin: string;
  request: string;
  body: string | null;
  outcome: string | null;
  sent_at: number;
}

export interface PipelinesTable {
  name: string;
  version: number;
  layout: string;
  updated_at: number;
}

export interface PipelineVersionsTable {
  name: string;
  version: number;
  body: string;
  saved_at: number;
}

export interface SchedulesTable {
  name: string;
  definition: string;
  cron: string;
  time_zone: string;
  misfire: 'once' | 'skip';
  may_overlap: number;
  is_paused: number;
  next_at: number | null;
  last_run_id: string | null;
  last_outcome: string;
}

export interface SchemaVersionTable {
  version: number;
  applied_at: number;
}

/** A tenant's bucket of requests. */
export interface BudgetsTable {
  key: string;
  /** Microseconds since the epoch, by the database's clock. */
  filled_until: number;
}

export interface Tables {
  accounts: AccountsTable;
  token_sets: TokenSetsTable;
  renewals: RenewalsTable;
  authorizations: AuthorizationsTable;
  data_keys: DataKeysTable;
  key_wraps: KeyWrapsTable;
  leases: LeasesTable;
  runs: RunsTable;
  checkpoints: CheckpointsTable;
  error_documents: ErrorDocumentsTable;
  run_care: RunCareTable;
  writes: WritesTable;
  run_log: RunLogTable;
  cursors: CursorsTable;
  pipelines: PipelinesTable;
  pipeline_versions: PipelineVersionsTable;
  schedules: SchedulesTable;
  budgets: BudgetsTable;
  schema_version: SchemaVersionTable;
}
