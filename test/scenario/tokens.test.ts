import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/index.ts';
import { makeMasterKeyText } from '../../src/vault/master-key.ts';
import { until } from '../fault/processes.ts';
import { startScriptedServer } from '../fault/scripted-server.ts';
import {
  addAccount,
  addPerson,
  authorize,
  MovedClock,
  makeFolder,
  openTokenHost,
  storeFile,
  type TokenHost,
  tokenRequests,
} from '../fault/token-host.ts';
import { type CommandOptions, type CommandResult, startCommand } from '../support/command.ts';

const invoices = 2000;
const scopes = ['core.invoice.read', 'core.common.read', 'offline_access'];

let folder: ReturnType<typeof makeFolder>;
let simulator: Simulator;
let data: string;

beforeEach(() => {
  folder = makeFolder();
  data = path.join(folder.directory, 'data');
  mkdirSync(data, { mode: 0o700 });
});

afterEach(async () => {
  await simulator.close();
  folder.remove();
});

async function startTenant(options: SimulatorOptions = {}): Promise<void> {
  simulator = await startSimulator({
    records: invoices,
    ratePerSecond: 0,
    rotateRefreshTokens: true,
    autoConsent: true,
    control: true,
    ...options,
  });
}

async function withHost<T>(use: (host: TokenHost) => Promise<T>, clock = new MovedClock()): Promise<T> {
  const host = await openTokenHost({ directory: data, clock });
  try {
    return await use(host);
  } finally {
    await host.close();
  }
}

/** An account of a person who authorized it an hour ago. */
const addAuthorized = async (): Promise<void> => {
  const clock = new MovedClock();
  clock.pass(-3_600_000);
  await withHost(async (host) => {
    await addAccount(host, simulator, { grant: 'authorization_code', scopes });
    await authorize(host, 'coupa');
  }, clock);
};

const start = (words: readonly string[], more: CommandOptions['environment'] = {}) =>
  startCommand(words, {
    environment: { SNAPS_DATA_DIR: data, SNAPS_ALLOWED_HOSTS: '127.0.0.1', ...more },
    directory: folder.directory,
  });
const snaps = (words: readonly string[], more: CommandOptions['environment'] = {}): Promise<CommandResult> =>
  start(words, more).finished;

function writePipeline(): string {
  const file = path.join(folder.directory, 'invoices.pipeline.json');
  writeFileSync(
    file,
    JSON.stringify({
      name: 'invoices',
      snaps: [
        { id: 'read', snap: 'coupa.read', account: 'coupa', settings: { resource: 'invoices', fields: ['id'] } },
        { id: 'write', snap: 'core.write-file', settings: { path: 'invoices.ndjson', format: 'ndjson' } },
      ],
      links: [['read', 'write']],
    }),
  );
  return file;
}

const writtenIds = (): number[] =>
  readFileSync(path.join(folder.directory, 'invoices.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).id);

const pages = (): number =>
  Object.values(simulator.stats().byPath['GET /api/invoices'] ?? {}).reduce((sum, count) => sum + count, 0);

describe('a run whose token is revoked', { timeout: 90_000 }, () => {
  it('in the middle goes on with one renewal, and writes every record once', async () => {
    await startTenant({ latencyMs: 30 });
    await addAuthorized();
    const before = tokenRequests(simulator);
    const run = start(['run', writePipeline(), '--json']);
    await until(() => pages() > 10);
    simulator.authorization.revoke({ kind: 'access' });
    const { code, stderr } = await run.finished;
    expect([stderr, code]).toEqual(['', 0]);
    expect(tokenRequests(simulator) - before).toBe(1);
    expect(new Set(writtenIds()).size).toBe(invoices);
    expect(writtenIds()).toHaveLength(invoices);
  });

  it('with its refresh token stops with exit code 3 and one token request; after authorizing, it can be resumed', async () => {
    await startTenant({ latencyMs: 30 });
    await addAuthorized();
    const before = tokenRequests(simulator);
    const run = start(['run', writePipeline(), '--json']);
    await until(() => pages() > 10);
    simulator.authorization.revoke();
    const stopped = await run.finished;
    const report = stopped.json() as { runId: string; state: string; error: { code: string; resolution: string } };
    expect(report.error).toMatchObject({ code: 'SNAP_ACCOUNT_NEEDS_AUTHORIZATION' });
    expect(report.error.resolution).toContain('snaps account authorize coupa');
    expect(stopped.code).toBe(3);
    expect(tokenRequests(simulator) - before).toBe(1);
    await withHost((host) => authorize(host, 'coupa'));
    const resumed = await snaps(['run', writePipeline(), '--resume', report.runId, '--json']);
    expect(resumed.code).toBe(0);
    expect(new Set(writtenIds()).size).toBe(invoices);
    expect(writtenIds()).toHaveLength(invoices);
  });
});

describe('a rotation whose reply is lost', { timeout: 90_000 }, () => {
  it('leaves the account on its old access token, and the loss is said', async () => {
    await startTenant();
    const clock = new MovedClock();
    clock.pass(-21 * 3_600_000);
    await withHost(async (host) => addPerson(host, simulator), clock);
    const before = tokenRequests(simulator);
    const fault = { match: { path: '/oauth2/token' }, fault: 'lost-answer' };
    await fetch(`${simulator.url}/__control/faults`, { method: 'POST', body: JSON.stringify(fault) });
    for (let call = 0; call < 2; call += 1) expect((await snaps(['account', 'test', 'coupa'])).code).toBe(0);
    expect(tokenRequests(simulator) - before).toBe(1);
    const shown = (await snaps(['account', 'show', 'coupa', '--json'])).json() as { state: string; warnings: string[] };
    expect(shown.state).toBe('authorized');
    expect(shown.warnings.join()).toContain('a renewal was sent and its answer is not here');
    // The old refresh token is presented once more when the access token has ended, and then a person is asked.
    const tomorrow = new MovedClock();
    tomorrow.pass(24 * 3_600_000);
    await withHost(async ({ vault }) => {
      await expect(vault.tokenSource('coupa')()).rejects.toMatchObject({
        code: 'SNAP_ACCOUNT_NEEDS_AUTHORIZATION',
        reason: expect.stringContaining('got no answer that was kept'),
      });
    }, tomorrow);
    expect((await snaps(['account', 'test', 'coupa'])).code).toBe(3);
    expect(tokenRequests(simulator) - before).toBe(2);
  });
});

describe('the store at rest', { timeout: 90_000 }, () => {
  const digest = (): string =>
    createHash('sha256')
      .update(readFileSync(storeFile(data)))
      .digest('hex');
  const database = (): DatabaseSync => new DatabaseSync(storeFile(data));
  const bytesOnDisk = (): string =>
    readdirSync(data, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && entry.name !== 'key')
      .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'latin1'))
      .join('');

  it('is not touched with a wrong key: exit code 2, the same bytes, and all accounts open with the right one', async () => {
    await startTenant();
    await addAuthorized();
    const before = digest();
    const requests = simulator.stats().requests;
    const refused = await snaps(['account', 'test', 'coupa', '--json'], { SNAPS_KEY: makeMasterKeyText() });
    expect(refused.code).toBe(2);
    expect(refused.json()).toMatchObject({ error: { code: 'SNAP_KEY_WRONG' } });
    expect(digest()).toBe(before);
    expect(simulator.stats().requests).toBe(requests);
    expect((await snaps(['account', 'test', 'coupa'])).code).toBe(0);
  });

  it('that was tampered with is refused with exit code 2, and nothing is sent', async () => {
    await startTenant();
    await addAuthorized();
    const db = database();
    const { sealed } = db.prepare('select sealed from token_sets').get() as { sealed: string };
    const at = sealed.indexOf('"access":"') + 60;
    const other = sealed[at] === 'A' ? 'B' : 'A';
    db.prepare('update token_sets set sealed = ?').run(sealed.slice(0, at) + other + sealed.slice(at + 1));
    db.close();
    const requests = simulator.stats().requests;
    const refused = await snaps(['account', 'test', 'coupa', '--json']);
    expect(refused.code).toBe(2);
    expect(refused.json()).toMatchObject({ error: { code: 'SNAP_SEAL_BROKEN' } });
    expect(simulator.stats().requests).toBe(requests);
  });

  it('gives nothing to a new host of an account, though the operator allows it', async () => {
    await startTenant();
    await addAuthorized();
    const evil = await startScriptedServer();
    const changed = await snaps(['account', 'update', 'coupa', '--set', `host=${evil.url}`]);
    expect(changed.code).toBe(0);
    expect((await snaps(['account', 'test', 'coupa'])).code).toBe(3);
    expect([...evil.tokenRequests, ...evil.others]).toEqual([]);
    await evil.close();
  });

  it('holds no byte of what was sealed for an account that was removed, and its tokens are revoked', async () => {
    await startTenant();
    await addAuthorized();
    const db = database();
    const rows = [
      (db.prepare('select sealed as text from token_sets').get() as { text: string }).text,
      (db.prepare('select secrets as text from accounts').get() as { text: string }).text,
    ];
    db.close();
    const parts = rows
      .flatMap((text) => Object.values(JSON.parse(text) as Record<string, string>))
      .map((text) => text.slice(10, 50));
    for (const part of parts) expect(bytesOnDisk()).toContain(part);
    const removed = await snaps(['account', 'remove', 'coupa', '--json']);
    expect(removed.json()).toMatchObject({ removed: true, isRevoked: true });
    for (const part of parts) expect(bytesOnDisk()).not.toContain(part);
  });

  it('stays whole when "snaps key rotate" is killed again and again while calls go on', async () => {
    await startTenant();
    await addAuthorized();
    const failures: unknown[] = [];
    let calls = 0;
    let isOver = false;
    await withHost(async (host) => {
      const load = Array.from({ length: 10 }, async () => {
        while (!isOver) {
          await host.vault.accounts.open('coupa').then(
            () => {
              calls += 1;
            },
            (error: unknown) => failures.push(error),
          );
          await delay(20);
        }
      });
      for (let kill = 0; kill < 4; kill += 1) {
        const rotation = start(['key', 'rotate']);
        const seen = readFileSync(path.join(data, 'key'), 'utf8');
        await until(() => rotation.child.exitCode !== null || readFileSync(path.join(data, 'key'), 'utf8') !== seen);
        await delay(kill * 4);
        rotation.child.kill('SIGKILL');
        await rotation.finished;
        expect((await snaps(['key', 'verify'])).code).toBe(0);
      }
      isOver = true;
      await Promise.all(load);
    });
    expect(failures).toEqual([]);
    expect(calls).toBeGreaterThan(50);
    expect((await snaps(['account', 'test', 'coupa'])).code).toBe(0);
  }, 120_000);
});
