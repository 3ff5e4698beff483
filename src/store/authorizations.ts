// Owns pending authorizations: minutes of life, one use.
import type { AuthorizationRow, AuthorizationRows, WriteOutcome } from './contract.ts';
import { type StoreContext, write } from './database.ts';
import { toSealedFields, toText } from './json-column.ts';
import { isActiveKey } from './keys.ts';

export class AuthorizationTable implements AuthorizationRows {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  add(row: AuthorizationRow, lifetimeMs: number): Promise<WriteOutcome> {
    return write(this.#context, async (context) => {
      const { db, capabilities } = context;
      if (!(await isActiveKey(context, row.sealed.keyId))) return 'key-retired';
      await db.deleteFrom('authorizations').where('expires_at', '<=', capabilities.now).execute();
      await db
        .insertInto('authorizations')
        .values(({ eb }) => ({
          state_hash: row.stateHash,
          account_id: row.accountId,
          revision: row.revision,
          redirect_uri: row.redirectUri,
          nonce_hash: row.nonceHash ?? null,
          key_id: row.sealed.keyId,
          sealed: toText(row.sealed.fields),
          expires_at: eb(capabilities.now, '+', lifetimeMs),
        }))
        .execute();
      return 'done';
    });
  }

  take(stateHash: string): Promise<AuthorizationRow | undefined> {
    return write(this.#context, async ({ db, capabilities }) => {
      const row = await db
        .deleteFrom('authorizations')
        .where('state_hash', '=', stateHash)
        .returningAll()
        .returning(({ eb }) => eb('expires_at', '>', capabilities.now).as('is_alive'))
        .executeTakeFirst();
      if (row === undefined || !row.is_alive) return undefined;
      return {
        stateHash: row.state_hash,
        accountId: row.account_id,
        revision: row.revision,
        redirectUri: row.redirect_uri,
        nonceHash: row.nonce_hash ?? undefined,
        sealed: { keyId: row.key_id, fields: toSealedFields(row.sealed) },
      };
    });
  }

  dropSealedWith(keyId: string): Promise<void> {
    return write(this.#context, async ({ db }) => {
      await db.deleteFrom('authorizations').where('key_id', '=', keyId).execute();
    });
  }
}
