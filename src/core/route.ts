// Owns core.route: sends each document to the first route whose condition holds, or to all of them.
import type { Document } from '../document/document.ts';
import { DataError } from '../errors.ts';
import type { SnapContext, SnapExecutor } from '../snap/executor.ts';
import { holds } from './condition.ts';
import { evaluateBatch } from './evaluate-batch.ts';

interface RouteSettings {
  readonly routes: Readonly<Record<string, string>>;
  readonly matches?: 'first' | 'all';
}

export function createRoute(): SnapExecutor {
  return {
    async run(context: SnapContext): Promise<void> {
      const { routes, matches = 'first' } = context.settings as unknown as RouteSettings;
      const conditions = Object.entries(routes);
      const expressions = conditions.map(([, source]) => context.expression(source));
      for await (const batch of context.input()) {
        const byView = new Map<string, Document[]>(conditions.map(([view]) => [view, []]));
        const results = await evaluateBatch(batch, expressions);
        for (const [index, document] of batch.entries()) {
          const verdicts = conditions.map(([, source], place) => holds(results[index], source, place));
          const failed = verdicts.find((verdict) => verdict instanceof DataError);
          if (failed instanceof DataError) {
            await context.fail(document, failed);
            continue;
          }
          const views = conditions.map(([view]) => view).filter((_, place) => verdicts[place] === true);
          const taken = matches === 'all' ? views : views.slice(0, 1);
          if (taken.length === 0) context.drop(1);
          for (const view of taken) byView.get(view)?.push(document);
        }
        for (const [view, documents] of byView) if (documents.length > 0) await context.emit(documents, { view });
      }
    },
  };
}
