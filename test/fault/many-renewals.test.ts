import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StoreFinding } from '../../src/store/contract.ts';
import type { CallReport, ProcessOptions } from './fixtures/process-options.ts';
import { Processes, until } from './processes.ts';
import { refusal, type ScriptedServer, startScriptedServer, tokens } from './scripted-server.ts';
import { MovedClock, makeFolder, openTokenHost, type TokenHost } from './token-host.ts';

const hour = 3_600_000;

let folder: ReturnType<typeof makeFolder>;
let processes: Processes;
let server: ScriptedServer;

beforeEach(async () => {
  folder = makeFolder();
  processes = new Processes();
  server = await startScriptedServer();
  let current = 0;
  // Strict: a refresh token serves once, and only the newest.
  server.onToken(({ form }) => {
    if (form.refresh_token !== `refresh-${current}`) return refusal('invalid_grant');
    current += 1;
    return tokens({ access_token: `access-${current}`, refresh_token: `refresh-${current}` });
  });
  await withHost(0, async ({ vault }) => {
    await vault.accounts.add({
      name: 'strict',
      type: 'coupa.oauth2',
      settings: { host: server.url, grant: 'authorization_code', clientId: 'id' },
      secrets: { clientSecret: 'a client secret' },
    });
    const first = { accessToken: 'access-0', tokenType: 'bearer', scope: undefined, expiresInSeconds: 86_399 };
    await vault.authorizations.accept('strict', { ...first, refreshToken: 'refresh-0', flaws: [] });
  });
});

afterEach(async () => {
  await processes.end();
  await server.close();
  folder.remove();
});

async function withHost<T>(aheadMs: number, use: (host: TokenHost) => Promise<T>): Promise<T> {
  const clock = new MovedClock();
  clock.pass(aheadMs);
  const host = await openTokenHost({ directory: folder.directory, clock });
  try {
    return await use(host);
  } finally {
    await host.close();
  }
}

const start = (options: Omit<ProcessOptions, 'directory' | 'limits'>) =>
  processes.start<CallReport>('account-process.ts', { directory: folder.directory, limits: {}, ...options });

describe('five processes that share an account of a strict server', () => {
  it('renew it once a round in fifty rounds, and no refresh token comes twice', async () => {
    const [rounds, calls] = [50, 4];
    const options = { apiUrl: server.url, account: 'strict', calls, rounds, stepMs: 25 * hour };
    const started = await Promise.all(Array.from({ length: 5 }, () => start(options)));
    for (let round = 1; round <= rounds; round += 1) {
      for (const { go } of started) go();
      await until(() => server.others.length === round * started.length * calls);
    }
    const reports = await Promise.all(started.map(({ report }) => report));
    expect(reports.flatMap((report) => report?.codes ?? ['killed'])).toEqual([]);
    expect(server.tokenRequests.map(({ form }) => form.refresh_token)).toEqual(
      Array.from({ length: rounds }, (_, round) => `refresh-${round}`),
    );
    expect(server.concurrencyMax).toBe(1);
    expect(server.others.map(({ headers }) => headers.authorization)).toEqual(
      Array.from({ length: rounds * 20 }, (_, call) => `Bearer access-${Math.floor(call / 20) + 1}`),
    );
  }, 120_000);
});

describe('a new token set is on the disk before its access token is used', () => {
  it('so a process that is killed at its first call with it is followed by one that works', async () => {
    for (let round = 1; round <= 10; round += 1) {
      const aheadMs = round * 25 * hour;
      const victim = await start({ apiUrl: server.url, account: 'strict', calls: 1, stepMs: aheadMs });
      server.onOther(() => {
        victim.child.kill('SIGKILL');
        return undefined;
      });
      victim.go();
      expect(await victim.report).toBeUndefined();
      expect(server.others.at(-1)?.headers.authorization).toBe(`Bearer access-${round}`);
      const next = await withHost(aheadMs, ({ vault }) => vault.tokenSource('strict')());
      expect(next).toMatchObject({ value: `access-${round}`, version: round + 1 });
      expect(server.tokenRequests).toHaveLength(round);
    }
  }, 120_000);

  it('and the connection that wrote it says at that call that its commits wait for the disk', async () => {
    await withHost(25 * hour, async (host) => {
      let findings: readonly StoreFinding[] = [];
      server.onOther(async () => {
        findings = await host.store.inspect();
        return { body: [] };
      });
      const client = await host.connect('strict');
      await client.send({ method: 'GET', url: new URL(`${server.url}/api/x`), headers: {}, repeatable: true });
      expect(server.others[0]?.headers.authorization).toBe('Bearer access-1');
      expect(Object.fromEntries(findings.map(({ name, value }) => [name, value]))).toMatchObject({
        'journal mode': 'wal',
        synchronous: '2',
      });
    });
  });
});
