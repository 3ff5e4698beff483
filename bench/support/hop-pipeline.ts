// A chain of snaps between a source of small documents and a destination that forgets them.
import { Document, type JsonValue } from '../../src/document/index.ts';
import type { RunResult } from '../../src/pipeline/index.ts';
import type { SnapExecutor } from '../../src/snap/executor.ts';
import { run } from '../../test/support/engine.ts';

const documentsPerPage = 50;

export function forgetting(): SnapExecutor {
  return {
    async run(context) {
      for await (const batch of context.input()) for (const { json } of batch) context.traffic.bytesOut += json.length;
    },
  };
}

function source(count: number): SnapExecutor {
  return {
    async run(context) {
      for (let start = 0; start < count; start += documentsPerPage) {
        const page = Array.from({ length: documentsPerPage }, (_, index) => {
          const n = start + index;
          const json = `{"n":${n},"status":"new","supplier":{"id":${n % 100},"name":"Supplier ${n % 100}"}}`;
          return Document.fromJson(json, { snap: 'read', index: n });
        });
        await context.emit(page, { position: { next: start + documentsPerPage } });
      }
    },
  };
}

/** Runs `count` documents through the snaps, with checkpoints that go nowhere. */
export function numbersPipeline(
  snaps: readonly Record<string, unknown>[],
  count: number,
  destination: SnapExecutor,
): Promise<RunResult> {
  const ids = ['read', ...snaps.map((_, index) => `hop${index}`), 'write'];
  const pipeline = {
    name: 'hops',
    snaps: [
      { id: 'read', snap: 'memory.source' },
      ...snaps.map((snap, index) => ({ id: `hop${index}`, ...snap })),
      { id: 'write', snap: 'memory.sink' },
    ],
    links: ids.slice(1).map((id, index) => [ids[index], id]),
  };
  const memory = { read: source(count), write: destination };
  return run(pipeline as unknown as JsonValue, { memory, saveCheckpoint: async () => {} });
}
