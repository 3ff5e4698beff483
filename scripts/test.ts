// Runs every check in order (npm test): prerequisites, lint, types, generated files, tests. It stops at the first stage
// that fails and always ends with the plain line `N passed, N failed`, in which a failed stage counts as one failure.
import { type SpawnSyncOptions, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);
const binFolder = path.join(root, 'node_modules', '.bin');
const environment = { ...process.env, PATH: `${binFolder}${path.delimiter}${process.env.PATH ?? ''}` };

interface Stage {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

const stages: readonly Stage[] = [
  { name: 'lint', command: ['biome', 'check', '.'] },
  { name: 'types', command: ['tsc', '--noEmit'] },
  { name: 'types of the web page', command: ['tsc', '--noEmit', '-p', 'web'] },
  { name: 'generated files', command: [process.execPath, 'scripts/generate.ts', '--check'] },
];

installPrerequisites();
for (const stage of stages) {
  process.stdout.write(`${stage.name}\n`);
  const { code } = await run(stage.command);
  if (code !== 0) end(0, 1, `${stage.name} failed`);
}
// Arguments go to vitest, so that one file can be asked for: npm test -- test/http
const { code, output } = await run(['vitest', 'run', ...process.argv.slice(2)]);
const counts = [...output.matchAll(/^(\d+) passed, (\d+) failed/gmu)].at(-1);
if (counts) {
  const failed = Number(counts[2]);
  process.exitCode = failed > 0 ? 1 : code;
  // vitest can fail for a reason that is no test's: the last line must not look like success then.
  if (code !== 0 && failed === 0) end(Number(counts[1]), 1, 'vitest failed');
} else {
  end(0, 1, 'vitest ended without counting');
}

/** Debian's database server and browser, which some tests start themselves; elsewhere those tests say what is missing. */
function installPrerequisites(): void {
  const missing = [...(hasPostgres() ? [] : ['postgresql']), ...(existsSync('/usr/bin/chromium') ? [] : ['chromium'])];
  if (
    missing.length === 0 ||
    process.platform !== 'linux' ||
    process.getuid?.() !== 0 ||
    !existsSync('/usr/bin/apt-get')
  )
    return;
  process.stdout.write(`installing ${missing.join(' and ')}\n`);
  const apt: SpawnSyncOptions = {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  spawnSync('apt-get', ['update', '-qq'], apt);
  spawnSync('apt-get', ['install', '-qq', '--yes', '--no-install-recommends', ...missing], apt);
}

function hasPostgres(): boolean {
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql') : [];
  return versions.some((version) => existsSync(`/usr/lib/postgresql/${version}/bin/postgres`));
}

function run([command, ...rest]: readonly [string, ...string[]]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, rest, { cwd: root, env: environment, stdio: ['inherit', 'pipe', 'inherit'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      process.stdout.write(chunk);
    });
    child.on('error', (error) => {
      process.stderr.write(`${command} could not be started: ${error.message}\n`);
      resolve({ code: 1, output: '' });
    });
    child.on('close', (exit) => resolve({ code: exit ?? 1, output: Buffer.concat(chunks).toString('utf8') }));
  });
}

function end(passed: number, failed: number, why: string): never {
  process.stdout.write(`\n${why}\n${passed} passed, ${failed} failed\n`);
  process.exit(1);
}
