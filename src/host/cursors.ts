// Owns showing and forgetting where incremental reads stand.
import type { JsonValue } from '../document/json.ts';
import type { Store } from '../store/contract.ts';

export interface CursorSummary {
  readonly pipeline: string;
  readonly snapId: string;
  /** The highest time of change that was read, as the far side writes it. */
  readonly upTo: string | null;
  readonly updatedAt: string;
}

export interface Cursors {
  list(): Promise<readonly CursorSummary[]>;
  /** Gives how many cursors there were. */
  remove(pipeline: string, snapId?: string): Promise<number>;
}

export function createCursors(openStore: () => Promise<Store>): Cursors {
  return {
    list: async () => {
      const rows = await (await openStore()).cursors.list();
      return rows.map(({ pipeline, snapId, value, updatedAt }) => ({
        pipeline,
        snapId,
        upTo: upToOf(value),
        updatedAt,
      }));
    },
    remove: async (pipeline, snapId) => await (await openStore()).cursors.remove(pipeline, snapId),
  };
}

function upToOf(value: JsonValue): string | null {
  const { upTo } = (value ?? {}) as { readonly upTo?: JsonValue };
  return typeof upTo === 'string' ? upTo : null;
}
