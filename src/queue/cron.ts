// Owns what a cron pattern means: five fields, or six with seconds first, in a time zone. It keeps no time itself.
import { Cron } from 'croner';

/** The first tick after a moment (ms since the epoch); null when there is none any more. Throws when pattern or zone are wrong. */
export function nextTick(pattern: string, timeZone: string, after: number): number | null {
  return new Cron(pattern, { timezone: timeZone, paused: true }).nextRun(new Date(after))?.getTime() ?? null;
}

/** Why a pattern or a time zone cannot be used; undefined when both can. */
export function cronFault(pattern: string, timeZone: string): string | undefined {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    return `"${timeZone}" is no time zone; write an IANA name such as Europe/Zurich`;
  }
  try {
    return nextTick(pattern, timeZone, Date.now()) === null ? `"${pattern}" has no tick in the future` : undefined;
  } catch {
    return `"${pattern}" is no cron pattern; write five fields, such as "0 6 * * 1-5"`;
  }
}
