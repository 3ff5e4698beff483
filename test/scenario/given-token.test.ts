// An account whose token is handed over for one run: used, stored nowhere, never on a command line.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/index.ts';
import { type CommandResult, runCommand } from '../support/command.ts';

const example = path.resolve('examples/invoices-to-ndjson.pipeline.json');
let simulator: Simulator;
let folder: string;
let token: string;
beforeAll(async () => {
  simulator = await startSimulator({ records: 60, ratePerSecond: 0 });
  const scopes = ['core.invoice.read'];
  const client = simulator.registerClient({ name: 'Given', login: 'given', grantType: 'client_credentials', scopes });
  const form = { grant_type: 'client_credentials', client_id: client.clientId, client_secret: client.clientSecret };
  const answer = await fetch(`${simulator.url}/oauth2/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ...form, scope: 'core.invoice.read' }).toString(),
  });
  token = ((await answer.json()) as { access_token: string }).access_token;
});
afterAll(() => simulator.close());
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'snaps-given-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const given = ['--account', 'coupa=type:coupa.token'];
const run = (words: readonly string[], more: Record<string, string> = {}): Promise<CommandResult> =>
  runCommand(['run', example, ...given, '--set', `coupa.host=${simulator.url}`, ...words], {
    directory: folder,
    environment: { SNAPS_DATA_DIR: path.join(folder, 'data'), SNAPS_ALLOWED_HOSTS: '127.0.0.1', ...more },
  });

describe('a token given for one run', () => {
  it('reads with it from the environment or a file, and leaves it nowhere', async () => {
    const done = await run(['--secret', 'coupa.token=env:THE_TOKEN', '--json'], { THE_TOKEN: token });
    expect(done.stderr).toBe('');
    expect(done.json()).toMatchObject({ state: 'completed' });
    const place = path.join(folder, 'token.txt');
    writeFileSync(place, `${token}\n`);
    expect((await run(['--secret', `coupa.token=file:${place}`])).code).toBe(0);
    rmSync(place);
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const file = path.join(folder, name);
      if (statSync(file).isFile()) expect(readFileSync(file).includes(token), name).toBe(false);
    }
    expect(done.stdout).not.toContain(token);
  }, 60_000);

  it('says that a refused one must be handed over anew', async () => {
    const refused = await run(['--secret', 'coupa.token=env:THE_TOKEN'], { THE_TOKEN: 'a-token-that-is-none' });
    expect(refused.code).toBe(4);
    expect(refused.stdout + refused.stderr).toContain('token that was given for "coupa"');
    expect(refused.stdout + refused.stderr).not.toContain('a-token-that-is-none');
  }, 60_000);

  it('is never taken from the command line, and belongs to an account of the run', async () => {
    for (const words of [
      ['--secret', `coupa.token=${token}`],
      ['--set', `coupa.token=${token}`],
      ['--secret', 'other.token=env:THE_TOKEN'],
    ]) {
      const refused = await run(words, { THE_TOKEN: token });
      expect(refused.code).toBe(2);
      expect(refused.stderr).not.toContain(token);
    }
  }, 60_000);
});
