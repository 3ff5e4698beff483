// Owns who may talk to the web host: one-time sign-in tokens and the sessions they open. Everything is in memory and ends
// with the process; only hashes of what a browser holds are kept.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const tokenBytes = 32;
const signInLifetimeMs = 10 * 60_000;
const sessionIdleMsMax = 12 * 3_600_000;
const sessionsMax = 100;
/** Wrong sign-in tokens allowed in one window before all are refused until it ends. */
const attemptsMax = 20;
const attemptWindowMs = 60_000;

interface Session {
  readonly pageTokenHash: Buffer;
  usedAt: number;
}

/** What a browser gets at sign-in: a cookie, and a token that the page holds and sends as a header. */
export interface SignIn {
  readonly cookie: string;
  readonly pageToken: string;
}

export type SignInOutcome = SignIn | 'refused' | 'too-many-attempts';

export class Sessions {
  readonly #now: () => number;
  readonly #sessions = new Map<string, Session>();
  #signIn: { readonly hash: Buffer; readonly endsAt: number } | undefined;
  #attempts = { since: 0, count: 0 };

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Makes a sign-in token that serves once, within ten minutes; the one before ends. */
  issueSignInToken(): string {
    const token = randomToken();
    this.#signIn = { hash: hash(token), endsAt: this.#now() + signInLifetimeMs };
    return token;
  }

  /** Whether a sign-in token is there that still serves. */
  get hasSignInToken(): boolean {
    return this.#signIn !== undefined && this.#signIn.endsAt > this.#now();
  }

  signIn(token: string): SignInOutcome {
    const now = this.#now();
    if (now - this.#attempts.since > attemptWindowMs) this.#attempts = { since: now, count: 0 };
    if (this.#attempts.count >= attemptsMax) return 'too-many-attempts';
    const expected = this.#signIn;
    if (expected === undefined || expected.endsAt <= now || !timingSafeEqual(expected.hash, hash(token))) {
      this.#attempts.count += 1;
      return 'refused';
    }
    this.#signIn = undefined;
    const opened = { cookie: randomToken(), pageToken: randomToken() };
    this.#dropOldest();
    this.#sessions.set(hash(opened.cookie).toString('base64url'), {
      pageTokenHash: hash(opened.pageToken),
      usedAt: now,
    });
    return opened;
  }

  /**
   * True only when cookie and page token belong together. The cookie alone never counts: browsers send the cookies of
   * 127.0.0.1:A to 127.0.0.1:B as well, so any local server could collect it.
   */
  isOpen(cookie: string | undefined, pageToken: string | undefined): boolean {
    if (cookie === undefined || pageToken === undefined) return false;
    const key = hash(cookie).toString('base64url');
    const session = this.#sessions.get(key);
    if (session === undefined) return false;
    const now = this.#now();
    if (now - session.usedAt > sessionIdleMsMax) {
      this.#sessions.delete(key);
      return false;
    }
    if (!timingSafeEqual(session.pageTokenHash, hash(pageToken))) return false;
    session.usedAt = now;
    return true;
  }

  signOut(cookie: string): void {
    this.#sessions.delete(hash(cookie).toString('base64url'));
  }

  #dropOldest(): void {
    if (this.#sessions.size < sessionsMax) return;
    const [oldest] = [...this.#sessions].toSorted(([, left], [, right]) => left.usedAt - right.usedAt);
    if (oldest !== undefined) this.#sessions.delete(oldest[0]);
  }
}

const randomToken = (): string => randomBytes(tokenBytes).toString('base64url');
const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
