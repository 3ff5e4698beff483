import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openReadingTenant, type ReadingTenant } from '../support/reading-tenant.ts';

/** SNAPS_TEST_RECORDS=100000 reads as many as a tenant may have, in a minute and a half of the far side's pace. */
const records = Number(process.env.SNAPS_TEST_RECORDS ?? 20_000);
/** Rounds of one insert, update and delete each: fifty changes a second. */
const roundMs = 60;

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
  let rounds = 0;
  const change = async () => {
    for (; isReading; rounds += 1) {
      const done = await tenant.mutate({ insert: 1, update: 1, delete: 1 });
      for (const id of done.deleted) deleted.add(id);
      for (const id of done.inserted) made.add(id);
      await delay(roundMs);
    }
  };
  const startedAt = performance.now();
  const reading = tenant.startRun(file, 'changing').finished.finally(() => {
    isReading = false;
  });
  const [result] = await Promise.all([reading, change()]);
  expect(result.code, result.stderr).toBe(0);
  const ids = readFileSync(path.join(tenant.folder, 'changing', 'changing.ndjson'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { id: number }).id);
  const seconds = (performance.now() - startedAt) / 1000;
  const changes = `${rounds * 3} changes (${Math.round((rounds * 3) / seconds)} a second)`;
  process.stdout.write(`${ids.length} records read in ${Math.round(seconds)} s beside ${changes}\n`);
  const given = new Set(ids);
  expect(given.size).toBe(ids.length);
  expect(rounds).toBeGreaterThan(20);
  const throughout = ids.filter((id) => !deleted.has(id) && !made.has(id));
  expect(throughout.length).toBe(records - [...deleted].filter((id) => !made.has(id)).length);
}, 240_000);
