// Prints the memory of a sort, and of a join whose two sides come from one source. Run: node bench/spill.ts [DOCUMENTS]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Document, type JsonValue } from '../src/document/index.ts';
import type { SnapContext } from '../src/snap/executor.ts';
import { run } from '../test/support/engine.ts';
import { forgetting } from './support/hop-pipeline.ts';

const documents = Number(process.argv[2] ?? 1_000_000);
const bytesAllowed = 256 * 1024 * 1024;
const samplesEveryMs = 100;
const documentsPerPage = 50;
/** A prime: the keys `n * stride` below `documents` come in no order. */
const stride = 7_919;

const source = {
  async run(context: SnapContext) {
    for (let start = 0; start < documents; start += documentsPerPage) {
      const page = Array.from({ length: documentsPerPage }, (_, index) => {
        const n = ((start + index) * stride) % documents;
        return Document.fromJson(`{"n":${n},"supplier":"Supplier ${n % 100}"}`, { snap: 'read', index: start + index });
      });
      await context.emit(page, { position: { next: start + documentsPerPage } });
    }
  },
};

const sort = { id: 'it', snap: 'core.sort', settings: { keys: [{ value: 'n' }] } };
const join = { id: 'it', snap: 'core.join', settings: { left: ['n'], right: ['n'], into: 'other' } };
await measure('core.sort', sort, [['read', 'it']]);
await measure('core.join', join, [
  ['read', 'it.left'],
  ['read', 'it.right'],
]);

async function measure(name: string, snap: { readonly id: string }, into: readonly string[][]): Promise<void> {
  const outputDirectory = mkdtempSync(path.join(tmpdir(), 'spill-'));
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, samplesEveryMs);
  const startedAt = performance.now();
  const snaps = [{ id: 'read', snap: 'memory.source' }, snap, { id: 'write', snap: 'memory.sink' }];
  const pipeline = { name: 'spill', snaps, links: [...into, ['it', 'write']] } as unknown as JsonValue;
  const memory = { read: source, write: forgetting() };
  const result = await run(pipeline, { memory, outputDirectory, saveCheckpoint: async () => {} });
  clearInterval(watch);
  rmSync(outputDirectory, { recursive: true, force: true });
  if (result.state !== 'completed') throw result.error ?? new Error(result.state);
  const perSecond = Math.round(documents / ((performance.now() - startedAt) / 1000)).toLocaleString('en');
  process.stdout.write(`${name}: ${perSecond} documents/s, at most ${Math.round(most / 1024 / 1024)} MB\n`);
  if (most > bytesAllowed) throw new Error('more than 256 MB');
}
