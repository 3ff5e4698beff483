import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CommandResult, startCommand } from '../support/command.ts';
import { type Received, type Scripted, type ScriptedServer, startScriptedServer, tokens } from './scripted-server.ts';
import { makeFolder, openTokenHost } from './token-host.ts';

const clientSecret = 'CANARY-client/secret+with=signs';
const marks = ['CANARY', Buffer.from('CANARY').toString('base64').slice(0, 8), Buffer.from('CANARY').toString('hex')];

let folder: ReturnType<typeof makeFolder>;
let server: ScriptedServer;
let printed: string;
let observed: string;
let pids: Set<number>;

beforeEach(async () => {
  folder = makeFolder();
  server = await startScriptedServer();
  printed = '';
  observed = '';
  pids = new Set();
});

afterEach(async () => {
  await server.close();
  folder.remove();
});

/** Notes what every process of this machine may see of the ones under test. */
function observe(): void {
  for (const pid of pids) {
    for (const name of ['cmdline', 'environ']) {
      try {
        observed += readFileSync(`/proc/${pid}/${name}`, 'latin1');
      } catch {
        // It has ended.
      }
    }
  }
}

async function snaps(words: readonly string[], input?: string): Promise<CommandResult> {
  const started = startCommand(words, {
    environment: {
      SNAPS_DATA_DIR: path.join(folder.directory, 'data'),
      SNAPS_ALLOWED_HOSTS: '127.0.0.1',
      SNAPS_LOG_LEVEL: 'trace',
      NODE_DEBUG: 'snaps',
    },
    directory: folder.directory,
    ...(input === undefined ? {} : { input }),
  });
  if (started.child.pid !== undefined) pids.add(started.child.pid);
  const result = await started.finished;
  if (started.child.pid !== undefined) pids.delete(started.child.pid);
  printed += result.stdout + result.stderr;
  return result;
}

const filesUnder = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(directory, name))
    .filter((name) => statSync(name).isFile());

/** A server that repeats everything it was sent: headers, form and the tokens it knows, in every encoding it can think of. */
function echo({ headers, body }: Received, status: number): Scripted {
  const said = `${JSON.stringify(headers)} ${body} ${decodeURIComponent(body.replaceAll('+', ' '))}`;
  const base64 = Buffer.from(String(headers.authorization ?? '').replace('Bearer ', '')).toString('base64');
  return {
    status,
    body: { error: `you sent ${said}`, error_description: `${said} ${base64}`, errors: { base: [said] } },
  };
}

function writePipeline(): string {
  const file = path.join(folder.directory, 'invoices.pipeline.json');
  const snap = {
    id: 'read',
    snap: 'coupa.read',
    account: 'coupa',
    errors: 'route',
    settings: { resource: 'currencies' },
  };
  writeFileSync(
    file,
    JSON.stringify({
      name: 'currencies',
      snaps: [
        snap,
        { id: 'write', snap: 'core.write-file', settings: { path: 'out.ndjson', format: 'ndjson' } },
        { id: 'bad', snap: 'core.write-file', settings: { path: 'bad.ndjson', format: 'ndjson' } },
      ],
      links: [
        ['read', 'write'],
        ['read.error', 'bad'],
      ],
    }),
  );
  return file;
}

describe('secrets that are canaries', () => {
  it('are in nothing that is printed, written, sent elsewhere or shown to other processes, whatever goes wrong', async () => {
    const pipeline = writePipeline();
    server.onToken((_, count) => {
      observe();
      return tokens({ access_token: `CANARY-access-${count}`, refresh_token: `CANARY-refresh-${count}` });
    });
    server.onOther(({ headers }) => {
      observe();
      return { body: [{ id: 1, code: 'USD', seen: typeof headers.authorization }] };
    });
    const settings = [`host=${server.url}`, 'clientId=client-1'].flatMap((pair) => ['--set', pair]);
    const add = ['account', 'add', 'coupa', '--type', 'coupa.oauth2', ...settings, '--secret', 'clientSecret=-'];
    expect((await snaps(add, clientSecret)).code).toBe(0);
    expect((await snaps(['account', 'authorize', 'coupa', '--json'])).code).toBe(0);
    expect((await snaps(['account', 'test', 'coupa', '--json'])).code).toBe(0);
    await snaps(['run', pipeline, '--json']);

    server.onOther((received) => {
      observe();
      return echo(received, 403);
    });
    await snaps(['run', pipeline, '--json']);
    server.onOther((received) => ({ body: `<h1>${received.headers.authorization}</h1>` }));
    await snaps(['run', pipeline]);
    // A refused token is renewed, and the server repeats what the renewal carried.
    server.onOther((received) => echo(received, 401));
    server.onToken((received) => {
      observe();
      return { status: 400, body: { error: 'invalid_grant', error_description: received.body } };
    });
    const host = await openTokenHost({ directory: path.join(folder.directory, 'data') });
    const row = await host.store.accounts.findByName('coupa');
    await host.store.tokenSets.markRejected(row?.id ?? '', row?.tokenVersion ?? 0);
    await host.close();
    expect((await snaps(['run', pipeline, '--json'])).code).not.toBe(0);
    server.onToken(({ body }) => ({ status: 401, body: { error: 'invalid_client', error_description: body } }));
    expect((await snaps(['account', 'authorize', 'coupa'])).code).toBe(3);

    for (const words of [
      ['account', 'show', 'coupa', '--json'],
      ['account', 'list'],
      ['doctor'],
      ['runs', 'list', '--json'],
      ['key', 'verify', '--json'],
      ['key', 'rotate', '--json'],
    ]) {
      await snaps(words);
    }
    const [run] = (await snaps(['runs', 'list', '--json'])).json() as { runId: string }[];
    for (const command of ['show', 'errors']) await snaps(['runs', command, run?.runId ?? '', '--json']);
    await snaps(['account', 'add', 'again', '--type', 'coupa.oauth2', '--set', `clientSecret=${'x'.repeat(10)}`]);

    // The secret goes to the token endpoint and the tokens to the API, and nothing else goes anywhere.
    expect(server.tokenRequests.length).toBeGreaterThan(2);
    expect(observed).toContain('snaps');
    const elsewhere = server.others
      .map(({ headers, body, path: target }) => JSON.stringify([{ ...headers, authorization: '' }, body, target]))
      .join();
    const written = filesUnder(folder.directory).map((file) => `${file}: ${readFileSync(file, 'latin1')}`);
    const keyText = readFileSync(path.join(folder.directory, 'data', 'key'), 'utf8').trim();
    for (const mark of [...marks, keyText]) {
      for (const [where, text] of Object.entries({ printed, observed, elsewhere })) {
        const at = text.indexOf(mark);
        expect(at < 0 ? '' : `${where}: ${text.slice(Math.max(0, at - 200), at + 60)}`).toBe('');
      }
      const leaks = written.filter((text) => text.includes(mark) && !text.startsWith(`${folder.directory}/data/key:`));
      expect(leaks.map((text) => text.slice(0, 200))).toEqual([]);
    }
    expect(printed).not.toMatch(/\n\s+at .+:\d+:\d+/u);
    expect((await snaps(['account', 'remove', 'coupa', '--json'])).code).toBe(0);
  }, 180_000);
});
