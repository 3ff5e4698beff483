// Owns core.map: makes of each document a new one, field by field.
import type { Batch, Document } from '../document/document.ts';
import type { JsonObject, JsonValue } from '../document/json.ts';
import { DataError } from '../errors.ts';
import type { SnapContext, SnapExecutor } from '../snap/executor.ts';
import { evaluateBatch } from './evaluate-batch.ts';

interface MapSettings {
  readonly fields: Readonly<Record<string, string>>;
  readonly keep?: boolean;
}

export function createMap(): SnapExecutor {
  return {
    async run(context: SnapContext): Promise<void> {
      const { fields, keep = false } = context.settings as unknown as MapSettings;
      const names = Object.keys(fields);
      const expressions = Object.values(fields).map((source) => context.expression(source));
      for await (const batch of context.input()) {
        const mapped: Document[] = [];
        const results = await evaluateBatch(batch, expressions);
        for (const [index, result] of results.entries()) {
          const document = batch[index] as Batch[number];
          if (result instanceof DataError) await context.fail(document, result);
          else mapped.push(document.withValue(merge(keep ? document.value : {}, names, result)));
        }
        if (mapped.length > 0) await context.emit(mapped);
      }
    },
  };
}

/** A field whose expression gives nothing is left out. */
function merge(base: JsonObject, names: readonly string[], values: readonly (JsonValue | undefined)[]): JsonObject {
  const entries = names.flatMap((name, index): [string, JsonValue][] => {
    const value = values[index];
    return value === undefined ? [] : [[name, value]];
  });
  // fromEntries and spread define members: a field named "__proto__" stays data.
  return { ...base, ...Object.fromEntries(entries) };
}
