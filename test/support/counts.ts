// Owns the rule that no document gets lost between two counts: input = output + errors + dropped, for every snap of every report.

interface Counted {
  readonly id: string;
  readonly snap: string;
  readonly input: number;
  readonly output: number;
  readonly errors: number;
  readonly dropped: number;
}

/** Snaps that give another number of documents than they take, by what they are for. */
const reshaping = /^core\.(?:aggregate|batch|join|pipeline|read-file|route|split|sql-read)$|\.(?:read|graphql)$/u;

/** Throws when a value is the report of a run whose counts do not add up. Of a run that did not complete, documents may be under way. */
export function expectCountsToAddUp(value: unknown): void {
  const { snaps, state } = (value ?? {}) as { readonly snaps?: unknown; readonly state?: unknown };
  if (!Array.isArray(snaps) || typeof state !== 'string') return;
  for (const { id, snap, input, output, errors, dropped } of snaps as Counted[]) {
    if (input === 0 || reshaping.test(snap)) continue;
    const counted = output + errors + dropped;
    if (state === 'completed' ? counted === input : counted <= input) continue;
    const sum = `${output} of output + ${errors} errors + ${dropped} dropped`;
    throw new Error(`the counts of "${id}" (${snap}) do not add up in a ${state} run: ${input} of input, ${sum}`);
  }
}
