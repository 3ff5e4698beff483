// Owns a PostgreSQL server for tests: started from the system's binaries in its own folder, never as root, reached by a socket file.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';

const versionsDirectory = '/usr/lib/postgresql';

export interface TestPostgres {
  /** Makes an empty database and gives its URL. */
  createDatabase(): Promise<string>;
  /** Stops the server as a crash would and starts it again on the same data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a server; the caller stops it. Throws when the binaries are not installed. */
export async function startPostgres(): Promise<TestPostgres> {
  const binaries = findBinaries();
  const user = findUser();
  const directory = mkdtempSync(join(tmpdir(), 'snaps-pg-'));
  if (user !== undefined) chownSync(directory, user.uid, user.gid);
  chmodSync(directory, 0o700);
  const data = join(directory, 'data');
  const options = { cwd: directory, env: { LC_ALL: 'C', TZ: 'UTC' }, ...user };
  execFileSync(join(binaries, 'initdb'), ['-D', data, '-U', 'snaps', '--auth=trust', '--no-sync', '-E', 'UTF8'], {
    ...options,
    stdio: 'pipe',
  });
  const start = async (): Promise<ChildProcess> => {
    const settings = ['fsync=off', 'listen_addresses=', `unix_socket_directories=${directory}`, 'port=5432'];
    const server = spawn(join(binaries, 'postgres'), ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], {
      ...options,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await untilReady(server);
    return server;
  };
  let server = await start().catch((error: unknown) => {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  });
  let databases = 0;
  const urlOf = (database: string): string =>
    `postgres://snaps@localhost/${database}?host=${encodeURIComponent(directory)}`;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const exited = once(server, 'exit');
    server.kill(signal);
    await exited;
  };
  return {
    createDatabase: async () => {
      databases += 1;
      const name = `test_${databases}`;
      const client = new pg.Client({ connectionString: urlOf('postgres') });
      await client.connect();
      await client.query(`create database ${name} template template0`);
      await client.end();
      return urlOf(name);
    },
    restart: async () => {
      await end('SIGQUIT');
      server = await start();
    },
    stop: async () => {
      await end('SIGINT');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function findBinaries(): string {
  const versions = existsSync(versionsDirectory) ? readdirSync(versionsDirectory).map(Number) : [];
  const newest = versions.filter((version) => version > 0).sort((left, right) => right - left)[0];
  if (newest === undefined) {
    throw new Error(
      `no PostgreSQL in ${versionsDirectory}: install it ("apt-get install postgresql"); these tests are never skipped`,
    );
  }
  return join(versionsDirectory, String(newest), 'bin');
}

// The server refuses to run as root.
function findUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  const line =
    lines.find((entry) => entry.startsWith('postgres:')) ?? lines.find((entry) => entry.startsWith('nobody:'));
  const [, , uid = '65534', gid = '65534'] = (line ?? '').split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

async function untilReady(server: ChildProcess): Promise<void> {
  if (server.stderr === null) throw new Error('the server has no stderr');
  const lines: string[] = [];
  const reader = createInterface(server.stderr);
  for await (const line of reader) {
    lines.push(line);
    if (line.includes('database system is ready to accept connections')) {
      server.stderr.resume();
      return;
    }
  }
  throw new Error(`PostgreSQL did not start:\n${lines.join('\n')}`);
}
