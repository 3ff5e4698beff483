// Owns the tokens in memory: what a caller gets at once, and when the store or a renewal is asked instead.
import { ConfigurationError, SnapError } from '../errors.ts';
import type { AccessToken, TokenRequest, TokenSource } from '../http/contract.ts';
import type { TokenSetView } from '../store/contract.ts';
import { ageOf, rateFreshness } from './freshness.ts';
import type { Renewal, RenewalOptions } from './renewal.ts';
import { openTokens } from './sealed-rows.ts';
import { rejectedError } from './verdict.ts';

interface HeldToken {
  readonly token: AccessToken;
  /** Both clocks must agree that it may be given without another look at the store. */
  readonly good: Moment;
  /** Until then it works, fresh or not. */
  readonly alive: Moment;
}

/** A moment by both clocks; it has passed when either says so. */
interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}

/** A refused token that was fetched this recently because of a refusal is not the token's fault. */
const rejectionWindowMs = 600_000;
/** A caller that joined an older flight asks again; more rounds than this mean that every new token is refused. */
const roundsMax = 5;
/** While a live token is given because no fresh one can be had, the store is asked this often at most. */
const retryMs = 1000;

/** Gives the token source of one account. Callers in a process share one flight. */
export function createTokenSource(name: string, renewal: Renewal, options: RenewalOptions): TokenSource {
  let held: HeldToken | undefined;
  let flight: Promise<HeldToken> | undefined;

  const isBefore = ({ monotonic, wall }: Moment): boolean =>
    options.clock.monotonic() < monotonic && options.clock.wall() < wall;

  /** A store that is away for a moment ends no run that holds a live token. */
  const survive = (error: unknown, rejected: number | undefined): HeldToken => {
    const isStoreAway = error instanceof SnapError && error.code === 'SNAP_STORE_UNAVAILABLE';
    if (isStoreAway && held !== undefined && held.token.version !== rejected && isBefore(held.alive)) {
      return {
        ...held,
        good: { monotonic: options.clock.monotonic() + retryMs, wall: options.clock.wall() + retryMs },
      };
    }
    throw error;
  };

  const fly = (rejected: number | undefined): Promise<HeldToken> => {
    flight ??= loadToken(name, rejected, renewal, options)
      .catch((error: unknown) => survive(error, rejected))
      .then((loaded) => {
        held = loaded;
        return loaded;
      })
      .finally(() => {
        flight = undefined;
      });
    return flight;
  };

  return async ({ rejectedVersion, signal }: TokenRequest = {}) => {
    signal?.throwIfAborted();
    if (held !== undefined && held.token.version !== rejectedVersion && isBefore(held.good)) return held.token;
    for (let round = 1; ; round += 1) {
      const wasShared = flight !== undefined;
      const { token } = await untilAborted(fly(rejectedVersion), signal);
      // A flight that began before the refusal may bring the refused token.
      if (!wasShared || token.version !== rejectedVersion || round === roundsMax) return token;
    }
  };
}

async function loadToken(
  name: string,
  rejected: number | undefined,
  renewal: Renewal,
  options: RenewalOptions,
): Promise<HeldToken> {
  const { store, policyOf } = options;
  const account = await store.accounts.findByName(name);
  const view = account === undefined ? undefined : await store.tokenSets.read(account.id);
  if (view === undefined) throw accountNotFound(name);
  const policy = policyOf(view.account.type);
  if (rejected !== undefined && view.set?.version === rejected) {
    // A token this young may not be known everywhere yet: it is given again, and who sends it waits until it has settled.
    const isSettled = ageOf(view.set, view.now) >= policy.settleMs;
    if (!isSettled && !view.set.isRejected) return hold(view, options);
    await treatRejection(view, options);
    return hold(await renewal.renew(view.account.id, { answersRejection: true, isForced: false }), options);
  }
  if (rateFreshness(view, policy).freshForMs > 0) return hold(view, options);
  return hold(await renewal.renew(view.account.id, { answersRejection: false, isForced: false }), options);
}

async function treatRejection(view: TokenSetView, { store }: RenewalOptions): Promise<void> {
  const { set, account, now } = view;
  if (set === undefined || set.isRejected) return;
  const ageMs = ageOf(set, now);
  if (set.answersRejection && ageMs < rejectionWindowMs) throw rejectedError(account, set.scopes, ageMs);
  await store.tokenSets.markRejected(account.id, set.version);
}

/** Opens the set of a view for giving. An access token may be given while it lives, fresh or not. */
async function hold(view: TokenSetView, { ring, clock, policyOf, limits }: RenewalOptions): Promise<HeldToken> {
  const { access } = await openTokens(ring, view);
  const { freshForMs, livesForMs } = rateFreshness(view, policyOf(view.account.type));
  const inMs = (ms: number): Moment => ({ monotonic: clock.monotonic() + ms, wall: clock.wall() + ms });
  const goodForMs = Math.min(Math.max(freshForMs, retryMs), limits.memoryMsMax);
  return {
    token: { value: access, version: view.account.tokenVersion, issuedAt: view.set?.issuedAt ?? view.now },
    good: inMs(goodForMs),
    alive: inMs(livesForMs),
  };
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** The error for a name that no account has. */
export function accountNotFound(name: string): ConfigurationError {
  return new ConfigurationError('SNAP_ACCOUNT_NOT_FOUND', `There is no account "${name}".`, {
    reason: 'the store has no account of that name',
    resolution: 'run "snaps account list", or add it with "snaps account add"',
  });
}
