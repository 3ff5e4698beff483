import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openReadingTenant, type ReadingTenant } from '../support/reading-tenant.ts';

/** SNAPS_TEST_RECORDS=100000 reads as many as a tenant may have, in a minute and a half of the far side's pace. */
const records = Number(process.env.SNAPS_TEST_RECORDS ?? 20_000);
const changesPerSecond = 50;
const roundMs = 40;

let tenant: ReadingTenant;
beforeAll(async () => {
  // As much latency as keeps the read going for seconds, so that hundreds of changes meet it.
  tenant = await openReadingTenant(records, { latencyMs: 20 });
});
afterAll(() => tenant.close());

it('reads all records while fifty a second are made, changed and deleted: what existed throughout comes once', async () => {
  const file = tenant.pipeline('changing', { fields: ['id'] });
  const deleted = new Set<number>();
  const made = new Set<number>();
  let isReading = true;
  const startedAt = performance.now();
  const secondsSince = () => (performance.now() - startedAt) / 1000;
  let changes = 0;
  /** As many of each kind as are due by the clock, so that a busy machine changes no less. */
  const change = async () => {
    while (isReading) {
      const due = Math.floor((secondsSince() * changesPerSecond - changes) / 3);
      if (due > 0) {
        const done = await tenant.mutate({ insert: due, update: due, delete: due });
        for (const id of done.deleted) deleted.add(id);
        for (const id of done.inserted) made.add(id);
        changes += done.deleted.length + done.inserted.length + done.updated.length;
      }
      await delay(roundMs);
    }
  };
  const reading = tenant.startRun(file, 'changing').finished.finally(() => {
    isReading = false;
  });
  const [result] = await Promise.all([reading, change()]);
  expect(result.code, result.stderr).toBe(0);
  const ids = readFileSync(path.join(tenant.folder, 'changing', 'changing.ndjson'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { id: number }).id);
  const rate = Math.round(changes / secondsSince());
  process.stdout.write(
    `${ids.length} records read in ${Math.round(secondsSince())} s beside ${changes} changes, ${rate} a second\n`,
  );
  const given = new Set(ids);
  expect(given.size).toBe(ids.length);
  expect(changes).toBeGreaterThan(100);
  const throughout = ids.filter((id) => !deleted.has(id) && !made.has(id));
  expect(throughout.length).toBe(records - [...deleted].filter((id) => !made.has(id)).length);
}, 240_000);
