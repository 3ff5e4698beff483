// Owns token sets and the journal of their renewals. A set is only ever replaced by the one that follows it.
import { toAccountRow } from './accounts.ts';
import type {
  Lease,
  RenewalFailure,
  RenewalRow,
  SealedFields,
  TokenSetRow,
  TokenSetRows,
  TokenSetValues,
  TokenSetView,
  WriteOutcome,
} from './contract.ts';
import { type StoreContext, type WriteContext, write } from './database.ts';
import { toSealedFields, toStrings, toText } from './json-column.ts';
import { isActiveKey } from './keys.ts';
import { holdsLease } from './leases.ts';
import type { RenewalsTable, TokenSetsTable } from './tables.ts';

const settled = { sent_from_version: null, sent_at: null, attempts: 0 };
const untroubled = { ...settled, failures: 0, cool_down_until: 0, last_failure: '' };

export class TokenSetTable implements TokenSetRows {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  async read(accountId: string): Promise<TokenSetView | undefined> {
    // One statement, so that account, set, journal and clock are of one moment.
    const row = await this.#context.db
      .selectFrom('accounts')
      .leftJoin('token_sets', 'token_sets.account_id', 'accounts.id')
      .leftJoin('renewals', 'renewals.account_id', 'accounts.id')
      .selectAll('accounts')
      .select(['version', 'key_id', 'sealed', 'scopes', 'is_rejected', 'answers_rejection'])
      .select(['issued_at', 'expires_at', 'refresh_expires_at'])
      .select(['sent_from_version', 'sent_at', 'attempts', 'failures', 'cool_down_until', 'last_failure'])
      .select(this.#context.capabilities.now.as('now'))
      .where('accounts.id', '=', accountId)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    return { account: toAccountRow(row), set: toTokenSetRow(row), renewal: toRenewalRow(row), now: row.now };
  }

  commit(
    accountId: string,
    from: { readonly version: number; readonly revision: number },
    values: TokenSetValues,
  ): Promise<WriteOutcome> {
    return write(this.#context, async (context) => {
      const { db, capabilities } = context;
      if (!(await isActiveKey(context, values.sealed.keyId))) return 'key-retired';
      const { numUpdatedRows } = await db
        .updateTable('accounts')
        .set({ token_version: from.version + 1, state: 'authorized', state_reason: '', state_at: capabilities.now })
        .where('id', '=', accountId)
        .where('token_version', '=', from.version)
        .where('revision', '=', from.revision)
        .executeTakeFirst();
      if (numUpdatedRows !== 1n) return 'stale';
      await putTokenSet(context, accountId, from.version + 1, values);
      const renewal = { ...untroubled, last_failure: values.flaws.join('; ') };
      await db
        .insertInto('renewals')
        .values({ account_id: accountId, ...renewal })
        .onConflict((conflict) => conflict.column('account_id').doUpdateSet(renewal))
        .execute();
      return 'done';
    });
  }

  noteSent(lease: Lease, accountId: string, fromVersion: number): Promise<boolean> {
    return write(this.#context, async (context) => {
      if (!(await holdsLease(context, lease))) return false;
      const { db, capabilities } = context;
      const row = await db
        .selectFrom('renewals')
        .select(['sent_from_version', 'attempts'])
        .where('account_id', '=', accountId)
        .executeTakeFirst();
      const attempts = row?.sent_from_version === fromVersion ? row.attempts + 1 : 1;
      const sent = { sent_from_version: fromVersion, sent_at: capabilities.now, attempts };
      await db
        .insertInto('renewals')
        .values({ account_id: accountId, ...untroubled, ...sent })
        .onConflict((conflict) => conflict.column('account_id').doUpdateSet(sent))
        .execute();
      return true;
    });
  }

  noteFailure(accountId: string, failure: RenewalFailure): Promise<void> {
    return write(this.#context, async ({ db, capabilities }) => {
      const row = await db
        .selectFrom('renewals')
        .select(['sent_from_version', 'attempts'])
        .where('account_id', '=', accountId)
        .executeTakeFirst();
      const sentFrom = row?.sent_from_version ?? failure.fromVersion;
      // A set was stored since: the failure belongs to one that nobody uses any more.
      if (row === undefined || sentFrom !== failure.fromVersion) return;
      // An answered attempt took nothing away; an earlier one without an answer is still open.
      const attempts = failure.isOutcomeKnown ? Math.max(0, row.attempts - 1) : row.attempts;
      await db
        .updateTable('renewals')
        .set(({ eb }) => ({
          ...(attempts === 0 ? settled : { attempts }),
          failures: eb('failures', '+', 1),
          cool_down_until: eb(capabilities.now, '+', failure.coolDownMs),
          last_failure: failure.reason,
        }))
        .where('account_id', '=', accountId)
        .execute();
    });
  }

  markRejected(accountId: string, version: number): Promise<void> {
    return write(this.#context, async ({ db }) => {
      await db
        .updateTable('token_sets')
        .set({ is_rejected: 1 })
        .where('account_id', '=', accountId)
        .where('version', '=', version)
        .execute();
    });
  }

  reseal(accountId: string, version: number, fromKeyId: string, sealed: SealedFields): Promise<WriteOutcome> {
    return write(this.#context, async (context) => {
      if (!(await isActiveKey(context, sealed.keyId))) return 'key-retired';
      const { numUpdatedRows } = await context.db
        .updateTable('token_sets')
        .set({ key_id: sealed.keyId, sealed: toText(sealed.fields) })
        .where('account_id', '=', accountId)
        .where('version', '=', version)
        .where('key_id', '=', fromKeyId)
        .executeTakeFirst();
      return numUpdatedRows === 1n ? 'done' : 'stale';
    });
  }
}

async function putTokenSet(
  { db, capabilities }: WriteContext,
  accountId: string,
  version: number,
  values: TokenSetValues,
): Promise<void> {
  const { lifetimeMs, refreshLifetimeMs } = values;
  await db.deleteFrom('token_sets').where('account_id', '=', accountId).execute();
  await db
    .insertInto('token_sets')
    .values(({ eb }) => ({
      account_id: accountId,
      version,
      key_id: values.sealed.keyId,
      sealed: toText(values.sealed.fields),
      scopes: values.scopes === undefined ? null : toText(values.scopes),
      is_rejected: 0,
      answers_rejection: values.answersRejection ? 1 : 0,
      issued_at: capabilities.now,
      expires_at: eb(capabilities.now, '+', lifetimeMs),
      refresh_expires_at: refreshLifetimeMs === undefined ? null : eb(capabilities.now, '+', refreshLifetimeMs),
    }))
    .execute();
}

type OuterJoined<T> = { readonly [K in keyof T]: T[K] | null };

function toTokenSetRow(row: OuterJoined<Omit<TokenSetsTable, 'account_id'>>): TokenSetRow | undefined {
  const { version, key_id, sealed, issued_at, expires_at } = row;
  if (version === null || key_id === null || sealed === null || issued_at === null || expires_at === null)
    return undefined;
  return {
    version,
    sealed: { keyId: key_id, fields: toSealedFields(sealed) },
    scopes: row.scopes === null ? undefined : toStrings(row.scopes),
    isRejected: row.is_rejected === 1,
    answersRejection: row.answers_rejection === 1,
    issuedAt: issued_at,
    expiresAt: expires_at,
    refreshExpiresAt: row.refresh_expires_at ?? undefined,
  };
}

function toRenewalRow(row: OuterJoined<Omit<RenewalsTable, 'account_id'>>): RenewalRow {
  return {
    sentFromVersion: row.sent_from_version ?? undefined,
    sentAt: row.sent_at ?? undefined,
    attempts: row.attempts ?? 0,
    failures: row.failures ?? 0,
    coolDownUntil: row.cool_down_until ?? 0,
    lastFailure: row.last_failure ?? '',
  };
}
