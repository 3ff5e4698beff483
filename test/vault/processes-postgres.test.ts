import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/contract.ts';
import { openStore } from '../../src/store/store.ts';
import type { Vault } from '../../src/vault/contract.ts';
import { openVault } from '../../src/vault/vault.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { type RotatingServer, startRotatingServer } from '../support/rotating-server.ts';
import type { ProcessOptions } from './fixtures/process-options.ts';
import { startCaller } from './fixtures/processes.ts';
import { answer, personAccount, policy } from './support.ts';

let postgres: TestPostgres;
let directory: string;
let storeUrl: string;
let store: Store;
let vault: Vault;
let server: RotatingServer;

beforeAll(async () => {
  postgres = await startPostgres();
});

afterAll(() => postgres.stop());

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'snaps-fleet-'));
  storeUrl = await postgres.createDatabase();
  store = await openStore(storeUrl);
  server = await startRotatingServer({ refreshToken: 'refresh-1', answerDelayMs: 300 });
  vault = await openVault({
    store,
    key: { file: join(directory, 'key'), isMadeWhenMissing: true },
    policyOf: () => policy,
    requestTokens: () => Promise.reject(new Error('the test itself asks for no tokens')),
  });
  await vault.accounts.add(personAccount);
  const tokens = answer({ accessToken: 'access-1', refreshToken: 'refresh-1', expiresInSeconds: 1 });
  const { token } = await vault.authorizations.accept('demo', tokens);
  while ((await store.now()) <= Date.parse(token?.expiresAt ?? '')) await delay(50);
});

afterEach(async () => {
  await server.close();
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

const start = (options: Partial<ProcessOptions> = {}) =>
  startCaller({
    storeUrl,
    keyFile: join(directory, 'key'),
    tokenUrl: server.url,
    callers: 50,
    limits: { callDeadlineMs: 8000, leaseTtlMs: 10_000, patienceMsMax: 45_000 },
    ...options,
  });

describe('a fleet on PostgreSQL with one expired token', { timeout: 90_000 }, () => {
  it('sends one token request from six processes of fifty callers', async () => {
    const processes = await Promise.all(Array.from({ length: 6 }, () => start()));
    for (const process of processes) process.go();
    const reports = await Promise.all(processes.map(({ report }) => report));
    expect(reports.flatMap((report) => report?.codes ?? ['killed'])).toEqual([]);
    expect(new Set(reports.flatMap((report) => report?.values ?? []))).toEqual(new Set(['access-2']));
    expect(server.presented).toEqual(['refresh-1']);
  });

  it('sends one more when the holder of the lease is killed, and loses nothing', async () => {
    const holder = await start({ fault: { at: 'before-send', signal: 'SIGKILL' } });
    const others = await Promise.all([start(), start()]);
    holder.go();
    expect(await holder.report).toBeUndefined();
    for (const process of others) process.go();
    const reports = await Promise.all(others.map(({ report }) => report));
    expect(reports.flatMap((report) => report?.codes ?? ['killed'])).toEqual([]);
    expect(server.presented).toEqual(['refresh-1']);
    expect(await vault.accounts.show('demo')).toMatchObject({ state: 'authorized', token: { version: 2 } });
  });
});
