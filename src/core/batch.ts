// Owns core.batch: groups of documents become one document each, in order.
import { Document } from '../document/document.ts';
import type { JsonObject, JsonValue } from '../document/json.ts';
import type { SnapContext, SnapExecutor } from '../snap/executor.ts';

interface BatchSettings {
  readonly size: number;
  readonly field?: string;
}

/** The documents of a group that is not full yet are part of the checkpoint: a resumed run makes the same groups. */
export function createBatch(): SnapExecutor {
  let group: JsonObject[] = [];
  let given = 0;
  return {
    async run(context: SnapContext): Promise<void> {
      const { size, field = 'documents' } = context.settings as unknown as BatchSettings;
      const restored = context.restored as unknown as { group: JsonObject[]; given: number } | undefined;
      group = restored?.group ?? [];
      given = restored?.given ?? 0;
      const give = async (): Promise<void> => {
        const whole = Document.fromValue(Object.fromEntries([[field, group]]), { snap: context.snapId, index: given });
        given += 1;
        group = [];
        await context.emit([whole]);
      };
      for await (const batch of context.input()) {
        for (const document of batch) {
          group.push(document.value);
          if (group.length >= size) await give();
        }
      }
      if (group.length > 0) await give();
    },
    snapshot: async (): Promise<JsonValue> => ({ group: [...group], given }),
  };
}
