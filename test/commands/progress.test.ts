import { describe, expect, it } from 'vitest';
import { progressText } from '../../src/commands/progress.ts';

const base = { runId: 'r', snaps: [], written: 0, errors: 0 };

describe('progressText', () => {
  it('shows documents, rate and time left', () => {
    expect(progressText({ ...base, read: 12_300, expected: 40_000, elapsedMs: 10_000 })).toBe(
      '12,300 of 40,000 documents, 1,230/s, 23 s left',
    );
  });

  it('leaves out the time left while nobody knows how many there are', () => {
    expect(progressText({ ...base, read: 50, expected: undefined, elapsedMs: 1000 })).toBe('50 documents, 50/s');
  });

  it('shows errors once there are some, and hours for long runs', () => {
    expect(progressText({ ...base, read: 1000, errors: 3, expected: 5_000_000, elapsedMs: 1000 })).toBe(
      '1,000 of 5,000,000 documents, 1,000/s, 3 errors, 1 h 23 min left',
    );
  });
});
