// Owns core.split: each element of an array in a document becomes a document, such as the lines of an invoice.
import type { Document } from '../document/document.ts';
import type { JsonObject, JsonValue } from '../document/json.ts';
import { DataError } from '../errors.ts';
import type { SnapContext, SnapExecutor } from '../snap/executor.ts';
import { evaluateBatch } from './evaluate-batch.ts';

interface SplitSettings {
  readonly elements: string;
  readonly fields?: Readonly<Record<string, string>>;
}

/** Documents that leave together. */
const batchDocuments = 200;

export function createSplit(): SnapExecutor {
  return {
    async run(context: SnapContext): Promise<void> {
      const { elements, fields = {} } = context.settings as unknown as SplitSettings;
      const names = Object.keys(fields);
      const expressions = [elements, ...Object.values(fields)].map((source) => context.expression(source));
      for await (const batch of context.input()) {
        const results = await evaluateBatch(batch, expressions);
        let made: Document[] = [];
        for (const [index, document] of batch.entries()) {
          const result = results[index] as (typeof results)[number];
          if (result instanceof DataError) {
            await context.fail(document, result);
            continue;
          }
          const [value, ...parents] = result;
          const list = value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
          if (list.length === 0) context.drop(1);
          const shared = named(names, parents);
          for (const element of list) {
            made.push(document.withValue({ ...asObject(element), ...shared }));
            if (made.length < batchDocuments) continue;
            await context.emit(made);
            made = [];
          }
        }
        if (made.length > 0) await context.emit(made);
      }
    },
  };
}

/** An element that is no object stands in a field named value. */
function asObject(element: JsonValue): JsonObject {
  return element !== null && typeof element === 'object' && !Array.isArray(element)
    ? (element as JsonObject)
    : { value: element };
}

function named(names: readonly string[], values: readonly (JsonValue | undefined)[]): JsonObject {
  return Object.fromEntries(
    names.flatMap((name, at): [string, JsonValue][] => {
      const value = values[at];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
