// Prints documents a second through a chain of snaps, by what the snaps do. Run: node bench/hop.ts
import { forgetting, numbersPipeline } from './support/hop-pipeline.ts';

const documents = 200_000;
const rows: readonly (readonly [name: string, snaps: readonly Record<string, unknown>[]])[] = [
  ['five unions (nothing looks inside)', Array.from({ length: 5 }, () => ({ snap: 'core.union' }))],
  ['five plain filters', Array.from({ length: 5 }, () => ({ snap: 'core.filter', settings: { condition: 'n >= 0' } }))],
  [
    'filter and map, plain',
    [
      { snap: 'core.filter', settings: { condition: "status = 'new' and n >= 0" } },
      { snap: 'core.map', settings: { fields: { id: 'n', name: 'supplier.name' } } },
    ],
  ],
  [
    'map by JSONata (off the main thread)',
    [{ snap: 'core.map', settings: { fields: { name: '$uppercase(supplier.name)' } } }],
  ],
];

for (const [name, snaps] of rows) {
  const count = name.includes('JSONata') ? documents / 10 : documents;
  const startedAt = performance.now();
  const result = await numbersPipeline(snaps, count, forgetting());
  const seconds = (performance.now() - startedAt) / 1000;
  if (result.state !== 'completed') throw result.error ?? new Error(result.state);
  const perSecond = count / seconds;
  const hops = snaps.length + 1;
  process.stdout.write(
    `${name.padEnd(38)} ${Math.round(perSecond).toLocaleString('en').padStart(10)} documents/s  ` +
      `${Math.round(perSecond * hops)
        .toLocaleString('en')
        .padStart(10)} hops/s  ` +
      `${Math.round(process.memoryUsage.rss() / 1024 / 1024)} MB\n`,
  );
}
