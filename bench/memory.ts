// Prints the memory of a million small documents through five snaps, as they go by. Run: node bench/memory.ts [DOCUMENTS]
import type { SnapExecutor } from '../src/snap/executor.ts';
import { forgetting, numbersPipeline } from './support/hop-pipeline.ts';

const documents = Number(process.argv[2] ?? 1_000_000);
const bytesAllowed = 256 * 1024 * 1024;
const samples: number[] = [];

/** Forgets what it is given, and looks at the memory ten times on the way. */
function watching(): SnapExecutor {
  const destination = forgetting();
  return {
    run: (context) =>
      destination.run({
        ...context,
        input: async function* (view) {
          let seen = 0;
          for await (const batch of context.input(view)) {
            seen += batch.length;
            if (seen >= ((samples.length + 1) * documents) / 10) samples.push(process.memoryUsage.rss());
            yield batch;
          }
        },
      }),
  };
}

const filter = { snap: 'core.filter', settings: { condition: "status = 'new' and n >= 0" } };
const map = { snap: 'core.map', settings: { fields: { n: 'n', status: 'status', supplier: 'supplier' } } };
const snaps = [filter, map, filter, map, { snap: 'core.union' }];

const startedAt = performance.now();
const result = await numbersPipeline(snaps, documents, watching());
if (result.state !== 'completed') throw result.error ?? new Error(result.state);
const perSecond = documents / ((performance.now() - startedAt) / 1000);
const megabytes = samples.map((bytes) => Math.round(bytes / 1024 / 1024));
process.stdout.write(`${documents.toLocaleString('en')} documents through five snaps\n`);
process.stdout.write(`${Math.round(perSecond).toLocaleString('en')} documents/s, `);
process.stdout.write(`${Math.round(perSecond * (snaps.length + 1)).toLocaleString('en')} hops/s\n`);
process.stdout.write(`memory at each tenth: ${megabytes.join(' ')} MB\n`);
if (Math.max(...samples) > bytesAllowed) throw new Error('more than 256 MB');
