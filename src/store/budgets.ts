// Owns budget rows: one leaky bucket a tenant for all processes, kept as the moment when it has drained, by the database's clock.
import { type RawBuilder, sql } from 'kysely';
import type { BudgetRows } from './budget-contract.ts';
import { type StoreContext, write } from './database.ts';

export class BudgetTable implements BudgetRows {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  async fill(key: string, requests: number, intervalMs: number): Promise<number> {
    const filledUs = Math.round(requests * intervalMs * 1_000);
    const row = await write(this.#context, ({ db, capabilities: { now } }) =>
      db
        .insertInto('budgets')
        .values({ key, filled_until: sql<number>`${now} * 1000 + ${sql.lit(filledUs)}` })
        .onConflict((conflict) =>
          conflict.column('key').doUpdateSet({
            filled_until: sql<number>`${drainedOr(sql`${now} * 1000`)} + ${sql.lit(filledUs)}`,
          }),
        )
        .returning(['filled_until', now.as('now')])
        .executeTakeFirstOrThrow(),
    );
    return Math.max(0, (row.filled_until - filledUs) / 1_000 - row.now);
  }

  async pause(key: string, delayMs: number): Promise<void> {
    await write(this.#context, async ({ db, capabilities: { now } }) => {
      const until = sql<number>`${now} * 1000 + ${sql.lit(Math.round(delayMs * 1_000))}`;
      await db
        .insertInto('budgets')
        .values({ key, filled_until: until })
        .onConflict((conflict) => conflict.column('key').doUpdateSet({ filled_until: drainedOr(until) }))
        .execute();
    });
  }
}

/** When a bucket has drained, or a moment that is later. */
const drainedOr = (moment: RawBuilder<unknown>): RawBuilder<number> =>
  sql<number>`case when budgets.filled_until > ${moment} then budgets.filled_until else ${moment} end`;
