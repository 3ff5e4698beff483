// Owns the rows of data keys and their wraps. Exactly one key is active once the first was added.
import type { KeyRow, KeyRows } from './contract.ts';
import { type StoreContext, type WriteContext, write } from './database.ts';

type Wraps = Readonly<Record<string, string>>;

export class KeyTable implements KeyRows {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  async list(): Promise<readonly KeyRow[]> {
    const rows = await this.#context.db
      .selectFrom('data_keys')
      .leftJoin('key_wraps', 'key_wraps.key_id', 'data_keys.id')
      .select(['id', 'state', 'created_at', 'fingerprint', 'wrap'])
      .orderBy('created_at')
      .orderBy('id')
      .execute();
    const keys = new Map<string, KeyRow & { wraps: Record<string, string> }>();
    for (const row of rows) {
      const key = keys.get(row.id) ?? { id: row.id, state: row.state, wraps: {}, createdAt: row.created_at };
      if (row.fingerprint !== null && row.wrap !== null) key.wraps[row.fingerprint] = row.wrap;
      keys.set(row.id, key);
    }
    return [...keys.values()];
  }

  addFirst(id: string, wraps: Wraps): Promise<boolean> {
    return write(this.#context, async (context) => {
      await context.capabilities.migrationLock?.execute(context.db);
      const first = await context.db.selectFrom('data_keys').select('id').limit(1).executeTakeFirst();
      if (first !== undefined) return false;
      await insertKey(context, id, wraps);
      return true;
    });
  }

  succeed(fromKeyId: string, id: string, wraps: Wraps): Promise<boolean> {
    return write(this.#context, async (context) => {
      const { numUpdatedRows } = await context.db
        .updateTable('data_keys')
        .set({ state: 'retiring' })
        .where('id', '=', fromKeyId)
        .where('state', '=', 'active')
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) return false;
      await insertKey(context, id, wraps);
      return true;
    });
  }

  dropWrap(id: string, fingerprint: string): Promise<void> {
    return write(this.#context, async ({ db }) => {
      await db.deleteFrom('key_wraps').where('key_id', '=', id).where('fingerprint', '=', fingerprint).execute();
    });
  }

  retire(id: string): Promise<boolean> {
    return write(this.#context, async ({ db }) => {
      const sealed = await db
        .selectFrom('accounts')
        .select('id')
        .where('secrets_key_id', '=', id)
        .unionAll(db.selectFrom('token_sets').select('account_id as id').where('key_id', '=', id))
        .unionAll(db.selectFrom('authorizations').select('account_id as id').where('key_id', '=', id))
        .limit(1)
        .executeTakeFirst();
      if (sealed !== undefined) return false;
      await db.deleteFrom('data_keys').where('id', '=', id).where('state', '=', 'retiring').execute();
      return true;
    });
  }
}

async function insertKey({ db, capabilities }: WriteContext, id: string, wraps: Wraps): Promise<void> {
  await db.insertInto('data_keys').values({ id, state: 'active', created_at: capabilities.now }).execute();
  for (const [fingerprint, wrap] of Object.entries(wraps)) {
    await db.insertInto('key_wraps').values({ key_id: id, fingerprint, wrap }).execute();
  }
}

/**
 * Tells whether a key may seal new rows, and keeps it so until the transaction ends: a value written with a retired key
 * after everything else was sealed anew could never be opened again.
 */
export async function isActiveKey({ db, capabilities }: WriteContext, keyId: string): Promise<boolean> {
  const row = await db
    .selectFrom('data_keys')
    .select('id')
    .where('id', '=', keyId)
    .where('state', '=', 'active')
    .$if(capabilities.hasRowLocks, (query) => query.forShare())
    .executeTakeFirst();
  return row !== undefined;
}
