// Owns account rows. Secrets arrive sealed; every change is compared with the revision it was made on.
import type { Selectable } from 'kysely';
import type {
  AccountChange,
  AccountInsert,
  AccountRow,
  AccountRows,
  AccountState,
  AccountVerdict,
  SealedFields,
  WriteOutcome,
} from './contract.ts';
import { type StoreContext, write } from './database.ts';
import { toObject, toSealedFields, toText } from './json-column.ts';
import { isActiveKey } from './keys.ts';
import type { AccountsTable } from './tables.ts';

export class AccountTable implements AccountRows {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  insert(account: AccountInsert): Promise<WriteOutcome> {
    return write(this.#context, async (context) => {
      const { db, capabilities } = context;
      if (account.secrets !== undefined && !(await isActiveKey(context, account.secrets.keyId))) return 'key-retired';
      const row = await db
        .insertInto('accounts')
        .values({
          id: account.id,
          name: account.name,
          type: account.type,
          settings: toText(account.settings),
          revision: 1,
          secrets_version: 1,
          ...secretColumns(account.secrets),
          token_version: 0,
          sends_issuer: 0,
          state: 'new',
          state_reason: '',
          state_at: capabilities.now,
          created_at: capabilities.now,
          updated_at: capabilities.now,
        })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .returning('id')
        .executeTakeFirst();
      return row === undefined ? 'exists' : 'done';
    });
  }

  async findByName(name: string): Promise<AccountRow | undefined> {
    const row = await this.#context.db.selectFrom('accounts').selectAll().where('name', '=', name).executeTakeFirst();
    return row === undefined ? undefined : toAccountRow(row);
  }

  async findById(id: string): Promise<AccountRow | undefined> {
    const row = await this.#context.db.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirst();
    return row === undefined ? undefined : toAccountRow(row);
  }

  async list(): Promise<readonly AccountRow[]> {
    const rows = await this.#context.db.selectFrom('accounts').selectAll().orderBy('name').execute();
    return rows.map(toAccountRow);
  }

  change(id: string, revision: number, change: AccountChange): Promise<WriteOutcome> {
    return write(this.#context, async (context) => {
      const { db, capabilities } = context;
      if (change.secrets !== undefined && !(await isActiveKey(context, change.secrets.keyId))) return 'key-retired';
      const { numUpdatedRows } = await db
        .updateTable('accounts')
        .set(({ eb, ref }) => ({
          settings: toText(change.settings),
          revision: eb('revision', '+', 1),
          secrets_version: eb('secrets_version', '+', 1),
          ...secretColumns(change.secrets),
          updated_at: capabilities.now,
          ...(change.clearsTokens
            ? {
                token_version: eb('token_version', '+', 1),
                sends_issuer: 0,
                state: 'new',
                state_reason: '',
                state_at: capabilities.now,
              }
            : { state: eb.case().when('state', '=', 'misconfigured').then('new').else(ref('state')).end() }),
        }))
        .where('id', '=', id)
        .where('revision', '=', revision)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) return 'stale';
      await db.deleteFrom('authorizations').where('account_id', '=', id).execute();
      // Whoever changed the account mended what the last attempt failed at.
      await db.updateTable('renewals').set({ cool_down_until: 0 }).where('account_id', '=', id).execute();
      if (change.clearsTokens) {
        await db.deleteFrom('token_sets').where('account_id', '=', id).execute();
        await db.deleteFrom('renewals').where('account_id', '=', id).execute();
      }
      return 'done';
    });
  }

  reseal(id: string, secretsVersion: number, fromKeyId: string, secrets: SealedFields): Promise<WriteOutcome> {
    return write(this.#context, async (context) => {
      if (!(await isActiveKey(context, secrets.keyId))) return 'key-retired';
      const { numUpdatedRows } = await context.db
        .updateTable('accounts')
        .set(secretColumns(secrets))
        .where('id', '=', id)
        .where('secrets_version', '=', secretsVersion)
        .where('secrets_key_id', '=', fromKeyId)
        .executeTakeFirst();
      return numUpdatedRows === 1n ? 'done' : 'stale';
    });
  }

  judge(id: string, verdict: AccountVerdict): Promise<WriteOutcome> {
    return write(this.#context, async ({ db, capabilities }) => {
      const { numUpdatedRows } = await db
        .updateTable('accounts')
        .set({ state: verdict.state, state_reason: verdict.reason, state_at: capabilities.now })
        .where('id', '=', id)
        .where('revision', '=', verdict.revision)
        .where('token_version', '=', verdict.tokenVersion)
        .executeTakeFirst();
      return numUpdatedRows === 1n ? 'done' : 'stale';
    });
  }

  noteIssuer(id: string, revision: number): Promise<WriteOutcome> {
    return write(this.#context, async ({ db }) => {
      const { numUpdatedRows } = await db
        .updateTable('accounts')
        .set({ sends_issuer: 1 })
        .where('id', '=', id)
        .where('revision', '=', revision)
        .executeTakeFirst();
      return numUpdatedRows === 1n ? 'done' : 'stale';
    });
  }

  remove(id: string): Promise<boolean> {
    return write(this.#context, async ({ db }) => {
      const { numDeletedRows } = await db.deleteFrom('accounts').where('id', '=', id).executeTakeFirst();
      return numDeletedRows === 1n;
    });
  }

  async sealedWith(keyId: string, limit: number): Promise<readonly string[]> {
    const { db } = this.#context;
    const rows = await db
      .selectFrom('accounts')
      .leftJoin('token_sets', 'token_sets.account_id', 'accounts.id')
      .select('accounts.id')
      .where(({ or, eb }) => or([eb('secrets_key_id', '=', keyId), eb('token_sets.key_id', '=', keyId)]))
      .orderBy('accounts.id')
      .limit(limit)
      .execute();
    return rows.map((row) => row.id);
  }
}

function secretColumns(secrets: SealedFields | undefined): { secrets_key_id: string | null; secrets: string | null } {
  return secrets === undefined
    ? { secrets_key_id: null, secrets: null }
    : { secrets_key_id: secrets.keyId, secrets: toText(secrets.fields) };
}

/** Gives the row as the contract has it. */
export function toAccountRow(row: Selectable<AccountsTable>): AccountRow {
  return {
    id: row.id,
    name: row.name,
    type: row.type,
    settings: toObject(row.settings),
    revision: row.revision,
    secretsVersion: row.secrets_version,
    secrets:
      row.secrets === null || row.secrets_key_id === null
        ? undefined
        : { keyId: row.secrets_key_id, fields: toSealedFields(row.secrets) },
    tokenVersion: row.token_version,
    sendsIssuer: row.sends_issuer === 1,
    state: row.state as AccountState,
    stateReason: row.state_reason,
    stateAt: row.state_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
