// The whole contract of the store, for every database.
import { describe } from 'vitest';
import { describeAccounts } from './accounts.ts';
import { describeBudgets } from './budgets.ts';
import { describeCursors } from './cursors.ts';
import { describeKeys } from './keys.ts';
import { describeOpening } from './opening.ts';
import { describePipelines } from './pipelines.ts';
import { describeRunLog } from './run-log.ts';
import { describeRuns } from './runs.ts';
import type { DatabaseUnderTest } from './support.ts';
import { describeWrites } from './writes.ts';

const parts = [
  describeOpening,
  describeAccounts,
  describeKeys,
  describeRuns,
  describeRunLog,
  describeCursors,
  describeWrites,
  describePipelines,
  describeBudgets,
];

/** Each part stands in a `describe` of its own, so that the database it makes for a test is not made for every other part too. */
export function describeStore(database: DatabaseUnderTest): void {
  for (const part of parts) describe(part.name.replace('describe', ''), () => part(database));
}
