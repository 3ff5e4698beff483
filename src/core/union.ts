// Owns core.union: passes on what comes from several links as it comes.
import type { SnapContext, SnapExecutor } from '../snap/executor.ts';

export function createUnion(): SnapExecutor {
  return {
    async run(context: SnapContext): Promise<void> {
      for await (const batch of context.input()) await context.emit(batch);
    },
  };
}
