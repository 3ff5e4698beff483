// Owns lease rows. A lease ends by the database's clock; its row stays, so that the fence only grows.
import type { Lease, LeaseRows } from './contract.ts';
import { type StoreContext, type WriteContext, type WriteOptions, write } from './database.ts';

export class LeaseTable implements LeaseRows {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  acquire(name: string, owner: string, ttlMs: number): Promise<Lease | undefined> {
    return write(this.#context, async ({ db, capabilities }) => {
      const row = await db
        .insertInto('leases')
        .values(({ eb }) => ({ name, owner, fence: 1, expires_at: eb(capabilities.now, '+', ttlMs) }))
        .onConflict((conflict) =>
          conflict
            .column('name')
            .doUpdateSet(({ eb, ref }) => ({
              owner,
              fence: eb(ref('leases.fence'), '+', 1),
              expires_at: eb(capabilities.now, '+', ttlMs),
            }))
            .where('leases.expires_at', '<=', capabilities.now),
        )
        .returning('fence')
        .executeTakeFirst();
      return row === undefined ? undefined : { name, owner, fence: row.fence };
    });
  }

  async holder(name: string): Promise<Lease | undefined> {
    const { db, capabilities } = this.#context;
    return await db
      .selectFrom('leases')
      .select(['name', 'owner', 'fence'])
      .where('name', '=', name)
      .where('expires_at', '>', capabilities.now)
      .executeTakeFirst();
  }

  extend(lease: Lease, ttlMs: number): Promise<boolean> {
    return write(
      this.#context,
      async ({ db, capabilities }) => {
        const { numUpdatedRows } = await db
          .updateTable('leases')
          .set(({ eb }) => ({ expires_at: eb(capabilities.now, '+', ttlMs) }))
          .where('name', '=', lease.name)
          .where('owner', '=', lease.owner)
          .where('fence', '=', lease.fence)
          .executeTakeFirst();
        return numUpdatedRows === 1n;
      },
      { isRepeatable: true },
    );
  }

  release(lease: Lease): Promise<void> {
    return write(
      this.#context,
      async ({ db }) => {
        await db
          .updateTable('leases')
          .set({ expires_at: 0 })
          .where('name', '=', lease.name)
          .where('owner', '=', lease.owner)
          .where('fence', '=', lease.fence)
          .execute();
      },
      { isRepeatable: true },
    );
  }
}

/**
 * Tells whether no later holder exists, and keeps it so until the transaction ends: whoever takes the lease next sees
 * everything that was written under it.
 */
export async function holdsFence({ db, capabilities }: WriteContext, lease: Lease): Promise<boolean> {
  const row = await db
    .selectFrom('leases')
    .select('fence')
    .where('name', '=', lease.name)
    .where('owner', '=', lease.owner)
    .where('fence', '=', lease.fence)
    .$if(capabilities.hasRowLocks, (query) => query.forUpdate())
    .executeTakeFirst();
  return row !== undefined;
}

/** Runs the steps in one transaction; false when a later holder exists (they do not run then), or when they give false. */
export function writeFenced(
  context: StoreContext,
  lease: Lease,
  steps: (context: WriteContext) => Promise<unknown>,
  options?: WriteOptions,
): Promise<boolean> {
  return write(context, async (inner) => (await holdsFence(inner, lease)) && (await steps(inner)) !== false, options);
}

/** As `holdsFence`, and the lease has not ended either. */
export async function holdsLease(context: WriteContext, lease: Lease): Promise<boolean> {
  if (!(await holdsFence(context, lease))) return false;
  const row = await context.db
    .selectFrom('leases')
    .select('fence')
    .where('name', '=', lease.name)
    .where('expires_at', '>', context.capabilities.now)
    .executeTakeFirst();
  return row !== undefined;
}
