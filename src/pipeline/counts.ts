// Owns the counts of one snap: what went in, out, wrong, and what it cost. They go on over a resume.
import type { PlannedSnap } from './plan.ts';

/** Documents, requests and times (ms) of one snap. */
export interface SnapCounts {
  input: number;
  output: number;
  errors: number;
  dropped: number;
  /** Documents that went on although something was wrong with them. */
  warnings: number;
  requests: number;
  retries: number;
  throttledMs: number;
  bytesIn: number;
  bytesOut: number;
  waitMs: number;
  busyMs: number;
}

export type SnapState = 'waiting' | 'running' | 'completed' | 'failed' | 'stopped' | 'skipped' | 'disabled';

/** One row of the run report. */
export interface SnapReport extends Readonly<SnapCounts> {
  readonly id: string;
  readonly snap: string;
  readonly state: SnapState;
}

export function emptyCounts(): SnapCounts {
  return {
    input: 0,
    output: 0,
    errors: 0,
    dropped: 0,
    warnings: 0,
    requests: 0,
    retries: 0,
    throttledMs: 0,
    bytesIn: 0,
    bytesOut: 0,
    waitMs: 0,
    busyMs: 0,
  };
}

/**
 * Why a snap's counts do not add up (input = output + errors + dropped), or undefined when they do. Only snaps that
 * change or write documents one by one are held to it: a reader makes many of one, and a flow snap may make one of many.
 */
export function countsFault({ id, snap }: PlannedSnap, counts: SnapCounts): string | undefined {
  if (!['transform', 'write'].includes(snap.declaration.category)) return undefined;
  const { input, output, errors, dropped } = counts;
  if (input === output + errors + dropped) return undefined;
  return `"${id}" took ${input} documents and accounts for ${output} handed on, ${errors} failed and ${dropped} dropped`;
}
