// Owns reading Retry-After (RFC 9110, section 10.2.3): hostile values neither spin nor sleep for a year.

/** The shortest wait that a far side is believed to mean. */
export const retryAfterMsMin = 1_000;
/** The longest wait inside a run; beyond it the answer goes to the caller. */
export const retryAfterMsMax = 900_000;

const monthDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/u;

/**
 * Reads the wait in ms: seconds, or a date measured against the answer's own Date because our clock may be wrong.
 * Never below the minimum; Infinity when longer than the maximum; undefined when absent, empty, negative or garbage.
 */
export function readRetryAfter(headers: Readonly<Record<string, string>>, wallMs: number): number | undefined {
  const value = headers['retry-after']?.trim() ?? '';
  const delayMs = /^\d{1,12}$/u.test(value) ? Number(value) * 1_000 : untilDate(value, headers.date ?? '', wallMs);
  if (delayMs === undefined) return undefined;
  return delayMs > retryAfterMsMax ? Number.POSITIVE_INFINITY : Math.max(delayMs, retryAfterMsMin);
}

function untilDate(value: string, date: string, wallMs: number): number | undefined {
  const at = readDate(value);
  return at === undefined ? undefined : at - (readDate(date) ?? wallMs);
}

function readDate(text: string): number | undefined {
  const at = monthDate.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}
