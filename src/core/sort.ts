// Owns core.sort: every document in the order of its keys; those with the same keys in the order in which they came.
import { DataError } from '../errors.ts';
import type { SnapExecutor } from '../snap/executor.ts';
import { evaluateBatch } from './evaluate-batch.ts';
import { asNumber, type Comparison, type Direction, encodeKey } from './sort-key.ts';
import { createSpilling, Outgoing } from './spilling.ts';

interface SortSettings {
  readonly keys: readonly { readonly value: string; readonly direction?: Direction; readonly compare?: Comparison }[];
}

export function createSort(outputDirectory: string): SnapExecutor {
  return createSpilling(outputDirectory, (context) => {
    const { keys } = context.settings as unknown as SortSettings;
    const expressions = keys.map(({ value }) => context.expression(value));
    const directions = keys.map(({ direction = 'ascending' }) => direction);
    return {
      async take(batch, _view, spill) {
        const results = await evaluateBatch(batch, expressions);
        for (const [index, document] of batch.entries()) {
          const result = results[index] as (typeof results)[number];
          const values =
            result instanceof DataError
              ? result
              : result.map((value, at) => (keys[at]?.compare === 'number' ? asNumber(value) : (value ?? null)));
          if (values instanceof DataError) await context.fail(document, values);
          else if (values.includes(undefined)) await context.fail(document, noNumber(keys[values.indexOf(undefined)]));
          else spill.add(0, encodeKey(values, directions), document.json);
        }
      },
      async finish(spill) {
        const outgoing = new Outgoing(context);
        for (const { json } of spill.byKey(0)) await outgoing.give(json);
        await outgoing.flush();
      },
    };
  });
}

function noNumber(key: SortSettings['keys'][number] | undefined): DataError {
  return new DataError('SNAP_DOCUMENT_INVALID', `The key ${JSON.stringify(key?.value)} gave no number.`, {
    reason: 'it is to be compared as a number, and the document has neither a number nor text that holds one there',
    resolution: 'take "compare": "number" away, or mend the document',
  });
}
