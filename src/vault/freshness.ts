// Decides how fresh a token set is. Pure: rows and rules in, words out; the store's clock is the only one it looks at.
import type { TokenSetRow, TokenSetView } from '../store/contract.ts';
import type { AccountPolicy } from './contract.ts';

/** Renewing earlier than a sixth of the life wastes tokens of servers that give short ones (a day-long token is renewed after 20 h). */
const marginShareMax = 1 / 6;
/** Accounts made together do not renew together. */
const jitterShare = 0.1;
const lifetimeMsWhenUnsaid = 3_600_000;

export interface Freshness {
  /** Until when the token needs no renewal, in ms from the read; 0 or less: due. */
  readonly freshForMs: number;
  /** Until when the token works, in ms from the read; 0 or less: ended. A rejected one never works. */
  readonly livesForMs: number;
}

/** Tells how long the set of a view is fresh and alive. */
export function rateFreshness(view: TokenSetView, policy: AccountPolicy): Freshness {
  const { set, now } = view;
  if (set === undefined || set.isRejected) return { freshForMs: 0, livesForMs: 0 };
  const lifetimeMs = set.expiresAt - set.issuedAt;
  // A clock that was set back makes a token look younger than it can be.
  const livesForMs = Math.min(set.expiresAt - now, lifetimeMs);
  const marginMs = Math.min(policy.refreshMarginMs, lifetimeMs * marginShareMax);
  return { freshForMs: livesForMs - marginMs * (1 + jitterShare * spread(view.account.id)), livesForMs };
}

/** Tells how old a set is, in ms; never below 0, whatever the clock did. */
export const ageOf = (set: TokenSetRow, now: number): number => Math.max(0, now - set.issuedAt);

/** Gives the life of an access token in ms from what the answer said; an unusable figure was dropped before. */
export function lifetimeOf(expiresInSeconds: number | undefined, policy: AccountPolicy): number {
  const saidMs = expiresInSeconds === undefined ? lifetimeMsWhenUnsaid : expiresInSeconds * 1000;
  const isUsable = Number.isFinite(saidMs) && saidMs > 0;
  return Math.trunc(Math.min(isUsable ? saidMs : lifetimeMsWhenUnsaid, policy.tokenLifetimeMsMax));
}

/** Spreads ids evenly over 0 to 1 (FNV-1a). */
function spread(id: string): number {
  let hash = 2_166_136_261;
  for (const byte of Buffer.from(id)) hash = Math.imul(hash ^ byte, 16_777_619);
  return (hash >>> 0) / 2 ** 32;
}
