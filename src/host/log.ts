// Owns the host's log: one JSON object a line on standard error, never on standard output, where answers go.
import { type Logger, pino } from 'pino';
import type { LogLevel } from './config.ts';

export type Log = Logger;

/** Names under which nothing is ever written, however deep: a second net below the scrubbing of errors. */
const secretKeys = ['password', 'secret', 'token', 'authorization', 'clientSecret', 'accessToken', 'refreshToken'];

/** Opens the log. Lines are written at once, so that the last ones of a process that ends are there. */
export function openLog(level: LogLevel): Log {
  const redact = secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]);
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, redact },
    pino.destination({ fd: 2, sync: true }),
  );
}
