import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/index.ts';
import type { VaultLimits } from '../../src/vault/contract.ts';
import type { CallReport, ProcessOptions, RunsReport } from './fixtures/process-options.ts';
import { Processes, type StartedProcess, until, untilStopped } from './processes.ts';
import { startScriptedServer, tokens } from './scripted-server.ts';
import {
  addAccount,
  addPerson,
  MovedClock,
  makeFolder,
  openTokenHost,
  type TokenHost,
  tokenRequests,
} from './token-host.ts';

const hour = 3_600_000;
const limits: Partial<VaultLimits> = {
  callDeadlineMs: 4000,
  leaseTtlMs: 5000,
  patienceMsMax: 40_000,
  coolDownMsMin: 100,
  memoryMsMax: 50,
};
/** A deadline that a busy machine misses would lose the answer of a strict server, as it must. */
const patient = { ...limits, callDeadlineMs: 18_000, leaseTtlMs: 20_000 };
const pastLeaseMs = 5100;

let folder: ReturnType<typeof makeFolder>;
let processes: Processes;
let simulator: Simulator;

beforeEach(() => {
  folder = makeFolder();
  processes = new Processes();
});

afterEach(async () => {
  await processes.end();
  await simulator.close();
  folder.remove();
});

/** Starts a tenant whose refresh tokens rotate, with an account whose access token (24 h) was issued that long ago. */
async function prepare(
  issuedMsAgo: number,
  account: 'person' | 'client',
  options: SimulatorOptions = {},
): Promise<number> {
  simulator = await startSimulator({
    records: 20,
    ratePerSecond: 0,
    rotateRefreshTokens: true,
    autoConsent: true,
    control: true,
    ...options,
  });
  const clock = new MovedClock();
  clock.pass(-issuedMsAgo);
  const host = await openTokenHost({ directory: folder.directory, clock });
  if (account === 'person') await addPerson(host, simulator);
  else {
    await addAccount(host, simulator);
    await host.vault.tokenSource('coupa')();
  }
  await host.close();
  return tokenRequests(simulator);
}

async function withHost<T>(use: (host: TokenHost) => Promise<T>, clock = new MovedClock()): Promise<T> {
  const host = await openTokenHost({ directory: folder.directory, clock });
  try {
    return await use(host);
  } finally {
    await host.close();
  }
}

const account = () => withHost((host) => host.vault.accounts.show('coupa'));

/** Waits until the store says that a renewal is under way. */
const untilSent = (host: TokenHost): Promise<void> =>
  until(async () => {
    const { warnings } = await host.vault.accounts.show('coupa');
    return warnings.some((warning) => warning.startsWith('a renewal was sent'));
  });

const callers = (count: number, options: Partial<ProcessOptions> = {}): Promise<StartedProcess<CallReport>[]> =>
  Promise.all(
    Array.from({ length: count }, () =>
      processes.start<CallReport>('account-process.ts', {
        directory: folder.directory,
        apiUrl: simulator.url,
        calls: 5,
        limits,
        ...options,
      } satisfies ProcessOptions),
    ),
  );

async function reports<Report>(started: readonly StartedProcess<Report>[]): Promise<Report[]> {
  for (const { go } of started) go();
  const all = await Promise.all(started.map(({ report }) => report));
  return all.filter((report): report is Awaited<Report> & Report => report !== undefined);
}

const play = (fault: object): Promise<Response> =>
  fetch(`${simulator.url}/__control/faults`, { method: 'POST', body: JSON.stringify(fault) });

const onTokenRequest = { method: 'POST', path: '/oauth2/token' };

/** Runs of each process; `SNAPS_TEST_RUNS=50` makes it five hundred in all. */
const runsEach = Number(process.env.SNAPS_TEST_RUNS ?? 8);

describe('ten processes with one expired token', () => {
  it('send exactly one token request for all their runs, and every run completes', async () => {
    const before = await prepare(25 * hour, 'person');
    const pipeline = path.join(folder.directory, 'currencies.pipeline.json');
    writeFileSync(
      pipeline,
      JSON.stringify({
        name: 'currencies',
        snaps: [
          { id: 'read', snap: 'coupa.read', account: 'coupa', settings: { resource: 'currencies', limit: 1 } },
          { id: 'write', snap: 'core.write-file', settings: { path: 'currencies.ndjson', format: 'ndjson' } },
        ],
        links: [['read', 'write']],
      }),
    );
    const hosts: StartedProcess<RunsReport>[] = [];
    // Two at a time: starting ten at once only measures how fast this machine loads modules.
    for (let pair = 0; pair < 5; pair += 1) {
      const options = { directory: folder.directory, pipeline, runs: runsEach };
      hosts.push(...(await Promise.all([1, 2].map(() => processes.start<RunsReport>('run-process.ts', options)))));
    }
    const all = await reports(hosts);
    expect(all.flatMap(({ errors }) => errors)).toEqual([]);
    expect(all.flatMap(({ states }) => states)).toEqual(Array.from({ length: 10 * runsEach }, () => 'completed'));
    expect(tokenRequests(simulator) - before).toBe(1);
    expect(simulator.stats().authorization.reuses).toBe(0);
    expect(await account()).toMatchObject({ state: 'authorized', token: { version: 2 } });
  }, 120_000);

  it('send exactly one token request for fifty calls each, with client credentials', async () => {
    const before = await prepare(25 * hour, 'client');
    const all = await reports(await callers(10, { calls: 50, limits: patient }));
    expect(all.flatMap(({ codes }) => codes)).toEqual([]);
    expect(all.flatMap(({ statuses }) => statuses)).toEqual(Array.from({ length: 500 }, () => 200));
    expect(tokenRequests(simulator) - before).toBe(1);
  }, 60_000);
});

describe('a process that dies or stops while it renews for all', { timeout: 90_000 }, () => {
  it('costs one more request when it is killed before the server did anything', async () => {
    const before = await prepare(25 * hour, 'person');
    await play({ match: onTokenRequest, fault: 'slow', delayMs: 60_000 });
    const [holder] = await callers(1);
    const others = await callers(3);
    holder?.go();
    await withHost(untilSent);
    // The row is written before the request leaves; a kill in between would leave the fault for somebody else.
    await until(async () => simulator.stats().faultsWaiting === 0);
    const pending = reports(others);
    holder?.child.kill('SIGKILL');
    const all = await pending;
    expect(all.flatMap(({ codes }) => codes)).toEqual([]);
    expect(all.flatMap(({ statuses }) => statuses)).toEqual(Array.from({ length: 15 }, () => 200));
    expect(tokenRequests(simulator) - before).toBe(1);
    expect(simulator.stats().authorization.reuses).toBe(0);
    expect(await account()).toMatchObject({ state: 'authorized', token: { version: 2 } });
  });

  it('spends the old refresh token once more when it is killed after the rotation, and then says why a person must come', async () => {
    const before = await prepare(25 * hour, 'person');
    const [holder] = await callers(1, { fault: { at: 'after-answer', signal: 'SIGKILL' } });
    const others = await callers(3);
    await reports(holder === undefined ? [] : [holder]);
    const all = await reports(others);
    expect(new Set(all.flatMap(({ codes }) => codes))).toEqual(new Set(['SNAP_ACCOUNT_NEEDS_AUTHORIZATION']));
    expect(all[0]?.reasons[0]).toContain('got no answer that was kept');
    expect(tokenRequests(simulator) - before).toBe(2);
    expect(simulator.stats().authorization.reuses).toBe(1);
    await reports(await callers(2));
    expect(tokenRequests(simulator) - before).toBe(2);
  });

  it('stores what it got though it was stopped past its lease between answer and commit', async () => {
    const before = await prepare(21 * hour, 'person');
    const [holder] = await callers(1, { fault: { at: 'after-answer', signal: 'SIGSTOP' } });
    const others = await callers(2);
    holder?.go();
    if (holder !== undefined) await untilStopped(holder.child);
    await delay(2 * pastLeaseMs);
    // They live on the old access token, which has three hours left, and send nothing.
    expect((await reports(others)).flatMap(({ codes }) => codes)).toEqual([]);
    holder?.child.kill('SIGCONT');
    expect(await holder?.report).toMatchObject({ codes: [] });
    expect(tokenRequests(simulator) - before).toBe(1);
    expect(simulator.stats().authorization.reuses).toBe(0);
    expect(await account()).toMatchObject({ state: 'authorized', token: { version: 2 } });
    // The stored refresh token is the server's current one: the next renewal succeeds with it.
    const tomorrow = new MovedClock();
    tomorrow.pass(25 * hour);
    await withHost(({ vault }) => vault.tokenSource('coupa')(), tomorrow);
    expect(simulator.stats().authorization.reuses).toBe(0);
  });

  it('takes an answer that waited in its socket while it was stopped past every deadline', async () => {
    await prepare(21 * hour, 'person');
    const server = await startScriptedServer();
    const before = new MovedClock();
    before.pass(-21 * hour);
    await withHost(async ({ vault }) => {
      await vault.accounts.add({
        name: 'scripted',
        type: 'coupa.oauth2',
        settings: { host: server.url, grant: 'authorization_code', clientId: 'id' },
        secrets: { clientSecret: 'a client secret' },
      });
      const first = { accessToken: 'access-0', tokenType: 'bearer', scope: undefined, expiresInSeconds: 86_399 };
      await vault.authorizations.accept('scripted', { ...first, refreshToken: 'refresh-0', flaws: [] });
    }, before);
    const [holder] = await callers(1, { account: 'scripted', apiUrl: server.url });
    server.onToken(async () => {
      // It stops while it waits for the answer, which then lies in its socket until long after its deadline and its lease.
      holder?.child.kill('SIGSTOP');
      if (holder !== undefined) await untilStopped(holder.child);
      return tokens({ access_token: 'access-1', refresh_token: 'refresh-1' });
    });
    holder?.go();
    await until(() => server.tokenRequests.length > 0);
    await delay(2 * pastLeaseMs);
    holder?.child.kill('SIGCONT');
    expect(await holder?.report).toMatchObject({ codes: [] });
    expect(server.others.map(({ headers }) => headers.authorization)).toEqual(Array(5).fill('Bearer access-1'));
    const stored = await withHost(({ vault }) => vault.accounts.show('scripted'));
    expect(stored).toMatchObject({ state: 'authorized', token: { version: 2 }, warnings: [] });
    await server.close();
  });

  it('sends nothing after it was stopped past its lease before it sent', async () => {
    const before = await prepare(25 * hour, 'person');
    const [holder] = await callers(1, { fault: { at: 'before-send', signal: 'SIGSTOP' } });
    const others = await callers(2);
    holder?.go();
    if (holder !== undefined) await untilStopped(holder.child);
    expect((await reports(others)).flatMap(({ codes }) => codes)).toEqual([]);
    holder?.child.kill('SIGCONT');
    expect(await holder?.report).toMatchObject({ codes: [] });
    expect(tokenRequests(simulator) - before).toBe(1);
    expect(simulator.stats().authorization.reuses).toBe(0);
  });
});
