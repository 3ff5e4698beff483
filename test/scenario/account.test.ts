// Accounts from the command line, by processes of their own against the simulator: every grant, scopes, keys, removal.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/index.ts';
import { Browser, type Seen } from '../support/browser.ts';
import { type CommandResult, runCommand, type StartedCommand, startCommand } from '../support/command.ts';

const badHits = 1_000;
let simulator: Simulator;
let folder: string;
beforeAll(async () => {
  simulator = await startSimulator({ records: 60, ratePerSecond: 0 });
});
afterAll(() => simulator.close());
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'snaps-account-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const options = (more: Record<string, string> = {}) => ({
  directory: folder,
  environment: { SNAPS_DATA_DIR: path.join(folder, 'data'), SNAPS_ALLOWED_HOSTS: '127.0.0.1', ...more },
});
const snaps = (...words: string[]): Promise<CommandResult> => runCommand(words, options());
const tokenRequests = (): number => simulator.stats().authorization.tokenRequests;
const requests = (): number => simulator.stats().requests;

type Grant = 'client_credentials' | 'authorization_code' | 'device_code';
interface Wanted {
  readonly scopes?: string;
  readonly asked?: string;
  readonly isPublic?: boolean;
  /** Where the callback will be; it must be registered before. */
  readonly port?: number;
}

async function addAccount(grant: Grant, wanted: Wanted = {}): Promise<string> {
  const { scopes = 'core.invoice.read offline_access', asked = scopes, isPublic = false, port = 8421 } = wanted;
  const client = simulator.registerClient({
    name: 'Account',
    login: `account-${Math.random()}`,
    grantType: grant,
    scopes: scopes.split(' '),
    isPublic,
    ...(grant === 'authorization_code' ? { redirectUris: [`http://127.0.0.1:${port}/oauth/callback`] } : {}),
  });
  const settings = [`host=${simulator.url}`, `grant=${grant}`, `clientId=${client.clientId}`, `scopes=${asked}`];
  const words = ['account', 'add', 'coupa', '--type', 'coupa.oauth2', ...settings.flatMap((each) => ['--set', each])];
  const secret = isPublic ? [] : ['--secret', 'clientSecret=env:THE_SECRET'];
  const added = await runCommand([...words, ...secret], options({ THE_SECRET: client.clientSecret }));
  expect(added.stderr).toBe('');
  expect(added.code).toBe(0);
  return client.clientId;
}

/** A port that nothing listens on just now. */
async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  return await new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

async function openConsent(browser: Browser, address: string): Promise<Seen> {
  const login = await browser.open(address);
  return await browser.submit(login, { login: 'admin', password: 'admin' }, { action: '/login' });
}

const addressOf = async (command: StartedCommand): Promise<string> =>
  (await command.line(/http:\S+authorizations\S+/u))[0];

function hit(address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(address, { agent: false }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('snaps account authorize', () => {
  it('asks at once for client credentials', async () => {
    await addAccount('client_credentials', { scopes: 'core.invoice.read' });
    const done = await snaps('account', 'authorize', 'coupa', '--json');
    expect(done.json()).toMatchObject({ name: 'coupa', state: 'authorized', token: { scopes: ['core.invoice.read'] } });
  });

  it('takes the good callback after a thousand bad ones (26)', async () => {
    const port = await freePort();
    await addAccount('authorization_code', { port });
    const command = startCommand(['account', 'authorize', 'coupa', '--port', String(port)], options());
    const browser = new Browser();
    const consent = await openConsent(browser, await addressOf(command));
    const callback = `http://127.0.0.1:${port}/oauth/callback`;
    const bad = [`${callback}?code=x&state=${'A'.repeat(43)}`, `${callback}?error=access_denied`, `${callback}/../x`];
    for (let count = 0; count < badHits; count += 1) expect(await hit(bad[count % bad.length] ?? callback)).toBe(400);
    const page = await browser.submit(consent, { decision: 'allow' });
    expect(page.url).toBe(`http://127.0.0.1:${port}/oauth/done`);
    expect(page.text).toContain('can be used now');
    const done = await command.finished;
    expect(done.stdout).toContain(`http://127.0.0.1:${port}/oauth/callback`);
    expect(done.stdout).toContain('is authorized until');
    expect(done.code).toBe(0);
  }, 120_000);

  it('takes the pasted callback with --no-browser, with PKCE alone, and asks again after a wrong line', async () => {
    const port = await freePort();
    await addAccount('authorization_code', { port, isPublic: true });
    const words = ['account', 'authorize', 'coupa', '--no-browser', '--port', String(port)];
    const command = startCommand(words, { ...options(), keepsInput: true });
    const browser = new Browser();
    const consent = await openConsent(browser, await addressOf(command));
    const stopAt = `http://127.0.0.1:${port}/oauth/callback`;
    const { url } = await browser.submit(consent, { decision: 'allow' }, { stopAt });
    command.child.stdin?.write(`https://evil.test/?code=x\n${url}\n`);
    const done = await command.finished;
    expect(done.stdout).toContain('That is not the callback of this authorization');
    expect(done.stdout).toContain('is authorized until');
    expect(done.code).toBe(0);
  }, 60_000);

  it('leaves the account as it was when the person denies it, with exit code 3', async () => {
    const port = await freePort();
    await addAccount('authorization_code', { port });
    const command = startCommand(['account', 'authorize', 'coupa', '--port', String(port)], options());
    const browser = new Browser();
    const consent = await openConsent(browser, await addressOf(command));
    const page = await browser.submit(consent, { decision: 'deny' });
    expect(page.text).toContain('Not authorized');
    const done = await command.finished;
    expect(done.code).toBe(3);
    expect(done.stderr).toContain('access_denied');
    expect((await snaps('account', 'show', 'coupa', '--json')).json()).toMatchObject({ state: 'new', token: null });
  }, 60_000);

  it('prints address and code for a device and waits until the person has typed it', async () => {
    await addAccount('device_code');
    const command = startCommand(['account', 'authorize', 'coupa'], options());
    const [, address = '', code = ''] = await command.line(/Open (\S+) and type the code (\S+)/u);
    const browser = new Browser();
    const login = await browser.submit(await browser.open(address), { user_code: code });
    const consent = await browser.submit(login, { login: 'admin', password: 'admin' }, { action: '/login' });
    await browser.submit(consent, { decision: 'allow' });
    const done = await command.finished;
    expect(done.stdout).toContain('is authorized until');
    expect(done.code).toBe(0);
  }, 60_000);

  it('says before it begins that a person must come back without offline_access, and keeps stdout one value with --json', async () => {
    const port = await freePort();
    await addAccount('authorization_code', { scopes: 'core.invoice.read', port });
    const command = startCommand(['account', 'authorize', 'coupa', '--port', String(port), '--json'], options());
    let told = '';
    command.child.stderr?.on('data', (chunk: string) => {
      told += chunk;
    });
    await expect.poll(() => told, { timeout: 20_000 }).toMatch(/authorizations\S+state=\S+\n/u);
    expect(told).toMatch(/does not ask for offline_access.*24 hours/u);
    const browser = new Browser();
    const consent = await openConsent(browser, /http:\S+authorizations\S+/u.exec(told)?.[0] ?? '');
    await browser.submit(consent, { decision: 'allow' });
    const done = await command.finished;
    expect(done.json()).toMatchObject({ state: 'authorized', token: { hasRefreshToken: false } });
  }, 60_000);

  it('says which port is taken', async () => {
    await addAccount('authorization_code');
    const taken = Number(new URL(simulator.url).port);
    const refused = await snaps('account', 'authorize', 'coupa', '--port', String(taken));
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('another process has the port');
  });
});

describe('scopes', () => {
  const pipeline = (resource: string): string => {
    const file = path.join(folder, `${resource}.pipeline.json`);
    const snapsOf = [
      { id: 'read', snap: 'coupa.read', account: 'coupa', settings: { resource } },
      { id: 'write', snap: 'core.write-file', settings: { path: 'out.ndjson', format: 'ndjson' } },
    ];
    writeFileSync(file, JSON.stringify({ name: resource, snaps: snapsOf, links: [['read', 'write']] }));
    return file;
  };

  it('that the token lacks are named by check and run, with no API call (16)', async () => {
    await addAccount('client_credentials', { scopes: 'core.invoice.read' });
    await snaps('account', 'authorize', 'coupa');
    const before = requests();
    for (const words of [
      ['pipeline', 'check', pipeline('suppliers'), '--account', 'coupa=coupa'],
      ['run', pipeline('currencies')],
    ]) {
      const refused = await snaps(...words, '--json');
      expect(refused.code).toBe(2);
      const { error } = refused.json() as { error: { faults: { pointer: string; message: string }[] } };
      const scope = words[0] === 'run' ? 'core.common.read' : 'core.supplier.read';
      const message = expect.stringContaining(`was not granted the scope ${scope}`);
      expect(error.faults).toEqual([{ pointer: '/snaps/0/account', message }]);
    }
    expect(requests()).toBe(before);
    expect((await snaps('pipeline', 'check', pipeline('invoices'), '--account', 'coupa=coupa')).code).toBe(0);
  }, 60_000);

  it('that an account does not ask for are named before it has a token', async () => {
    await addAccount('client_credentials', { scopes: 'core.invoice.read' });
    const before = tokenRequests();
    const refused = await snaps('pipeline', 'check', pipeline('suppliers'), '--account', 'coupa=coupa');
    expect(refused.stderr).toContain('does not ask for the scope core.supplier.read');
    expect(tokenRequests()).toBe(before);
  });

  it('and requests are planned without a call', async () => {
    const before = requests();
    const planned = await snaps(
      'pipeline',
      'plan',
      path.resolve('examples/invoices-to-ndjson.pipeline.json'),
      '--json',
    );
    expect(planned.json()).toMatchObject({
      requests: [
        {
          id: 'read',
          method: 'GET',
          path: expect.stringContaining('/api/invoices?fields='),
          scope: 'core.invoice.read',
        },
      ],
      scopes: { coupa: ['core.invoice.read'] },
    });
    expect(requests()).toBe(before);
  });

  it('granted are shown by account test', async () => {
    await addAccount('client_credentials', { scopes: 'core.invoice.read' });
    expect((await snaps('account', 'test', 'coupa', '--json')).json()).toMatchObject({
      ok: true,
      scopes: ['core.invoice.read'],
    });
  });
});

describe('keys and removal', () => {
  it('rotates and verifies the key, and doctor is content', async () => {
    await addAccount('client_credentials', { scopes: 'core.invoice.read' });
    await snaps('account', 'authorize', 'coupa');
    const before = (await snaps('key', 'verify', '--json')).json() as { fingerprint: string; opened: number };
    expect(before.opened).toBeGreaterThan(0);
    const rotated = (await snaps('key', 'rotate', '--json')).json();
    expect(rotated).toMatchObject({ fromFingerprint: before.fingerprint });
    const after = (await snaps('key', 'verify', '--json')).json();
    expect(after).toMatchObject({ opened: before.opened, broken: [] });
    expect(after).not.toMatchObject({ fingerprint: before.fingerprint });
    const doctor = await snaps('doctor', '--json');
    expect(doctor.json()).toMatchObject({ ok: true });
    expect((await snaps('account', 'test', 'coupa')).code).toBe(0);
  }, 60_000);

  it('removes an account with its tokens revoked at the far side', async () => {
    await addAccount('client_credentials', { scopes: 'core.invoice.read' });
    await snaps('account', 'authorize', 'coupa');
    expect((await snaps('account', 'remove', 'coupa', '--json')).json()).toMatchObject({
      removed: true,
      isRevoked: true,
    });
    expect((await snaps('account', 'show', 'coupa')).code).toBe(2);
  }, 60_000);

  it('makes a PKCE pair whose challenge is that of its verifier', async () => {
    const { createHash } = await import('node:crypto');
    const { verifier, challenge } = (await snaps('pkce', '--json')).json() as { verifier: string; challenge: string };
    expect(verifier).toMatch(/^[\w.~-]{43,128}$/u);
    expect(challenge).toBe(createHash('sha256').update(verifier).digest('base64url'));
  });
});
