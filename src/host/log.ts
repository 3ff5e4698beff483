// Owns the host's log: one JSON object a line on standard error, never on standard output, where answers go.
import { type Logger, pino } from 'pino';
import type { PipelinePlan } from '../pipeline/plan.ts';
import type { RunLogInsert } from '../store/contract.ts';
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

/**
 * Gives the lines of one run, with its run, pipeline, snap, operation (the snap's type) and account. What a run meets is kept
 * with the run; here it is no louder than `info`, for a run that goes on needs nobody.
 */
export function runLines(log: Log, runId: string, plan: PipelinePlan): (entries: readonly RunLogInsert[]) => void {
  const run = log.child({ runId, pipeline: plan.name });
  const snaps = new Map(plan.snaps.map(({ id, snap, account }) => [id, { snap: id, operation: snap.id, account }]));
  return (entries) => {
    for (const { level, event, snapId, message, details } of entries) {
      const line = { event, ...(snapId === null ? {} : snaps.get(snapId)), ...details };
      run[level === 'info' ? 'debug' : 'info'](line, message);
    }
  };
}
