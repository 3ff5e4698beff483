import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRetryAfter, retryAfterMsMax, retryAfterMsMin } from '../../src/http/retry-after.ts';

const now = Date.UTC(2026, 10, 24, 12, 0, 0);
const httpDate = (ms: number) => new Date(ms).toUTCString();

describe('readRetryAfter', () => {
  it.each([
    ['seconds', '2', 2_000],
    ['zero as the shortest wait', '0', 1_000],
    ['the longest wait', '900', 900_000],
    ['more than the longest wait', '901', Number.POSITIVE_INFINITY],
    ['a billion seconds', '1000000000', Number.POSITIVE_INFINITY],
    ['nothing in an empty value', '', undefined],
    ['nothing in a negative number', '-1', undefined],
    ['nothing in a fraction', '1.5', undefined],
    ['nothing in garbage', 'soon', undefined],
    ['a date', httpDate(now + 5_000), 5_000],
    ['a date long past as the shortest wait', httpDate(now - 86_400_000), 1_000],
    ['a date next year', httpDate(now + 31_536_000_000), Number.POSITIVE_INFINITY],
    ['nothing in a date of another form', '2026-11-24T12:00:05Z', undefined],
  ])('reads %s', (_, value, expected) => {
    expect(readRetryAfter({ 'retry-after': value }, now)).toBe(expected);
  });

  it('reads nothing where there is no header', () => {
    expect(readRetryAfter({}, now)).toBeUndefined();
  });

  it("measures a date against the answer's own date, because our clock may be a day off", () => {
    const headers = { 'retry-after': httpDate(now + 7_000), date: httpDate(now) };
    expect(readRetryAfter(headers, now + 86_400_000)).toBe(7_000);
  });

  it('never gives a wait below a second, nor a finite one above fifteen minutes', () => {
    const value = fc.oneof(
      fc.string(),
      fc.integer().map(String),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    );
    fc.assert(
      fc.property(value, value, (retryAfter, date) => {
        const delayMs = readRetryAfter({ 'retry-after': retryAfter, date }, now);
        if (delayMs === undefined || delayMs === Number.POSITIVE_INFINITY) return;
        expect(delayMs).toBeGreaterThanOrEqual(retryAfterMsMin);
        expect(delayMs).toBeLessThanOrEqual(retryAfterMsMax);
      }),
    );
  });
});
