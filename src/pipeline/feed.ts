// Owns the snap that gives documents which the host holds: those of a replay, or those that a child or error pipeline gets.
import { Document } from '../document/document.ts';
import type { LoadedSnap } from '../pack/pack.ts';
import type { SnapExecutor } from '../snap/executor.ts';
import type { PlannedSnap } from './plan.ts';

const documentsPerBatch = 50;

/** A snap that no pack has: the host makes its executor itself. */
export function hostSnap(id: string, views: { readonly input: number; readonly output: number }): LoadedSnap {
  return {
    id,
    pack: id,
    declaration: {
      ...{ id, title: id, description: `Made by the host: ${id}.`, settings: '', preview: 'run' },
      category: views.input === 0 ? 'read' : 'flow',
      views: { input: { min: 0, max: views.input }, output: { min: 0, max: views.output } },
    } as unknown as LoadedSnap['declaration'],
    settingsSchema: {},
    checkSettings: () => [],
  };
}

/** The entry of a plan for such a snap. */
export function plannedHostSnap(id: string, snap: LoadedSnap): PlannedSnap {
  const { input, output } = snap.declaration.views;
  return {
    ...{ id, snap, settings: {}, account: undefined, errors: 'stop', execution: 'always' },
    inputViews: input.max > 0 ? ['input'] : [],
    outputViews: output.max > 0 ? ['output'] : [],
  };
}

/** Gives the documents of these JSON texts in order; a resume goes on behind those that a checkpoint holds. */
export function createFeed(texts: readonly string[]): SnapExecutor {
  return {
    async run(context) {
      context.expect(texts.length);
      for (let start = Number(context.restored ?? 0); start < texts.length; start += documentsPerBatch) {
        const end = Math.min(start + documentsPerBatch, texts.length);
        const batch = texts
          .slice(start, end)
          .map((text, index) => Document.fromJson(text, { snap: context.snapId, index: start + index }));
        await context.emit(batch, { position: end });
      }
    },
  };
}
