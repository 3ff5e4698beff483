// Owns whether a tenant is down: while it is, one request in thirty seconds is tried and all others wait at their place.
import { type Clock, systemClock } from './clock.ts';
import type { HttpAnswer } from './contract.ts';
import type { PreparedRequest } from './exchange.ts';
import { HttpFailure, interruptedWaiting, tenantDown } from './failure.ts';

/** Failures with no answer between them that make an outage; as many as one request has attempts. */
const failuresMax = 4;
const probeMs = 30_000;
/** How long requests wait in one outage; what comes later fails at once, unless it is the one that is tried. */
export const outageMsMax = 1_800_000;
/** What a gateway says when nothing is behind it. With Retry-After the far side is there, and says when. */
const outageStatuses: readonly number[] = [502, 503, 504];

export type Outcome = { readonly answer: HttpAnswer } | { readonly error: unknown };

interface Outage {
  readonly beganAt: number;
  readonly reason: string;
  /** Ends the waiting of everybody. */
  readonly over: AbortController;
  probeAt: number;
  /** Requests that wait and may be repeated: as long as there are any, no other is tried. */
  waiting: number;
  /** Requests that were told of it. */
  readonly told: Set<PreparedRequest>;
}

export interface BreakerOptions {
  readonly clock?: Clock;
  readonly probeMs?: number;
}

/**
 * One path that fails is no outage: of requests that reached the tenant, failures at several paths must follow one another;
 * of those that never reached it, one is enough. A tenant that never answered this process is no outage either but most
 * likely a wrong host, and is told at once.
 */
export class Breaker {
  readonly #clock: Clock;
  readonly #probeMs: number;
  #hasAnswered = false;
  #failures = 0;
  /** The path of the first failure in a row, and whether others followed. */
  #first: string | undefined;
  #areSeveral = false;
  #outage: Outage | undefined;

  constructor(options: BreakerOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#probeMs = options.probeMs ?? probeMs;
  }

  get isOpen(): boolean {
    return this.#outage !== undefined;
  }

  /** Waits while the tenant is down, unless this request is to be tried; gives whether it waited. Throws when it waits no more. */
  async pass(request: PreparedRequest): Promise<boolean> {
    let hasWaited = false;
    for (let outage = this.#outage; outage !== undefined && request.waitsForTenant; outage = this.#outage) {
      const now = this.#clock.monotonic();
      if (now >= outage.probeAt && (request.repeatable || outage.waiting === 0)) {
        outage.probeAt = now + this.#probeMs;
        return hasWaited;
      }
      const leftMs = outage.beganAt + outageMsMax - now;
      if (leftMs <= 0) {
        outage.told.delete(request);
        throw tenantDown(request, outage.reason, outageMsMax);
      }
      if (!outage.told.has(request)) request.observe?.({ kind: 'down', reason: outage.reason, retryMs: this.#probeMs });
      outage.told.add(request);
      hasWaited = true;
      await this.#wait(outage, request, Math.min(leftMs, Math.max(outage.probeAt - now, this.#probeMs / 100)));
      if (request.signal?.aborted) {
        outage.told.delete(request);
        throw interruptedWaiting(request.signal);
      }
    }
    return hasWaited;
  }

  async #wait(outage: Outage, { repeatable, signal }: PreparedRequest, delayMs: number): Promise<void> {
    const over = outage.over.signal;
    if (repeatable) outage.waiting += 1;
    await this.#clock.wait(delayMs, signal ? AbortSignal.any([signal, over]) : over);
    if (repeatable) outage.waiting -= 1;
  }

  /** What became of an attempt. */
  report(request: PreparedRequest, outcome: Outcome): void {
    const failure = outageSignOf(outcome);
    if (failure === 'none') return;
    if (failure === undefined) {
      this.#hasAnswered = true;
      this.#failures = 0;
      this.#first = undefined;
      this.#areSeveral = false;
      this.#end();
      return;
    }
    this.#failures += 1;
    this.#areSeveral ||= this.#first !== undefined && this.#first !== request.url.pathname;
    this.#first ??= request.url.pathname;
    if (this.#outage || !this.#hasAnswered || this.#failures < failuresMax) return;
    if (!failure.isUnreached && !this.#areSeveral) return;
    const now = this.#clock.monotonic();
    this.#outage = {
      ...{ beganAt: now, reason: failure.reason, over: new AbortController() },
      ...{ probeAt: now + this.#probeMs, waiting: 0, told: new Set() },
    };
  }

  #end(): void {
    const outage = this.#outage;
    if (outage === undefined) return;
    this.#outage = undefined;
    const waitedMs = this.#clock.monotonic() - outage.beganAt;
    for (const { observe } of outage.told) observe?.({ kind: 'up', waitedMs });
    outage.over.abort();
  }
}

interface OutageSign {
  readonly reason: string;
  /** Whether no connection came about. */
  readonly isUnreached: boolean;
}

/** Undefined for an answer; "none" for what says nothing about the tenant: no token, stopped, or a name or certificate that is wrong. */
function outageSignOf(outcome: Outcome): OutageSign | 'none' | undefined {
  if ('answer' in outcome) {
    const { status, headers } = outcome.answer;
    if (!outageStatuses.includes(status)) return undefined;
    if (headers['retry-after'] !== undefined) return 'none';
    return { reason: reasonOf(outcome), isUnreached: false };
  }
  const { error } = outcome;
  if (!(error instanceof HttpFailure) || !error.retryable || error.sent === 'answered') return 'none';
  return { reason: error.reason, isUnreached: error.sent === 'no' };
}

/** Why a request did not succeed, in words without anything of the answer. */
export function reasonOf(outcome: Outcome): string {
  if ('answer' in outcome) return `the far side answered ${outcome.answer.status}`;
  return outcome.error instanceof HttpFailure ? outcome.error.reason : 'the request failed';
}
