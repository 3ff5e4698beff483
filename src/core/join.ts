// Owns core.join: each document of the left input with those of the right one that have the same key.

import { parseExact } from '../document/exact-json.ts';
import type { JsonObject } from '../document/json.ts';
import { DataError } from '../errors.ts';
import type { SnapContext, SnapExecutor } from '../snap/executor.ts';
import { evaluateBatch } from './evaluate-batch.ts';
import { encodeKey, hasNothing } from './sort-key.ts';
import { createSpilling, Outgoing } from './spilling.ts';
import type { Spill } from './sql-spill.ts';

interface JoinSettings {
  readonly left: readonly string[];
  readonly right: readonly string[];
  /** inner: only left documents with a match; left: all; unmatched: only those without one. */
  readonly kind?: 'inner' | 'left' | 'unmatched';
  /** each: one document a match; first: the first match; all: one document with an array of them. */
  readonly matches?: 'each' | 'first' | 'all';
  /** The field of the new document that holds what matched. */
  readonly into?: string;
}

/** Matches that one document holds with "all". */
const matchesMax = 10_000;

/**
 * Both inputs are read as they come, so that neither waits for the other to end: a source linked to both cannot stop
 * the run. Output stands in the order of the left input, matches in the order of the right one. A key with nothing or null in
 * it matches nothing, as in SQL.
 */
export function createJoin(outputDirectory: string): SnapExecutor {
  return createSpilling(outputDirectory, (context) => {
    const settings = context.settings as unknown as JoinSettings;
    const expressions = {
      left: settings.left.map((source) => context.expression(source)),
      right: settings.right.map((source) => context.expression(source)),
    };
    return {
      async take(batch, view, spill) {
        const results = await evaluateBatch(batch, view === 'left' ? expressions.left : expressions.right);
        for (const [index, document] of batch.entries()) {
          const result = results[index] as (typeof results)[number];
          if (result instanceof DataError) await context.fail(document, result);
          else if (view === 'left')
            spill.add(0, hasNothing(result) ? Buffer.alloc(0) : encodeKey(result), document.json);
          else if (hasNothing(result)) context.drop(1);
          else spill.add(1, encodeKey(result), document.json);
        }
      },
      finish: (spill) => joinAll(spill, settings, context),
    };
  });
}

async function joinAll(spill: Spill, settings: JoinSettings, context: SnapContext): Promise<void> {
  const { kind = 'inner', matches = 'each', into = 'right' } = settings;
  const find = spill.find(1);
  const outgoing = new Outgoing(context);
  for (const { key, json } of spill.inOrder(0)) {
    const found = key.length === 0 ? [] : take(find(key), matches === 'first' || kind === 'unmatched' ? 1 : undefined);
    const withField = (value: JsonObject | JsonObject[]): JsonObject => ({
      ...(parseExact(json) as JsonObject),
      ...Object.fromEntries([[into, value]]),
    });
    if (found.length === 0) {
      if (kind === 'inner') context.drop(1);
      else await outgoing.give(json);
    } else if (kind === 'unmatched') context.drop(1);
    else if (matches === 'all') await outgoing.give(withField(found));
    else for (const match of found) await outgoing.give(withField(match));
  }
  await outgoing.flush();
}

function take(rows: Iterable<{ readonly json: string }>, count = matchesMax + 1): JsonObject[] {
  const taken: JsonObject[] = [];
  for (const { json } of rows) {
    taken.push(parseExact(json) as JsonObject);
    if (taken.length === count) break;
  }
  if (taken.length > matchesMax) {
    throw new DataError('SNAP_LIMIT_REACHED', 'A key of the join has too many matches.', {
      reason: `more than ${matchesMax} documents of the right input have it`,
      resolution: 'choose keys that tell documents apart, or take the first match only',
    });
  }
  return taken;
}
