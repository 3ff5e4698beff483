import { copyFileSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/index.ts';
import {
  addPerson,
  authorize,
  MovedClock,
  makeFolder,
  openTokenHost,
  storeFile,
  type TokenHost,
  tokenRequests,
} from './token-host.ts';

const hour = 3_600_000;

let folder: ReturnType<typeof makeFolder>;
let simulator: Simulator;
let clock: MovedClock;

beforeEach(async () => {
  folder = makeFolder();
  clock = new MovedClock();
  simulator = await startSimulator({ rotateRefreshTokens: true, autoConsent: true, now: clock.wall });
});

afterEach(async () => {
  await simulator.close();
  folder.remove();
});

async function withHost<T>(use: (host: TokenHost) => Promise<T>): Promise<T> {
  const host = await openTokenHost({ directory: folder.directory, clock });
  try {
    return await use(host);
  } finally {
    await host.close();
  }
}

const backup = (): string => path.join(folder.directory, 'backup');

function restore(): void {
  for (const name of readdirSync(folder.directory)) {
    if (/-(?:wal|shm)$/u.test(name)) rmSync(path.join(folder.directory, name));
  }
  copyFileSync(backup(), storeFile(folder.directory));
}

describe('a store that was put back from a backup', () => {
  it('sends no spent refresh token: it lives on its old access token, then says why a person must come', async () => {
    await withHost((host) => addPerson(host, simulator));
    copyFileSync(storeFile(folder.directory), backup());
    for (let rotation = 0; rotation < 2; rotation += 1) {
      clock.pass(20.5 * hour);
      await withHost(({ vault }) => vault.tokenSource('coupa')());
    }
    const before = tokenRequests(simulator);
    clock.pass(-19 * hour);
    restore();
    // Inside the margin of its old access token, which goes on being used.
    await withHost(async ({ vault }) => expect((await vault.tokenSource('coupa')()).version).toBe(1));
    clock.pass(19 * hour);
    await withHost(async ({ vault }) => {
      await expect(vault.tokenSource('coupa')()).rejects.toMatchObject({
        code: 'SNAP_ACCOUNT_NEEDS_AUTHORIZATION',
        reason: expect.stringContaining('put back from a backup'),
      });
    });
    expect(tokenRequests(simulator)).toBe(before);
    expect(simulator.stats().authorization.reuses).toBe(0);
    await withHost((host) => authorize(host, 'coupa'));
    clock.pass(25 * hour);
    await withHost(async ({ vault }) => expect((await vault.tokenSource('coupa')()).version).toBe(3));
    expect(simulator.stats().authorization.reuses).toBe(0);
  });

  it('leaves a store alone that is as new as this machine knows', async () => {
    await withHost((host) => addPerson(host, simulator));
    for (let rotation = 2; rotation < 5; rotation += 1) {
      clock.pass(25 * hour);
      await withHost(async ({ vault }) => expect((await vault.tokenSource('coupa')()).version).toBe(rotation));
      copyFileSync(storeFile(folder.directory), backup());
      restore();
    }
  });
});
