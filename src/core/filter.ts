// Owns core.filter: lets through the documents for which a condition holds.
import type { Document } from '../document/document.ts';
import type { SnapContext, SnapExecutor } from '../snap/executor.ts';
import { holds } from './condition.ts';
import { evaluateBatch } from './evaluate-batch.ts';

export function createFilter(): SnapExecutor {
  return {
    async run(context: SnapContext): Promise<void> {
      const { condition } = context.settings as unknown as { readonly condition: string };
      const expressions = [context.expression(condition)];
      for await (const batch of context.input()) {
        const kept: Document[] = [];
        let dropped = 0;
        const results = await evaluateBatch(batch, expressions);
        for (const [index, document] of batch.entries()) {
          const verdict = holds(results[index], condition);
          if (typeof verdict !== 'boolean') await context.fail(document, verdict);
          else if (verdict) kept.push(document);
          else dropped += 1;
        }
        context.drop(dropped);
        if (kept.length > 0) await context.emit(kept);
      }
    },
  };
}
