import { expect, it } from 'vitest';
import { openDatabase } from '../../../src/core/sql/open-database.ts';
import { startPostgres } from '../../support/postgres.ts';
import { sqlContract } from './contract.ts';

sqlContract('PostgreSQL', async () => {
  const server = await startPostgres();
  return { account: { url: await server.createDatabase(), password: undefined }, stop: () => server.stop() };
});

it('says that a PostgreSQL server is not reached, and nothing of the password', async () => {
  const options = { outputDirectory: '.', allowPaths: false };
  const account = { url: 'postgres://erp@127.0.0.1:1/erp', password: 'canary-password' };
  const failure: unknown = await openDatabase(account, options).catch((thrown: unknown) => thrown);
  expect(failure).toMatchObject({ code: 'SNAP_DATABASE_FAILED', reason: 'connecting failed with ECONNREFUSED' });
  expect(JSON.stringify(failure)).not.toContain('canary');
});
