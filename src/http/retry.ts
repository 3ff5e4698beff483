// Owns the one layer that repeats requests. It never repeats what may have had an effect unless the request says that is harmless.
import { type Breaker, type Outcome, reasonOf } from './breaker.ts';
import type { Clock } from './clock.ts';
import type { Budget, HttpAnswer } from './contract.ts';
import type { Layer, PreparedRequest } from './exchange.ts';
import { HttpFailure, interrupted } from './failure.ts';
import { readRetryAfter } from './retry-after.ts';

export interface RetryRules {
  /** Statuses that may pass by themselves. 429 is always repeated: the far side did nothing. */
  readonly statuses: readonly number[];
  /** Attempts at one request, the first included; refusals for rate do not count. */
  readonly attemptsMax: number;
  readonly delayMsBase: number;
  readonly delayMsMax: number;
  /** No wait begins that would end later than this after the first attempt. */
  readonly elapsedMsMax: number;
  /** The same for a request that is refused for its rate. */
  readonly rateLimitedMsMax: number;
  /** Repetitions as a share of first attempts, over all requests of the client. */
  readonly extraLoadMax: number;
}

export const defaultRetryRules: RetryRules = {
  statuses: [500, 502, 503, 504],
  attemptsMax: 4,
  delayMsBase: 1_000,
  delayMsMax: 30_000,
  elapsedMsMax: 120_000,
  rateLimitedMsMax: 900_000,
  extraLoadMax: 0.2,
};

/** Repetitions that a client has at its start, so that a short run can repeat too. */
const reserve = 10;

export interface RetryParts {
  readonly rules: RetryRules;
  readonly budget: Budget | undefined;
  /** Without it every request fails by itself. */
  readonly breaker?: Breaker | undefined;
  readonly clock: Clock;
  /** A number from 0 to 1, 1 excluded. */
  readonly random: () => number;
}

/**
 * Repeats with full jitter and within a retry budget; gives the last answer or failure when it may not repeat any more. Attempts at
 * a tenant that is down do not count: the request waits for the breaker and is tried again.
 */
export function retrying({ rules, budget, breaker, clock, random }: RetryParts): Layer {
  let allowance = reserve;
  return (next) => async (request) => {
    allowance = Math.min(allowance + rules.extraLoadMax, reserve);
    let startedAt = clock.monotonic();
    let attempts = 1;
    let refusals = 0;
    for (;;) {
      if (await breaker?.pass(request)) {
        startedAt = clock.monotonic();
        attempts = 1;
      }
      const outcome: Outcome = await next(request).then(
        (answer) => ({ answer }),
        (error: unknown) => ({ error }),
      );
      breaker?.report(request, outcome);
      if (breaker?.isOpen && request.waitsForTenant && isPassing(outcome, request, rules)) continue;
      const isRefusal = 'answer' in outcome && outcome.answer.status === 429;
      const delayMs = backoff(outcome, isRefusal ? refusals : attempts - 1, { rules, clock, random });
      const endsAt = clock.monotonic() - startedAt + delayMs;
      if (isRefusal) {
        if (Number.isFinite(delayMs)) budget?.pause(delayMs);
        if (endsAt > rules.rateLimitedMsMax) return end(outcome);
        refusals += 1;
      } else {
        if (
          !isPassing(outcome, request, rules) ||
          attempts >= rules.attemptsMax ||
          endsAt > rules.elapsedMsMax ||
          allowance < 1
        )
          return end(outcome);
        attempts += 1;
        allowance -= 1;
      }
      request.traffic.retries += 1;
      request.observe?.(
        isRefusal ? { kind: 'refused', delayMs } : { kind: 'retry', delayMs, reason: reasonOf(outcome) },
      );
      // With a budget, the pause holds everybody who takes from it, this request too.
      if (!isRefusal || !budget) {
        await clock.wait(delayMs, request.signal);
        if (isRefusal) request.traffic.throttledMs += Math.round(delayMs);
        if (request.signal?.aborted)
          throw interrupted({ ...request, sent: 'answered' in outcome ? 'answered' : 'no' }, request.signal);
      }
    }
  };
}

function end(outcome: Outcome): HttpAnswer {
  if ('answer' in outcome) return outcome.answer;
  throw outcome.error;
}

/** Whether the same request may end better: the far side says so, or the failure is of a kind that passes. */
function isPassing(outcome: Outcome, request: PreparedRequest, rules: RetryRules): boolean {
  if ('answer' in outcome) return request.repeatable && rules.statuses.includes(outcome.answer.status);
  const { error } = outcome;
  if (!(error instanceof HttpFailure) || !error.retryable) return false;
  return error.sent === 'no' || request.repeatable;
}

function backoff(outcome: Outcome, step: number, { rules, clock, random }: Omit<RetryParts, 'budget'>): number {
  const ceilingMs = Math.min(rules.delayMsMax, rules.delayMsBase * 2 ** step);
  const told = 'answer' in outcome ? readRetryAfter(outcome.answer.headers, clock.wall()) : undefined;
  // Everybody was told the same moment; a little jitter keeps them from coming back together.
  return told === undefined ? random() * ceilingMs : told + random() * Math.min(rules.delayMsBase, told / 4);
}
