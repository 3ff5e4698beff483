// Owns core.unique: the first document of each key goes on, at once; further ones are dropped.

import type { Document } from '../document/document.ts';
import { DataError } from '../errors.ts';
import type { SnapExecutor } from '../snap/executor.ts';
import { evaluateBatch } from './evaluate-batch.ts';
import { encodeKey } from './sort-key.ts';
import { createSpilling } from './spilling.ts';

interface UniqueSettings {
  readonly keys: readonly string[];
}

export function createUnique(outputDirectory: string): SnapExecutor {
  return createSpilling(outputDirectory, (context) => {
    const { keys } = context.settings as unknown as UniqueSettings;
    const expressions = keys.map((source) => context.expression(source));
    return {
      async take(batch, _view, spill) {
        const results = await evaluateBatch(batch, expressions);
        const first: Document[] = [];
        for (const [index, document] of batch.entries()) {
          const result = results[index] as (typeof results)[number];
          if (result instanceof DataError) {
            await context.fail(document, result);
            continue;
          }
          const key = encodeKey(result);
          if (spill.has(0, key)) context.drop(1);
          else {
            spill.add(0, key, '');
            first.push(document);
          }
        }
        if (first.length > 0) await context.emit(first);
      },
    };
  });
}
