// Owns renewing a token set: one request for everyone, in whatever process they wait. Never sends without the lease.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ConfigurationError, SnapError } from '../errors.ts';
import type { TokenAnswer } from '../oauth/contract.ts';
import type { Lease, Store, TokenSetView, WriteOutcome } from '../store/contract.ts';
import type { AccountPolicy, Clock, Grant, OpenAccount, RequestTokens, VaultLimits } from './contract.ts';
import { lifetimeOf, rateFreshness } from './freshness.ts';
import { type GrantFailure, readGrantFailure } from './grant-failure.ts';
import { type KeyRing, writeSealed } from './key-ring.ts';
import { openAccount, openTokens, tokenSetSealRow } from './sealed-rows.ts';
import type { SeenVersions } from './seen-versions.ts';
import * as verdicts from './verdict.ts';

export interface RenewalOptions {
  readonly store: Store;
  readonly ring: KeyRing;
  readonly requestTokens: RequestTokens;
  readonly policyOf: (accountType: string) => AccountPolicy;
  readonly clock: Clock;
  readonly limits: VaultLimits;
  readonly seen: SeenVersions | undefined;
  readonly onRenewal: (accountName: string, error: SnapError | undefined) => void;
}

export interface RenewalNeed {
  /** True when a 401 asked for it. */
  readonly answersRejection: boolean;
  /** True when a person asked: earlier verdicts, a cool-down and a fresh set do not stop it. */
  readonly isForced: boolean;
}

/** Between two looks at a lease that somebody else holds. */
const pollMs = 100;
const coolDownJitter = 0.2;
const unsentShare = 1 / 30;

/**
 * A set is *fresh* (nothing to do), *due* (inside the margin, still alive) or *ended* (past its time, or rejected).
 *
 * due or ended -> the lease is asked for. Not obtained: a due set goes on being used, an ended one is waited for.
 * lease held -> everything is read again, since the holder before may have finished -> *sent* is written durably ->
 * the request leaves -> a true success is committed if the stored version is still the one it came from, whether or not
 * the lease has ended meanwhile. Anything but success leaves the set as it was.
 *
 * *sent* and no answer (a kill, a lost reply): the far side may have rotated the refresh token. While the old access
 * token lives it is used and nothing is sent; after that the old refresh token is presented once more; after that the
 * account needs a person. An answered failure settles *sent*; it cools down before the next attempt.
 *
 * invalid_grant for the current version -> needs-authorization; a refused client -> misconfigured; both end all requests
 * until a person acts.
 */
export class Renewal {
  readonly #options: RenewalOptions;
  readonly #owner = randomUUID();

  constructor(options: RenewalOptions) {
    this.#options = options;
  }

  /** Gives a view whose set is fresh, or alive where a fresh one cannot be had now. Throws SNAP_ACCOUNT_* and SNAP_TOKEN_UNAVAILABLE. */
  async renew(accountId: string, need: RenewalNeed): Promise<TokenSetView> {
    const { store, clock, limits } = this.#options;
    const deadline = clock.monotonic() + limits.patienceMsMax;
    let isForced = need.isForced;
    for (;;) {
      const view = await this.#read(accountId);
      const settled = this.#settle(view, isForced);
      if (settled !== undefined) return settled;
      const coolDownMs = isForced ? 0 : view.renewal.coolDownUntil - view.now;
      const isWorthWaiting = view.set !== undefined && clock.monotonic() + coolDownMs <= deadline;
      if (coolDownMs > 0 && !isWorthWaiting) {
        throw verdicts.unavailableError(
          view.account.name,
          `${view.renewal.lastFailure}; next attempt in ${Math.ceil(coolDownMs / 1000)} s`,
        );
      }
      const lease =
        coolDownMs > 0 ? undefined : await store.leases.acquire(leaseName(accountId), this.#owner, limits.leaseTtlMs);
      if (lease !== undefined) {
        const renewed = await this.#renewUnderLease(lease, accountId, { ...need, isForced });
        if (renewed !== undefined) return renewed;
        // What a person asked for was sent once; whatever came of it is read like anybody else's.
        isForced = false;
      }
      if (clock.monotonic() > deadline) {
        throw verdicts.unavailableError(view.account.name, 'another process holds the renewal and has not ended it');
      }
      await delay(pollMs * (0.5 + Math.random()));
    }
  }

  /** A view that needs no renewal or cannot have one now but lives; undefined when a renewal must be tried. Throws a verdict. */
  #settle(view: TokenSetView, isForced: boolean): TokenSetView | undefined {
    if (isForced) return undefined;
    const { freshForMs, livesForMs } = rateFreshness(view, this.#policy(view));
    if (freshForMs > 0) return view;
    const isBlocked =
      verdicts.stateError(view.account) !== undefined ||
      view.renewal.coolDownUntil > view.now ||
      this.#isAnswerLost(view);
    if (isBlocked && livesForMs > 0) return view;
    const error = verdicts.stateError(view.account);
    if (error !== undefined) throw error;
    return undefined;
  }

  async #renewUnderLease(lease: Lease, accountId: string, need: RenewalNeed): Promise<TokenSetView | undefined> {
    const { store, limits } = this.#options;
    // Counts from before the read: a process that was stopped in between must not send after its lease ended.
    const signal = AbortSignal.timeout(limits.callDeadlineMs);
    try {
      const view = await this.#read(accountId);
      const settled = this.#settle(view, need.isForced);
      if (settled !== undefined) return settled;
      const account = await openAccount(this.#options.ring, view.account);
      const grant = await this.#grantOf(view);
      // Judged: the caller reads the verdict, and lives on the old access token while that lives.
      if (grant === undefined) return undefined;
      if (!(await store.tokenSets.noteSent(lease, accountId, view.account.tokenVersion)) || signal.aborted) {
        return undefined;
      }
      return await this.#send({ view, account, grant, need, signal });
    } finally {
      // What was committed stands; a lease that cannot be given back now ends by itself.
      await store.leases.release(lease).catch(() => undefined);
    }
  }

  async #send(request: {
    view: TokenSetView;
    account: OpenAccount;
    grant: Grant;
    need: RenewalNeed;
    signal: AbortSignal;
  }): Promise<TokenSetView | undefined> {
    const { view, account, grant, need, signal } = request;
    let answer: TokenAnswer;
    try {
      answer = await this.#options.requestTokens(account, grant, signal);
    } catch (thrown) {
      const { onRenewal } = this.#options;
      if (thrown instanceof SnapError) {
        onRenewal(account.name, thrown);
        return this.#refuse(view, thrown);
      }
      const failure = readGrantFailure(thrown);
      onRenewal(account.name, verdicts.failureError(account.name, failure));
      return this.#fail(view, failure, need);
    }
    const outcome = await this.#commitPatiently(view, answer, need.answersRejection);
    if (outcome === 'stale') return undefined;
    const renewed = await this.#read(account.id);
    if (answer.accessToken !== undefined) {
      this.#options.onRenewal(account.name, undefined);
      return renewed;
    }
    const description = answer.flaws.join('; ');
    return this.#fail(renewed, { kind: 'unusable-answer', status: undefined, description, sent: 'answered' }, need);
  }

  /** The server may have ended the old refresh token: while the store is away, the new one is kept and tried again. */
  async #commitPatiently(view: TokenSetView, answer: TokenAnswer, answersRejection: boolean): Promise<WriteOutcome> {
    const { clock, limits } = this.#options;
    const deadline = clock.monotonic() + limits.patienceMsMax;
    for (;;) {
      try {
        return await this.commit(view, answer, answersRejection);
      } catch (error) {
        const isPassing = error instanceof SnapError && error.retryable;
        if (!isPassing || clock.monotonic() > deadline) throw error;
        await delay(pollMs);
      }
    }
  }

  /**
   * Stores the answer as the set after the view's; an absent refresh token keeps the old one. `stale` when another set
   * or other settings are stored by now.
   */
  async commit(view: TokenSetView, answer: TokenAnswer, answersRejection: boolean): Promise<WriteOutcome> {
    const { store, ring } = this.#options;
    const policy = this.#policy(view);
    const old = view.set === undefined ? undefined : await openTokens(ring, view);
    const isRefreshNew = answer.refreshToken !== undefined && answer.refreshToken !== old?.refresh;
    const refresh = answer.refreshToken ?? old?.refresh;
    const { livesForMs } = rateFreshness(view, policy);
    // An answer of which only the refresh token could be saved leaves the old access token to live out its time.
    const access = answer.accessToken ?? old?.access ?? '';
    const lifetimeMs =
      answer.accessToken === undefined ? Math.max(0, livesForMs) : lifetimeOf(answer.expiresInSeconds, policy);
    const refreshLifetimeMs = isRefreshNew
      ? policy.refreshTokenLifetimeMs
      : view.set?.refreshExpiresAt === undefined
        ? undefined
        : Math.max(0, view.set.refreshExpiresAt - view.now);
    const row = tokenSetSealRow(view.account.id, view.account.tokenVersion + 1);
    const outcome = await writeSealed<WriteOutcome>(ring, () =>
      store.tokenSets.commit(
        view.account.id,
        { version: view.account.tokenVersion, revision: view.account.revision },
        {
          sealed: ring.sealFields({ access, ...(refresh === undefined ? {} : { refresh }) }, row),
          scopes: answer.scope ?? view.set?.scopes,
          lifetimeMs,
          refreshLifetimeMs,
          answersRejection,
          flaws: answer.flaws,
        },
      ),
    );
    if (outcome === 'done') await this.#options.seen?.note(view.account.id, view.account.tokenVersion + 1);
    return outcome;
  }

  /** Notes a failed request. Gives the view again when its token still lives, undefined when somebody else was faster; else throws. */
  async #fail(view: TokenSetView, failure: GrantFailure, need: RenewalNeed): Promise<TokenSetView | undefined> {
    const { store } = this.#options;
    const { id, name, revision, tokenVersion } = view.account;
    const verdict = judgeInContext(view, failure);
    if (verdict !== undefined) {
      if (failure.sent === 'answered') await this.#noteFailure(view, failure);
      const outcome = await store.accounts.judge(id, { ...verdict, revision, tokenVersion });
      // The loser of a race hears invalid_grant for a token that was replaced meanwhile.
      if (outcome === 'stale') return undefined;
      throw verdicts.verdictError(name, verdict);
    }
    await this.#noteFailure(view, failure);
    const now = await this.#read(id);
    if (now.account.tokenVersion !== tokenVersion) return undefined;
    if (!need.isForced && rateFreshness(now, this.#policy(now)).livesForMs > 0) return now;
    if (!need.isForced && this.#isSpent(now)) return this.#giveUp(now);
    // An account that worked before waits for its cool-down; a first attempt tells at once what is wrong.
    if (!need.isForced && now.set !== undefined && failure.kind !== 'invalid_scope') return undefined;
    throw verdicts.failureError(name, failure);
  }

  /** One of our own errors came before anything was sent: a host that is not allowed, say. Nothing to cool down from. */
  async #refuse(view: TokenSetView, error: SnapError): Promise<never> {
    await this.#options.store.tokenSets.noteFailure(view.account.id, {
      fromVersion: view.account.tokenVersion,
      isOutcomeKnown: true,
      coolDownMs: 0,
      reason: error.message,
    });
    throw error;
  }

  async #noteFailure(view: TokenSetView, failure: GrantFailure): Promise<void> {
    const { store, limits } = this.#options;
    const growth = 2 ** Math.min(view.renewal.failures, 16);
    // A server that was not even reached is not spared by waiting long.
    const share = failure.sent === 'no' ? unsentShare : 1;
    const coolDownMs = Math.min(limits.coolDownMsMin * share * growth, limits.coolDownMsMax);
    await store.tokenSets.noteFailure(view.account.id, {
      fromVersion: view.account.tokenVersion,
      isOutcomeKnown: failure.sent !== 'unknown',
      coolDownMs: Math.trunc(coolDownMs * (1 + coolDownJitter * Math.random())),
      reason: verdicts.describeFailure(failure),
    });
  }

  /** What to ask with; undefined when the account was judged instead. */
  async #grantOf(view: TokenSetView): Promise<Grant | undefined> {
    if (this.#policy(view).standsAlone(view.account.settings)) return { kind: 'client_credentials' };
    if (view.set === undefined) throw verdicts.neverAuthorized(view.account.name);
    const { refresh } = await openTokens(this.#options.ring, view);
    if (refresh === undefined) {
      const reason = 'its access token has ended and the authorization server gave no refresh token';
      return this.#judge(view, reason);
    }
    if (this.#isSpent(view)) return this.#giveUp(view);
    const seen = (await this.#options.seen?.read(view.account.id)) ?? 0;
    if (seen > view.account.tokenVersion)
      return this.#judge(view, verdicts.restoredReason(view.account.tokenVersion, seen));
    return { kind: 'refresh_token', refreshToken: refresh };
  }

  /** A renewal left and nobody kept its answer. A grant that stands alone loses nothing by that. */
  #isAnswerLost(view: TokenSetView): boolean {
    const isOut = view.renewal.sentFromVersion === view.account.tokenVersion && view.renewal.attempts > 0;
    return isOut && !this.#policy(view).standsAlone(view.account.settings);
  }

  #isSpent(view: TokenSetView): boolean {
    return this.#isAnswerLost(view) && view.renewal.attempts >= 2;
  }

  #giveUp(view: TokenSetView): Promise<undefined> {
    return this.#judge(view, verdicts.lostAnswerReason(view.renewal.sentAt));
  }

  async #judge(view: TokenSetView, reason: string): Promise<undefined> {
    const { id, revision, tokenVersion } = view.account;
    const verdict = { state: 'needs-authorization', reason } as const;
    await this.#options.store.accounts.judge(id, { ...verdict, revision, tokenVersion });
    return undefined;
  }

  #policy(view: TokenSetView): AccountPolicy {
    return this.#options.policyOf(view.account.type);
  }

  async #read(accountId: string): Promise<TokenSetView> {
    const view = await this.#options.store.tokenSets.read(accountId);
    if (view !== undefined) return view;
    throw new ConfigurationError('SNAP_ACCOUNT_NOT_FOUND', 'The account is gone.', {
      reason: 'it was removed while a token was obtained for it',
      resolution: 'run "snaps account list"',
    });
  }
}

const leaseName = (accountId: string): string => `renewal:${accountId}`;

/** An invalid_grant after a lost answer is that loss: the words say so. */
function judgeInContext(view: TokenSetView, failure: GrantFailure): verdicts.Verdict | undefined {
  const verdict = verdicts.judgeFailure(failure);
  const { sentFromVersion, attempts, sentAt } = view.renewal;
  const wasLost = sentFromVersion === view.account.tokenVersion && attempts > 0 && failure.kind === 'invalid_grant';
  return verdict !== undefined && wasLost
    ? { ...verdict, reason: `${verdicts.lostAnswerReason(sentAt)} (${verdict.reason})` }
    : verdict;
}
