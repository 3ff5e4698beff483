import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { describeStore } from './store.ts';
import type { DatabaseUnderTest } from './support.ts';

describe('the store on PostgreSQL', () => {
  let postgres: TestPostgres;
  const database: DatabaseUnderTest = { create: () => postgres.createDatabase(), open: openStore };

  beforeAll(async () => {
    postgres = await startPostgres();
  });

  afterAll(() => postgres.stop());

  describeStore(database);

  it('names the setting that would lose a commit', async () => {
    const store = await openStore(await postgres.createDatabase());
    const findings = await store.inspect();
    await store.close();
    expect(findings.filter(({ isGood }) => !isGood)).toEqual([
      { name: 'fsync', value: 'off', isGood: false, resolution: 'set fsync = on' },
    ]);
  });

  it('goes on after the server was killed and started again', async () => {
    const store = await openStore(await postgres.createDatabase());
    await store.runs.insert({ runId: 'run-1', pipeline: 'p', parameters: {}, definition: {} });
    await postgres.restart();
    expect((await store.runs.find('run-1'))?.state).toBe('queued');
    await store.close();
  });
});
