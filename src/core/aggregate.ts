// Owns core.aggregate: one document for each group, in the order of the group's values.
import { parseExact } from '../document/exact-json.ts';
import type { JsonObject, JsonValue } from '../document/json.ts';
import { DataError } from '../errors.ts';
import type { SnapExecutor } from '../snap/executor.ts';
import { evaluateBatch } from './evaluate-batch.ts';
import { type Fold, type FoldName, numberOf, startFold } from './fold.ts';
import { encodeKey } from './sort-key.ts';
import { createSpilling, Outgoing } from './spilling.ts';

interface AggregateSettings {
  readonly groupBy?: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, { readonly function: FoldName; readonly value?: string }>>;
}

/** A row set aside: the group's values, then the values to fold, null where there is nothing. */
type Row = readonly [readonly JsonValue[], readonly JsonValue[]];

const needsNumber: ReadonlySet<FoldName> = new Set(['sum', 'mean']);

export function createAggregate(outputDirectory: string): SnapExecutor {
  return createSpilling(outputDirectory, (context) => {
    const { groupBy = {}, fields } = context.settings as unknown as AggregateSettings;
    const groups = Object.values(groupBy).map((source) => context.expression(source));
    const entries = Object.entries(fields);
    const values = entries.map(([, { value = 'true' }]) => context.expression(value));
    return {
      async take(batch, _view, spill) {
        const results = await evaluateBatch(batch, [...groups, ...values]);
        for (const [index, document] of batch.entries()) {
          const result = results[index] as (typeof results)[number];
          const fault = result instanceof DataError ? result : faultOf(result.slice(groups.length), entries);
          if (result instanceof DataError || fault !== undefined) {
            await context.fail(document, fault as DataError);
            continue;
          }
          const plain = result.map((value) => value ?? null);
          const row: Row = [plain.slice(0, groups.length), plain.slice(groups.length)];
          spill.add(0, encodeKey(row[0]), JSON.stringify(row));
        }
      },
      async finish(spill) {
        const outgoing = new Outgoing(context);
        let group:
          | { readonly key: Uint8Array; readonly values: readonly JsonValue[]; readonly folds: Fold[] }
          | undefined;
        const begin = (key: Uint8Array, of: readonly JsonValue[]) => ({
          key,
          values: of,
          folds: entries.map(([, field]) => startFold(field.function)),
        });
        const give = async ({ values: of, folds }: NonNullable<typeof group>): Promise<void> =>
          await outgoing.give(toDocument(Object.keys(groupBy), of, { names: Object.keys(fields), folds }));
        for (const { key, json } of spill.byKey(0)) {
          const [of, folded] = parseExact(json) as unknown as Row;
          if (group === undefined || Buffer.compare(group.key, key) !== 0) {
            if (group !== undefined) await give(group);
            group = begin(key, of);
          }
          for (const [at, value] of folded.entries()) group.folds[at]?.add(value);
        }
        // Without groups there is one answer, even about no document at all: a count of 0.
        if (group !== undefined) await give(group);
        else if (groups.length === 0) await give(begin(Buffer.alloc(0), []));
        await outgoing.flush();
      },
    };
  });
}

function toDocument(
  groupNames: readonly string[],
  values: readonly JsonValue[],
  { names, folds }: { readonly names: readonly string[]; readonly folds: readonly Fold[] },
): JsonObject {
  return Object.fromEntries([
    ...groupNames.map((name, at): [string, JsonValue] => [name, values[at] ?? null]),
    ...names.map((name, at): [string, JsonValue] => [name, folds[at]?.result() ?? null]),
  ]);
}

function faultOf(
  values: readonly (JsonValue | undefined)[],
  entries: readonly (readonly [string, { readonly function: FoldName }])[],
): DataError | undefined {
  for (const [at, [name, field]] of entries.entries()) {
    const value = values[at] ?? null;
    if (value === null || !needsNumber.has(field.function) || numberOf(value) !== undefined) continue;
    return new DataError('SNAP_DOCUMENT_INVALID', `The field "${name}" cannot be added up.`, {
      reason: `its value is ${JSON.stringify(value).slice(0, shownCharactersMax)}, no number and no text that holds one`,
      resolution: 'give an expression that gives a number, or filter such documents out before',
    });
  }
  return undefined;
}

const shownCharactersMax = 100;
