import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import type { Vault, VaultLimits } from '../../src/vault/contract.ts';
import { openVault } from '../../src/vault/vault.ts';
import { type RotatingServer, type RotatingServerOptions, startRotatingServer } from '../support/rotating-server.ts';
import type { ProcessOptions } from './fixtures/process-options.ts';
import { type CallerProcess, startCaller, untilStopped } from './fixtures/processes.ts';
import { answer, personAccount, policy } from './support.ts';

const hour = 3_600_000;
const limits: Partial<VaultLimits> = {
  callDeadlineMs: 4000,
  leaseTtlMs: 5000,
  patienceMsMax: 40_000,
  coolDownMsMin: 100,
  memoryMsMax: 50,
};

/** The lease of a stopped or killed holder has ended by then. */
const pastLeaseMs = 5100;

let directory: string;
let server: RotatingServer;
let callers: CallerProcess[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'snaps-processes-'));
  callers = [];
});

afterEach(async () => {
  for (const { child } of callers) child.kill('SIGKILL');
  await Promise.all(callers.map(({ report }) => report));
  await server.close();
  rmSync(directory, { recursive: true, force: true });
});

const storeUrl = (): string => `sqlite:${join(directory, 'store.db')}`;
const keyFile = (): string => join(directory, 'key');

async function withVault<T>(clockOffsetMs: number, use: (vault: Vault) => Promise<T>): Promise<T> {
  const store = await openStore(storeUrl(), { now: () => Date.now() + clockOffsetMs });
  const vault = await openVault({
    store,
    key: { file: keyFile(), isMadeWhenMissing: true },
    policyOf: () => policy,
    requestTokens: () => Promise.reject(new Error('the test itself asks for no tokens')),
  });
  try {
    return await use(vault);
  } finally {
    await store.close();
  }
}

/** Starts the server and stores an account whose token set was issued that long ago (its access token lives 24 h). */
async function prepare(issuedMsAgo: number, options: Partial<RotatingServerOptions> = {}): Promise<void> {
  server = await startRotatingServer({ refreshToken: 'refresh-1', ...options });
  await withVault(-issuedMsAgo, async (vault) => {
    await vault.accounts.add(personAccount);
    await vault.authorizations.accept('demo', answer({ accessToken: 'access-1', refreshToken: 'refresh-1' }));
  });
}

async function start(count: number, options: Partial<ProcessOptions> = {}): Promise<readonly CallerProcess[]> {
  const full = { storeUrl: storeUrl(), keyFile: keyFile(), tokenUrl: server.url, callers: 1, limits, ...options };
  const started = await Promise.all(Array.from({ length: count }, () => startCaller(full)));
  callers.push(...started);
  return started;
}

async function ask(processes: readonly CallerProcess[]) {
  for (const process of processes) process.go();
  const reports = await Promise.all(processes.map(({ report }) => report));
  const all = reports.flatMap((report) => (report === undefined ? [] : [report]));
  return {
    finished: all.length,
    values: all.flatMap(({ values }) => values),
    codes: all.flatMap(({ codes }) => codes),
    reasons: all.flatMap(({ reasons }) => reasons),
  };
}

const storedState = () => withVault(0, (vault) => vault.accounts.show('demo'));

describe('many processes with one expired token', { timeout: 90_000 }, () => {
  it('send one token request from ten processes of fifty callers', async () => {
    await prepare(25 * hour, { answerDelayMs: 300 });
    const { values, codes } = await ask(
      await start(10, { callers: 50, limits: { ...limits, callDeadlineMs: 18_000, leaseTtlMs: 20_000 } }),
    );
    expect(codes).toEqual([]);
    expect(values).toEqual(Array.from({ length: 500 }, () => 'access-2'));
    expect(server.presented).toEqual(['refresh-1']);
    expect(server.reuses).toBe(0);
  });

  it('send one request when the holder of the lease is killed before it sends', async () => {
    await prepare(25 * hour);
    const [holder] = await start(1, { fault: { at: 'before-send', signal: 'SIGKILL' } });
    const others = await start(3, { callers: 5 });
    if (holder !== undefined) await ask([holder]);
    const { values, codes } = await ask(others);
    expect(codes).toEqual([]);
    expect(new Set(values)).toEqual(new Set(['access-2']));
    expect(server.presented).toEqual(['refresh-1']);
    expect(await storedState()).toMatchObject({ state: 'authorized', token: { version: 2 } });
  });

  it('present a lost refresh token once more and then need authorization, with the reason', async () => {
    await prepare(25 * hour);
    const [holder] = await start(1, { fault: { at: 'after-answer', signal: 'SIGKILL' } });
    const others = await start(3, { callers: 5 });
    if (holder !== undefined) await ask([holder]);
    const { codes, reasons } = await ask(others);
    expect(new Set(codes)).toEqual(new Set(['SNAP_ACCOUNT_NEEDS_AUTHORIZATION']));
    expect(codes).toHaveLength(15);
    expect(reasons[0]).toContain('got no answer that was kept');
    expect(server.presented).toEqual(['refresh-1', 'refresh-1']);
    expect(server.concurrencyMax).toBe(1);
  });

  it('recover from a lost answer where the server forgives a repeated token', async () => {
    await prepare(25 * hour, { graceMs: 60_000 });
    const [holder] = await start(1, { fault: { at: 'after-answer', signal: 'SIGKILL' } });
    const others = await start(3, { callers: 5 });
    if (holder !== undefined) await ask([holder]);
    const { codes } = await ask(others);
    expect(codes).toEqual([]);
    expect(server.presented).toHaveLength(2);
    expect(await storedState()).toMatchObject({ state: 'authorized' });
  });

  it('live on the old access token after a lost answer and send nothing', async () => {
    await prepare(21 * hour);
    const [holder] = await start(1, { fault: { at: 'after-answer', signal: 'SIGKILL' } });
    const others = await start(2, { callers: 5 });
    if (holder !== undefined) await ask([holder]);
    await delay(pastLeaseMs);
    const { values, codes } = await ask(others);
    expect(codes).toEqual([]);
    expect(new Set(values)).toEqual(new Set(['access-1']));
    expect(server.presented).toEqual(['refresh-1']);
  });

  it('accept the late result of a process that was stopped past its lease', async () => {
    await prepare(21 * hour);
    const [holder] = await start(1, { fault: { at: 'after-answer', signal: 'SIGSTOP' } });
    const others = await start(2, { callers: 5 });
    holder?.go();
    if (holder !== undefined) await untilStopped(holder.child);
    await delay(2 * pastLeaseMs);
    const meanwhile = await ask(others);
    expect(new Set(meanwhile.values)).toEqual(new Set(['access-1']));
    holder?.child.kill('SIGCONT');
    expect((await holder?.report)?.values).toEqual(['access-2']);
    expect(await storedState()).toMatchObject({ state: 'authorized', token: { version: 2 } });
    expect(server.presented).toEqual(['refresh-1']);
    expect(server.reuses).toBe(0);
    expect(server.current).toBe('refresh-2');
  });

  it('send nothing from a process that was stopped past its lease before it sent', async () => {
    await prepare(25 * hour);
    const [holder] = await start(1, { fault: { at: 'before-send', signal: 'SIGSTOP' } });
    const others = await start(2, { callers: 5 });
    holder?.go();
    if (holder !== undefined) await untilStopped(holder.child);
    const meanwhile = await ask(others);
    expect(new Set(meanwhile.values)).toEqual(new Set(['access-2']));
    holder?.child.kill('SIGCONT');
    expect((await holder?.report)?.values).toEqual(['access-2']);
    expect(server.presented).toEqual(['refresh-1']);
    expect(server.concurrencyMax).toBe(1);
  });
});
